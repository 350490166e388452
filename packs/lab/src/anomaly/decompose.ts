// Takes weekday and trend out of a series so that what is left is what each day had of its own.
import { median, medianDistance, WEEK } from '../forecast/series.ts'

export interface Decomposition {
  /** What each day was expected to be, on the scale of the analysis. */
  readonly expected: readonly number[]
  /** What each day had beyond that. */
  readonly residual: readonly number[]
  /** The series without its week: level and noise. */
  readonly level: readonly number[]
  /** A standard deviation of the residuals that outliers do not move. */
  readonly sigma: number
}

const WINDOW = 15
const ROUNDS = 3
/** Makes a median distance a standard deviation where noise is normal. */
const TO_SIGMA = 1.4826
/** The middle of 15 days follows the day itself a little; measured on normal noise. */
const FOLLOWS = 1.06

/**
 * @param leastSigma noise that is there at least, however even the days look
 * @param week after how many values their rhythm begins again; 1 for values without one
 */
export function decompose(
  values: readonly number[],
  leastSigma: number,
  week: number = WEEK,
): Decomposition {
  let weekday = Array<number>(week).fill(0)
  let trend = rollingMedian(values)
  for (let round = 0; round < ROUNDS; round++) {
    const usual = trend
    weekday = Array.from({ length: week }, (_, day) =>
      median(values.flatMap((value, at) => (at % week === day ? [value - usual[at]!] : []))),
    )
    const shape = weekday
    trend = rollingMedian(values.map((value, at) => value - shape[at % week]!))
  }
  const expected = trend.map((value, at) => value + weekday[at % week]!)
  const residual = values.map((value, at) => value - expected[at]!)
  return {
    expected,
    residual,
    level: values.map((value, at) => value - weekday[at % week]!),
    sigma: Math.max(leastSigma, FOLLOWS * TO_SIGMA * medianDistance(residual)),
  }
}

/** The middle of the days around each day. It keeps steps as sharp as they are, and spikes do not move it. */
function rollingMedian(values: readonly number[]): number[] {
  const half = Math.floor(WINDOW / 2)
  return values.map((_, at) => {
    const from = Math.max(0, Math.min(at - half, values.length - WINDOW))
    return median(values.slice(from, from + WINDOW))
  })
}
