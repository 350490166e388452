/** Owns the tie between parents and children: waiting, releasing, failing, letting go. */
import type { ParentKeys } from 'bullmq'
import type { JobToAdd } from './dedup.ts'
import { deleteDedup } from './dedup.ts'
import { deleteJob } from './delete.ts'
import { Refused } from './errors.ts'
import { emit } from './events.ts'
import { jobKey, locateJob } from './job-row.ts'
import type { JobHead, Located } from './job-row.ts'
import { delayedFront, placeJob, readyPlace, releaseJob, setDelay, waitPlace } from './place.ts'
import type { QueueState } from './queue-state.ts'
import { State, Tie } from './schema.ts'
import type { Transaction } from './transaction.ts'

const INSERT_TIE = `
  INSERT INTO bullmq_child (parent, tie, child, value, score) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, score = excluded.score`
const DELETE_TIE = 'DELETE FROM bullmq_child WHERE parent = ? AND tie = ? AND child = ?'
const HAS_TIE = 'SELECT 1 FROM bullmq_child WHERE parent = ? AND tie = ? LIMIT 1'
const HAS_TIE_TO = 'SELECT 1 FROM bullmq_child WHERE parent = ? AND tie = ? AND child = ?'
const MARK_PARENT = 'UPDATE bullmq_job SET has_children = 1 WHERE key = ?'
const SET_PARENT = 'UPDATE bullmq_job SET parent_key = ?, parent = ? WHERE key = ?'
const SET_DEFERRED = 'UPDATE bullmq_job SET deferred_failure = ? WHERE key = ?'
const SET_REFUSED = 'UPDATE bullmq_job SET flow_refused = ? WHERE key = ?'
const RETURNVALUE = 'SELECT returnvalue FROM bullmq_job WHERE key = ?'

function tie(
  tx: Transaction,
  parentKey: string,
  kind: Tie,
  childKey: string,
  value: string | null = null,
  score = 0,
): void {
  tx.sql.run(INSERT_TIE, parentKey, kind, childKey, value, score)
  const parent = locateJob(tx, parentKey)
  if (parent && !parent.job.has_children) tx.sql.run(MARK_PARENT, parent.job.key)
}

function untie(tx: Transaction, parentKey: string, kind: Tie, childKey: string): boolean {
  return tx.sql.run(DELETE_TIE, parentKey, kind, childKey) > 0
}

/** Whether a parent has children of that tie. */
export function hasTie(tx: Transaction, parentKey: string, kind: Tie): boolean {
  return tx.sql.get(HAS_TIE, parentKey, kind) !== undefined
}

/** Whether that child is one a parent still waits for. */
export function waitsFor(tx: Transaction, parentKey: string, childKey: string): boolean {
  return tx.sql.get(HAS_TIE_TO, parentKey, Tie.pending, childKey) !== undefined
}

/** Makes a parent wait for a child. */
export function addDependency(tx: Transaction, parentKey: string, childKey: string): void {
  tie(tx, parentKey, Tie.pending, childKey)
}

/** A job was added under an id that exists: it may take the place of a missing child. */
export function attachExisting(
  tx: Transaction,
  queue: QueueState,
  existing: JobHead,
  job: JobToAdd,
  deferRelease = false,
): string | number {
  const oldParent = existing.parent_key
  if (!oldParent || oldParent === job.parentKey || !locateJob(tx, oldParent)) {
    if (job.parentKey) adopt(tx, queue, existing, job, job.parentKey, deferRelease)
  } else if (job.parentKey) {
    const wanted = locateJob(tx, job.parentKey)
    if (deferRelease && wanted) tx.sql.run(SET_REFUSED, 1, wanted.job.key)
    return Refused.parentCannotBeReplaced
  }
  emit(tx, queue, 'event', 'duplicated', 'jobId', existing.id)
  return existing.id
}

function adopt(
  tx: Transaction,
  queue: QueueState,
  existing: JobHead,
  job: JobToAdd,
  parentKey: string,
  deferRelease: boolean,
): void {
  const childKey = jobKey(queue, existing.id)
  if (existing.state === State.completed) {
    const result = tx.sql.get<{ returnvalue: string | null }>(RETURNVALUE, existing.key)
    tie(tx, parentKey, Tie.processed, childKey, result?.returnvalue ?? 'null')
    if (!deferRelease) releaseIfNothingPends(tx, parentKey)
  } else if (job.parentOfDependency) {
    addDependency(tx, job.parentOfDependency, childKey)
  }
  tx.sql.run(SET_PARENT, parentKey, job.parent ?? null, existing.key)
}

/** A child completed: its value goes to the parent, and the last child releases it. */
export function childCompleted(
  tx: Transaction,
  parentKey: string,
  childKey: string,
  value: string,
): void {
  if (!untie(tx, parentKey, Tie.pending, childKey)) return
  tie(tx, parentKey, Tie.processed, childKey, value)
  releaseIfNothingPends(tx, parentKey)
}

