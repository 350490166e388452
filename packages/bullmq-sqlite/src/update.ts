/** Owns writing what a job carries: data, progress, logs, reasons. */
import { Refused } from './errors.ts'
import { emit, maxEvents } from './events.ts'
import { findJob, rowKey } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'
import { slice } from './window.ts'

const UPDATE_DATA = 'UPDATE bullmq_job SET data = ? WHERE key = ?'
const UPDATE_PROGRESS = 'UPDATE bullmq_job SET progress = ? WHERE key = ?'
const UPDATE_FIELDS = `
  UPDATE bullmq_job SET failed_reason = coalesce(?, failed_reason), stacktrace = coalesce(?, stacktrace)
  WHERE key = ?`
const MARK_LOGS = 'UPDATE bullmq_job SET has_logs = 1 WHERE key = ?'
const ADD_LOG = 'INSERT INTO bullmq_log (job, line) VALUES (?, ?)'
const COUNT_LOGS = 'SELECT count(*) AS n FROM bullmq_log WHERE job = ?'
const READ_LOGS = 'SELECT line FROM bullmq_log WHERE job = ? ORDER BY key LIMIT ? OFFSET ?'
const READ_LOGS_BACK =
  'SELECT line FROM bullmq_log WHERE job = ? ORDER BY key DESC LIMIT ? OFFSET ?'
const KEEP_LOGS = `
  DELETE FROM bullmq_log WHERE job = ? AND key <=
    (SELECT key FROM bullmq_log WHERE job = ? ORDER BY key DESC LIMIT 1 OFFSET ?)`
const DELETE_LOGS = 'DELETE FROM bullmq_log WHERE job = ?'

/** Writes the reason and stack of a failed run. */
export function updateFields(
  tx: Transaction,
  job: { key: number },
  fields: Record<string, unknown>,
): void {
  const { failedReason, stacktrace } = fields as { failedReason?: string; stacktrace?: string }
  tx.sql.run(UPDATE_FIELDS, failedReason ?? null, stacktrace ?? null, job.key)
}

/** Replaces the data; tells whether the job exists. */
export function updateData(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  json: string,
): boolean {
  return tx.sql.run(UPDATE_DATA, json, rowKey(tx, queue, jobId)) > 0
}

/** Writes the progress and tells the listeners; tells whether the job exists. */
export function updateProgress(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  json: string,
): boolean {
  if (tx.sql.run(UPDATE_PROGRESS, json, rowKey(tx, queue, jobId)) === 0) return false
  maxEvents(queue)
  emit(tx, queue, 'event', 'progress', 'jobId', jobId, 'data', json)
  return true
}

/** Appends a line; returns how many lines are kept, or the number of the refusal. */
export function addLog(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  line: string,
  keep?: number,
): number {
  const job = findJob(tx, queue, jobId)
  if (!job) return Refused.jobMissing
  if (!job.has_logs) tx.sql.run(MARK_LOGS, job.key)
  tx.sql.run(ADD_LOG, job.key, line)
  if (keep) tx.sql.run(KEEP_LOGS, job.key, job.key, keep)
  return countLogs(tx, job.key)
}

/** Drops the lines but the newest `keep`. */
export function clearLogs(tx: Transaction, queue: QueueState, jobId: string, keep = 0): void {
  const job = findJob(tx, queue, jobId)
  if (!job) return
  if (keep) tx.sql.run(KEEP_LOGS, job.key, job.key, keep)
  else tx.sql.run(DELETE_LOGS, job.key)
}

/** A page of lines, oldest first or newest first, and how many there are. */
export function readLogs(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  start: number,
  end: number,
  asc: boolean,
): { logs: string[]; count: number } {
  const job = findJob(tx, queue, jobId)
  if (!job) return { logs: [], count: 0 }
  const count = countLogs(tx, job.key)
  const { offset, limit } = slice(count, start, end)
  const sql = asc ? READ_LOGS : READ_LOGS_BACK
  const rows = tx.sql.all<{ line: string }>(sql, job.key, limit, offset)
  return { logs: rows.map(({ line }) => line), count }
}

function countLogs(tx: Transaction, key: number): number {
  return tx.sql.get<{ n: number }>(COUNT_LOGS, key)?.n ?? 0
}
