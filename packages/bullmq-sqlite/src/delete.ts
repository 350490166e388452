/** Owns deleting the row of a job, and the rows that mean nothing without it. */
import { jobKey } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'

const DELETE_JOB = 'DELETE FROM bullmq_job WHERE key = ?'
const DELETE_LOGS = 'DELETE FROM bullmq_log WHERE job = ?'
const DELETE_TIES = 'DELETE FROM bullmq_child WHERE parent = ?'

/** Deletes the row and what only it refers to. */
export function deleteJob(tx: Transaction, queue: QueueState, job: JobHead): void {
  tx.sql.run(DELETE_JOB, job.key)
  if (job.has_logs) tx.sql.run(DELETE_LOGS, job.key)
  if (job.has_children) tx.sql.run(DELETE_TIES, jobKey(queue, job.id))
  queue.moved(job.state, null)
}
