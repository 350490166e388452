/** Owns ranges as Redis counts them: both ends included, negative ones from the end. */

/** Turns such a range over `length` items into an offset and a limit. */
export function slice(
  length: number,
  start: number,
  end: number,
): { offset: number; limit: number } {
  const first = Math.max(start < 0 ? length + start : start, 0)
  const last = Math.min(end < 0 ? length + end : end, length - 1)
  return { offset: first, limit: Math.max(last - first + 1, 0) }
}
