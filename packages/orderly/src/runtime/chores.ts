// The chores of an instance: relay, reconciler, retention. Each is done by one process at a time, in turns.
import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { dropApprovals } from '../access/approvals.ts'
import { dropAttempts } from '../access/attempts.ts'
import { sequenceSpool } from '../access/emergency-spool.ts'
import { dropSessions } from '../access/sessions.ts'
import { dropLease, takeLease } from '../history/lease.ts'
import { keepCheckpoint } from '../ledger/anchor.ts'
import { mailNotifications } from '../notifications/mail.ts'
import { newId } from '../primitives/ids.ts'
import { countEvidenceBefore } from '../state/evidence.ts'
import { forget } from '../state/forget.ts'
import { dropBuckets } from '../state/buckets.ts'
import { tellAudit } from './audit-lines.ts'
import { hasDeadNeighbour } from './beat.ts'
import { checkLedger } from './check-ledger.ts'
import { advanceBulks } from './bulk.ts'
import { endPauses } from './control.ts'
import { dispatchAll } from './lanes.ts'
import { keepLimits } from './limits.ts'
import { expire } from './expire.ts'
import { mendLines, mendPlaces } from './mend-lanes.ts'
import { moveOver } from './move-over.ts'
import { prepareKeys } from './prepare-keys.ts'
import { reconcile, reconcileEngine } from './reconcile.ts'
import { relay } from './relay.ts'
import type { Rooms } from './rooms.ts'
import { advanceMoved, endOrphans } from './run-chores.ts'
import { closeSets } from './sets.ts'
import { tick } from './tick.ts'

export interface Chore {
  readonly name: string
  /** Milliseconds from the end of one turn to the start of the next. Left out, it is done once, as the instance starts. */
  readonly every?: number
  /**
   * Milliseconds after which another process steps in for one that has died. A turn may outlast it without harm. Left
   * out, each process does it for itself: it is about what this one has seen, and several at once do no harm.
   */
  readonly lease?: number
  /** What it can do hangs on what a process knows: the lease is shared by those that know the same jobs and workflows. */
  readonly isOfKnown?: true
  /** Ends between two steps when `signal` aborts. */
  run(rooms: Rooms, signal: AbortSignal): Promise<unknown>
}

export const CHORES: readonly Chore[] = [
  { name: 'relay', every: 250, lease: 15_000, run: relay },
  { name: 'move-over', every: 500, run: moveOver },
  { name: 'settle', every: 2_000, run: settleDoubts },
  { name: 'left-behind', run: settleLeftBehind },
  {
    name: 'reconcile',
    every: 60_000,
    lease: 120_000,
    run: (rooms, signal) => reconcile(rooms, { signal }),
  },
  // Each machine has an embedded engine of its own, which no other can look into.
  { name: 'reconcile-embedded', every: 60_000, run: reconcileEmbedded },
  { name: 'expire', every: 60_000, run: expire },
  // The leases of these spare work; it is the slots themselves that fire once, and runs that are moved on once.
  { name: 'schedules', every: 500, lease: 15_000, isOfKnown: true, run: tick },
  // Who works on a job of a run moves that on itself; this is for times that come, and for who died.
  { name: 'runs', every: 250, lease: 15_000, isOfKnown: true, run: advanceMoved },
  { name: 'run-orphans', every: 5_000, lease: 15_000, run: endOrphans },
  { name: 'bulk', every: 500, lease: 15_000, run: advanceBulks },
  { name: 'sets', every: 500, lease: 15_000, run: closeSets },
  // Each process keeps in mind what rests, and wakes what it has put aside itself.
  { name: 'pauses', every: 1_000, run: endPauses },
  // Each process lets the jobs run that its own queues hold.
  { name: 'limits', every: 1_000, run: keepLimits },
  { name: 'lanes', every: 250, run: dispatchAll },
  { name: 'places', every: 2_000, run: mendPlaces },
  { name: 'lines', every: 60_000, run: mendLines },
  // Each process begins to listen once there is anything to tell.
  { name: 'webhook-begin', every: 2_000, run: ({ webhooks }) => webhooks.begin() },
  {
    name: 'webhooks',
    every: 500,
    lease: 30_000,
    run: ({ deliverer }, signal) => deliverer.turn(signal),
  },
  {
    name: 'alerts',
    every: 5_000,
    lease: 30_000,
    run: ({ alerts }, signal) => alerts.evaluate(signal),
  },
  { name: 'notification-mail', every: 2_000, lease: 30_000, run: mailNotifications },
  { name: 'forget', every: 3_600_000, lease: 7_200_000, run: forgetState },
  // Each process tells of its own.
  { name: 'audit-lines', every: 1_000, run: tellAudit },
  { name: 'ledger', every: 60_000, run: keepLedger },
  // Each machine has a spool of its own.
  { name: 'emergency-spool', every: 2_000, run: drainEmergencies },
  { name: 'ledger-check', every: 60_000, lease: 600_000, run: checkLedger },
  // A new month has a new key.
  { name: 'keys', every: 60_000, lease: 120_000, run: prepareKeys },
]

