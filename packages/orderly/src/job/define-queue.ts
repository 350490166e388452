// What a queue is beyond its name: how many jobs one process may run from it at once.
import { OrderlyError } from '../primitives/errors.ts'
import { checkName } from './define-job.ts'

export interface QueueDefinition {
  readonly name: string
  /** Jobs of this queue that one process runs at the same time. */
  readonly concurrency: number
}

export interface QueueSpec {
  readonly name: string
  readonly concurrency?: number
}

export const DEFAULT_CONCURRENCY = 5
const HIGHEST_CONCURRENCY = 1_000

/**
 * Declares a queue whose settings differ from the defaults.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function defineQueue(spec: QueueSpec): QueueDefinition {
  checkName(spec.name)
  const concurrency = spec.concurrency ?? DEFAULT_CONCURRENCY
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > HIGHEST_CONCURRENCY) {
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `queue "${spec.name}": concurrency is a whole number from 1 to ${HIGHEST_CONCURRENCY}`,
    )
  }
  return Object.freeze({ name: spec.name, concurrency })
}
