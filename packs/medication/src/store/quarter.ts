// Quarters of an hour: what one run of the reminder covers.

export const QUARTER_MS = 15 * 60_000

/** The instant the quarter of an hour begins that `at` is in. */
export function quarterOf(at: number): number {
  return Math.floor(at / QUARTER_MS) * QUARTER_MS
}
