// How often one caller may ask: a bucket for each, in this process.
import { takeTokens, type Bucket, type Rate } from '../job/token-bucket.ts'

export interface Throttle {
  /** Takes one call. `wait` is in milliseconds, 0 where the call may go on. */
  take(
    caller: string,
    now: number,
  ): { readonly wait: number; readonly remaining: number; readonly limit: number }
}

export const DEFAULT_RATE: Rate = { limit: 6_000, per: 60_000 }
const MOST_CALLERS = 10_000

export function openThrottle(rate: Rate): Throttle {
  const buckets = new Map<string, Bucket>()
  return {
    take(caller, now) {
      const { bucket, wait } = takeTokens(buckets.get(caller), rate, 1, now)
      // Whoever asked last stands last, so that the first is who has been quiet for longest.
      buckets.delete(caller)
      buckets.set(caller, bucket)
      if (buckets.size > MOST_CALLERS) buckets.delete(buckets.keys().next().value!)
      return { wait, remaining: Math.floor(bucket.tokens), limit: rate.limit }
    },
  }
}
