// Sums up the buckets that are over and those that something came late for.
import { DAY_MS, isoDate, parseDay } from '../schedule/zone.ts'
import type { Store } from '../store/store.ts'
import type { TimeRange } from './time-range.ts'
import { bucketId, bucketOf, lastBucket, type Bucket } from './bucket.ts'
import { measureBucket, METRICS, type MeasureParts, type Metrics } from './measure.ts'

/** Buckets of one run; what is more is summed up by the next. */
const MOST_BUCKETS = 400
/** It is being summed up anew: what comes late meanwhile opens it again. */
const IN_WORK = 2

export interface RolledUp {
  readonly buckets: readonly string[]
  readonly dataPoints: number
  /** The kinds of figures that every bucket has. */
  readonly collected: readonly string[]
}

export async function rollUp(
  parts: MeasureParts,
  range: TimeRange,
  signal: AbortSignal,
): Promise<RolledUp> {
  const { store } = parts
  const buckets = await bucketsToDo(store, range)
  let dataPoints = 0
  let collected: readonly string[] = METRICS
  for (const bucket of buckets) {
    signal.throwIfAborted()
    const id = bucketId(bucket)
    const before = await begin(store, id)
    const measured = await measureBucket(parts, bucket, before, signal)
    await finish(store, id, range, bucket, measured)
    dataPoints += measured.dataPoints
    collected = collected.filter((name) => name in measured.metrics)
  }
  return { buckets: buckets.map(bucketId), dataPoints, collected }
}

/** Whether a bucket of this range is over and not summed up, or is to be summed up anew. */
export async function hasWork(store: Store, range: TimeRange): Promise<boolean> {
  const last = bucketId(lastBucket(range, store.clock.now()))
  const known = await store.db.query
    .selectFrom('med_rollups')
    .select('reopened')
    .where('rollup_id', '=', last)
    .executeTakeFirst()
  return !known || (await reopened(store, range)).length > 0
}

async function bucketsToDo(store: Store, range: TimeRange): Promise<Bucket[]> {
  const last = lastBucket(range, store.clock.now())
  const newest = await store.db.query
    .selectFrom('med_rollups')
    .select('day')
    .where('time_range', '=', range)
    .where('day', '<=', isoDate(last.start))
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst()
  const todo = new Map<string, Bucket>()
  // Those that no run was there for, from the newest that is known on. The first run begins with the last one.
  let next = newest ? bucketOf(range, parseDay(newest.day)! * DAY_MS) : last
  if (newest && next.start < last.start) next = bucketOf(range, next.end * DAY_MS)
  while (next.start <= last.start && todo.size < MOST_BUCKETS) {
    todo.set(bucketId(next), next)
    next = bucketOf(range, next.end * DAY_MS)
  }
  for (const day of await reopened(store, range)) {
    const bucket = bucketOf(range, parseDay(day)! * DAY_MS)
    if (todo.size < MOST_BUCKETS) todo.set(bucketId(bucket), bucket)
  }
  return [...todo.values()]
}

async function reopened({ db }: Store, range: TimeRange): Promise<string[]> {
  const rows = await db.query
    .selectFrom('med_rollups')
    .select('day')
    .where('time_range', '=', range)
    .where('reopened', '!=', 0)
    .orderBy('day')
    .limit(MOST_BUCKETS)
    .execute()
  return rows.map(({ day }) => day)
}

/** @returns what it was summed up to before */
async function begin({ db }: Store, id: string): Promise<Metrics | undefined> {
  await db.query
    .updateTable('med_rollups')
    .set({ reopened: IN_WORK })
    .where('rollup_id', '=', id)
    .execute()
  const row = await db.query
    .selectFrom('med_rollups')
    .select('metrics')
    .where('rollup_id', '=', id)
    .executeTakeFirst()
  return row && (JSON.parse(row.metrics) as Metrics)
}

async function finish(
  { clock, db }: Store,
  id: string,
  range: TimeRange,
  bucket: Bucket,
  { dataPoints, metrics }: { readonly dataPoints: number; readonly metrics: Metrics },
): Promise<void> {
  const row = {
    time_range: range,
    day: isoDate(bucket.start),
    metrics: JSON.stringify(metrics),
    data_points: dataPoints,
    computed_at: clock.now(),
  }
  await db.transaction(async ({ query }) => {
    await query
      .insertInto('med_rollups')
      .values({ rollup_id: id, ...row, reopened: IN_WORK })
      .onConflict((on) => on.column('rollup_id').doUpdateSet(row))
      .execute()
    await query
      .updateTable('med_rollups')
      .set({ reopened: 0 })
      .where('rollup_id', '=', id)
      .where('reopened', '=', IN_WORK)
      .execute()
  })
}
