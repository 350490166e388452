// Measures as people ask for them: rates over a span, and the seeds' `job_metrics`.
import type { JobDefinition } from '../job/define-job.ts'
import { spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { readMeasures } from '../state/measures.ts'
import type { MeasureRow } from '../state/tables.ts'
import type { Rooms } from './rooms.ts'

export interface MetricsQuery {
  readonly queue?: string
  readonly name?: string
  /** How far back, ten years at most. One hour unless told. */
  readonly last?: Duration
  /** Minutes in one point, 1 to 1440. 1 unless told. */
  readonly step?: number
}

/** One point of a series. Times are milliseconds. */
export interface MetricsPoint extends MeasureRow {
  /** Mean time from start to end. */
  readonly run_mean_ms: number
  /** Mean time from due to start. */
  readonly wait_mean_ms: number
}

/** The metrics of one kind of job, in the seeds' words (001, section 4). */
export interface JobMetrics {
  /** Mean of a run, in milliseconds. */
  readonly execution_time: number
  /** Per cent of the jobs that ended well, of those that ended for good. */
  readonly success_rate: number
  /** Per cent of the jobs that failed for good through a fault of our own; what failed outside is counted apart. */
  readonly error_rate: number
  /** Per cent that failed for good through an outside service. */
  readonly external_error_rate: number
  readonly retry_count: number
  readonly timeout_count: number
  readonly validation_status: { readonly is_valid: boolean; readonly timestamp: string }
  readonly evidence: { readonly path: string }
}

const LONGEST_STEP = 24 * 60

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export async function readMetrics(rooms: Rooms, query: MetricsQuery = {}): Promise<MetricsPoint[]> {
  const { queue, name, step = 1 } = query
  if (!Number.isInteger(step) || step < 1 || step > LONGEST_STEP)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      `"step" is a whole number of minutes from 1 to ${LONGEST_STEP}`,
    )
  const last = spanOf('"last"', query.last ?? '1h', 'ORDERLY_INPUT_INVALID')
  await rooms.recorder.flush()
  const to = rooms.clock.now() + 1
  const from = to - last
  const rows = await readMeasures(rooms.state, { queue, name, from, to, step })
  return rows.map((row) => ({
    ...row,
    run_mean_ms: mean(row.run_ms, row.started),
    wait_mean_ms: mean(row.wait_ms, row.started),
  }))
}

/** @throws OrderlyError `ORDERLY_JOB_UNKNOWN`, `ORDERLY_INPUT_INVALID` */
export async function readJobMetrics(
  rooms: Rooms,
  name: string,
  last: Duration = '24h',
): Promise<JobMetrics> {
  const job = rooms.registry.jobs.get(name)
  if (!job) throw new OrderlyError('ORDERLY_JOB_UNKNOWN', 'no job of this name is registered here')
  const points = await readMetrics(rooms, { name, last })
  const total = (column: keyof MeasureRow): number =>
    points.reduce((sum, point) => sum + Number(point[column]), 0)
  const completed = total('completed')
  const failed = total('failed')
  const external = total('external')
  const ended = completed + failed
  const internal = failed - external
  return {
    execution_time: mean(total('run_ms'), total('started')),
    success_rate: percent(completed, ended, 100),
    error_rate: percent(internal, ended, 0),
    external_error_rate: percent(external, ended, 0),
    retry_count: total('retried'),
    timeout_count: total('timed_out'),
    validation_status: validation(internal, rooms.clock.now()),
    evidence: { path: pathOf(job) },
  }
}

function validation(failures: number, now: number): JobMetrics['validation_status'] {
  return { is_valid: failures === 0, timestamp: new Date(now).toISOString() }
}

function pathOf({ type }: JobDefinition): string {
  return `/evidence/jobs/${type}/`
}

function mean(sum: number, count: number): number {
  return count === 0 ? 0 : Math.round((sum / count) * 100) / 100
}

function percent(part: number, whole: number, none: number): number {
  return whole === 0 ? none : Math.round((part / whole) * 10_000) / 100
}
