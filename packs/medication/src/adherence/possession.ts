// Medication possession ratio, and when a patient stopped refilling.
import type { Day } from '../schedule/zone.ts'
import type { Fill, Period } from './days-covered.ts'

export interface Possession {
  /** Days supplied over days of the period: above 1 when more was filled than needed. */
  readonly ratio: number
  /** The same, 1 at most. */
  readonly capped: number
}

export function possession(fills: readonly Fill[], period: Period): Possession {
  const days = period.end - period.start + 1
  const supplied = fills
    .filter(({ on }) => on >= period.start && on <= period.end)
    .reduce((sum, fill) => sum + fill.days, 0)
  const ratio = days > 0 ? Math.max(0, supplied) / days : 0
  return { ratio, capped: Math.min(1, ratio) }
}

export interface Persistence {
  /** Days from the first fill to the first gap longer than allowed, or to the end of the period. */
  readonly days: number
  /** The first day without medicine of that gap. */
  readonly gapFrom: Day | undefined
}

/** @param permissible days without medicine that do not count as stopping: 30, 60 or 90 as a rule */
export function persistence(
  fills: readonly Fill[],
  period: Period,
  permissible: number,
): Persistence | undefined {
  const sorted = fills
    .filter(({ days, on }) => days > 0 && on >= period.start && on <= period.end)
    .toSorted((a, b) => a.on - b.on)
  const [first] = sorted
  if (!first) return undefined
  let suppliedTo = first.on - 1
  for (const { days, on } of sorted) {
    if (on - (suppliedTo + 1) > permissible)
      return { days: suppliedTo + 1 - first.on, gapFrom: suppliedTo + 1 }
    suppliedTo = Math.max(suppliedTo + days, on + days - 1)
  }
  if (period.end - suppliedTo > permissible)
    return { days: suppliedTo + 1 - first.on, gapFrom: suppliedTo + 1 }
  return { days: period.end - first.on + 1, gapFrom: undefined }
}
