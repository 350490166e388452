/** Owns locks: who may settle a job, and for how long without renewing. */
import { Refused } from './errors.ts'
import { rowKey } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'

const EXTEND = `
  UPDATE bullmq_job SET lock_until = ?, suspect = 0
  WHERE key = ? AND token = ? AND lock_until > ?`

/** The token that stands for no lock at all: manual settling by id. */
export const NO_LOCK = '0'

/** Whether somebody holds the job now. */
export function isLocked(tx: Transaction, job: Pick<JobHead, 'token' | 'lock_until'>): boolean {
  return job.token !== null && (job.lock_until ?? 0) > tx.lockNow
}

/** Why the bearer of that token may not settle the job; 0 if it may. */
export function checkLock(tx: Transaction, job: JobHead, token: string): number {
  if (token === NO_LOCK) return 0
  if (!isLocked(tx, job)) return Refused.lockMissing
  return job.token === token ? 0 : Refused.lockMismatch
}

/** Prolongs the lock of one job; tells whether it was still held. */
export function extendLock(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  token: string,
  duration: number,
): boolean {
  const key = rowKey(tx, queue, jobId)
  return tx.sql.run(EXTEND, tx.lockNow + duration, key, token, tx.lockNow) > 0
}

/** Prolongs the locks of many jobs; returns the ids of those that were lost. */
export function extendLocks(
  tx: Transaction,
  queue: QueueState,
  jobIds: string[],
  tokens: string[],
  duration: number,
): string[] {
  return jobIds.filter((id, index) => !extendLock(tx, queue, id, tokens[index] ?? '', duration))
}
