// Accounts for every accepted job: what its queue lost is put back, what it finished unseen is written down.
import { fromStored, toStored, type RawQueue } from '../engine/raw.ts'
import type { Report } from '../engine/recorded.ts'
import { isFinishedState, OPEN_STATES, type State } from '../job/states.ts'
import { recordIdOf } from '../job/record-id.ts'
import { newId } from '../primitives/ids.ts'
import { countJobs, findJob } from '../history/find.ts'
import { findOpen, findUnrecorded, type OpenJob } from '../history/open-jobs.ts'
import type { EngineName, NamedEngine } from '../engine/set.ts'
import type { Rooms } from './rooms.ts'

/** What one pass found. `open` is what is still owed; the others were put right. */
export interface Reconciliation {
  readonly checked: number
  readonly open: number
  readonly restored: number
  readonly finished: number
  readonly corrected: number
  readonly adopted: number
}

/** A job that was spoken of this recently is on its way; it is looked at in the next pass. */
const SETTLING_MS = 15_000
const AT_ONCE = 200

/**
 * Compares the record with the queues of every engine that can be reached.
 *
 * @param settling how long ago a job must last have been heard of to be looked at, in milliseconds
 */
export async function reconcile(
  rooms: Rooms,
  settling: number = SETTLING_MS,
): Promise<Reconciliation> {
  const sum = nothing()
  for (const engine of rooms.engines.reachable())
    addTo(sum, await reconcileEngine(rooms, engine, settling))
  for (const queue of rooms.registry.queues.keys()) sum.adopted += await adoptAll(rooms, queue)
  return sum
}

/** Compares the record with the queues of one engine. */
export async function reconcileEngine(
  rooms: Rooms,
  { name, engine }: NamedEngine,
  settling: number = SETTLING_MS,
): Promise<Reconciliation> {
  const sum = nothing()
  await rooms.recorder.flush()
  let after = ''
  for (;;) {
    const jobs = await findOpen(rooms.history, name, rooms.clock.now() - settling, after, AT_ONCE)
    if (jobs.length === 0) return sum
    after = jobs.at(-1)!.id
    sum.checked += jobs.length
    const found = await Promise.all(
      jobs.map(async (job) => ({
        job,
        ...(await check(rooms, name, engine.raw(job.queue), job)),
      })),
    )
    await rooms.recorder.record(
      found.flatMap(({ report: made }) => (made ? [{ ...made, engine: name }] : [])),
    )
    for (const { kind } of found) sum[kind]++
  }
}

type Sums = { -readonly [Key in keyof Reconciliation]: number }

function nothing(): Sums {
  return { checked: 0, open: 0, restored: 0, finished: 0, corrected: 0, adopted: 0 }
}

function addTo(sum: Sums, more: Reconciliation): void {
  for (const key of Object.keys(more) as (keyof Reconciliation)[]) sum[key] += more[key]
}

/** Looks for unrecorded jobs where the queues hold more than the record. */
async function adoptAll(rooms: Rooms, queue: string): Promise<number> {
  const engines = rooms.engines.reachable()
  const held = await Promise.all(engines.map(({ engine }) => engine.raw(queue).openCount()))
  const counts = await countJobs(rooms.history)
  const recorded = counts
    .filter((count) => count.queue === queue && OPEN_STATES.includes(count.state as State))
    .reduce((sum, { n }) => sum + n, 0)
  if (held.reduce((sum, count) => sum + count, 0) <= recorded) return 0
  let adopted = 0
  for (const { name, engine } of engines)
    adopted += await adopt(rooms, name, engine.raw(queue), queue)
  return adopted
}

type Kind = 'open' | 'restored' | 'finished' | 'corrected'

async function check(
  rooms: Rooms,
  engine: EngineName,
  raw: RawQueue,
  job: OpenJob,
): Promise<{ kind: Kind; report?: Report }> {
  const brokerId = raw.idOf(job.id)
  const state = await raw.state(brokerId)
  if (state === 'unknown') {
    // It may have ended this moment, and gone; only what is still open in the record is lost.
    await rooms.recorder.flush()
    const now = await findJob(rooms.history, job.id)
    if (now?.finished_at !== null || now.updated_at !== job.updated_at) return { kind: 'open' }
    // The record decides who puts the job where: if it has moved meanwhile, it is not for us.
    const ours = await rooms.recorder.recordIf(
      { ...report(rooms, job.id, { type: 'restored' }), engine },
      (row) => row?.engine === engine && row.updated_at === job.updated_at && !row.finished_at,
    )
    if (!ours) return { kind: 'open' }
    const stored = await raw.add(toStored(now, rooms.clock.now()), brokerId)
    if (stored === brokerId) return { kind: 'restored' }
    const by = recordIdOf(job.queue, stored)
    return { kind: 'restored', report: report(rooms, job.id, { type: 'deduplicated', by }) }
  }
  if (isFinishedState(state)) {
    const stored = await raw.read(brokerId)
    if (!stored) return { kind: 'open' }
    const ending = fromStored(stored)
    return {
      kind: 'finished',
      report: report(rooms, job.id, { type: 'corrected', state, ...ending }, stored.finishedOn),
    }
  }
  if (sameState(job.state, state)) return { kind: 'open' }
  return { kind: 'corrected', report: report(rooms, job.id, { type: 'corrected', state }) }
}

/** A delay that has passed, or a priority that was given, turns a job over inside the store; that is no fault. */
function sameState(recorded: string, state: State): boolean {
  const waits = (name: string): boolean => ['waiting', 'prioritized', 'delayed'].includes(name)
  return recorded === state || (waits(recorded) && waits(state))
}

/** Writes down the jobs of a queue that the record does not know, such as those of a program without Orderly. */
async function adopt(
  rooms: Rooms,
  engine: EngineName,
  raw: RawQueue,
  queue: string,
): Promise<number> {
  let adopted = 0
  for await (const ids of raw.openIds(AT_ONCE)) {
    const unknown = await findUnrecorded(rooms.history, queue, ids)
    for (const id of unknown) {
      const stored = await raw.read(id)
      if (!stored) continue
      await rooms.recorder.record([{ ...raw.acceptanceOf(stored, id), engine }])
      adopted++
    }
  }
  return adopted
}

function report(
  rooms: Rooms,
  jobId: string,
  happening:
    | { type: 'restored' }
    | { type: 'deduplicated'; by: string }
    | { type: 'corrected'; state: State; output?: string | null; reason?: string },
  at = rooms.clock.now(),
): Report {
  return { event: { id: `${jobId}:${happening.type}:${newId(at)}`, jobId, at, ...happening } }
}
