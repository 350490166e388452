/** Owns the members of IQueueBackend that move jobs, each handed to the verb that does it. */
import type {
  IQueueBackend,
  JobJson,
  JobProgress,
  JobsOptions,
  KeepJobs,
  MinimalJob,
  MoveToDelayedOpts,
  MoveToWaitingChildrenOpts,
  ParentKeyOpts,
  RepeatableOptions,
  RetryJobOpts,
  RetryOptions,
} from 'bullmq'
import { addFlow, addJob } from './add.ts'
import type { FlowEntry } from './add.ts'
import { claim } from './claim.ts'
import type { Claim, ClaimOptions } from './claim.ts'
import { deleteDedup, deleteDedupOf } from './dedup.ts'
import * as empty from './empty.ts'
import * as flow from './flow.ts'
import * as lock from './lock.ts'
import { pause } from './meta.ts'
import * as move from './move.ts'
import { removeJob, removeUnprocessedChildren } from './remove.ts'
import * as scheduler from './scheduler.ts'
import { keepRule, settle } from './settle.ts'
import type { Ending } from './settle.ts'
import { sweep } from './sweep.ts'
import * as update from './update.ts'
import { JobWaiter } from './waiting.ts'

const DEFAULT_LOCK_MS = 30_000
const DEFAULT_STALLED_INTERVAL_MS = 30_000

type Settled = { result: void | any[]; finishedOn: number } // the contract says any

/** BullMQ's queue backend on one SQLite file. */
export class SqliteQueueBackend extends JobWaiter implements IQueueBackend {
  forQueue(queueName: string, prefix?: string): SqliteQueueBackend {
    const opts = { ...this.opts, prefix: prefix ?? this.prefix }
    return new SqliteQueueBackend(this.connection, queueName, opts)
  }

  // ---- adding ----

  addJob(job: JobJson, jobId: string, parentKeyOpts: ParentKeyOpts = {}): Promise<string> {
    const about = { jobId, parentKey: parentKeyOpts.parentKey }
    return this.obey(
      'addJob',
      about,
      (tx, queue) => addJob(tx, queue, job, jobId, parentKeyOpts),
      this.addSync,
    )
  }

  async addJobs(
    entries: { job: JobJson; jobId: string; parentKeyOpts?: ParentKeyOpts }[],
  ): Promise<string[]> {
    const results = await this.run(
      (tx, queue) =>
        entries.map((entry) => addJob(tx, queue, entry.job, entry.jobId, entry.parentKeyOpts)),
      this.addSync,
    )
    return results.map((result) => {
      // As on Redis, one that is refused keeps its number; the others are in.
      return result as string
    })
  }

  addFlow(entries: FlowEntry[]): Promise<[Error | null, string | number][]> {
    return this.connection.committer.run((tx) => addFlow(tx, entries))
  }

  // ---- job schedulers ----

  addJobScheduler(
    jobSchedulerId: string,
    nextMillis: number,
    templateData: string,
    templateOpts: JobsOptions,
    opts: RepeatableOptions,
    delayedJobOpts: JobsOptions,
    _producerId?: string,
  ): Promise<[string, number]> {
    return this.obey('addJobScheduler', {}, (tx, queue) =>
      scheduler.upsertScheduler(
        tx,
        queue,
        jobSchedulerId,
        nextMillis,
        templateData,
        templateOpts,
        opts,
        delayedJobOpts,
      ),
    )
  }

  updateJobSchedulerNextMillis(
    jobSchedulerId: string,
    nextMillis: number,
    _templateData: string,
    delayedJobOpts: JobsOptions,
    producerId?: string,
  ): Promise<string | null> {
    return this.run((tx, queue) =>
      scheduler.advanceScheduler(tx, queue, jobSchedulerId, nextMillis, delayedJobOpts, producerId),
    )
  }

  removeJobScheduler(jobSchedulerId: string): Promise<number> {
    return this.run((tx, queue) => scheduler.removeScheduler(tx, queue, jobSchedulerId))
  }

  // ---- running ----

