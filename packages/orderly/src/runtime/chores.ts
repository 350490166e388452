// The chores of an instance: relay, reconciler, retention. Each is done by one process at a time, in turns.
import { dropLease, takeLease } from '../history/lease.ts'
import { newId } from '../primitives/ids.ts'
import { expire } from './expire.ts'
import { moveOver } from './move-over.ts'
import { reconcile, reconcileEngine } from './reconcile.ts'
import { relay } from './relay.ts'
import type { Rooms } from './rooms.ts'

interface Chore {
  readonly name: string
  /** Milliseconds from the end of one turn to the start of the next. */
  readonly every: number
  run(rooms: Rooms): Promise<unknown>
  /** Each process does it for itself: it is about what this one has seen, and several at once do no harm. */
  readonly everyProcess?: true
}

const CHORES: readonly Chore[] = [
  { name: 'relay', every: 250, run: relay },
  { name: 'move-over', every: 500, run: moveOver, everyProcess: true },
  { name: 'settle', every: 2_000, run: settleDoubts, everyProcess: true },
  { name: 'reconcile', every: 60_000, run: (rooms) => reconcile(rooms) },
  // Each machine has an embedded engine of its own, which no other can look into.
  { name: 'reconcile-embedded', every: 60_000, run: reconcileEmbedded, everyProcess: true },
  { name: 'expire', every: 60_000, run: expire, everyProcess: true },
]

async function reconcileEmbedded(rooms: Rooms): Promise<void> {
  const own = rooms.engines.all().find(({ name }) => name !== 'main')
  if (own) await reconcileEngine(rooms, own)
}

/** After a store was away: longer than an add that met its end may take, so that none is in between. */
const SETTLING_AFTER_OUTAGE_MS = 4_000

/** Compares record and queues at once when an outage has left doubts, and again when the last adds have settled. */
async function settleDoubts(rooms: Rooms): Promise<void> {
  if (!rooms.engines.takeDoubts()) return
  await reconcile(rooms, SETTLING_AFTER_OUTAGE_MS)
  rooms.clock.after(SETTLING_AFTER_OUTAGE_MS, () => {
    reconcile(rooms, SETTLING_AFTER_OUTAGE_MS).catch(() => undefined)
  })
}

/** How much longer than its pause a lease lasts: the time a turn may take before another process steps in. */
const LEASE_MS = 60_000

export interface Chores {
  stop(): Promise<void>
}

/** Starts the chores of an instance. A turn that fails is logged, and the next one comes. */
export function startChores(rooms: Rooms): Chores {
  const stopping = new AbortController()
  const holder = newId(rooms.clock.now())
  const loops = CHORES.map((chore) => loop(chore, rooms, holder, stopping.signal))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function loop(
  chore: Chore,
  rooms: Rooms,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, history } = rooms
  let held = false
  while (!signal.aborted) {
    try {
      if (!chore.everyProcess)
        held = await takeLease(history, chore.name, holder, clock.now(), chore.every + LEASE_MS)
      if (held || chore.everyProcess) await chore.run(rooms)
    } catch (error) {
      log.warn(
        { chore: chore.name, error: (error as Error).message },
        'a chore failed; it is tried again',
      )
    }
    await clock.sleep(chore.every, signal)
  }
  if (held) await dropLease(history, chore.name, holder).catch(() => undefined)
}
