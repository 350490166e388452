/** Owns the contract: each member of IQueueBackend, handed to the verb that does it. */
import { QueueKeys } from 'bullmq'
import type {
  DependenciesOpts,
  IQueueBackend,
  JobJson,
  JobProgress,
  JobState,
  JobType,
  JobsOptions,
  KeepJobs,
  KeysMap,
  MinimalJob,
  MoveToDelayedOpts,
  MoveToWaitingChildrenOpts,
  ParentKeyOpts,
  RepeatableOptions,
  RetryJobOpts,
  RetryOptions,
  StreamReadRaw,
} from 'bullmq'
import { EventEmitter } from 'node:events'
import { addJob } from './add.ts'
import * as children from './children.ts'
import type { ChildPage, Dependencies } from './children.ts'
import { claim, isClaimable } from './claim.ts'
import type { Claim, ClaimOptions } from './claim.ts'
import { addClient, listClients, removeClient, renameClient } from './clients.ts'
import type { Connection } from './connection.ts'
import { dedupHolder, deleteDedup, deleteDedupOf } from './dedup.ts'
import * as empty from './empty.ts'
import { refusal } from './errors.ts'
import * as events from './events.ts'
import * as flow from './flow.ts'
import type { FlowEntry } from './flow.ts'
import { readJob, toJobJson } from './job-row.ts'
import * as limiter from './limiter.ts'
import * as lock from './lock.ts'
import * as meta from './meta.ts'
import { readMetrics } from './metrics.ts'
import * as move from './move.ts'
import { nextDelayedAt } from './place.ts'
import type { QueueState } from './queue-state.ts'
import * as read from './read.ts'
import { removeJob, removeUnprocessedChildren } from './remove.ts'
import * as scheduler from './scheduler.ts'
import { keepRule, settle } from './settle.ts'
import type { Ending } from './settle.ts'
import { sweep } from './sweep.ts'
import type { Transaction } from './transaction.ts'
import * as update from './update.ts'
import type { Waiting } from './wake.ts'

/** The options of Queue, Worker and the others that matter to a backend. */
export interface BackendOptions {
  prefix?: string
  name?: string
  lockDuration?: number
  limiter?: { max: number; duration: number }
  maxStalledCount?: number
  stalledInterval?: number
  removeOnComplete?: KeepJobs
  removeOnFail?: KeepJobs
  metrics?: { maxDataPoints?: number }
}

const DEFAULT_LOCK_MS = 30_000
const DEFAULT_STALLED_INTERVAL_MS = 30_000
const LONGEST_BLOCK_S = 86_400

type Marker = { member: string; score: number }
type Settled = { result: void | any[]; finishedOn: number } // the contract says any

/** BullMQ's queue backend on one SQLite file. */
export class SqliteQueueBackend extends EventEmitter implements IQueueBackend {
  readonly minimumBlockTimeout = 0.001
  readonly maximumBlockTimeout: number = LONGEST_BLOCK_S
  readonly qualifiedName: string
  readonly keys: KeysMap
  closing: Promise<void> | undefined
  readonly #connection: Connection
  readonly #name: string
  readonly #prefix: string
  readonly #opts: BackendOptions
  readonly #owns: boolean
  readonly #waits = new Set<Waiting<unknown>>()
  #jobWait: Waiting<Marker> | undefined
  #blockingCut = false
  #clientId: Promise<number> | undefined
  #tail: number | undefined

