// How jobs leave their lanes, and which of those that stand in one look forgotten.
import { sql } from 'kysely'
import type { LaneRow } from './limit-tables.ts'
import type { StateDatabase } from './tables.ts'

/** Takes a job out: it has ended. @param holder if given, only if this claim runs it */
export async function leaveLane(
  database: StateDatabase,
  jobId: string,
  holder?: string,
): Promise<void> {
  await database.transaction(async ({ query }) => {
    let leaving = query.deleteFrom('orderly_lanes').where('job_id', '=', jobId)
    if (holder !== undefined) leaving = leaving.where('holder', '=', holder)
    await leaving.execute()
  }, 'written')
}

/** Gives a job back that its worker does not run on: it keeps its place and waits in its queue. */
export async function keepPlace(
  { query }: StateDatabase,
  jobId: string,
  now: number,
): Promise<void> {
  await query
    .updateTable('orderly_lanes')
    .set({ state: 'dispatched', holder: '', at: now })
    .where('job_id', '=', jobId)
    .where('state', '=', 'running')
    .execute()
}

/** The jobs of a queue that are due and that no worker has, whether it is their turn or not. */
export async function findDue(
  { query }: StateDatabase,
  queue: string,
  now: number,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await query
    .selectFrom('orderly_lanes')
    .select('job_id')
    .where('queue', '=', queue)
    .where('state', 'in', ['parked', 'dispatched'])
    .where('due_at', '<=', now)
    .where('job_id', '>', after)
    .orderBy('job_id')
    .limit(limit)
    .execute()
  return rows.map(({ job_id }) => job_id)
}

/** Lets all lines of a kind be looked at again: a limit has changed. */
export async function wakeLines({ query }: StateDatabase, name: string): Promise<void> {
  await query
    .updateTable('orderly_lane_keys')
    .set({ rest_until: 0 })
    .where('name', '=', name)
    .execute()
}

export interface HeldLane extends Pick<
  LaneRow,
  'job_id' | 'queue' | 'name' | 'key' | 'state' | 'at'
> {
  readonly engine: string
  readonly run_at: number
}

/** Whether any job holds a place. */
export async function hasPlaces({ query }: StateDatabase): Promise<boolean> {
  const place = await query
    .selectFrom('orderly_lanes')
    .select('job_id')
    .where('state', 'in', ['dispatched', 'running'])
    .limit(1)
    .executeTakeFirst()
  return place !== undefined
}

/** Says that the place of a dispatched job is being looked after. @returns whether nobody else was faster */
export async function touchPlace(
  { query }: StateDatabase,
  { job_id, at }: Pick<LaneRow, 'job_id' | 'at'>,
  now: number,
): Promise<boolean> {
  const touched = await query
    .updateTable('orderly_lanes')
    .set({ at: now })
    .where('job_id', '=', job_id)
    .where('state', '=', 'dispatched')
    .where('at', '=', at)
    .executeTakeFirst()
  return touched.numUpdatedRows > 0n
}

/** Jobs with a place that the record does not know to run, unchanged since `before`, the oldest first. */
export async function findIdlePlaces(
  { query }: StateDatabase,
  engines: readonly string[],
  before: number,
  limit: number,
): Promise<HeldLane[]> {
  const { rows } = await sql<HeldLane>`
    select l.job_id, l.queue, l.name, l.key, l.state, l.at, j.engine, j.run_at
    from orderly_lanes l cross join orderly_jobs j
    where j.id = l.job_id and l.state in ('dispatched', 'running') and l.at <= ${before}
      and j.state <> 'active' and j.finished_at is null and j.engine in (${sql.join(engines)})
    order by l.at limit ${limit}`.execute(query)
  return rows
}

/**
 * Takes out what holds a place and has ended by the record. The record may have yet to hear that a job which runs since
 * `before` was put back after its end.
 */
export async function dropEndedPlaces({ query }: StateDatabase, before: number): Promise<void> {
  await sql`delete from orderly_lanes
    where (state = 'dispatched' or (state = 'running' and at <= ${before})) and exists
      (select 1 from orderly_jobs j where j.id = orderly_lanes.job_id and j.finished_at is not null)`.execute(
    query,
  )
}

/** Takes out what has ended while it waited its turn, and what never reached the record until `before`. */
export async function dropEndedWaits({ query }: StateDatabase, before: number): Promise<void> {
  await sql`delete from orderly_lanes where state = 'parked' and (
    exists (select 1 from orderly_jobs j where j.id = orderly_lanes.job_id and j.finished_at is not null)
    or (at <= ${before} and not exists (select 1 from orderly_jobs j where j.id = orderly_lanes.job_id))
  )`.execute(query)
}

export interface LostLane {
  readonly id: string
  readonly queue: string
  readonly name: string
  readonly engine: string
  readonly priority: number
  readonly run_at: number
  readonly opts: string
}

/** Unfinished jobs of these kinds that stand in no lane, last heard of before `before`. */
export async function findLost(
  { query }: StateDatabase,
  names: readonly string[],
  engines: readonly string[],
  before: number,
  limit: number,
): Promise<LostLane[]> {
  const { rows } = await sql<LostLane>`
    select j.id, j.queue, j.name, j.engine, j.priority, j.run_at, j.opts from orderly_jobs j
    where j.finished_at is null and j.engine in (${sql.join(engines)}) and j.name in (${sql.join(names)})
      and j.state <> 'active' and j.updated_at <= ${before}
      and not exists (select 1 from orderly_lanes l where l.job_id = j.id) limit ${limit}`.execute(
    query,
  )
  return rows
}
