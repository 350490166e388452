// The chores of an instance: relay, reconciler, retention. Each is done by one process at a time, in turns.
import { dropLease, takeLease } from '../history/lease.ts'
import { newId } from '../primitives/ids.ts'
import { expire } from './expire.ts'
import { prepareKeys } from './prepare-keys.ts'
import { reconcile } from './reconcile.ts'
import { relay } from './relay.ts'
import type { Rooms } from './rooms.ts'

export interface Chore {
  readonly name: string
  /** Milliseconds from the end of one turn to the start of the next. */
  readonly every: number
  /** Milliseconds after which another process steps in for one that has died. A turn may outlast it without harm. */
  readonly lease: number
  /** Ends between two steps when `signal` aborts. */
  run(rooms: Rooms, signal: AbortSignal): Promise<unknown>
}

export const CHORES: readonly Chore[] = [
  { name: 'relay', every: 250, lease: 15_000, run: relay },
  {
    name: 'reconcile',
    every: 60_000,
    lease: 120_000,
    run: (rooms, signal) => reconcile(rooms, { signal }),
  },
  { name: 'expire', every: 60_000, lease: 120_000, run: expire },
  // A new month has a new key.
  { name: 'keys', every: 60_000, lease: 120_000, run: prepareKeys },
]

export interface Chores {
  stop(): Promise<void>
}

/** Starts the chores of an instance. A turn that fails is logged, and the next one comes. */
export function startChores(rooms: Rooms, chores: readonly Chore[] = CHORES): Chores {
  const stopping = new AbortController()
  const holder = newId(rooms.clock.now())
  const loops = chores.map((chore) => loop(chore, rooms, holder, stopping.signal))
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
  let heldUntil = 0
  while (!signal.aborted) {
    try {
      // Half of it is left for those who come late; a lease renewed each turn would be a write each turn.
      const now = clock.now()
      if (heldUntil - now <= chore.lease / 2) {
        const held = await takeLease(history, chore.name, holder, now, chore.lease)
        heldUntil = held ? now + chore.lease : 0
      }
      if (heldUntil > 0) await chore.run(rooms, signal)
    } catch (error) {
      log.warn(
        { chore: chore.name, error: (error as Error).message },
        'a chore failed; it is tried again',
      )
    }
    await clock.sleep(chore.every, signal)
  }
  if (heldUntil > 0) await dropLease(history, chore.name, holder).catch(() => undefined)
}
