// Accounts for every accepted job: what its queue lost is put back, what it finished unseen is written down.
import { fromStored, type RawQueue } from '../engine/raw.ts'
import type { EngineName, NamedEngine } from '../engine/set.ts'
import { countJobs } from '../history/find.ts'
import { findOpen, findUnrecorded, type OpenJob } from '../history/open-jobs.ts'
import type { Entry } from '../history/record.ts'
import { isFinishedState, OPEN_STATES, type State } from '../job/states.ts'
import { recordIdOf } from '../job/record-id.ts'
import { restore } from './restore.ts'
import type { Rooms } from './rooms.ts'

/** What one pass found. `open` is what is still owed as it stands; the others were put right. */
export interface Reconciliation {
  readonly checked: number
  readonly open: number
  readonly restored: number
  readonly finished: number
  readonly corrected: number
  readonly adopted: number
}

export interface ReconcileOptions {
  /** How long ago a job must last have been heard of to be looked at, in milliseconds. */
  readonly settling?: number
  /** How long a job must be missed before it is put back, in milliseconds. */
  readonly missing?: number
  readonly signal?: AbortSignal
}

/** A job that was spoken of this recently is on its way; it is looked at in the next pass. */
const SETTLING_MS = 15_000
/** A queue may forget a job the moment it ends; the news of its end gets this long to arrive. */
const MISSING_MS = 5_000
const AT_ONCE = 200

/** Compares the record with the queues of every engine that can be reached. */
export async function reconcile(
  rooms: Rooms,
  options: ReconcileOptions = {},
): Promise<Reconciliation> {
  const sum = nothing()
  for (const engine of rooms.engines.reachable())
    addTo(sum, await reconcileEngine(rooms, engine, options))
  for (const queue of rooms.registry.queues.keys())
    if (!options.signal?.aborted) sum.adopted += await adoptAll(rooms, queue)
  return sum
}

type Kind = 'open' | 'lost' | 'finished' | 'corrected'

async function check(
  rooms: Rooms,
  engine: EngineName,
  raw: RawQueue,
  job: OpenJob,
): Promise<{ kind: Kind; entry?: Entry }> {
  const brokerId = raw.idOf(job.id)
  const state = await raw.state(brokerId)
  if (state === 'unknown') {
    if (job.schedule === null || job.started_at !== null) return { kind: 'lost' }
    // A scheduler takes the job it had prepared back when it is changed or ended; it makes another one itself.
    const at = rooms.clock.now()
    const id = `${job.id}:removed:${job.updated_at}`
    return {
      kind: 'corrected',
      entry: { engine, event: { id, jobId: job.id, at, type: 'removed' } },
    }
  }
  if (sameState(job.state, state)) return { kind: 'open' }
  const entry = await correction(rooms, engine, raw, job, state)
  if (!entry) return { kind: 'open' }
  return { kind: isFinishedState(state) ? 'finished' : 'corrected', entry }
}

/** What the record has to learn of a job that is in `state`; nothing when it has just gone. */
async function correction(
  rooms: Rooms,
  engine: EngineName,
  raw: RawQueue,
  { id: jobId, updated_at: seen }: Pick<OpenJob, 'id' | 'updated_at'>,
  state: State,
): Promise<Entry | undefined> {
  const id = `${jobId}:corrected:${state}:${seen}`
  const event = { id, jobId, type: 'corrected', state, seen } as const
  if (!isFinishedState(state)) return { engine, event: { ...event, at: rooms.clock.now() } }
  const stored = await raw.read(raw.idOf(jobId))
  if (!stored) return undefined
  const at = stored.finishedOn ?? rooms.clock.now()
  return { engine, event: { ...event, ...fromStored(stored), at } }
}

/** A delay that has passed, or a priority that was given, turns a job over inside the store; that is no fault. */
function sameState(recorded: string, state: State): boolean {
  const waits = (name: string): boolean => ['waiting', 'prioritized', 'delayed'].includes(name)
  return recorded === state || (waits(recorded) && waits(state))
}

/** Compares the record with the queues of one engine. */
export async function reconcileEngine(
  rooms: Rooms,
  named: NamedEngine,
  { settling = SETTLING_MS, missing = MISSING_MS, signal }: ReconcileOptions = {},
): Promise<Reconciliation> {
  const { name, engine } = named
  const sum = nothing()
  await rooms.recorder.flush()
  const before = rooms.clock.now() - settling
  const lost: OpenJob[] = []
  let after = ''
  while (!signal?.aborted) {
    const jobs = await findOpen(rooms.history, name, before, after, AT_ONCE)
    const last = jobs.at(-1)
    if (!last) break
    after = last.id
    sum.checked += jobs.length
    const found = await Promise.all(
      jobs.map(async (job) => ({
        job,
        ...(await check(rooms, name, engine.raw(job.queue), job)),
      })),
    )
    await rooms.recorder.record(found.flatMap(({ entry }) => (entry ? [entry] : [])))
    for (const { job, kind } of found)
      if (kind === 'lost') lost.push(job)
      else sum[kind]++
  }
  sum.restored += await restore(rooms, named, lost, missing, signal)
  return sum
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

/** Writes down the jobs of a queue that the record does not know, such as those of a program without Orderly. */
async function adopt(
  rooms: Rooms,
  engine: EngineName,
  raw: RawQueue,
  queue: string,
): Promise<number> {
  let adopted = 0
  for await (const ids of raw.openIds(AT_ONCE)) {
    for (const id of await findUnrecorded(rooms.history, queue, ids)) {
      const stored = await raw.read(id)
      if (!stored) continue
      const acceptance = raw.acceptanceOf(stored, id)
      const [fresh] = await rooms.recorder.recordNew([{ ...acceptance, engine }])
      if (!fresh) continue
      adopted++
      await rooms.recorder.record(
        await whereItIs(rooms, engine, raw, recordIdOf(queue, id), acceptance.event.at),
      )
    }
  }
  return adopted
}

/** What happened to an adopted job before the record knew it, and was therefore not written down. */
async function whereItIs(
  rooms: Rooms,
  engine: EngineName,
  raw: RawQueue,
  jobId: string,
  seen: number,
): Promise<Entry[]> {
  const state = await raw.state(raw.idOf(jobId))
  if (state === 'unknown') {
    const at = rooms.clock.now()
    return [{ engine, event: { id: `${jobId}:removed:${seen}`, jobId, at, type: 'removed' } }]
  }
  if (sameState('waiting', state)) return []
  const entry = await correction(rooms, engine, raw, { id: jobId, updated_at: seen }, state)
  return entry ? [entry] : []
}
