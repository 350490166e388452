// Numbers, times and spans in the words of a sentence.

export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

export function ordinal(n: number): string {
  const tens = n % 100
  if (tens > 10 && tens < 14) return `${n}th`
  return `${n}${['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'}`
}

export function clockOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

export function spanText(ms: number): string {
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const)
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`
  return `${ms}ms`
}

export function secondsTo(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 1_000))
}
