// What a caller may say about one job at the moment of enqueueing.
import type { Duration } from '../primitives/duration.ts'
import type { Priority } from './options.ts'

export interface EnqueueOptions {
  /**
   * While a job of the same kind and key has not finished, no second one is added: the first one's id comes back.
   * Must not hold PHI: keys are stored in the clear.
   */
  readonly unique?: string
  /** Run no sooner than after this long. */
  readonly delay?: Duration
  readonly priority?: Priority
}
