// The steps of a chart's axes, and what stands at them.
import type { Formats } from '../app/format.ts'

/** From a minute to a year, in seconds. */
export const TIME_STEPS: number[] = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * 3_600),
  ...[1, 2, 3, 7, 14, 30, 90, 365].map((days) => days * 86_400),
]

/** 1, 2, 5, 10, 20 and so on. */
export const WHOLE_STEPS: number[] = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat()

const DAY_MS = 86_400_000

/** The clock where a chart shows a day, the date where it shows more. */
export function tickText(format: Formats, at: number, span: number): string {
  return span > 2 * DAY_MS ? format.day(at) : format.clock(at).slice(0, 5)
}

const LETTER_WIDTH = 6.5

/** A name as far as there is room for it below its bar. */
export function shortened(name: string, room: number): string {
  const letters = Math.max(3, Math.floor(room / LETTER_WIDTH) - 1)
  return name.length <= letters ? name : `${name.slice(0, letters - 1)}…`
}

/** Few names all stand there, shortened where they must be; of many, as many as there is room for. */
export const MOST_NAMES = 12

export function widthOfNames(names: readonly (number | string)[]): number {
  return (
    18 + LETTER_WIDTH * names.reduce<number>((most, name) => Math.max(most, String(name).length), 0)
  )
}
