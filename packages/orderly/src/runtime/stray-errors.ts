// Errors that a handler in this thread lets slip past its promise: thrown in a timer, or rejected where nobody waits.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Logger } from '../job/logger.ts'
import type { Attempt } from './attempt.ts'

/** Whoever's code is running: takes an error that nobody caught. */
interface Debtor {
  readonly attempts: readonly Attempt[]
  isOver: boolean
}

const debtors = new AsyncLocalStorage<Debtor>()

/** Calls `fn`; what it lets slip while it runs ends `attempts` with that error. */
export async function charging<T>(attempts: readonly Attempt[], fn: () => Promise<T>): Promise<T> {
  const debtor: Debtor = { attempts, isOver: false }
  try {
    return await debtors.run(debtor, fn)
  } finally {
    debtor.isOver = true
  }
}

/**
 * From here on an error that a handler let slip does not end the process. One that belongs to no job does, as ever.
 *
 * @returns ends that
 */
export function catchStrayErrors(log: Logger): () => void {
  const charge = (error: unknown): boolean => {
    const debtor = debtors.getStore()
    if (!debtor) return false
    const name = error instanceof Error ? error.name : typeof error
    const jobs = debtor.attempts.map(({ id }) => id)
    if (debtor.isOver)
      log.error({ jobs, error: name }, 'what a handler left behind threw after its job had ended')
    else for (const { stop } of debtor.attempts) stop.abort(error)
    return true
  }
  const crash = (error: unknown): void => {
    stop()
    // Outside of this listener, so that it ends the process in the usual way.
    process.nextTick(() => {
      throw error
    })
  }
  const onException = (error: unknown): void => {
    if (!charge(error) && process.listenerCount('uncaughtException') === ours) crash(error)
  }
  const onRejection = (error: unknown): void => {
    if (!charge(error) && process.listenerCount('unhandledRejection') === ours) crash(error)
  }
  const stop = (): void => {
    if (!process.listeners('uncaughtException').includes(onException)) return
    process.off('uncaughtException', onException).off('unhandledRejection', onRejection)
    ours--
  }
  process.on('uncaughtException', onException).on('unhandledRejection', onRejection)
  ours++
  return stop
}

/** Instances of this process that listen. */
let ours = 0
