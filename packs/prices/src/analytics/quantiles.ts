// Places in a list of numbers: exact, by linear interpolation between the two nearest (Hyndman and Fan's type 7).

/** @param sorted in ascending order, at least one @param share from 0 to 1 */
export function quantileOf(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share
  const low = Math.floor(at)
  const here = sorted[low]!
  const next = sorted[low + 1] ?? here
  return here + (next - here) * (at - low)
}

/** The median of numbers in any order, at least one. */
export function medianOf(values: readonly number[]): number {
  return quantileOf(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}
