// One action over many jobs: planned, so that everybody sees what it will do, then done at a pace, each job once.
import { findJob, type Condition, type FoundJob } from '../history/find.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { printSearch } from '../search/search.ts'
import type { BulkAction, BulkItemRow, BulkRow } from '../state/bulk-tables.ts'
import { findBulks, findItems, insertBulk, moveBulk, moveItem } from '../state/bulk.ts'
import { cancelJob } from './cancel.ts'
import { promoteJob, removeJob } from './queued-job.ts'
import { reasonOf } from './reason.ts'
import { replay } from './redrive.ts'
import type { Rooms } from './rooms.ts'
import { runSearch, type PlannedSearch } from './search.ts'

export interface BulkRequest {
  readonly action: BulkAction
  readonly search: PlannedSearch
  /** What the caller may find. */
  readonly within: readonly Condition[]
  /** Whether the caller may do it to a job of this queue. */
  readonly may: (queue: string) => boolean
  readonly reason: string
  readonly owner: string
  readonly by: string
  /** Jobs in each second, 1 to 1,000. */
  readonly pace: number
}

/** What a plan says beside the jobs it names. */
export interface BulkPlan {
  readonly found: number
  readonly byState: Readonly<Record<string, number>>
  readonly byType: Readonly<Record<string, number>>
  readonly skips: readonly { readonly reason: string; readonly count: number }[]
  /** Whether there were more than one plan takes. */
  readonly hasMore: boolean
}

export interface PlannedBulk {
  readonly row: BulkRow
  readonly plan: BulkPlan
  readonly sample: readonly FoundJob[]
}

export const MOST_PLANNED = 20_000
const SAMPLE = 20
const PAGE = 1_000
const PLAN_LIVES_MS = 15 * 60_000

const FITS: Readonly<Record<BulkAction, ReadonlySet<FoundJob['state']>>> = {
  retry: new Set(['completed', 'failed', 'removed']),
  cancel: new Set(['waiting', 'prioritized', 'delayed', 'waiting-children', 'active']),
  promote: new Set(['delayed']),
  delete: new Set(['completed', 'failed']),
}

/** Works out which jobs an action would be done to, and keeps that: it is done to those and no others. */
export async function planBulk(rooms: Rooms, request: BulkRequest): Promise<PlannedBulk> {
  const { action, search } = request
  const reason = reasonOf({ reason: request.reason }, 'it is done to all of them')
  const chosen: FoundJob[] = []
  const skips = new Map<string, number>()
  let found = 0
  let before: { createdAt: number; id: string } | undefined
  let hasMore = false
  for (;;) {
    const page = await runSearch(rooms, search, {
      limit: PAGE,
      also: request.within,
      ...(before ? { before } : {}),
    })
    for (const job of page) {
      found++
      const why = whySkipped(job, request)
      if (why === undefined) chosen.push(job)
      else skips.set(why, (skips.get(why) ?? 0) + 1)
    }
    const last = page.at(-1)
    hasMore = page.length === PAGE && chosen.length >= MOST_PLANNED
    if (page.length < PAGE || !last || hasMore) break
    before = {
      createdAt: search.query.order?.by === 'duration' ? last.duration! : last.created_at,
      id: last.id,
    }
  }
  const taken = chosen.slice(0, MOST_PLANNED)
  const plan: BulkPlan = {
    found,
    byState: countBy(taken, ({ state }) => state),
    byType: countBy(taken, ({ name }) => name),
    skips: [...skips].map(([why, count]) => ({ reason: why, count })),
    hasMore: hasMore || chosen.length > MOST_PLANNED,
  }
  const now = rooms.clock.now()
  const row: BulkRow = {
    id: newId(now),
    action,
    search: printSearch(search.shown),
    state: 'planned',
    total: taken.length,
    plan: JSON.stringify(plan),
    pace: request.pace,
    reason,
    owner: request.owner,
    who: request.by,
    created_at: now,
    started_at: null,
    finished_at: null,
    expires_at: now + PLAN_LIVES_MS,
  }
  await insertBulk(
    rooms.state,
    row,
    taken.map(({ id }) => id),
  )
  return { row, plan, sample: taken.slice(0, SAMPLE) }
}

