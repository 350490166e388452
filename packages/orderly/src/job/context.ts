// What a handler is handed while it runs one attempt.
import type { Duration } from '../primitives/duration.ts'
import type { ServiceDefinition } from './define-service.ts'
import type { JobDefinition } from './define-job.ts'
import type { EnqueuedJob, EnqueueOptions } from './enqueue-options.ts'
import type { EvidenceCollector } from './evidence.ts'
import type { Logger } from './logger.ts'
import type { Accepted, Schema } from './schema.ts'

/**
 * What an application gives its handlers: ports to its database, mail, clocks. Applications widen it:
 * `declare module 'orderly' { interface Services { readonly mail: Mail } }`.
 */
export interface Services {}

export interface OnceOptions {
  /**
   * What to do when an earlier attempt began the effect and died before its end was recorded. `again` (the default) does
   * it again: for effects that may happen twice. `refuse` fails the job for good with `ORDERLY_EFFECT_UNSURE`: for those
   * that must not, and are better looked into by a person.
   */
  readonly unsure?: 'again' | 'refuse'
}

export interface JobContext<Input = unknown> {
  readonly jobId: string
  /** 1 for the first attempt. */
  readonly attempt: number
  /** Counts every start of the job, those included that do not count as attempts. */
  readonly run: number
  readonly input: Input
  /** Aborts on timeout, cancellation, shutdown and when the lock is lost. */
  readonly signal: AbortSignal
  readonly log: Logger
  /** What `createOrderly({ services })` was given. */
  readonly services: Services
  /** Collects what proves that this run did what it should. */
  readonly evidence: EvidenceCollector
  /** Reports how far the job is: a share from 0 to 1 and, if it helps, what is being done. */
  progress(share: number, step?: unknown): Promise<void>
  /** Shows that the handler lives, where its definition demands that. */
  heartbeat(): void
  /**
   * Runs `fn` once in the life of the job: its result is recorded, and later attempts get the recorded one. It must be
   * JSON. The name is unique in the job and stored in the clear.
   *
   * @throws OrderlyError `ORDERLY_LOCK_LOST` when another run of the job has taken over
   */
  step<T>(name: string, fn: () => T | Promise<T>): Promise<T>
  /**
   * Runs `fn` once for `key` among all jobs of this kind: whoever comes second gets the recorded result.
   *
   * @throws OrderlyError `ORDERLY_EFFECT_BUSY` while another job is at it, `ORDERLY_EFFECT_UNSURE`,
   *   `ORDERLY_LOCK_LOST`
   */
  once<T>(key: unknown, fn: () => T | Promise<T>, options?: OnceOptions): Promise<T>
  /** Records how far the work has come, for an attempt that goes on from there. JSON. */
  checkpoint(value: unknown): Promise<void>
  /** What the last attempt recorded with `checkpoint`; undefined when there was none. */
  lastCheckpoint<T = unknown>(): Promise<T | undefined>
  /**
   * Waits without holding a slot: the attempt ends, and a later one finds that the time under `name` is over. What came
   * before in the handler runs again unless it is in steps.
   */
  sleep(name: string, duration: Duration): Promise<void>
  /**
   * Calls an outside service within its limits: its rate, its calls at once, its breaker, counted over all jobs and
   * processes. Only errors of the kind `external` count as failures of the service. Calls are not nested.
   *
   * @throws OrderlyError `ORDERLY_SERVICE_UNAVAILABLE` when it may not be called now. Let it pass: the attempt ends
   *   without counting, and the job comes back when the service may be called. On PostgreSQL it stays with its worker
   *   for up to five seconds and then goes back to its queue.
   */
  call<T>(service: ServiceDefinition, fn: () => T | Promise<T>): Promise<T>
  /** Puts another job in its queue. */
  enqueue<In extends Schema>(
    job: JobDefinition<In>,
    input: Accepted<In>,
    options?: EnqueueOptions,
  ): Promise<EnqueuedJob>
  enqueueMany<In extends Schema>(
    job: JobDefinition<In>,
    items: readonly { readonly input: Accepted<In>; readonly options?: EnqueueOptions }[],
  ): Promise<readonly EnqueuedJob[]>
}
