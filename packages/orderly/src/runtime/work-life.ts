// The workers of an instance over its life: started once however often that is asked for, quieted, started again, closed.
import { OrderlyError } from '../primitives/errors.ts'
import type { Rooms } from './rooms.ts'
import { startWork, type Work } from './start.ts'

export interface WorkLife {
  /** Whether its workers take jobs; of one that has none, whether it never had any. */
  isReady(): boolean
  /**
   * @param only the queues to work on; all unless told
   * @throws OrderlyError what `startWork` does, `ORDERLY_CONFLICT` where it works on other queues already
   */
  start(only?: readonly string[]): Promise<void>
  /** Calls `listener` whenever a job has left the active state; the returned function ends that. */
  onSettled(listener: () => void): () => void
  quiet(grace: number): Promise<void>
  close(grace: number, hurry?: AbortSignal): Promise<void>
}

/** @param open the rooms, while the instance is open */
export function openWorkLife(open: () => Rooms): WorkLife {
  let work: Work | undefined
  let starting: Promise<void> | undefined
  /** Somebody stopped its workers: it neither takes jobs nor is one that never does. */
  let isQuiet = false
  const begin = async (only: readonly string[] | undefined): Promise<void> => {
    work = await startWork(open(), only)
    isQuiet = false
  }
  /** What is about to start is there in a moment, and must not be missed. */
  const settled = async (): Promise<void> => {
    await starting?.catch(() => undefined)
  }
  return {
    isReady: () => work?.isReady() ?? !isQuiet,
    async start(only) {
      await settled()
      // Of several that waited for it one is first.
      if (!work) await (starting ??= begin(only).finally(() => (starting = undefined)))
      const others = only?.filter((name) => !work?.queues.includes(name)) ?? []
      if (others.length > 0)
        throw new OrderlyError(
          'ORDERLY_CONFLICT',
          `this instance works on ${work?.queues.join(', ')} already, and not on ${others.join(', ')}; name all of them in one start, or call quiet() before another`,
        )
    },
    onSettled: (listener) => work?.onSettled(listener) ?? (() => undefined),
    async quiet(grace) {
      await settled()
      const quieted = work
      work = undefined
      isQuiet = true
      await quieted?.close(grace)
    },
    async close(grace, hurry) {
      await settled()
      await work?.close(grace, hurry)
    },
  }
}
