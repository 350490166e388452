/** Owns looking: states, counts, ranges. Nothing here writes. */
import type { JobState, JobType } from 'bullmq'
import { readJob, findJob } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import { schedulerRange } from './scheduler-row.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'
import { slice } from './window.ts'

const IDS = `
  SELECT id FROM bullmq_job WHERE queue = ? AND state = ? ORDER BY rank, id LIMIT ? OFFSET ?`
const IDS_BACK = `
  SELECT id FROM bullmq_job WHERE queue = ? AND state = ? ORDER BY rank DESC, id DESC
  LIMIT ? OFFSET ?`
const COUNT_BETWEEN = `
  SELECT count(*) AS n FROM bullmq_job WHERE queue = ? AND state = ? AND rank >= ? AND rank < ?`

const PLACES_PER_MS = 4096
const PLACES_PER_PRIORITY = 2 ** 32

// 'paused' is absent: since version 6 the jobs of a paused queue wait where they are.
const states = new Map<string, State>([
  ['wait', State.wait],
  ['waiting', State.wait],
  ['prioritized', State.prioritized],
  ['delayed', State.delayed],
  ['active', State.active],
  ['waiting-children', State.waitingChildren],
  ['completed', State.completed],
  ['failed', State.failed],
])

const names: Record<State, JobState> = {
  [State.wait]: 'waiting',
  [State.prioritized]: 'prioritized',
  [State.delayed]: 'delayed',
  [State.active]: 'active',
  [State.waitingChildren]: 'waiting-children',
  [State.completed]: 'completed',
  [State.failed]: 'failed',
}

/** The state of a job, in BullMQ's words. */
export function jobState(tx: Transaction, queue: QueueState, id: string): JobState | 'unknown' {
  const job = findJob(tx, queue, id)
  return job ? names[job.state] : 'unknown'
}

/** Whether a job is in that state. */
export function isInState(tx: Transaction, queue: QueueState, state: string, id: string): boolean {
  const wanted = states.get(state)
  if (wanted === undefined && state !== 'paused') throw new Error(`Unknown job state: ${state}`)
  return findJob(tx, queue, id)?.state === wanted
}

/** Whether a job has finished: -1 missing, 0 no, 1 completed, 2 failed; with what came of it. */
export function isFinished(
  tx: Transaction,
  queue: QueueState,
  id: string,
): { status: number; outcome: string | null } {
  const job = readJob(tx, queue, id)
  if (!job) return { status: -1, outcome: `Missing key for job ${queue.name}:${id}. isFinished` }
  if (job.state === State.completed) return { status: 1, outcome: job.returnvalue }
  if (job.state === State.failed) return { status: 2, outcome: job.failed_reason }
  return { status: 0, outcome: null }
}

/** How many jobs are in each of the states; delayed ones due before a moment, if one is given. */
export function countStates(
  tx: Transaction,
  queue: QueueState,
  types: JobType[],
  delayedBefore: number | undefined,
): number[] {
  return types.map((type) => {
    const state = states.get(type)
    if (state === undefined) return 0
    if (state !== State.delayed || delayedBefore === undefined) return queue.count(state)
    return countBetween(tx, queue, state, 0, delayedBefore * PLACES_PER_MS)
  })
}

/** How many jobs wait with each of the priorities. */
export function countPriorities(
  tx: Transaction,
  queue: QueueState,
  priorities: number[],
): number[] {
  return priorities.map((priority) => {
    if (priority === 0) return queue.count(State.wait)
    const from = priority * PLACES_PER_PRIORITY
    return countBetween(tx, queue, State.prioritized, from, from + PLACES_PER_PRIORITY)
  })
}

function countBetween(
  tx: Transaction,
  queue: QueueState,
  state: State,
  from: number,
  to: number,
): number {
  return tx.sql.get<{ n: number }>(COUNT_BETWEEN, queue.id, state, from, to)?.n ?? 0
}

/** The ids in each of the states, in that state's order. */
export function ranges(
  tx: Transaction,
  queue: QueueState,
  types: string[],
  start: number,
  end: number,
  asc: boolean,
): string[][] {
  return types.map((type) => {
    if (type === 'repeat') return everySecond(schedulerRange(tx, queue, start, end, asc))
    const state = states.get(type)
    if (state === undefined) return []
    const { offset, limit } = slice(queue.count(state), start, end)
    const rows = tx.sql.all<{ id: string }>(asc ? IDS : IDS_BACK, queue.id, state, limit, offset)
    const ids = rows.map(({ id }) => id)
    // Redis gives a slice of a list as the list stands, newest first; the caller turns it round.
    const isList = state === State.wait || state === State.active
    return asc && isList ? ids.toReversed() : ids
  })
}

function everySecond(list: string[]): string[] {
  return list.filter((_, index) => index % 2 === 0)
}
