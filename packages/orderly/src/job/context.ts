// What a handler is handed while it runs one attempt.
import type { JobDefinition } from './define-job.ts'
import type { EnqueueOptions } from './enqueue-options.ts'
import type { Logger } from './logger.ts'
import type { Accepted, Schema } from './schema.ts'

export interface JobContext<Input = unknown> {
  readonly jobId: string
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly input: Input
  /** Aborts on timeout, cancellation, shutdown and when the lock is lost. */
  readonly signal: AbortSignal
  readonly log: Logger
  /** Reports how far the job is: a share from 0 to 1 and, if it helps, what is being done. */
  progress(share: number, step?: string): Promise<void>
  /** Puts another job in its queue. */
  enqueue<In extends Schema>(
    job: JobDefinition<In>,
    input: Accepted<In>,
    options?: EnqueueOptions,
  ): Promise<{ readonly id: string }>
  enqueueMany<In extends Schema>(
    job: JobDefinition<In>,
    items: readonly { readonly input: Accepted<In>; readonly options?: EnqueueOptions }[],
  ): Promise<readonly { readonly id: string }[]>
}