/** After a failure, for what is done once. */
const TRY_AGAIN_MS = 2_000
/** The longest span of a rate that its bucket is remembered for. */
const BUCKETS_KEPT_MS = 366 * 86_400_000

async function forgetState(rooms: Rooms): Promise<void> {
  const { access, ledger, state, clock, historyRetention } = rooms
  const now = clock.now()
  await dropAttempts(access.database, now)
  await dropSessions(access.database, now)
  await dropApprovals(access, now)
  const evidence = await countEvidenceBefore(state, now - historyRetention)
  const entry = {
    op: 'retention.evidence',
    action: 'D' as const,
    resource: { kind: 'evidence' },
    detail: { runs: evidence, before: new Date(now - historyRetention).toISOString() },
  }
  const asked = evidence > 0 ? await ledger.record({ ...entry, outcome: 'asked' }) : undefined
  await forget(state, now, historyRetention)
  if (asked) ledger.note({ ...entry, follows: asked.id })
  await dropBuckets(state, now - BUCKETS_KEPT_MS)
}

async function drainEmergencies({ access, log }: Rooms): Promise<void> {
  const entries = await sequenceSpool(access)
  if (entries > 0)
    log.error({ entries }, 'what emergencies wrote while the audit log was away is on it now')
}

/** Each process does it: whichever finds that the ledger has grown keeps its checkpoint, and each its own anchors at it. */
async function keepLedger({ ledger, anchors, clock, log }: Rooms): Promise<void> {
  await keepCheckpoint(ledger.database, anchors, clock, (anchor, error) =>
    log.warn(
      { anchor, error: error.message },
      'a checkpoint of the audit log could not be anchored; the next one is tried again',
    ),
  )
}

async function reconcileEmbedded(rooms: Rooms, signal: AbortSignal): Promise<void> {
  const own = rooms.engines.all().find(({ name }) => name !== 'main')
  if (own) await reconcileEngine(rooms, own, { signal })
}

/** After a store was away or a process died: longer than an add that met its end may take, so that none is in between. */
const SETTLING_AFTER_OUTAGE_MS = 4_000

async function settleDoubts(rooms: Rooms, signal: AbortSignal): Promise<void> {
  if (rooms.engines.takeDoubts()) await settle(rooms, signal)
}

/**
 * Whoever was killed may have accepted jobs that no queue has yet; and if it was its turn to reconcile, nobody else
 * would for as long as its lease runs.
 */
async function settleLeftBehind(rooms: Rooms, signal: AbortSignal): Promise<void> {
  if (await hasDeadNeighbour(rooms)) await settle(rooms, signal)
}

/** Compares record and queues at once, and again when the last adds have settled. */
async function settle(rooms: Rooms, signal: AbortSignal): Promise<void> {
  const options = { settling: SETTLING_AFTER_OUTAGE_MS, signal }
  await reconcile(rooms, options)
  rooms.clock.after(SETTLING_AFTER_OUTAGE_MS, () => {
    reconcile(rooms, options).catch(() => undefined)
  })
}

export interface Chores {
  stop(): Promise<void>
}

/** Starts the chores of an instance. A turn that fails is logged, and the next one comes. */
export function startChores(rooms: Rooms, chores: readonly Chore[] = CHORES): Chores {
  const stopping = new AbortController()
  // Each chore listens to it, and so does whatever a chore waits for.
  setMaxListeners(0, stopping.signal)
  const holder = newId(rooms.clock.now())
  const loops = chores.map((chore) => loop(chore, rooms, holder, stopping.signal))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

/** What a process knows, as a digest: the same for processes of one program. */
function knownBy({ registry, workflows }: Rooms): string {
  const versions = workflows.all().map(({ id, version }) => `${id}@${version}`)
  const names = [...[...registry.jobs.keys()].toSorted(), '', ...versions.toSorted()]
  return createHash('sha256').update(names.join('\n')).digest('base64url').slice(0, 16)
}

async function loop(
  chore: Chore,
  rooms: Rooms,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, history } = rooms
  const name = chore.isOfKnown ? `${chore.name}/${knownBy(rooms)}` : chore.name
  let heldUntil = 0
  while (!signal.aborted) {
    try {
      const now = clock.now()
      const { lease } = chore
      // Half of it is left for those who come late; a lease renewed each turn would be a write each turn.
      if (lease !== undefined && heldUntil - now <= lease / 2) {
        const held = await takeLease(history, name, holder, now, lease)
        heldUntil = held ? now + lease : 0
      }
      if (lease === undefined || heldUntil > 0) await chore.run(rooms, signal)
      if (chore.every === undefined) return
    } catch (error) {
      log.warn(
        { chore: chore.name, error: (error as Error).message },
        'a chore failed; it is tried again',
      )
    }
    await clock.sleep(chore.every ?? TRY_AGAIN_MS, signal)
  }
  if (heldUntil > 0) await dropLease(history, name, holder).catch(() => undefined)
}