/** A child failed for good: what that means to the parent was chosen when it was added. */
export function childFailed(
  tx: Transaction,
  parent: ParentKeys,
  childKey: string,
  reason: string,
): void {
  const parentKey = `${parent.queueKey}:${parent.id}`
  if (!parent.fpof && !parent.cpof && !parent.idof && !parent.rdof) return
  if (!untie(tx, parentKey, Tie.pending, childKey)) return
  if (parent.fpof) {
    tie(tx, parentKey, Tie.failed, childKey, null, tx.now)
    failParent(tx, parentKey, childKey)
  } else if (parent.cpof) {
    tie(tx, parentKey, Tie.ignored, childKey, reason)
    const found = locateJob(tx, parentKey)
    if (found?.job.state === State.waitingChildren) moveParentToWait(tx, found)
  } else {
    releaseIfNothingPends(tx, parentKey)
    if (parent.idof) tie(tx, parentKey, Tie.ignored, childKey, reason)
  }
}

// The parent fails when a worker picks it up, so that its own retention and events apply.
function failParent(tx: Transaction, parentKey: string, childKey: string): void {
  const parent = locateJob(tx, parentKey)
  if (!parent || parent.job.state === State.failed) return
  tx.sql.run(SET_DEFERRED, `child ${childKey} failed`, parent.job.key)
  if (parent.job.state === State.delayed) {
    setDelay(tx, parent.job, 0)
    moveParentToWait(tx, { queue: parent.queue, job: { ...parent.job, delay: 0 } })
  } else if (parent.job.state === State.waitingChildren) {
    moveParentToWait(tx, parent)
  }
}

/** The whole of a flow is in: a parent whose children have all completed long ago may run. */
export function releaseAfterFlow(tx: Transaction, parentKey: string): void {
  const parent = locateJob(tx, parentKey)
  if (!parent) return
  if (parent.job.flow_refused) tx.sql.run(SET_REFUSED, 0, parent.job.key)
  else releaseIfNothingPends(tx, parentKey)
}

/** Releases a parent that waits for children and has none left to wait for. */
export function releaseIfNothingPends(tx: Transaction, parentKey: string): void {
  if (hasTie(tx, parentKey, Tie.pending)) return
  const parent = locateJob(tx, parentKey)
  if (parent?.job.state === State.waitingChildren) moveParentToWait(tx, parent)
}

function moveParentToWait(tx: Transaction, { queue, job }: Located): void {
  if (job.delay > 0) {
    const dueAt = tx.now + job.delay
    placeJob(tx, queue, job, delayedFront(queue, dueAt))
    emit(tx, queue, 'event', 'delayed', 'jobId', job.id, 'delay', dueAt)
  } else {
    placeJob(tx, queue, job, readyPlace(queue, job.priority, true))
    emit(tx, queue, 'event', 'waiting', 'jobId', job.id, 'prev', 'waiting-children')
  }
}

/** A finished child is retried: its parent waits for it again. */
export function childRetried(
  tx: Transaction,
  queue: QueueState,
  child: JobHead,
  from: 'completed' | 'failed',
): void {
  const parentKey = child.parent_key
  if (!parentKey || !locateJob(tx, parentKey)) return
  const childKey = jobKey(queue, child.id)
  const kinds = from === 'failed' ? [Tie.failed, Tie.ignored] : [Tie.processed]
  if (kinds.some((kind) => untie(tx, parentKey, kind, childKey))) {
    addDependency(tx, parentKey, childKey)
  }
}

/**
 * Lets a parent no longer wait for a child that goes away. `hardQueue` names the queue that is
 * being emptied: a parent in it goes with its last child instead of being released.
 */
export function letGoOfChild(
  tx: Transaction,
  parentKey: string,
  childKey: string,
  hardQueue?: string,
  childDedupId?: string | null,
): boolean {
  if (!untie(tx, parentKey, Tie.pending, childKey)) return false
  if (hasTie(tx, parentKey, Tie.pending)) return true
  const parent = locateJob(tx, parentKey)
  if (parent?.job.state !== State.waitingChildren) return true
  const { queue, job } = parent
  if (hardQueue === queue.name) {
    if (job.parent_key) letGoOfChild(tx, job.parent_key, parentKey, hardQueue, job.dedup_id)
    deleteJob(tx, queue, job)
    if (childDedupId) deleteDedup(tx, queue, childDedupId)
  } else {
    releaseJob(tx, queue, job, waitPlace(queue, true))
    if (hardQueue === undefined) {
      emit(tx, queue, 'event', 'waiting', 'jobId', job.id, 'prev', 'waiting-children')
    }
  }
  return true
}

/** Cuts a child loose from its parent, both living on. */
export function removeChildDependency(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  parentKey: string,
): boolean | number {
  const child = locateJob(tx, jobKey(queue, jobId))
  if (!child) return Refused.jobMissing
  if (!locateJob(tx, parentKey)) return Refused.parentMissing
  if (!letGoOfChild(tx, parentKey, jobKey(queue, jobId))) return false
  tx.sql.run(SET_PARENT, null, null, child.job.key)
  return true
}