function whySkipped(job: FoundJob, { action, may }: BulkRequest): string | undefined {
  if (!FITS[action].has(job.state)) return `is ${job.state}`
  if (!may(job.queue)) return 'is in a queue where you may not do this'
  return undefined
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}

/** Begins what was planned. @throws OrderlyError `ORDERLY_CONFLICT` where it has begun, or its time is over */
export async function runBulk(rooms: Rooms, row: BulkRow): Promise<void> {
  const now = rooms.clock.now()
  const isLate = row.expires_at <= now
  const change = { state: 'running', started_at: now } as const
  if (!isLate && (await moveBulk(rooms.state, row.id, ['planned'], change))) return
  throw new OrderlyError(
    'ORDERLY_CONFLICT',
    'this plan has begun already, or its time is over; plan anew',
  )
}

/** How long one turn of the chore may take, so that pausing and stopping are heard of. */
const TURN_MS = 2_000

/** Moves on what runs. Whoever holds the chore works alone; an item that somebody died with is not done again. */
export async function advanceBulks(rooms: Rooms, signal?: AbortSignal): Promise<void> {
  const running = await findBulks(rooms.state, { state: 'running', limit: 20 })
  for (const row of running.toReversed()) {
    if (signal?.aborted) return
    await advance(rooms, row, signal)
  }
}

async function advance(rooms: Rooms, row: BulkRow, signal: AbortSignal | undefined): Promise<void> {
  for (const lost of await findItems(rooms.state, row.id, { state: 'begun', limit: 100 }))
    await moveItem(rooms.state, lost, 'begun', 'failed', 'nobody knows whether it was done')
  const startedAt = rooms.clock.elapsed()
  const items = await findItems(rooms.state, row.id, {
    state: 'todo',
    limit: Math.max(1, Math.ceil((row.pace * TURN_MS) / 1_000)),
  })
  for (const [index, item] of items.entries()) {
    if (signal?.aborted || rooms.clock.elapsed() - startedAt > TURN_MS) return
    const early = startedAt + (index * 1_000) / row.pace - rooms.clock.elapsed()
    if (early > 0) await rooms.clock.sleep(early, signal)
    if (!(await moveItem(rooms.state, item, 'todo', 'begun'))) continue
    const outcome = await act(rooms, row, item)
    await moveItem(rooms.state, item, 'begun', outcome.state, outcome.reason)
  }
  if (items.length === 0)
    await moveBulk(rooms.state, row.id, ['running'], {
      state: 'completed',
      finished_at: rooms.clock.now(),
    })
}

type Ending = Pick<BulkItemRow, 'state' | 'reason'>

const SKIPPED = (reason: string): Ending => ({ state: 'skipped', reason })

async function act(
  rooms: Rooms,
  { action, reason, who }: BulkRow,
  { job_id }: BulkItemRow,
): Promise<Ending> {
  try {
    await rooms.recorder.flush()
    const job = await findJob(rooms.history, job_id)
    if (!job) return SKIPPED('is gone')
    if (!FITS[action].has(job.state)) return SKIPPED(`is ${job.state} by now`)
    switch (action) {
      case 'retry': {
        const { id } = await replay(rooms, job_id, { reason, by: who })
        return { state: 'done', reason: id }
      }
      case 'cancel': {
        const outcome = await cancelJob(rooms, job_id, { reason, by: who, wait: 0 })
        return outcome === 'finished' ? SKIPPED('had ended') : { state: 'done', reason: outcome }
      }
      case 'promote':
        return (await promoteJob(rooms, job.queue, job_id))
          ? { state: 'done', reason: '' }
          : SKIPPED('was not delayed any more')
      case 'delete':
        return (await removeJob(rooms, job.queue, job_id))
          ? { state: 'done', reason: '' }
          : SKIPPED('was not there any more')
    }
  } catch (error) {
    // The code says what a person needs; a message may name a field.
    return {
      state: 'failed',
      reason: error instanceof OrderlyError ? error.code : 'an error of the program',
    }
  }
}
