// Calls a handler the way its job wants it: by itself, with others in a batch, or apart from this thread.
import type { Pool } from '../isolation/pool.ts'
import type { JobContext } from '../job/context.ts'
import type { Handler } from '../job/handler.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Attempt } from './attempt.ts'
import { charging } from './stray-errors.ts'

export interface HandlerRunner {
  /** What the handler returned; rejects with what it threw. */
  run(attempt: Attempt, context: JobContext): Promise<unknown>
  close(): Promise<void>
}

export function openRunner(clock: Clock, pool: Pool): HandlerRunner {
  const batches = new Map<string, Batch>()
  return {
    run(attempt, context) {
      const { handler, job } = attempt
      const { isolation: mode } = job.options
      if (handler.module && mode !== 'inline')
        return pool.run({ job, module: handler.module, mode, context })
      if (!handler.batch) return charging([attempt], () => handler.run(context))
      let batch = batches.get(handler.job.name)
      if (!batch) batches.set(handler.job.name, (batch = new Batch(handler.batch, clock)))
      return batch.add(attempt, context)
    },
    async close() {
      for (const batch of batches.values()) batch.flush()
      await pool.close()
    },
  }
}

interface Item {
  readonly attempt: Attempt
  readonly context: JobContext
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Gathers the jobs of one kind until there are enough, or the first has waited long enough. */
class Batch {
  readonly #options: NonNullable<Handler['batch']>
  readonly #clock: Clock
  #items: Item[] = []
  #disarm = (): void => {}

  constructor(options: NonNullable<Handler['batch']>, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  add(attempt: Attempt, context: JobContext): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#items.push({ attempt, context, resolve, reject })
      if (this.#items.length >= this.#options.size) this.flush()
      else if (this.#items.length === 1)
        this.#disarm = this.#clock.after(this.#options.wait, () => this.flush())
    })
  }

  flush(): void {
    this.#disarm()
    const items = this.#items
    this.#items = []
    // What was cancelled or ran out of time while it waited for others is not to be done any more.
    const wanted = items.filter(({ context, reject }) => {
      if (context.signal.aborted) reject(context.signal.reason)
      return !context.signal.aborted
    })
    if (wanted.length > 0) void this.#hand(wanted)
  }

  async #hand(items: readonly Item[]): Promise<void> {
    try {
      const results = await charging(
        items.map(({ attempt }) => attempt),
        () => this.#options.run(items.map(({ context }) => context)),
      )
      if (!Array.isArray(results) || results.length !== items.length)
        throw new OrderlyError(
          'ORDERLY_OUTPUT_INVALID',
          `a batch handler returns one result for each of its ${items.length} jobs, in their order`,
        )
      for (const [index, { resolve, reject }] of items.entries()) {
        const result: unknown = results[index]
        if (result instanceof Error) reject(result)
        else resolve(result)
      }
    } catch (error) {
      for (const { reject } of items) reject(error)
    }
  }
}
