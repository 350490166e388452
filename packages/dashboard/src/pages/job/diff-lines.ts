// Which lines two short lists have in common, and which only one of them has.

export interface DiffLine {
  readonly side: 'same' | 'gone' | 'come'
  readonly text: string
}

/** The longest common lines stay; what only the first has is gone, what only the second has has come. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  // lengths[a][b]: how many lines the rests from a and b have in common.
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  )
  for (let a = before.length - 1; a >= 0; a--)
    for (let b = after.length - 1; b >= 0; b--)
      lengths[a]![b] =
        before[a] === after[b]
          ? lengths[a + 1]![b + 1]! + 1
          : Math.max(lengths[a + 1]![b]!, lengths[a]![b + 1]!)
  const lines: DiffLine[] = []
  let [a, b] = [0, 0]
  while (a < before.length || b < after.length) {
    if (a < before.length && b < after.length && before[a] === after[b]) {
      lines.push({ side: 'same', text: before[a]! })
      a++
      b++
    } else if (
      b >= after.length ||
      (a < before.length && lengths[a + 1]![b]! >= lengths[a]![b + 1]!)
    )
      lines.push({ side: 'gone', text: before[a++]! })
    else lines.push({ side: 'come', text: after[b++]! })
  }
  return lines
}