  constructor(connection: Connection, name: string, opts: BackendOptions, clientName?: string) {
    super()
    this.#connection = connection
    this.#name = name
    this.#prefix = opts.prefix ?? 'bull'
    this.#opts = opts
    this.#owns = clientName !== undefined
    const keys = new QueueKeys(this.#prefix)
    this.keys = keys.getKeys(name)
    this.qualifiedName = keys.getQueueQualifiedName(name)
    if (!this.#owns) return
    if (clientName) this.#announce(clientName)
    queueMicrotask(() => this.emit('ready'))
  }

  // ---- connection ----

  async waitUntilReady(): Promise<void> {
    // The file was opened when this was made, or making it threw.
  }

  close(_force = false): Promise<void> {
    if (!this.#owns) return Promise.resolve()
    this.closing ??= this.#close()
    return this.closing
  }

  async #close(): Promise<void> {
    this.#endWaits()
    if (this.#clientId) {
      this.#connection.leave()
      await this.#clientId
        .then((id) => this.#connection.committer.run((tx) => removeClient(tx, id)))
        .catch(() => undefined) // The list forgets clients that fall silent.
    }
    await this.#connection.release()
    this.emit('close')
  }

  async disconnect(): Promise<void> {
    await this.close()
  }

  async setName(name: string): Promise<void> {
    // QueueEvents names itself as it starts to listen: what comes from here on is new to it.
    this.#tail ??= this.#peekTail()
    if (this.#clientId) {
      const id = await this.#clientId
      await this.#run((tx) => renameClient(tx, id, name))
    } else {
      this.#announce(name)
      await this.#clientId
    }
  }

  #announce(name: string): void {
    this.#connection.attend()
    this.#clientId = this.#connection.committer.run((tx) => addClient(tx, name))
    this.#clientId.catch((error: unknown) => this.emit('error', error))
  }

  forQueue(queueName: string, prefix?: string): SqliteQueueBackend {
    const opts = { ...this.#opts, prefix: prefix ?? this.#prefix }
    return new SqliteQueueBackend(this.#connection, queueName, opts)
  }

  toKey(type: string): string {
    return `${this.qualifiedName}:${type}`
  }

  parseNodeKey(key: string): { prefix: string; queueName: string; id: string } {
    const [, prefix = '', queueName = '', id = ''] = /^(.*):([^:]*):([^:]*)$/s.exec(key) ?? []
    return { prefix, queueName, id }
  }

  clientName(suffix = ''): string {
    return `${this.#prefix}:${Buffer.from(this.#name).toString('base64')}${suffix}`
  }

  async getClientList(): Promise<string[]> {
    return [await this.#connection.committer.read(listClients)]
  }

  #run<T>(work: (tx: Transaction, queue: QueueState) => T): Promise<T> {
    return this.#connection.committer.run((tx) => work(tx, tx.queue(this.qualifiedName)))
  }

  #read<T>(work: (tx: Transaction, queue: QueueState) => T): Promise<T> {
    return this.#connection.committer.read((tx) => work(tx, tx.peekQueue(this.qualifiedName)))
  }

  /** Runs an operation that may be refused by a number, which becomes an error. */
  async #obey<T>(
    command: string,
    about: { jobId?: string; parentKey?: string | undefined; state?: string },
    work: (tx: Transaction, queue: QueueState) => T | number,
  ): Promise<Exclude<T, number>> {
    const result = await this.#run(work)
    if (typeof result === 'number' && result < 0) throw refusal({ code: result, command, ...about })
    return result as Exclude<T, number>
  }

  // ---- adding ----

  addJob(job: JobJson, jobId: string, parentKeyOpts: ParentKeyOpts = {}): Promise<string> {
    const about = { jobId, parentKey: parentKeyOpts.parentKey }
    return this.#obey('addJob', about, (tx, queue) => addJob(tx, queue, job, jobId, parentKeyOpts))
  }

  async addJobs(
    entries: { job: JobJson; jobId: string; parentKeyOpts?: ParentKeyOpts }[],
  ): Promise<string[]> {
    const results = await this.#run((tx, queue) =>
      entries.map((entry) => addJob(tx, queue, entry.job, entry.jobId, entry.parentKeyOpts)),
    )
    return results.map((result) => {
      // As on Redis, one that is refused keeps its number; the others are in.
      return result as string
    })
  }

  addFlow(entries: FlowEntry[]): Promise<[Error | null, string | number][]> {
    return this.#connection.committer.run((tx) => flow.addFlow(tx, entries))
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
    return this.#obey('addJobScheduler', {}, (tx, queue) =>
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
    return this.#run((tx, queue) =>
      scheduler.advanceScheduler(tx, queue, jobSchedulerId, nextMillis, delayedJobOpts, producerId),
    )
  }

