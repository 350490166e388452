// Asks once more what PostgreSQL gave up because two waited for each other: it has undone the whole of it.
import type { IQueueBackend } from 'bullmq'
import type { Layer } from './decorate.ts'

const MOST_TRIES = 5
const DEADLOCK = '40P01'

/**
 * BullMQ's statements there take the rows of several jobs, not all in one order: a worker that claims lets jobs through
 * whose time has come. A worker that is told of it would take the end of its job for a failure of the job.
 */
export function againAfterDeadlock(inner: IQueueBackend): Layer {
  const again = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        if (tries >= MOST_TRIES || (error as { code?: unknown }).code !== DEADLOCK) throw error
      }
    }
  }
  return {
    addJob: (...given) => again(() => inner.addJob(...given)),
    addJobs: (...given) => again(() => inner.addJobs(...given)),
    moveToActive: (...given) => again(() => inner.moveToActive(...given)),
    moveToCompleted: (...given) => again(() => inner.moveToCompleted(...given)),
    moveToFailed: (...given) => again(() => inner.moveToFailed(...given)),
    moveToDelayed: (...given) => again(() => inner.moveToDelayed(...given)),
    moveToWaitingChildren: (...given) => again(() => inner.moveToWaitingChildren(...given)),
    moveJobFromActiveToWait: (...given) => again(() => inner.moveJobFromActiveToWait(...given)),
    moveStalledJobsToWait: (...given) => again(() => inner.moveStalledJobsToWait(...given)),
    retryJob: (...given) => again(() => inner.retryJob(...given)),
    extendLocks: (...given) => again(() => inner.extendLocks(...given)),
    promote: (...given) => again(() => inner.promote(...given)),
    remove: (...given) => again(() => inner.remove(...given)),
  }
}