  #claimOptions(token: string, name: string | undefined): ClaimOptions {
    const { lockDuration, limiter: limit, maxStalledCount } = this.opts
    return {
      token,
      name,
      lockDuration: lockDuration ?? DEFAULT_LOCK_MS,
      limiter: limit,
      maxStalledCount,
    }
  }

  moveToActive(token: string, name?: string): Promise<any[]> {
    // Undone by a power cut, a start leaves the job waiting, which is where the cut would send it.
    return this.run((tx, queue) => claim(tx, queue, this.#claimOptions(token, name)), 'soon')
  }

  async moveToCompleted(
    job: MinimalJob,
    returnValue: unknown,
    removeOnComplete: boolean | number | KeepJobs,
    token: string,
    fetchNext: boolean,
  ): Promise<Settled> {
    return this.#settle(job, token, fetchNext, {
      target: 'completed',
      value: JSON.stringify(returnValue) ?? 'null',
      keep: keepRule(removeOnComplete, this.opts.removeOnComplete),
      fields: undefined,
    })
  }

  async moveToFailed(
    job: MinimalJob,
    failedReason: string,
    removeOnFail: boolean | number | KeepJobs,
    token: string,
    fetchNext: boolean,
    fieldsToUpdate?: Record<string, any>,
  ): Promise<Settled> {
    return this.#settle(job, token, fetchNext, {
      target: 'failed',
      value: failedReason ?? 'null',
      keep: keepRule(removeOnFail, this.opts.removeOnFail),
      fields: fieldsToUpdate,
    })
  }

  async #settle(
    job: MinimalJob,
    token: string,
    fetchNext: boolean,
    how: Pick<Ending, 'target' | 'value' | 'keep' | 'fields'>,
  ): Promise<Settled> {
    const jobId = job.id ?? ''
    // Spelled out: to spread an object costs more here than to claim a job.
    const ending: Ending = {
      target: how.target,
      value: how.value,
      keep: how.keep,
      fields: how.fields,
      jobId,
      token,
      attempts: job.opts.attempts ?? 0,
      maxMetricsSize: this.opts.metrics?.maxDataPoints || undefined,
      next: this.#mayFetch(fetchNext) ? this.#claimOptions(token, this.opts.name) : undefined,
    }
    let finishedOn = 0
    const result = await this.obey<Claim | []>(
      'moveToFinished',
      { jobId, state: 'active' },
      (tx, queue) => {
        finishedOn = tx.now
        return settle(tx, queue, ending)
      },
    )
    return { result, finishedOn }
  }

  // A worker that closes would have to give back what it is handed.
  #mayFetch(fetchNext: boolean | undefined): boolean {
    return fetchNext === true && !this.closing
  }

  moveToDelayed(
    jobId: string,
    timestamp: number,
    delay: number,
    token: string = lock.NO_LOCK,
    opts: MoveToDelayedOpts = {},
  ): Promise<void | any[]> {
    const next = this.#mayFetch(opts.fetchNext)
      ? this.#claimOptions(token, this.opts.name)
      : undefined
    return this.obey<Claim | []>('moveToDelayed', { jobId, state: 'active' }, (tx, queue) =>
      move.moveToDelayed(tx, queue, jobId, timestamp, delay, token, opts, next),
    )
  }

  moveToWaitingChildren(
    jobId: string,
    token: string,
    opts: MoveToWaitingChildrenOpts = {},
  ): Promise<boolean> {
    const childKey = opts.child && `${opts.child.queue}:${opts.child.id}`
    const about = { jobId, state: 'active' }
    return this.obey<boolean>('moveToWaitingChildren', about, (tx, queue) =>
      move.moveToWaitingChildren(tx, queue, jobId, token, childKey),
    )
  }

  async moveJobFromActiveToWait(jobId: string, token: string = lock.NO_LOCK): Promise<number> {
    const about = { jobId, state: 'active' }
    return this.count('moveJobFromActiveToWait', about, (tx, queue) =>
      move.moveToFront(tx, queue, jobId, token),
    )
  }

  async retryJob(
    jobId: string,
    lifo: boolean,
    token: string = lock.NO_LOCK,
    opts: RetryJobOpts = {},
  ): Promise<void> {
    await this.count('retryJob', { jobId, state: 'active' }, (tx, queue) =>
      move.retryJob(tx, queue, jobId, lifo, token, opts),
    )
  }

  async retryFinishedJob(
    job: MinimalJob,
    state: 'failed' | 'completed',
    opts: RetryOptions = {},
  ): Promise<void> {
    const jobId = job.id ?? ''
    await this.count('reprocessJob', { jobId, state }, (tx, queue) =>
      move.retryFinished(tx, queue, jobId, job.opts.lifo === true, state, opts),
    )
  }

  async promote(jobId: string): Promise<void> {
    await this.count('promote', { jobId, state: 'delayed' }, (tx, queue) =>
      move.promote(tx, queue, jobId),
    )
  }

  moveStalledJobsToWait(): Promise<string[]> {
    const { maxStalledCount = 1, stalledInterval = DEFAULT_STALLED_INTERVAL_MS } = this.opts
    return this.run((tx, queue) => {
      this.connection.reapWithin(tx)
      const stalled = sweep(tx, queue, maxStalledCount, stalledInterval)
      return [...this.connection.takeReaped(queue.name), ...stalled]
    })
  }

  retryFinishedJobs(
    state: 'failed' | 'completed' = 'failed',
    count = 1000,
    timestamp: number = this.connection.clock.now(),
  ): Promise<number> {
    return this.run((tx, queue) => move.moveManyToWait(tx, queue, state, count, timestamp))
  }

  promoteJobs(count = 1000): Promise<number> {
    return this.run((tx, queue) =>
      move.moveManyToWait(tx, queue, 'delayed', count, Number.MAX_VALUE),
    )
  }

  // ---- the whole queue ----

  pause(paused: boolean): Promise<void> {
    return this.run((tx, queue) => pause(tx, queue, paused))
  }

  drain(delayed: boolean): Promise<void> {
    return this.run((tx, queue) => empty.drain(tx, queue, delayed))
  }

  cleanJobsByState(state: string, timestamp: number, limit = 0): Promise<string[]> {
    return this.run((tx, queue) => empty.clean(tx, queue, state, timestamp, limit))
  }

  async obliterate(opts: { force: boolean; count: number }): Promise<number> {
    const cursor = await this.run((tx, queue) =>
      empty.obliterate(tx, queue, opts.count, opts.force),
    )
    if (cursor === -1) throw new Error('Cannot obliterate non-paused queue')
    if (cursor === -2) throw new Error('Cannot obliterate queue with active jobs')
    return cursor
  }

  async removeOrphanedJobs(_count?: number, _limit?: number): Promise<number> {
    // A job is one row that says where it stands: there is nothing it could be an orphan of.
    return 0
  }

  // ---- locks ----

  async extendLock(jobId: string, token: string, duration: number): Promise<number> {
    return this.run((tx, queue) => Number(lock.extendLock(tx, queue, jobId, token, duration)))
  }

  extendLocks(jobIds: string[], tokens: string[], duration: number): Promise<string[]> {
    return this.run((tx, queue) => lock.extendLocks(tx, queue, jobIds, tokens, duration))
  }

  // ---- what a job carries ----

  async updateData(job: MinimalJob, data: unknown): Promise<void> {
    const jobId = job.id ?? ''
    const json = JSON.stringify(data)
    await this.count('updateData', { jobId }, (tx, queue) =>
      update.updateData(tx, queue, jobId, json) ? 0 : -1,
    )
  }

  async updateProgress(jobId: string, progress: JobProgress): Promise<void> {
    const json = JSON.stringify(progress)
    await this.count('updateProgress', { jobId }, (tx, queue) =>
      update.updateProgress(tx, queue, jobId, json) ? 0 : -1,
    )
  }

  addLog(jobId: string, logRow: string, keepLogs?: number): Promise<number> {
    return this.count('addLog', { jobId }, (tx, queue) =>
      update.addLog(tx, queue, jobId, logRow, keepLogs),
    )
  }

  clearLogs(jobId: string, keepLogs?: number): Promise<void> {
    return this.run((tx, queue) => update.clearLogs(tx, queue, jobId, keepLogs))
  }

  async changeDelay(jobId: string, delay: number): Promise<void> {
    await this.count('changeDelay', { jobId, state: 'delayed' }, (tx, queue) =>
      move.changeDelay(tx, queue, jobId, delay),
    )
  }

  async changePriority(jobId: string, priority = 0, lifo = false): Promise<void> {
    await this.count('changePriority', { jobId }, (tx, queue) =>
      move.changePriority(tx, queue, jobId, priority, lifo),
    )
  }

  // ---- removing ----

  remove(jobId: string, removeChildren: boolean): Promise<number> {
    return this.count('removeJob', { jobId }, (tx, queue) =>
      removeJob(tx, queue, jobId, removeChildren),
    )
  }

  removeUnprocessedChildren(jobId: string): Promise<void> {
    return this.run((tx, queue) => removeUnprocessedChildren(tx, queue, jobId))
  }

  removeChildDependency(jobId: string, parentKey: string): Promise<boolean> {
    return this.obey<boolean>('removeChildDependency', { jobId, parentKey }, (tx, queue) =>
      flow.removeChildDependency(tx, queue, jobId, parentKey),
    )
  }

  removeDeduplicationKey(deduplicationId: string, jobId: string): Promise<number> {
    return this.run((tx, queue) => Number(deleteDedupOf(tx, queue, deduplicationId, jobId)))
  }

  deleteDeduplicationKey(deduplicationId: string): Promise<number> {
    return this.run((tx, queue) => Number(deleteDedup(tx, queue, deduplicationId)))
  }
}
