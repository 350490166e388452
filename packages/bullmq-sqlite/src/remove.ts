/** Owns removing single jobs, with all that hangs on them. */
import { dedupRemoved } from './dedup.ts'
import { deleteJob } from './delete.ts'
import { Refused } from './errors.ts'
import { emit, maxEvents } from './events.ts'
import { letGoOfChild } from './flow.ts'
import { findJob, jobKey, locateJob } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import { isLocked } from './lock.ts'
import type { QueueState } from './queue-state.ts'
import { belongsToScheduler } from './scheduler-row.ts'
import { State, Tie } from './schema.ts'
import type { Transaction } from './transaction.ts'

const CHILDREN = 'SELECT child FROM bullmq_child WHERE parent = ? AND tie = ? ORDER BY key'

const stateNames = {
  [State.wait]: 'wait',
  [State.prioritized]: 'prioritized',
  [State.delayed]: 'delayed',
  [State.active]: 'active',
  [State.waitingChildren]: 'waiting-children',
  [State.completed]: 'completed',
  [State.failed]: 'failed',
} as const

/** Removes a job when it was kept long enough: its parent no longer waits for it. */
export function expireJob(tx: Transaction, queue: QueueState, job: JobHead): void {
  if (job.parent_key) letGoOfChild(tx, job.parent_key, jobKey(queue, job.id))
  deleteJob(tx, queue, job)
}

/** Removes a job while its queue is emptied; a parent in the same queue goes with it. */
export function purgeJob(tx: Transaction, queue: QueueState, job: JobHead): void {
  const key = jobKey(queue, job.id)
  if (job.parent_key) letGoOfChild(tx, job.parent_key, key, queue.name, job.dedup_id)
  if (job.dedup_id) dedupRemoved(tx, queue, job.dedup_id, job.id)
  // Letting go of the last child may have taken this very row along.
  if (findJob(tx, queue, job.id)) deleteJob(tx, queue, job)
}

/** Removes a job on demand. Returns 1, 0 if it is locked, or the number of the refusal. */
export function removeJob(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  withChildren: boolean,
): number {
  const job = findJob(tx, queue, jobId)
  if (job && belongsToScheduler(tx, queue, job)) return Refused.belongsToScheduler
  if (job && anyLocked(tx, queue, job, withChildren)) return 0
  const options = { withChildren, onlyUnprocessed: false, skipLocked: false }
  removeTree(tx, queue, jobId, undefined, options)
  return 1
}

/** Removes the children of a job that have not run. */
export function removeUnprocessedChildren(tx: Transaction, queue: QueueState, jobId: string): void {
  const options = { withChildren: true, onlyUnprocessed: true, skipLocked: true }
  removeChildren(tx, jobKey(queue, jobId), options)
}

interface TreeOptions {
  withChildren: boolean
  onlyUnprocessed: boolean
  skipLocked: boolean
}

function anyLocked(
  tx: Transaction,
  queue: QueueState,
  job: JobHead,
  withChildren: boolean,
): boolean {
  if (isLocked(tx, job)) return true
  if (!withChildren || !job.has_children) return false
  return childrenOf(tx, jobKey(queue, job.id), Tie.pending).some((key) => {
    const child = locateJob(tx, key)
    return child !== undefined && anyLocked(tx, child.queue, child.job, true)
  })
}

function removeTree(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  parentKey: string | undefined,
  options: TreeOptions,
): void {
  const key = jobKey(queue, jobId)
  const job = findJob(tx, queue, jobId)
  if (options.skipLocked && job && isLocked(tx, job)) return
  if (options.onlyUnprocessed && job?.state === State.failed) return
  const parent = parentKey ?? job?.parent_key
  if (parent) letGoOfChild(tx, parent, key)
  if (options.withChildren) removeChildren(tx, key, options)
  // Its last child may have released it meanwhile, so its state is read again.
  const current = findJob(tx, queue, jobId)
  if (!current) return
  if (current.dedup_id) dedupRemoved(tx, queue, current.dedup_id, jobId)
  deleteJob(tx, queue, current)
  maxEvents(queue)
  emit(tx, queue, 'event', 'removed', 'jobId', jobId, 'prev', stateNames[current.state])
}

function removeChildren(tx: Transaction, parentKey: string, options: TreeOptions): void {
  const kinds = options.onlyUnprocessed
    ? [Tie.pending]
    : [Tie.processed, Tie.ignored, Tie.failed, Tie.pending]
  for (const kind of kinds) {
    for (const key of childrenOf(tx, parentKey, kind)) {
      const child = locateJob(tx, key)
      if (child) removeTree(tx, child.queue, child.job.id, parentKey, options)
      else letGoOfChild(tx, parentKey, key)
    }
  }
}

function childrenOf(tx: Transaction, parentKey: string, kind: Tie): string[] {
  return tx.sql.all<{ child: string }>(CHILDREN, parentKey, kind).map((row) => row.child)
}
