// The services that applications name: queue, processor, monitoring, errors, logs, orchestrator. Ports, each over an instance.
import type { JobDefinition } from './job/define-job.ts'
import type { EnqueuedJob, EnqueueOptions } from './job/enqueue-options.ts'
import type { RunEvidence } from './job/evidence.ts'
import { kindOf, type FaultKind } from './job/faults.ts'
import { jobConfigOf, type JobConfig } from './job/job-config.ts'
import type { Log } from './job/logger.ts'
import { nextWait } from './job/retry.ts'
import { roomsOf, type Orderly } from './orderly.ts'
import type { Duration } from './primitives/duration.ts'
import { OrderlyError } from './primitives/errors.ts'
import type { WorkerProcess } from './runtime/beat.ts'
import type { Cancellation, CancelOptions } from './runtime/cancel.ts'
import type { PauseOptions } from './runtime/control.ts'
import type { InspectedJob } from './runtime/inspect.ts'
import type { JobMetrics, MetricsPoint } from './runtime/metrics.ts'
import type { QueueSummary } from './runtime/read.ts'
import type { Redriven, RedriveOptions } from './runtime/redrive.ts'
import type { DeadLetterGroup } from './history/dead-letters.ts'

export interface QueueService {
  add(name: string, input: unknown, options?: EnqueueOptions): Promise<EnqueuedJob>
  get(id: string): Promise<InspectedJob | undefined>
  cancel(id: string, options?: CancelOptions): Promise<Cancellation>
  stats(): Promise<QueueSummary[]>
  pause(queue: string, options: PauseOptions): Promise<void>
  resume(queue: string): Promise<boolean>
  clean(queue: string, state: 'completed' | 'failed', olderThan: Duration): Promise<number>
}

export interface JobProcessor {
  /** The types that have a handler here. */
  handled(): readonly string[]
  /** Runs a job through its queue and resolves with its output. */
  process(name: string, input: unknown, timeout?: Duration): Promise<unknown>
}

export interface MonitoringService {
  queueMetrics(): Promise<QueueSummary[]>
  jobMetrics(name: string, last?: Duration): Promise<JobMetrics>
  /** Failures grouped by where they happened. */
  errors(): Promise<DeadLetterGroup[]>
  /** Times and rates by the minute. */
  performance(last?: Duration): Promise<MetricsPoint[]>
  workers(): Promise<WorkerProcess[]>
}

export interface ErrorHandler {
  /** What an error is, and what would become of a job that ends its attempt with it. */
  assess(name: string, error: unknown, attempt: number): Assessment
  /** Failures that wait for somebody. */
  list(): Promise<DeadLetterGroup[]>
  recover(fingerprint: string, options: RedriveOptions): Promise<Redriven>
}

export interface Assessment {
  readonly kind: FaultKind
  readonly retry: boolean
  /** Milliseconds until the next attempt, where there is one. */
  readonly delay: number | undefined
}

export interface LoggingService {
  readonly operation: Log
  readonly error: Log
  readonly audit: Log
  readonly debug: Log
}

export interface JobOrchestrator {
  /** Every registered job with its configuration. */
  registered(): readonly JobConfig[]
  execute(name: string, input: unknown, options?: EnqueueOptions): Promise<EnqueuedJob>
  monitor(id: string): Promise<InspectedJob | undefined>
  evidence(id: string): Promise<RunEvidence[]>
}

export interface JobServices {
  readonly queue: QueueService
  readonly processor: JobProcessor
  readonly monitoring: MonitoringService
  readonly errors: ErrorHandler
  readonly logging: LoggingService
  readonly orchestrator: JobOrchestrator
}

/** The services over an open instance: the defaults of ports that an application may fill otherwise. */
export function servicesOf(orderly: Orderly): JobServices {
  const { log, auditLog } = roomsOf(orderly)
  const { registry } = orderly
  const definition = (name: string): JobDefinition<any, any> => {
    const job = registry.jobs.get(name) ?? registry.byType.get(name)
    if (job) return job
    throw new OrderlyError('ORDERLY_JOB_UNKNOWN', 'no job of this name or type is registered here')
  }
  const channel =
    (name: string, write: Log): Log =>
    (fields, message) =>
      write({ channel: name, ...fields }, message)
  return {
    queue: {
      add: (name, input, options) => orderly.enqueueByName(name, input, options),
      get: (id) => orderly.inspectJob(id),
      cancel: (id, options) => orderly.cancel(id, options),
      stats: () => orderly.queues(),
      async pause(queue, options) {
        await orderly.pause({ queue }, options)
      },
      resume: (queue) => orderly.resume({ queue }),
      clean: (queue, state, olderThan) => orderly.clean(queue, { state, olderThan }),
    },
    processor: {
      handled: () => [...registry.handlers.values()].map(({ job }) => job.type),
      async process(name, input, timeout = '30s') {
        return orderly.enqueueAndWait(definition(name), input, { timeout })
      },
    },
    monitoring: {
      queueMetrics: () => orderly.queues(),
      jobMetrics: (name, last) => orderly.jobMetrics(definition(name).name, last),
      errors: () => orderly.deadLetters(),
      performance: (last = '1h') => orderly.metrics({ last }),
      workers: () => orderly.workers(),
    },
    errors: {
      assess(name, error, attempt) {
        const { retry } = definition(name).options
        const known = error instanceof Error ? error : new Error('something that is no Error')
        // The wait without its chance part: what a person is told is the longest it can be.
        const delay = nextWait(retry, known, attempt, { now: orderly.clock.now(), random: 0 })
        return { kind: kindOf(error), retry: delay !== undefined, delay }
      },
      list: () => orderly.deadLetters(),
      recover: (fingerprint, options) => orderly.redrive({ fingerprint }, options),
    },
    logging: {
      operation: channel('operation', (fields, message) => log.info(fields, message)),
      error: channel('error', (fields, message) => log.error(fields, message)),
      audit: channel('audit', auditLog ?? ((fields, message) => log.info(fields, message))),
      debug: channel('debug', (fields, message) => log.debug(fields, message)),
    },
    orchestrator: {
      registered: () => [...registry.jobs.values()].map((job) => jobConfigOf(job)),
      execute: (name, input, options) => orderly.enqueueByName(name, input, options),
      monitor: (id) => orderly.inspectJob(id),
      evidence: (id) => orderly.evidence(id),
    },
  }
}
