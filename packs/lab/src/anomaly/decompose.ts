// Takes weekday and trend out of a series so that what is left is what each day had of its own.
import { median, WEEK } from '../forecast/series.ts'
import { spreadOf } from './scale.ts'

export interface Decomposition {
  /** What each day was expected to be, on the scale of the analysis. */
  readonly expected: readonly number[]
  /** What each day had beyond that. */
  readonly residual: readonly number[]
  /** The series without its week: level and noise; on days that are closed the level alone. */
  readonly level: readonly number[]
  /** A standard deviation of the residuals that outliers do not move. */
  readonly sigma: number
}

/** A weekday on which nothing happens but on one day in so many is closed: its quiet says nothing of the noise of others. */
const CLOSED_SHARE = 0.05

/** Which values are of weekdays that are open; all of them where none is. */
export function openDays(values: readonly number[], week: number): boolean[] {
  const isOpen = Array.from({ length: week }, (_, day) => {
    const same = values.filter((_, at) => at % week === day)
    return same.filter((value) => value !== 0).length > CLOSED_SHARE * same.length
  })
  return values.map((_, at) => !isOpen.includes(true) || isOpen[at % week]!)
}

const WINDOW = 15
const ROUNDS = 3

/**
 * @param leastSigma noise that is there at least, however even the days look
 * @param week after how many values their rhythm begins again; 1 for values without one
 * @param shifts the first values of new levels: the trend looks across none of them
 * @param isOpen which values tell of level and noise
 */
export function decompose(
  values: readonly number[],
  leastSigma: number,
  week: number = WEEK,
  shifts: readonly number[] = [],
  isOpen: readonly boolean[] = openDays(values, week),
): Decomposition {
  let weekday = Array<number>(week).fill(0)
  let trend = rollingMedian(values, shifts, isOpen)
  for (let round = 0; round < ROUNDS; round++) {
    const usual = trend
    weekday = Array.from({ length: week }, (_, day) =>
      median(values.flatMap((value, at) => (at % week === day ? [value - usual[at]!] : []))),
    )
    const shape = weekday
    trend = rollingMedian(
      values.map((value, at) => value - shape[at % week]!),
      shifts,
      isOpen,
    )
  }
  // A weekday that is closed stays closed, whatever level the others come to.
  const closed = Array.from({ length: week }, (_, day) =>
    median(values.filter((_, at) => at % week === day)),
  )
  const expected = trend.map((value, at) =>
    isOpen[at] ? value + weekday[at % week]! : closed[at % week]!,
  )
  const residual = values.map((value, at) => value - expected[at]!)
  return {
    expected,
    residual,
    level: values.map((value, at) => (isOpen[at] ? value - weekday[at % week]! : trend[at]!)),
    sigma: spreadOf(
      residual.filter((_, at) => isOpen[at]),
      leastSigma,
    ),
  }
}

/** The middle of the days around each day, of its own level. It keeps steps as sharp as they are, and spikes do not move it. */
function rollingMedian(
  values: readonly number[],
  shifts: readonly number[],
  isOpen: readonly boolean[],
): number[] {
  const half = Math.floor(WINDOW / 2)
  const edges = [0, ...shifts, values.length]
  return values.map((_, at) => {
    const start = edges.findLast((edge) => edge <= at) ?? 0
    const end = edges.find((edge) => edge > at) ?? values.length
    const from = Math.max(start, Math.min(at - half, end - WINDOW))
    const around = values.slice(from, Math.min(from + WINDOW, end))
    return median(around.filter((_, after) => isOpen[from + after]))
  })
}
