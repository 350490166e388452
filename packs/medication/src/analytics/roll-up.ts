// Sums up a bucket, and those that something came late for.
import { DAY_MS, isoDate, parseDay } from '../schedule/zone.ts'
import type { TimeRange } from './time-range.ts'
import type { MedicationService } from '../services/ports.ts'
import type { Store } from '../store/store.ts'
import { bucketId, bucketOf, lastBucket, type Bucket } from './bucket.ts'
import { measureBucket } from './measure.ts'

const MOST_REOPENED = 400

export async function rollUp(
  store: Store,
  service: MedicationService,
  range: TimeRange,
  signal: AbortSignal,
): Promise<{ buckets: string[]; dataPoints: number }> {
  const reopened = await store.db.query
    .selectFrom('med_rollups')
    .select('day')
    .where('time_range', '=', range)
    .where('reopened', '=', 1)
    .orderBy('day')
    .limit(MOST_REOPENED)
    .execute()
  const last = lastBucket(range, store.clock.now())
  const buckets = new Map<string, Bucket>([[bucketId(last), last]])
  for (const { day } of reopened) {
    const bucket = bucketOf(range, parseDay(day)! * DAY_MS)
    buckets.set(bucketId(bucket), bucket)
  }
  let dataPoints = 0
  for (const [id, bucket] of buckets) {
    signal.throwIfAborted()
    const { dataPoints: points, metrics } = await measureBucket(store, service, bucket, signal)
    const row = {
      time_range: range,
      day: isoDate(bucket.start),
      metrics: JSON.stringify(metrics),
      data_points: points,
      reopened: 0,
      computed_at: store.clock.now(),
    }
    await store.db.query
      .insertInto('med_rollups')
      .values({ rollup_id: id, ...row })
      .onConflict((on) => on.column('rollup_id').doUpdateSet(row))
      .execute()
    dataPoints += points
  }
  return { buckets: [...buckets.keys()], dataPoints }
}
