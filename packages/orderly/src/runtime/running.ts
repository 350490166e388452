// The jobs this process works on, so that anybody in it can tell one to stop.
import type { OrderlyError } from '../primitives/errors.ts'

export interface Running {
  /** The returned function says that the job has ended. */
  add(recordId: string, stop: AbortController): () => void
  /** The recorded ids of all jobs that run here. */
  ids(): string[]
  /** @returns whether the job runs here */
  stop(recordId: string, reason: OrderlyError): boolean
  /** Counts a handler that goes on although its attempt is over; the returned function says that it has ended. */
  stick(): () => void
  /** How many handlers go on although their attempts are over. */
  stuck(): number
  /** Counts a job that was put aside unrun; `first` is called when it is the first of its kind for this reason. */
  hold(job: string, reason: string, id: string, first: () => void): void
  /** Counts a job of a kind that the queue put off by itself, before a worker had it. */
  count(job: string, reason: string): void
  /** Kinds of job of which some were put aside here. */
  kindsAside(): string[]
  /** The ids, in their queue, of jobs of this kind that were put aside here since the last call. */
  takeAside(job: string): string[]
  /** Kinds of job that were put aside, and how often. */
  held(): { readonly job: string; readonly reason: string; readonly times: number }[]
}

/** More are found again by themselves when their time is over. */
const MOST_ASIDE = 10_000

export function openRunning(): Running {
  const running = new Map<string, AbortController>()
  const aside = new Map<string, Set<string>>()
  const held = new Map<string, { job: string; reason: string; times: number }>()
  let stuck = 0
  /** @returns whether it is the first of its kind for this reason */
  const count = (job: string, reason: string): boolean => {
    const key = `${job}/${reason}`
    const entry = held.get(key)
    if (entry) entry.times++
    else held.set(key, { job, reason, times: 1 })
    return entry === undefined
  }
  return {
    stick() {
      stuck++
      return () => void stuck--
    },
    stuck: () => stuck,
    hold(job, reason, id, first) {
      const ids = aside.get(job) ?? new Set()
      aside.set(job, ids.size < MOST_ASIDE ? ids.add(id) : ids)
      if (count(job, reason)) first()
    },
    count: (job, reason) => void count(job, reason),
    kindsAside: () => [...aside.keys()],
    takeAside(job) {
      const ids = [...(aside.get(job) ?? [])]
      aside.delete(job)
      return ids
    },
    held: () => [...held.values()],
    add(id, stop) {
      running.set(id, stop)
      return () => {
        // A job that was claimed anew meanwhile stands here under a controller of its own.
        if (running.get(id) === stop) running.delete(id)
      }
    },
    ids: () => [...running.keys()],
    stop(id, reason) {
      const controller = running.get(id)
      controller?.abort(reason)
      return controller !== undefined
    },
  }
}
