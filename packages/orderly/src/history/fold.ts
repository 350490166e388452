// What a job is now, worked out from what happened to it. Pure: the record can be rebuilt from its events.
import type { JobEvent } from '../job/job-event.ts'
import type { JobRow, RecordedState } from './tables.ts'

/** How long the content of finished jobs is kept, in milliseconds; what a job's own options say comes first. */
export interface ContentRetention {
  readonly completed: number
  readonly failed: number
}

const MASKED = /^(ORDERLY_[A-Z_]+)#([0-9a-f]{12})$/

/**
 * The row after `event`, or undefined when the event changes nothing: a job ends once, and what is said about it
 * afterwards does not count unless it was put back in its queue.
 */
export function fold(
  row: JobRow | undefined,
  event: JobEvent,
  engine: string,
  retention: ContentRetention,
): JobRow | undefined {
  const ended = row !== undefined && row.finished_at !== null
  // An id of the caller's own may be used again once its job is over; a second report of one acceptance has the same
  // event id and never gets here.
  if (event.type === 'accepted') return row && !ended ? undefined : accepted(event, engine)
  if (!row) return undefined
  const touched = { ...row, updated_at: Math.max(row.updated_at, event.at) }
  switch (event.type) {
    case 'deduplicated':
      return ended
        ? undefined
        : { ...touched, state: 'removed', finished_at: event.at, expires_at: event.at }
    case 'started':
      // Late news of an earlier run counts for nothing; a start after the end means that the job was put back unseen.
      if (ended && event.at <= row.finished_at!) return undefined
      return {
        ...touched,
        state: 'active',
        finished_at: null,
        duration: null,
        expires_at: null,
        attempts: Math.max(row.attempts, event.attempt),
        started_at: event.at,
        worker: event.worker ?? null,
        progress: null,
      }
    case 'progressed':
      return ended ? undefined : { ...touched, progress: event.progress }
    case 'input-changed':
      return ended ? undefined : { ...touched, input: event.input }
    case 'attempt-failed':
      if (row.state === 'completed') return undefined
      return {
        ...touched,
        error_code: event.code,
        fingerprint: event.fingerprint,
        // It took as long as its handler ran; what is done about the error afterwards is no part of it.
        duration:
          ended || event.at < (row.started_at ?? Infinity) ? row.duration : lasted(row, event.at),
      }
    case 'retried':
    case 'snoozed':
    case 'interrupted':
    case 'stalled':
    case 'promoted':
      // Late news of an earlier run: what began meanwhile stays as it is, and the attempt that ended counts.
      if (event.at < (row.started_at ?? -Infinity)) return touched
      return ended
        ? undefined
        : {
            ...touched,
            ...queued(row, event.runAt ?? event.at, event.at),
            duration: null,
            // What was put off costs no attempt: the next one has its number.
            ...(event.type === 'snoozed' && row.state === 'active'
              ? { attempts: Math.max(0, row.attempts - 1) }
              : {}),
          }
    case 'redriven':
      return {
        ...touched,
        ...queued(row, event.runAt ?? event.at, event.at),
        finished_at: null,
        duration: null,
        expires_at: null,
        output: null,
        error_code: null,
        fingerprint: null,
      }
    case 'restored':
      if (ended || event.seen !== row.updated_at) return undefined
      return {
        ...touched,
        // Where it waited for its children, it does so again.
        ...(row.state === 'waiting-children' ? {} : queued(row, row.run_at, event.at)),
        updated_at: laterThan(row, event.at),
      }
    case 'moved':
      return ended ? undefined : { ...touched, engine, updated_at: laterThan(row, event.at) }
    // It stays with its worker, who says what becomes of it.
    case 'crashed':
      return ended ? undefined : touched
    case 'waiting-children':
      // What another process began meanwhile is not held any more.
      return ended || (row.started_at ?? -Infinity) > event.at
        ? undefined
        : { ...touched, state: 'waiting-children' }
    case 'completed':
      return ended ? undefined : finished(touched, 'completed', event.at, retention, event.output)
    case 'failed':
      return ended
        ? undefined
        : {
            ...finished(touched, 'failed', event.at, retention, null),
            ...reasonOf(event.reason, row),
          }
    case 'removed':
      return ended
        ? undefined
        : {
            ...touched,
            state: 'removed',
            finished_at: event.at,
            expires_at: event.at + retention.failed,
          }
    case 'corrected':
      if (ended || event.seen !== row.updated_at || event.state === row.state) return undefined
      if (event.state === 'completed')
        return finished(touched, 'completed', event.at, retention, event.output ?? null)
      if (event.state === 'failed')
        return {
          ...finished(touched, 'failed', event.at, retention, null),
          ...reasonOf(event.reason ?? '', row),
        }
      return { ...touched, state: event.state }
  }
}

function accepted(event: Extract<JobEvent, { type: 'accepted' }>, engine: string): JobRow {
  const waiting: RecordedState =
    event.runAt > event.at ? 'delayed' : event.priority > 0 ? 'prioritized' : 'waiting'
  return {
    id: event.jobId,
    queue: event.queue,
    name: event.name,
    engine,
    state: waiting,
    priority: event.priority,
    attempts: 0,
    created_at: event.at,
    run_at: event.runAt,
    started_at: null,
    finished_at: null,
    duration: null,
    error_code: null,
    fingerprint: null,
    worker: null,
    parent: event.parent ?? null,
    schedule: event.schedule ?? null,
    progress: null,
    opts: JSON.stringify(event.opts),
    input: event.input,
    output: null,
    expires_at: null,
    updated_at: event.at,
  }
}

/** Whoever decided by the row as it was must see that it has changed, even within one millisecond. */
function laterThan(row: JobRow, at: number): number {
  return Math.max(row.updated_at + 1, at)
}

function queued(row: JobRow, runAt: number, now: number): Pick<JobRow, 'state' | 'run_at'> {
  return {
    state: runAt > now ? 'delayed' : row.priority > 0 ? 'prioritized' : 'waiting',
    run_at: runAt,
  }
}

function finished(
  row: JobRow,
  state: 'completed' | 'failed',
  at: number,
  retention: ContentRetention,
  output: string | null,
): JobRow {
  return {
    ...row,
    state,
    output,
    finished_at: at,
    duration: (state === 'failed' ? row.duration : null) ?? lasted(row, at),
    expires_at: at + keepFor(row, state, retention),
    ...(state === 'completed' ? { error_code: null, fingerprint: null } : {}),
  }
}

/** How long its last attempt ran, if it has begun. */
function lasted({ started_at }: JobRow, at: number): number | null {
  return started_at === null ? null : Math.max(0, at - started_at)
}

/** What the job was enqueued with, or what BullMQ's options say, or the rule of the house. */
function keepFor(row: JobRow, state: 'completed' | 'failed', retention: ContentRetention): number {
  const opts = JSON.parse(row.opts) as {
    keep?: ContentRetention
    removeOnComplete?: unknown
    removeOnFail?: unknown
  }
  if (opts.keep) return opts.keep[state]
  const keep = state === 'completed' ? opts.removeOnComplete : opts.removeOnFail
  const age = typeof keep === 'object' && keep !== null && 'age' in keep ? keep.age : undefined
  return typeof age === 'number' ? age * 1_000 : retention[state]
}

function reasonOf(reason: string, row: JobRow): Pick<JobRow, 'error_code' | 'fingerprint'> {
  const masked = MASKED.exec(reason)
  if (masked) return { error_code: masked[1]!, fingerprint: masked[2]! }
  return { error_code: row.error_code ?? 'ORDERLY_HANDLER_FAILED', fingerprint: row.fingerprint }
}
