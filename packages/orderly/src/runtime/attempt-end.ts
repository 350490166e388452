// The end of an attempt for the handler that ran it: what it kept of its context does nothing more for the job.
import { OrderlyError } from '../primitives/errors.ts'

export interface AttemptEnd {
  isReached(): boolean
  /** From here on the context of the attempt refuses. */
  reach(): void
  /**
   * Lets pass while the attempt goes on. One that was aborted is over, although its handler may not have heard yet.
   *
   * @throws OrderlyError why it was aborted; `ORDERLY_LOCK_LOST` where its handler has returned or thrown
   */
  refuse(): void
  /** The same, for what a handler may still note while its process stops: how far it came. */
  refuseUnlessStopping(): void
}

export function openEnd(id: string, signal: AbortSignal): AttemptEnd {
  let isOver = false
  const refuse = (): void => {
    signal.throwIfAborted()
    if (isOver)
      throw new OrderlyError(
        'ORDERLY_LOCK_LOST',
        `this attempt of job ${id} is over, and what its handler does after that is not recorded; await everything before the handler returns`,
      )
  }
  return {
    isReached: () => isOver || signal.aborted,
    reach: () => void (isOver = true),
    refuse,
    refuseUnlessStopping() {
      const reason: unknown = signal.reason
      if (reason instanceof OrderlyError && reason.code === 'ORDERLY_CLOSED') return
      refuse()
    },
  }
}
