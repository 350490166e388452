// Lets jobs with limits per key wait their turn, and lets them run when it has come.
import type { JobsOptions } from '../engine/dialect.ts'
import type { EngineJob } from '../engine/open.ts'
import { marksOf, ownDelay, type LaneTicket } from '../job/marks.ts'
import type { Outcome } from '../job/outcome.ts'
import { queueIdOf, recordIdOf } from '../job/record-id.ts'
import { newId } from '../primitives/ids.ts'
import {
  dispatch,
  enterLane,
  findOpenKinds,
  parkAgain,
  parkNew,
  type Dispatched,
  type LaneEntry,
  type LaneRules,
} from '../state/lanes.ts'
import { keepPlace, leaveLane } from '../state/lane-ends.ts'
import type { Rooms } from './rooms.ts'

/** A job as it goes to its queue. */
export interface Parking {
  readonly id: string
  readonly queue: string
  readonly name: string
  readonly opts: Pick<JobsOptions, 'delay' | 'priority'>
  /** When its delay begins. */
  readonly at: number
}

/**
 * Notes jobs that are about to be put in their queue and have to wait their turn there; others are left alone. It comes
 * before the add: a note without a job is dropped after a while, a job without a note would wait until it is found.
 */
export async function park(rooms: Rooms, jobs: readonly Parking[]): Promise<void> {
  const entries = new Map<string, LaneEntry[]>()
  for (const [index, { id, queue, name, opts, at }] of jobs.entries()) {
    const { lane } = marksOf(opts)
    if (!lane) continue
    const due = at + ownDelay(opts.delay ?? 0, { lane })
    const order = { priority: opts.priority ?? 0, seq: at * SEQ_PER_MS + index, due_at: due }
    const entry = laneEntry({ id: recordIdOf(queue, id), queue, name }, order, lane)
    const others = entries.get(name)
    if (others) others.push(entry)
    else entries.set(name, [entry])
  }
  for (const kind of entries.values()) await parkNew(rooms.state, kind, rooms.clock.now())
}

/** Keeps the order of jobs that come in one step. */
const SEQ_PER_MS = 1_000

export function laneEntry(
  { id, queue, name }: Pick<Parking, 'id' | 'queue' | 'name'>,
  { priority, seq, due_at }: Pick<LaneEntry, 'priority' | 'due_at'> & { seq?: number },
  { key, bucket, weight, units }: LaneTicket,
): LaneEntry {
  const order = { priority, seq: seq ?? due_at * SEQ_PER_MS, due_at }
  return { job_id: id, queue, name, ...order, key, bucket, weight, units }
}

/** Lets the jobs of a kind begin whose turn it is, if its jobs take turns. */
export function kick(rooms: Rooms, name: string): void {
  if (isLaned(rooms, name)) rooms.turns.ask(`lane/${name}`, () => dispatchKind(rooms, name))
}

/** Looks at every kind of which jobs wait their turn, those included whose code sets no limit any more. */
export async function dispatchAll(rooms: Rooms): Promise<void> {
  for (const name of await findOpenKinds(rooms.state, rooms.clock.now()))
    if (rooms.registry.jobs.has(name))
      rooms.turns.ask(`lane/${name}`, () => dispatchKind(rooms, name))
}

export function lanedKinds(rooms: Rooms): string[] {
  return [...rooms.registry.jobs.keys()].filter((name) => isLaned(rooms, name))
}

/** Whether jobs of this kind take turns. */
export function isLaned({ registry }: Rooms, name: string): boolean {
  const options = registry.jobs.get(name)?.options
  return options?.concurrency !== undefined || options?.rateLimit !== undefined
}

/** What the code says of a kind; a kind that is not known here, or has lost its limits, is not bounded. */
export function rulesOf({ registry }: Rooms, name: string): LaneRules {
  const { concurrency, rateLimit } = registry.jobs.get(name)?.options ?? {}
  return { name, concurrency: concurrency?.limit, rate: rateLimit }
}

