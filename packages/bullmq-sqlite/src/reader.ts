/** Owns the members of IQueueBackend that look, and those that keep settings and events. */
import type { DependenciesOpts, JobJson, JobState, JobType, StreamReadRaw } from 'bullmq'
import * as children from './children.ts'
import type { ChildPage, Dependencies } from './children.ts'
import { dedupHolder } from './dedup.ts'
import * as events from './events.ts'
import { readJob, toJobJson } from './job-row.ts'
import * as limiter from './limiter.ts'
import * as meta from './meta.ts'
import { readMetrics } from './metrics.ts'
import * as states from './read.ts'
import * as schedulerRow from './scheduler-row.ts'
import { Session } from './session.ts'
import { readLogs } from './update.ts'

/** A queue as it can be looked at. */
export abstract class QueueReader extends Session {
  // ---- looking ----

  getState(jobId: string): Promise<JobState | 'unknown'> {
    return this.read((tx, queue) => states.jobState(tx, queue, jobId))
  }

  async isFinished(jobId: string, returnValue = false): Promise<number | [number, string]> {
    const finished = await this.read((tx, queue) => states.isFinished(tx, queue, jobId))
    if (!returnValue) return finished.status
    // A list of one stands for "not yet"; the contract's type knows only pairs.
    const answer = finished.status === 0 ? [0] : [finished.status, finished.outcome]
    return answer as [number, string]
  }

  isMaxed(): Promise<boolean> {
    return this.read((_tx, queue) => queue.maxed)
  }

  isJobInState(state: string, jobId: string): Promise<boolean> {
    return this.read((tx, queue) => states.isInState(tx, queue, state, jobId))
  }

  getJobData(jobId: string): Promise<JobJson | undefined> {
    return this.read((tx, queue) => {
      const row = readJob(tx, queue, jobId)
      return row && toJobJson(row)
    })
  }

  getCounts(types: JobType[], delayedTimestamp?: number): Promise<number[]> {
    return this.read((tx, queue) => states.countStates(tx, queue, types, delayedTimestamp))
  }

  getCountsPerPriority(priorities: number[]): Promise<number[]> {
    return this.read((tx, queue) => states.countPriorities(tx, queue, priorities))
  }

  getRanges(types: JobType[], start = 0, end = -1, asc = false): Promise<[string][]> {
    // The contract types the ids of a state as a list of one.
    return this.read(
      (tx, queue) => states.ranges(tx, queue, types, start, end, asc) as unknown as [string][],
    )
  }

  getDependencyCounts(jobId: string, types: string[]): Promise<number[]> {
    return this.read((tx) => children.countChildren(tx, this.toKey(jobId), types))
  }

  async getDependencies(jobId: string, opts: DependenciesOpts = {}): Promise<Dependencies> {
    return this.read((tx) => children.dependencies(tx, this.toKey(jobId), opts))
  }

  getProcessedChildrenValues(jobId: string): Promise<Record<string, string>> {
    return this.read((tx) => children.childValues(tx, this.toKey(jobId), 'processed'))
  }

  getIgnoredChildrenFailures(jobId: string): Promise<Record<string, string>> {
    return this.read((tx) => children.childValues(tx, this.toKey(jobId), 'ignored'))
  }

  paginate(
    key: string,
    opts: { start: number; end: number; fetchJobs?: boolean },
  ): Promise<ChildPage> {
    return this.read((tx) => children.paginateChildren(tx, key, opts))
  }

  getMetrics(
    type: 'completed' | 'failed',
    start = 0,
    end = -1,
  ): Promise<[string[], string[], number]> {
    return this.read((tx, queue) => readMetrics(tx, queue, type, start, end))
  }

  getJobLogs(
    jobId: string,
    start: number,
    end: number,
    asc: boolean,
  ): Promise<{ logs: string[]; count: number }> {
    return this.read((tx, queue) => readLogs(tx, queue, jobId, start, end, asc))
  }

  getDeduplicationJobId(deduplicationId: string): Promise<string | null> {
    return this.read((tx, queue) => dedupHolder(tx, queue, deduplicationId)?.job_id ?? null)
  }

  getJobScheduler(id: string): Promise<[any, string | null]> {
    return this.read((tx, queue) => schedulerRow.schedulerEntry(tx, queue, id))
  }

  isJobScheduler(id: string): Promise<boolean> {
    return this.read((tx, queue) => schedulerRow.isScheduler(tx, queue, id))
  }

  getJobSchedulerData(key: string): Promise<Record<string, string>> {
    return this.read((tx, queue) => schedulerRow.schedulerFields(tx, queue, key))
  }

  getJobSchedulersRange(start: number, end: number, asc: boolean): Promise<string[]> {
    return this.read((tx, queue) => schedulerRow.schedulerRange(tx, queue, start, end, asc))
  }

  getJobSchedulersCount(): Promise<number> {
    return this.read(schedulerRow.countSchedulers)
  }

  // ---- settings ----

  setQueueMeta(values: Record<string, string | number>): Promise<number> {
    return this.run((_tx, queue) => meta.setMeta(queue, values))
  }

  getQueueMetaField(field: string): Promise<string | null> {
    return this.read((_tx, queue) => queue.meta.get(field) ?? null)
  }

  getQueueMetaFields(fields: string[]): Promise<(string | null)[]> {
    return this.read((_tx, queue) => fields.map((field) => queue.meta.get(field) ?? null))
  }

  getQueueMeta(): Promise<Record<string, string>> {
    return this.read((_tx, queue) => Object.fromEntries(queue.meta))
  }

  removeQueueMetaFields(fields: string[]): Promise<number> {
    return this.run((_tx, queue) => meta.removeMeta(queue, fields))
  }

  hasQueueMetaField(field: string): Promise<boolean> {
    return this.read((_tx, queue) => queue.meta.has(field))
  }

  setRateLimit(expireTimeMs: number): Promise<void> {
    return this.run((tx, queue) => limiter.limitNow(tx, queue, expireTimeMs))
  }

  removeRateLimitKey(): Promise<number> {
    return this.run((tx, queue) => Number(limiter.liftLimit(tx, queue)))
  }

  getRateLimitTtl(maxJobs?: number): Promise<number> {
    return this.read((tx, queue) => limiter.limiterTtl(tx, queue, maxJobs))
  }

  async removeDeprecatedPriorityKey(): Promise<number> {
    return 0
  }

  // ---- events ----

  trimEvents(maxLength: number): Promise<number> {
    return this.run((tx, queue) => events.trimEvents(tx.sql, queue, maxLength))
  }

  publishEvent(fields: Record<string, string | number>, maxEvents: number): Promise<string> {
    return this.run((tx, queue) => {
      queue.trimTo = maxEvents
      return events.formatEventId(events.emit(tx, queue, ...Object.entries(fields).flat()))
    })
  }

  async readEvents(id: string, blockTimeout: number): Promise<StreamReadRaw> {
    if (this.closing) return null
    if (id === '$') this.tail ??= this.peekTail()
    const cursor = id === '$' ? (this.tail ?? 0) : events.parseEventId(id)
    const entries = await this.sleep<[string, string[]][]>({
      probe: () => {
        const found = this.connection.peek((tx) =>
          events.eventsAfter(tx, this.qualifiedName, cursor),
        )
        return found?.length ? found : undefined
      },
      timeoutMs: blockTimeout > 0 ? blockTimeout : Infinity,
    })
    return entries && [[this.keys['events'] ?? 'events', entries]]
  }
}
