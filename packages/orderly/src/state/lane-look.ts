// Looking at one job's place in its line, without moving anything.
import { takeTokens, type Rate } from '../job/token-bucket.ts'
import type { LaneRow } from './limit-tables.ts'
import type { StateDatabase } from './tables.ts'

export interface LanePlace {
  readonly row: LaneRow
  /** Jobs of its key that have a place now. */
  readonly running: number
  /** Jobs of its key that come before it. */
  readonly ahead: number
}

/** Where a job stands in the line of its key; undefined where it stands in none. */
export async function findLanePlace(
  { query }: StateDatabase,
  jobId: string,
): Promise<LanePlace | undefined> {
  const row = await query
    .selectFrom('orderly_lanes')
    .selectAll()
    .where('job_id', '=', jobId)
    .executeTakeFirst()
  if (!row) return undefined
  const count = (): ReturnType<typeof counting> => counting(query, row)
  const running = await count().where('state', '!=', 'parked').executeTakeFirstOrThrow()
  const ahead = await count()
    .where('state', '=', 'parked')
    .where((where) =>
      where.or([
        where('priority', '<', row.priority),
        where.and([where('priority', '=', row.priority), where('seq', '<', row.seq)]),
      ]),
    )
    .executeTakeFirstOrThrow()
  return { row, running: running.n, ahead: ahead.n }
}

function counting(query: StateDatabase['query'], { name, key }: LaneRow) {
  return query
    .selectFrom('orderly_lanes')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('name', '=', name)
    .where('key', '=', key)
}

/** Milliseconds until a budget holds `units`; 0 where it does. Takes nothing. */
export async function waitForBudget(
  { query }: StateDatabase,
  bucket: string,
  rate: Rate,
  units: number,
  now: number,
): Promise<number> {
  const before = await query
    .selectFrom('orderly_buckets')
    .select(['tokens', 'at'])
    .where('id', '=', bucket)
    .executeTakeFirst()
  return takeTokens(before, rate, units, now).wait
}
