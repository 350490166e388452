// Keeps a fault that repeats from filling the log: a store without its tables reports 40,000 errors a minute.
import type { Clock } from '../primitives/clock.ts'

const PAUSE_MS = 30_000
const MOST_KINDS = 100

/** Hands an error on when it is the first of its kind in a while, with how many of them were held back since. */
export function quietly(
  clock: Clock,
  report: (error: Error, heldBack: number) => void,
): (error: Error) => void {
  const kinds = new Map<string, { until: number; heldBack: number }>()
  return (error) => {
    const now = clock.elapsed()
    // Numbers tell one job or port from another, not one fault from another.
    const kind = error.message.replaceAll(/\d+/g, '#').slice(0, 120)
    const known = kinds.get(kind)
    if (known && now < known.until) {
      known.heldBack++
      return
    }
    if (kinds.size >= MOST_KINDS) kinds.clear()
    kinds.set(kind, { until: now + PAUSE_MS, heldBack: 0 })
    report(error, known?.heldBack ?? 0)
  }
}