  removeJobScheduler(jobSchedulerId: string): Promise<number> {
    return this.#run((tx, queue) => scheduler.removeScheduler(tx, queue, jobSchedulerId))
  }

  getJobScheduler(id: string): Promise<[any, string | null]> {
    return this.#read((tx, queue) => scheduler.schedulerEntry(tx, queue, id))
  }

  isJobScheduler(id: string): Promise<boolean> {
    return this.#read((tx, queue) => scheduler.isScheduler(tx, queue, id))
  }

  getJobSchedulerData(key: string): Promise<Record<string, string>> {
    return this.#read((tx, queue) => scheduler.schedulerFields(tx, queue, key))
  }

  getJobSchedulersRange(start: number, end: number, asc: boolean): Promise<string[]> {
    return this.#read((tx, queue) => scheduler.schedulerRange(tx, queue, start, end, asc))
  }

  getJobSchedulersCount(): Promise<number> {
    return this.#read(scheduler.countSchedulers)
  }

  // ---- running ----

  #claimOptions(token: string, name: string | undefined): ClaimOptions {
    const { lockDuration, limiter: limit, maxStalledCount } = this.#opts
    return {
      token,
      name,
      lockDuration: lockDuration ?? DEFAULT_LOCK_MS,
      limiter: limit,
      maxStalledCount,
    }
  }

  moveToActive(token: string, name?: string): Promise<any[]> {
    return this.#run((tx, queue) => claim(tx, queue, this.#claimOptions(token, name)))
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
      keep: keepRule(removeOnComplete, this.#opts.removeOnComplete),
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
      keep: keepRule(removeOnFail, this.#opts.removeOnFail),
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
    const ending: Ending = {
      ...how,
      jobId,
      token,
      attempts: job.opts.attempts ?? 0,
      maxMetricsSize: this.#opts.metrics?.maxDataPoints || undefined,
      next: this.#mayFetch(fetchNext) ? this.#claimOptions(token, this.#opts.name) : undefined,
    }
    let finishedOn = 0
    const result = await this.#obey<Claim | []>(
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
      ? this.#claimOptions(token, this.#opts.name)
      : undefined
    return this.#obey<Claim | []>('moveToDelayed', { jobId, state: 'active' }, (tx, queue) =>
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
    return this.#obey<boolean>('moveToWaitingChildren', about, (tx, queue) =>
      move.moveToWaitingChildren(tx, queue, jobId, token, childKey),
    )
  }

  async moveJobFromActiveToWait(jobId: string, token: string = lock.NO_LOCK): Promise<number> {
    const about = { jobId, state: 'active' }
    return this.#count('moveJobFromActiveToWait', about, (tx, queue) =>
      move.moveToFront(tx, queue, jobId, token),
    )
  }

  /** As {@link #obey}, for operations whose result is itself a number. */
  async #count(
    command: string,
    about: { jobId?: string; state?: string },
    work: (tx: Transaction, queue: QueueState) => number,
  ): Promise<number> {
    const result = await this.#run(work)
    if (result < 0) throw refusal({ code: result, command, ...about })
    return result
  }

  async retryJob(
    jobId: string,
    lifo: boolean,
    token: string = lock.NO_LOCK,
    opts: RetryJobOpts = {},
  ): Promise<void> {
    await this.#count('retryJob', { jobId, state: 'active' }, (tx, queue) =>
      move.retryJob(tx, queue, jobId, lifo, token, opts),
    )
  }

  async retryFinishedJob(
    job: MinimalJob,
    state: 'failed' | 'completed',
    opts: RetryOptions = {},
  ): Promise<void> {
    const jobId = job.id ?? ''
    await this.#count('reprocessJob', { jobId, state }, (tx, queue) =>
      move.retryFinished(tx, queue, jobId, job.opts.lifo === true, state, opts),
    )
  }

  async promote(jobId: string): Promise<void> {
    await this.#count('promote', { jobId, state: 'delayed' }, (tx, queue) =>
      move.promote(tx, queue, jobId),
    )
  }

  moveStalledJobsToWait(): Promise<string[]> {
    const { maxStalledCount = 1, stalledInterval = DEFAULT_STALLED_INTERVAL_MS } = this.#opts
    return this.#run((tx, queue) => {
      this.#connection.reapWithin(tx)
      const stalled = sweep(tx, queue, maxStalledCount, stalledInterval)
      return [...this.#connection.takeReaped(queue.name), ...stalled]
    })
  }

  retryFinishedJobs(
    state: 'failed' | 'completed' = 'failed',
    count = 1000,
    timestamp: number = this.#connection.clock.now(),
  ): Promise<number> {
    return this.#run((tx, queue) => move.moveManyToWait(tx, queue, state, count, timestamp))
  }

  promoteJobs(count = 1000): Promise<number> {
    return this.#run((tx, queue) =>
      move.moveManyToWait(tx, queue, 'delayed', count, Number.MAX_VALUE),
    )
  }

  // ---- the whole queue ----

  pause(pause: boolean): Promise<void> {
    return this.#run((tx, queue) => meta.pause(tx, queue, pause))
  }

  drain(delayed: boolean): Promise<void> {
    return this.#run((tx, queue) => empty.drain(tx, queue, delayed))
  }

  cleanJobsByState(state: string, timestamp: number, limit = 0): Promise<string[]> {
    return this.#run((tx, queue) => empty.clean(tx, queue, state, timestamp, limit))
  }

  async obliterate(opts: { force: boolean; count: number }): Promise<number> {
    const cursor = await this.#run((tx, queue) =>
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
    return this.#run((tx, queue) => Number(lock.extendLock(tx, queue, jobId, token, duration)))
  }

  extendLocks(jobIds: string[], tokens: string[], duration: number): Promise<string[]> {
    return this.#run((tx, queue) => lock.extendLocks(tx, queue, jobIds, tokens, duration))
  }

  // ---- what a job carries ----

  async updateData(job: MinimalJob, data: unknown): Promise<void> {
    const jobId = job.id ?? ''
    const json = JSON.stringify(data)
    await this.#count('updateData', { jobId }, (tx, queue) =>
      update.updateData(tx, queue, jobId, json) ? 0 : -1,
    )
  }

  async updateProgress(jobId: string, progress: JobProgress): Promise<void> {
    const json = JSON.stringify(progress)
    await this.#count('updateProgress', { jobId }, (tx, queue) =>
      update.updateProgress(tx, queue, jobId, json) ? 0 : -1,
    )
  }

  addLog(jobId: string, logRow: string, keepLogs?: number): Promise<number> {
    return this.#count('addLog', { jobId }, (tx, queue) =>
      update.addLog(tx, queue, jobId, logRow, keepLogs),
    )
  }

  clearLogs(jobId: string, keepLogs?: number): Promise<void> {
    return this.#run((tx, queue) => update.clearLogs(tx, queue, jobId, keepLogs))
  }

  getJobLogs(
    jobId: string,
    start: number,
    end: number,
    asc: boolean,
  ): Promise<{ logs: string[]; count: number }> {
    return this.#read((tx, queue) => update.readLogs(tx, queue, jobId, start, end, asc))
  }

  async changeDelay(jobId: string, delay: number): Promise<void> {
    await this.#count('changeDelay', { jobId, state: 'delayed' }, (tx, queue) =>
      move.changeDelay(tx, queue, jobId, delay),
    )
  }

  async changePriority(jobId: string, priority = 0, lifo = false): Promise<void> {
    await this.#count('changePriority', { jobId }, (tx, queue) =>
      move.changePriority(tx, queue, jobId, priority, lifo),
    )
  }

  // ---- removing ----

  remove(jobId: string, removeChildren: boolean): Promise<number> {
    return this.#count('removeJob', { jobId }, (tx, queue) =>
      removeJob(tx, queue, jobId, removeChildren),
    )
  }

  removeUnprocessedChildren(jobId: string): Promise<void> {
    return this.#run((tx, queue) => removeUnprocessedChildren(tx, queue, jobId))
  }

  removeChildDependency(jobId: string, parentKey: string): Promise<boolean> {
    return this.#obey<boolean>('removeChildDependency', { jobId, parentKey }, (tx, queue) =>
      flow.removeChildDependency(tx, queue, jobId, parentKey),
    )
  }

  removeDeduplicationKey(deduplicationId: string, jobId: string): Promise<number> {
    return this.#run((tx, queue) => Number(deleteDedupOf(tx, queue, deduplicationId, jobId)))
  }

  deleteDeduplicationKey(deduplicationId: string): Promise<number> {
    return this.#run((tx, queue) => Number(deleteDedup(tx, queue, deduplicationId)))
  }

  getDeduplicationJobId(deduplicationId: string): Promise<string | null> {
    return this.#read((tx, queue) => dedupHolder(tx, queue, deduplicationId)?.job_id ?? null)
  }

  // ---- looking ----

  getState(jobId: string): Promise<JobState | 'unknown'> {
    return this.#read((tx, queue) => read.jobState(tx, queue, jobId))
  }

  async isFinished(jobId: string, returnValue = false): Promise<number | [number, string]> {
    const finished = await this.#read((tx, queue) => read.isFinished(tx, queue, jobId))
    if (!returnValue) return finished.status
    // A list of one stands for "not yet"; the contract's type knows only pairs.
    const answer = finished.status === 0 ? [0] : [finished.status, finished.outcome]
    return answer as [number, string]
  }

  isMaxed(): Promise<boolean> {
    return this.#read((_tx, queue) => queue.maxed)
  }

  isJobInState(state: string, jobId: string): Promise<boolean> {
    return this.#read((tx, queue) => read.isInState(tx, queue, state, jobId))
  }

  getJobData(jobId: string): Promise<JobJson | undefined> {
    return this.#read((tx, queue) => {
      const row = readJob(tx, queue, jobId)
      return row && toJobJson(row)
    })
  }

  getCounts(types: JobType[], delayedTimestamp?: number): Promise<number[]> {
    return this.#read((tx, queue) => read.countStates(tx, queue, types, delayedTimestamp))
  }

  getCountsPerPriority(priorities: number[]): Promise<number[]> {
    return this.#read((tx, queue) => read.countPriorities(tx, queue, priorities))
  }

  getRanges(types: JobType[], start = 0, end = -1, asc = false): Promise<[string][]> {
    // The contract types the ids of a state as a list of one.
    return this.#read(
      (tx, queue) => read.ranges(tx, queue, types, start, end, asc) as unknown as [string][],
    )
  }

  getDependencyCounts(jobId: string, types: string[]): Promise<number[]> {
    return this.#read((tx) => children.countChildren(tx, this.toKey(jobId), types))
  }

  async getDependencies(jobId: string, opts: DependenciesOpts = {}): Promise<Dependencies> {
    return this.#read((tx) => children.dependencies(tx, this.toKey(jobId), opts))
  }

  getProcessedChildrenValues(jobId: string): Promise<Record<string, string>> {
    return this.#read((tx) => children.childValues(tx, this.toKey(jobId), 'processed'))
  }

  getIgnoredChildrenFailures(jobId: string): Promise<Record<string, string>> {
    return this.#read((tx) => children.childValues(tx, this.toKey(jobId), 'ignored'))
  }

  paginate(
    key: string,
    opts: { start: number; end: number; fetchJobs?: boolean },
  ): Promise<ChildPage> {
    return this.#read((tx) => children.paginateChildren(tx, key, opts))
  }

  getMetrics(
    type: 'completed' | 'failed',
    start = 0,
    end = -1,
  ): Promise<[string[], string[], number]> {
    return this.#read((tx, queue) => readMetrics(tx, queue, type, start, end))
  }

  // ---- settings ----

  setQueueMeta(values: Record<string, string | number>): Promise<number> {
    return this.#run((_tx, queue) => meta.setMeta(queue, values))
  }

  getQueueMetaField(field: string): Promise<string | null> {
    return this.#read((_tx, queue) => queue.meta.get(field) ?? null)
  }

  getQueueMetaFields(fields: string[]): Promise<(string | null)[]> {
    return this.#read((_tx, queue) => fields.map((field) => queue.meta.get(field) ?? null))
  }

  getQueueMeta(): Promise<Record<string, string>> {
    return this.#read((_tx, queue) => Object.fromEntries(queue.meta))
  }

  removeQueueMetaFields(fields: string[]): Promise<number> {
    return this.#run((_tx, queue) => meta.removeMeta(queue, fields))
  }

  hasQueueMetaField(field: string): Promise<boolean> {
    return this.#read((_tx, queue) => queue.meta.has(field))
  }

  setRateLimit(expireTimeMs: number): Promise<void> {
    return this.#run((tx, queue) => limiter.limitNow(tx, queue, expireTimeMs))
  }

  removeRateLimitKey(): Promise<number> {
    return this.#run((tx, queue) => Number(limiter.liftLimit(tx, queue)))
  }

  getRateLimitTtl(maxJobs?: number): Promise<number> {
    return this.#read((tx, queue) => limiter.limiterTtl(tx, queue, maxJobs))
  }

  async removeDeprecatedPriorityKey(): Promise<number> {
    return 0
  }

  // ---- events ----

  trimEvents(maxLength: number): Promise<number> {
    return this.#run((tx, queue) => events.trimEvents(tx.sql, queue, maxLength))
  }

  publishEvent(fields: Record<string, string | number>, maxEvents: number): Promise<string> {
    return this.#run((tx, queue) => {
      queue.trimTo = maxEvents
      return events.emit(tx, queue, ...Object.entries(fields).flat())
    })
  }

  async readEvents(id: string, blockTimeout: number): Promise<StreamReadRaw> {
    if (this.closing) return null
    if (id === '$') this.#tail ??= this.#peekTail()
    const cursor = id === '$' ? (this.#tail ?? 0) : events.parseEventId(id)
    const entries = await this.#sleep<[string, string[]][]>({
      probe: () => {
        const found = this.#connection.peek((tx) =>
          events.eventsAfter(tx, this.qualifiedName, cursor),
        )
        return found?.length ? found : undefined
      },
      timeoutMs: blockTimeout > 0 ? blockTimeout : Infinity,
    })
    return entries && [[this.keys['events'] ?? 'events', entries]]
  }

  #peekTail(): number | undefined {
    return this.#connection.peek((tx) => events.lastEventPos(tx, this.qualifiedName))
  }

  // ---- waiting ----

  async waitForJob(blockTimeout: number): Promise<Marker | null> {
    if (this.closing || this.#blockingCut) return null
    const queueNow = (tx: Transaction): QueueState => tx.peekQueue(this.qualifiedName)
    return this.#sleep<Marker>(
      {
        probe: () => {
          const ready = this.#connection.peek((tx) => isClaimable(tx, queueNow(tx)))
          return ready ? { member: '0', score: 0 } : undefined
        },
        dueAt: () =>
          this.#connection.peek((tx) => {
            const queue = queueNow(tx)
            return queue.pausedOrMaxed ? undefined : nextDelayedAt(tx, queue)
          }),
        timeoutMs: blockTimeout * 1000,
      },
      (waiting) => (this.#jobWait = waiting),
    )
  }

  async #sleep<T>(
    wait: { probe: () => T | undefined; dueAt?: () => number | undefined; timeoutMs: number },
    begun?: (waiting: Waiting<T>) => void,
  ): Promise<T | null> {
    const waiting = this.#connection.wake.wait<T>({ queue: this.qualifiedName, ...wait })
    this.#waits.add(waiting)
    begun?.(waiting)
    try {
      return await waiting.result
    } finally {
      this.#waits.delete(waiting)
    }
  }

  #endWaits(): void {
    for (const waiting of this.#waits) waiting.end()
  }

  async disconnectBlocking(_wait?: boolean): Promise<void> {
    this.#blockingCut = true
    this.#jobWait?.end()
  }

  async reconnectBlocking(): Promise<void> {
    this.#blockingCut = false
  }
}
