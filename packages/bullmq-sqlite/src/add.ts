/** Owns how a job enters a queue. */
import type { JobJson, JobsOptions, ParentKeyOpts, ParentKeys } from 'bullmq'
import { deduplicate, takeDedupNext } from './dedup.ts'
import type { JobToAdd } from './dedup.ts'
import { Refused } from './errors.ts'
import { emit, maxEvents } from './events.ts'
import { addDependency, attachExisting, releaseAfterFlow } from './flow.ts'
import { findJob, jobKey, locateJob, newRowKey } from './job-row.ts'
import { delayedPlace, readyPlace } from './place.ts'
import type { Place } from './place.ts'
import type { QueueState } from './queue-state.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'

const INSERT_JOB = `
  INSERT INTO bullmq_job
    (key, queue, id, state, rank, name, data, opts, timestamp, delay, priority,
     parent_key, parent, scheduler_id, dedup_id)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** Adds a job where its options put it. Returns its id, or the number of the refusal. */
export function addJob(
  tx: Transaction,
  queue: QueueState,
  json: JobJson,
  customId: string | undefined,
  parentOpts: ParentKeyOpts = {},
): string | number {
  const parentKey = json.parentKey || undefined
  const parent = parentKey === undefined ? undefined : locateJob(tx, parentKey)
  if (parentKey !== undefined && !parent) return Refused.parentMissing

  queue.lastId++
  queue.dirty = true
  maxEvents(queue)
  const job: JobToAdd = {
    id: customId || String(queue.lastId),
    name: json.name,
    data: json.data,
    opts: json.opts,
    timestamp: json.timestamp,
    parentKey,
    parent: parentKey === undefined ? undefined : JSON.stringify(json.parent),
    parentOfDependency:
      parentOpts.parentDependenciesKey?.replace(/:dependencies$/, '') || undefined,
    schedulerId: json.repeatJobKey,
  }
  if (customId) {
    const existing = findJob(tx, queue, customId)
    if (existing) return attachExisting(tx, queue, existing, job, parentOpts.deferParentRelease)
  }

  const waitsForChildren = parentOpts.addToWaitingChildren === true
  const dedup = json.opts.deduplication
  if (dedup?.id) {
    const standing = deduplicate(tx, queue, job, dedup, !waitsForChildren)
    if (standing !== undefined) return standing
  }
  if (waitsForChildren) insertParent(tx, queue, job)
  else insertJob(tx, queue, job)
  return job.id
}

/** One node of a flow, as FlowProducer hands it over. */
export interface FlowEntry {
  jobData: JobJson
  jobId: string
  parentKeyOpts: ParentKeyOpts
  prefix: string
  queueName: string
}

/** Adds a tree of jobs; parents are released only when the whole tree is in. */
export function addFlow(tx: Transaction, entries: FlowEntry[]): [Error | null, string | number][] {
  const parents = new Set<string>()
  const results = entries.map((entry): [Error | null, string | number] => {
    const queue = tx.queue(`${entry.prefix}:${entry.queueName}`)
    const opts = { ...entry.parentKeyOpts, deferParentRelease: true }
    const result = addJob(tx, queue, entry.jobData, entry.jobId, opts)
    const parentKey = entry.parentKeyOpts?.parentKey
    if (entry.jobData.parent && parentKey) parents.add(parentKey)
    return [null, result]
  })
  for (const key of parents) releaseAfterFlow(tx, key)
  return results
}

function insertParent(tx: Transaction, queue: QueueState, job: JobToAdd): void {
  storeJob(tx, queue, job, { state: State.waitingChildren, rank: job.timestamp })
  emit(tx, queue, 'event', 'waiting-children', 'jobId', job.id)
  if (job.parentOfDependency) addDependency(tx, job.parentOfDependency, jobKey(queue, job.id))
}

/** Writes a job that is ready or delayed, with its events. */
export function insertJob(tx: Transaction, queue: QueueState, job: JobToAdd): void {
  const delay = Number(job.opts.delay) || 0
  if (delay > 0) {
    const place = delayedPlace(tx, queue, job.timestamp, delay)
    storeJob(tx, queue, job, place)
    emit(tx, queue, 'event', 'delayed', 'jobId', job.id, 'delay', place.dueAt)
  } else {
    const place = readyPlace(queue, Number(job.opts.priority) || 0, job.opts.lifo === true)
    storeJob(tx, queue, job, place)
    emit(tx, queue, 'event', 'waiting', 'jobId', job.id)
  }
  if (job.parentOfDependency) addDependency(tx, job.parentOfDependency, jobKey(queue, job.id))
}

function storeJob(tx: Transaction, queue: QueueState, job: JobToAdd, place: Place): void {
  tx.sql.run(
    INSERT_JOB,
    newRowKey(tx, queue, job.id),
    queue.id,
    job.id,
    place.state,
    place.rank,
    job.name,
    job.data,
    optsText(job.opts),
    job.timestamp,
    job.opts.delay ?? 0,
    job.opts.priority ?? 0,
    job.parentKey ?? null,
    job.parent ?? null,
    job.schedulerId ?? null,
    job.opts.deduplication?.id ?? null,
  )
  queue.moved(null, place.state)
  emit(tx, queue, 'event', 'added', 'jobId', job.id, 'name', job.name)
}

// Redis drops options that are null, and BullMQ's workers rely on it.
function optsText(opts: JobsOptions): string {
  const text = JSON.stringify(opts)
  if (!text.includes(':null')) return text
  return JSON.stringify(opts, (_key, value: unknown) => (value === null ? undefined : value))
}

/** Adds what was asked for under a deduplication id while its holder ran. */
export function addDedupNext(tx: Transaction, queue: QueueState, dedupId: string): void {
  const next = takeDedupNext(tx, queue, dedupId)
  if (!next) return
  queue.lastId++
  insertJob(tx, queue, { ...next, timestamp: tx.now })
}

/** The parent a job names, as it was stored with it. */
export function parseParent(parent: string | null): ParentKeys | undefined {
  return parent === null ? undefined : (JSON.parse(parent) as ParentKeys)
}