/** How soon a job is looked at again that was not in its queue yet, or not out of its last run; then `mendPlaces` does. */
const NOT_YET_MS = [50, 100, 200, 400] as const

async function dispatchKind(rooms: Rooms, name: string): Promise<void> {
  if (rooms.pauses.ofJob(name)) return
  const queue = rooms.registry.queues.get(rooms.registry.jobs.get(name)!.queue)!
  const engines = rooms.engines.reachable().map((engine) => engine.name)
  if (engines.length === 0) return
  const ways = {
    // So many that no worker waits for the next turn, and no more: what is in the queue keeps its place there.
    ahead: queue.concurrency,
    engines,
    now: rooms.clock.now(),
  }
  for (let hasMore = true; hasMore;) {
    const turns = await dispatch(rooms.state, rulesOf(rooms, name), ways)
    await Promise.all(turns.picked.map((job) => letRun(rooms, job)))
    ;({ hasMore } = turns)
  }
}

/** Hands a job over to the workers that has a place. */
async function letRun(rooms: Rooms, { id: jobId, queue, engine }: Dispatched): Promise<void> {
  const raw = rooms.engines
    .reachable()
    .find(({ name }) => name === engine)
    ?.engine.raw(queue)
  const id = queueIdOf(queue, jobId)
  if (!raw || (await raw.promote(id))) return
  // It may be on its way into the queue, or still in the hands of the worker that gives it back.
  rooms.turns.ask(`late/${jobId}`, async () => {
    for (const wait of NOT_YET_MS) {
      const state = await raw.state(id)
      if (state !== 'unknown' && state !== 'active' && state !== 'delayed') return
      await rooms.clock.sleep(wait)
      if (await raw.promote(id)) return
    }
  })
}

/** A job's place among those of its key, for one claim. */
export interface Place {
  readonly job_id: string
  readonly name: string
  readonly key: string
  readonly holder: string
}

/**
 * Takes the place of a job that a worker has just claimed.
 *
 * @returns undefined when none is free: then it waits its turn again, and must not run
 */
export async function enter(
  rooms: Rooms,
  job: {
    readonly id: string
    readonly queue: string
    readonly name: string
    readonly priority: number
  },
  ticket: LaneTicket,
): Promise<Place | undefined> {
  const now = rooms.clock.now()
  const { queue, name, priority } = job
  const claimed = { id: recordIdOf(queue, job.id), queue, name }
  const entry = laneEntry(claimed, { priority, due_at: now }, ticket)
  const holder = newId(now)
  if (!(await enterLane(rooms.state, rulesOf(rooms, name), entry, holder, now))) return undefined
  kick(rooms, name)
  return { job_id: entry.job_id, name, key: ticket.key, holder }
}

/** Lets a job that was claimed and is not to run here wait its turn anew, `delay` ms from now on. */
export async function waitTurnAgain(
  { state, clock }: Rooms,
  { id, queueName, name, opts }: EngineJob,
  delay: number,
): Promise<void> {
  const { lane } = marksOf(opts)
  const now = clock.now()
  const place = { job_id: recordIdOf(queueName, id!), name, key: lane?.key ?? '' }
  await parkAgain(state, place, { due: now + delay, now })
}

/** Gives the place up as the outcome of an attempt wants it. What cannot be written now is mended later. */
export async function leave(rooms: Rooms, place: Place, outcome: Outcome): Promise<void> {
  const { state, clock, log } = rooms
  const { job_id, holder } = place
  const now = clock.now()
  try {
    if (outcome.type === 'retry' || outcome.type === 'snoozed')
      await parkAgain(state, place, { due: now + outcome.delay, now, holder })
    else if (outcome.type === 'interrupted') await keepPlace(state, job_id, now)
    else if (outcome.type !== 'fenced') await leaveLane(state, job_id, holder)
  } catch (error) {
    log.warn(
      { jobId: job_id, error: (error as Error).message },
      'the place of a job could not be given back; that is mended later',
    )
  }
}
