// A series of daily values and the figures forecasts are made and judged with.

/** Values of consecutive days, the first of which is day `firstDay` (days since 1970 UTC). */
export interface DailySeries {
  readonly firstDay: number
  readonly values: readonly number[]
}

export const DAY_MS = 86_400_000
export const WEEK = 7

/** The number of a calendar day, `YYYY-MM-DD`. */
export function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY_MS)
}

/** The calendar day of a number, `YYYY-MM-DD`. */
export function dayText(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10)
}

/** 0 for Sunday. */
export function weekdayOf(number: number): number {
  return (((number + 4) % WEEK) + WEEK) % WEEK
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The quantile at `share`, between neighbours in proportion. 0 for no values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * Math.min(1, Math.max(0, share))
  const below = Math.floor(at)
  const low = sorted[below]!
  return low + (at - below) * ((sorted[below + 1] ?? low) - low)
}

/** The middle distance from the middle: a spread that outliers do not move. */
export function medianDistance(values: readonly number[], middle = median(values)): number {
  return median(values.map((value) => Math.abs(value - middle)))
}

/** The mean absolute error of the forecasts. */
export function meanError(actual: readonly number[], forecast: readonly number[]): number {
  return mean(actual.map((value, at) => Math.abs(value - forecast[at]!)))
}

/**
 * MASE: the error as a share of what repeating the last season made within the history. Below 1 is better than that.
 */
export function scaledError(
  history: readonly number[],
  actual: readonly number[],
  forecast: readonly number[],
  season = WEEK,
): number {
  const scale = mean(history.slice(season).map((value, at) => Math.abs(value - history[at]!)))
  return scale === 0 ? 0 : meanError(actual, forecast) / scale
}
