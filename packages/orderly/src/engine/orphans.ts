// Gives back the jobs that a worker claimed without hearing of it: the answer was lost with its connection.
import type { IQueueBackend } from 'bullmq'
import type { Clock } from '../primitives/clock.ts'
import type { Layer } from './decorate.ts'
import type { RemoteStore } from './store.ts'

const LOOK_AGAIN_MS = 500

/**
 * Remembers which claims were on their way when a connection broke. Such a job is active under a token of ours and in
 * nobody's hands; without this it would wait until its lock has run out and a sweep has found it, a minute or so.
 */
export function orphanLayer(inner: IQueueBackend, remote: RemoteStore, clock: Clock): Layer {
  const flying = new Map<string, number>()
  const inHand = new Set<string>()
  const suspects = new Set<string>()
  let looking = false
  let closed = false

  const suspect = (tokens: Iterable<string>): void => {
    for (const token of tokens) suspects.add(token)
    if (suspects.size === 0 || looking || closed) return
    looking = true
    lookLater()
  }
  const lookLater = (): void => {
    clock.after(LOOK_AGAIN_MS, () => {
      look()
        .catch(() => undefined)
        .finally(() => {
          looking = false
          suspect([])
        })
    })
  }
  const look = async (): Promise<void> => {
    if (closed || !remote.isReady()) return
    // A claim that is still on its way may yet be answered; then its job is in good hands.
    const settled = [...suspects].filter((token) => !flying.has(token))
    if (settled.length === 0) return
    const active = (await inner.getRanges(['active'], 0, -1, true)).flat()
    for (const id of active) {
      for (const token of settled) {
        if (inHand.has(id) || flying.has(token)) continue
        // The store compares the token with the lock: a job of somebody else stays with them.
        const freed = await inner.moveJobFromActiveToWait(id, token).then(
          () => true,
          (error: unknown) => {
            if (remote.verdict(error) !== 'refused') throw error
            return false
          },
        )
        if (freed) break
      }
    }
    for (const token of settled) if (!flying.has(token)) suspects.delete(token)
  }

  /** Follows a call that may claim a job under `token`. */
  const follow = async <T>(
    token: string,
    call: () => Promise<T>,
    nextOf: (answer: T) => any[] | void,
  ): Promise<T> => {
    flying.set(token, (flying.get(token) ?? 0) + 1)
    try {
      const answer = await call()
      const next = nextOf(answer)
      if (next?.[0]) inHand.add(String(next[1]))
      return answer
    } catch (error) {
      if (remote.verdict(error) !== 'refused') suspect([token])
      throw error
    } finally {
      const left = flying.get(token)! - 1
      if (left > 0) flying.set(token, left)
      else flying.delete(token)
    }
  }
  /** Follows a call after which the job is in nobody's hands, done or refused. */
  const letGo = async <T>(id: string, call: () => Promise<T>): Promise<T> => {
    try {
      const answer = await call()
      inHand.delete(id)
      return answer
    } catch (error) {
      if (remote.verdict(error) === 'refused') inHand.delete(id)
      throw error
    }
  }

  const forget = remote.onDrop(() => suspect(flying.keys()))
  return {
    moveToActive: (token, name) =>
      follow(
        token,
        () => inner.moveToActive(token, name),
        (next) => next,
      ),
    moveToCompleted: (job, value, keep, token, fetchNext) =>
      follow(
        token,
        () => letGo(job.id!, () => inner.moveToCompleted(job, value, keep, token, fetchNext)),
        ({ result }) => result,
      ),
    moveToFailed: (job, reason, keep, token, fetchNext, fields) =>
      follow(
        token,
        () => letGo(job.id!, () => inner.moveToFailed(job, reason, keep, token, fetchNext, fields)),
        ({ result }) => result,
      ),
    moveToDelayed: (id, timestamp, delay, token, opts) =>
      follow(
        token ?? '0',
        () => letGo(id, () => inner.moveToDelayed(id, timestamp, delay, token, opts)),
        (next) => next,
      ),
    retryJob: (id, ...rest) => letGo(id, () => inner.retryJob(id, ...rest)),
    moveJobFromActiveToWait: (id, token) =>
      letGo(id, () => inner.moveJobFromActiveToWait(id, token)),
    moveToWaitingChildren: (id, ...rest) =>
      letGo(id, () => inner.moveToWaitingChildren(id, ...rest)),
    close: async (force) => {
      // Nobody else knows these tokens: what is not given back now waits for a sweep. One that has gone deaf is closed
      // just when its line is back, so the next look would come too late.
      if (!force) await look().catch(() => undefined)
      closed = true
      forget()
      await inner.close(force)
    },
  }
}
