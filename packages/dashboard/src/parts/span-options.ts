// The spans people choose from, in the words of the API and of the reader.
import type { Formats } from '../app/format.ts'

const SPANS = [
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['4h', 14_400_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
] as const

export function spanOptions(format: Formats): { value: string; label: string; ms: number }[] {
  return SPANS.map(([value, ms]) => ({ value, label: format.span(ms), ms }))
}
