/** Owns the counts per minute that BullMQ calls metrics. */
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'
import { slice } from './window.ts'

const SELECT_METRIC = 'SELECT * FROM bullmq_metric WHERE queue = ? AND type = ?'
const SET_METRIC = `
  INSERT INTO bullmq_metric (queue, type, count, prev_ts, prev_count, last_point)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = excluded.count, prev_ts = excluded.prev_ts,
    prev_count = excluded.prev_count, last_point = excluded.last_point`
const ADD_POINT = 'INSERT INTO bullmq_metric_point (queue, type, point, value) VALUES (?, ?, ?, ?)'
const TRIM_POINTS = 'DELETE FROM bullmq_metric_point WHERE queue = ? AND type = ? AND point <= ?'
const COUNT_POINTS = 'SELECT count(*) AS n FROM bullmq_metric_point WHERE queue = ? AND type = ?'
const SELECT_POINTS = `
  SELECT value FROM bullmq_metric_point WHERE queue = ? AND type = ?
  ORDER BY point DESC LIMIT ? OFFSET ?`

const MINUTE = 60_000

interface Metric {
  count: number
  prev_ts: number | null
  prev_count: number | null
  last_point: number
}

/** Counts a finished job; the first of a new minute writes the minutes gone by. */
export function collectMetric(
  tx: Transaction,
  queue: QueueState,
  type: 'completed' | 'failed',
  maxPoints: number,
): void {
  const metric = tx.sql.get<Metric>(SELECT_METRIC, queue.id, type)
  const before = metric?.count ?? 0
  let prevTs = metric?.prev_ts ?? null
  let prevCount = metric?.prev_count ?? null
  let point = metric?.last_point ?? 0
  if (prevTs === null) {
    prevTs = tx.now
    prevCount = 0
  } else {
    const minutes = Math.min(Math.floor(tx.now / MINUTE) - Math.floor(prevTs / MINUTE), maxPoints)
    if (minutes > 0) {
      for (let n = 0; n < minutes; n++) {
        const value = n === 0 ? before - (prevCount ?? 0) : 0
        tx.sql.run(ADD_POINT, queue.id, type, ++point, value)
      }
      tx.sql.run(TRIM_POINTS, queue.id, type, point - maxPoints)
      prevTs = tx.now
      prevCount = before
    }
  }
  tx.sql.run(SET_METRIC, queue.id, type, before + 1, prevTs, prevCount, point)
}

/** The counters, the points newest first, and how many points there are. */
export function readMetrics(
  tx: Transaction,
  queue: QueueState,
  type: 'completed' | 'failed',
  start: number,
  end: number,
): [string[], string[], number] {
  const metric = tx.sql.get<Metric>(SELECT_METRIC, queue.id, type)
  const points = tx.sql.get<{ n: number }>(COUNT_POINTS, queue.id, type)?.n ?? 0
  const { offset, limit } = slice(points, start, end)
  const values = tx.sql.all<{ value: number }>(SELECT_POINTS, queue.id, type, limit, offset)
  const meta = metric ? [metric.count, metric.prev_ts, metric.prev_count] : [null, null, null]
  return [
    // A missing field is null in Redis' answer, which the declared type leaves out.
    meta.map((value) => (value === null ? null : String(value))) as string[],
    values.map(({ value }) => String(value)),
    points,
  ]
}
