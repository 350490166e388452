// Every job, handler and queue an instance knows: the single source of truth for routing.
import { OrderlyError } from '../primitives/errors.ts'
import type { JobDefinition } from './define-job.ts'
import { DEFAULT_CONCURRENCY, type QueueDefinition } from './define-queue.ts'
import type { Handler } from './handler.ts'

export interface Registry {
  readonly jobs: ReadonlyMap<string, JobDefinition>
  /** The same jobs by the type that reports and configurations name them by. */
  readonly byType: ReadonlyMap<string, JobDefinition>
  readonly handlers: ReadonlyMap<string, Handler>
  /** Every queue a job waits in, with its settings. */
  readonly queues: ReadonlyMap<string, QueueDefinition>
}

/**
 * Puts jobs, queues and handlers together.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` when two share a name or a handler's job is not listed
 */
export function buildRegistry(parts: {
  jobs: readonly JobDefinition[]
  queues: readonly QueueDefinition[]
  handlers: readonly Handler[]
}): Registry {
  const jobs = new Map<string, JobDefinition>()
  for (const job of parts.jobs) put(jobs, job.name, job, 'job')
  const byType = new Map<string, JobDefinition>()
  for (const job of jobs.values()) put(byType, job.type, job, 'job type')
  const handlers = new Map<string, Handler>()
  for (const handler of parts.handlers) {
    if (jobs.get(handler.job.name) !== handler.job) {
      throw new OrderlyError(
        'ORDERLY_DEFINITION_INVALID',
        `there is a handler for job "${handler.job.name}", but that job is not in "jobs"; list it there`,
      )
    }
    if (handler.job.options.isolation !== 'inline' && !handler.module) {
      throw new OrderlyError(
        'ORDERLY_DEFINITION_INVALID',
        `job "${handler.job.name}" runs in a ${handler.job.options.isolation} of its own, which cannot be handed a function; put its handler in a module and name that with handleIn(job, new URL('./handler.js', import.meta.url))`,
      )
    }
    put(handlers, handler.job.name, handler, 'handler for job')
  }
  const queues = new Map<string, QueueDefinition>()
  for (const queue of parts.queues) put(queues, queue.name, queue, 'queue')
  for (const { queue } of jobs.values()) {
    if (!queues.has(queue)) queues.set(queue, { name: queue, concurrency: DEFAULT_CONCURRENCY })
  }
  return { jobs, byType, handlers, queues }
}

function put<T>(map: Map<string, T>, name: string, value: T, what: string): void {
  if (map.has(name) && map.get(name) !== value) {
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `two different definitions of ${what} "${name}"; rename one`,
    )
  }
  map.set(name, value)
}
