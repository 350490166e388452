// How far a value is from what was expected: amounts by their distance, counts by how rarely chance makes them.
import { mean, median, medianDistance, quantile } from '../forecast/series.ts'

/** Makes a median distance a standard deviation where noise is normal. */
const TO_SIGMA = 1.4826
/** The middle of the values about one follows it a little; measured on normal noise. */
const FOLLOWS = 1.06

export interface Scale {
  /** The scale on which noise is even, for finding week and trend, and back. */
  to(value: number): number
  from(value: number): number
  /** The noise there is at least, on that scale. */
  leastSigma(values: readonly number[]): number
  /** How far off a value is, in standard deviations once divided by their `spreadOf`. */
  distance(value: number, expected: number): number
}

export const AMOUNTS: Scale = {
  to: (value) => value,
  from: (value) => value,
  leastSigma: (values) => Math.max(1e-9, 0.01 * median(values.map(Math.abs))),
  distance: (value, expected) => value - expected,
}

/** Of a count that never came: it may come all the same. */
const LEAST_MEAN = 0.05

/**
 * On the root scale of Anscombe counts that come by chance vary by 1, however many they are. How rare a count is, its deviance
 * says: the signed root of twice the logarithm by which its chance falls short of the likeliest.
 *
 * @param size of a negative binomial, for counts that vary by more than chance; Infinity for those that do not
 */
export function countsOf(size = Infinity): Scale {
  return {
    to: (value) => 2 * Math.sqrt(Math.max(0, value) + 3 / 8),
    from: (value) => Math.max(0, (Math.max(0, value) / 2) ** 2 - 3 / 8),
    leastSigma: () => 1,
    distance(value, expected) {
      const count = Math.max(0, value)
      const mean = Math.max(LEAST_MEAN, expected)
      const own = count === 0 ? 0 : count * Math.log(count / mean)
      const rest =
        size === Infinity ? count - mean : (count + size) * Math.log((count + size) / (mean + size))
      return Math.sign(count - mean) * Math.sqrt(2 * Math.max(0, own - rest))
    },
  }
}

/** The scale of counts that vary as these do about what was expected of them; those that are not `isOpen` say nothing. */
export function countsLike(
  values: readonly number[],
  expected: readonly number[],
  isOpen: readonly boolean[],
): Scale {
  const chance = countsOf()
  const ofOpen = (list: readonly number[]): number[] => list.filter((_, at) => isOpen[at])
  const spread = spreadOf(
    ofOpen(values.map((value, at) => chance.distance(value, expected[at]!))),
    1,
  )
  const mean = median(ofOpen(expected))
  // The variance of a negative binomial is mean + mean² / size.
  return spread === 1 || mean === 0 ? chance : countsOf(mean / (spread ** 2 - 1))
}

/** A standard deviation of distances that outliers do not move. */
export function spreadOf(distances: readonly number[], least: number): number {
  return Math.max(least, FOLLOWS * TO_SIGMA * medianDistance(distances))
}

/** So many of the farthest values may be no chance at all: they say nothing of its tail. */
const OUTLIERS = 0.02
/** The standard deviation of normal noise without them, as a share of the whole. */
const NORMAL_WIDTH = 0.93
/** How much farther the limit stands for each standard deviation that the noise has beyond normal noise of its middle. */
const TAIL_SHARE = 6.2
const TAIL_FROM = 0.1
const TAIL_CHANCE = 0.001

/**
 * How far in one direction chance goes: as far as `least` where the noise is normal, farther where its tail is longer than
 * that. Sales of a product have such tails: most days are near their weekday, and some are many times that.
 *
 * How far is told by two things, of which the nearer one counts: how much wider the noise is than its middle says, and where
 * the tail of this direction ends, going on as it begins: once in a thousand days.
 *
 * @param scores distances by their `spreadOf`
 */
export function limitOf(scores: readonly number[], way: 1 | -1, least: number): number {
  const far = quantile(scores.map(Math.abs), 1 - OUTLIERS)
  const wide = Math.sqrt(
    mean(scores.filter((score) => Math.abs(score) <= far).map((score) => score ** 2)),
  )
  const ofWidth = least + TAIL_SHARE * (wide - NORMAL_WIDTH)
  const off = scores.map((score) => way * score)
  const begin = quantile(off, 1 - TAIL_FROM)
  const halving = quantile(off, 1 - TAIL_FROM / 2) - begin
  const ofTail = begin + halving * Math.log2(TAIL_FROM / TAIL_CHANCE)
  return Math.max(least, Math.min(ofWidth, ofTail))
}

/** The value that is so far from what was expected. */
export function valueAt({ distance, from, to }: Scale, expected: number, far: number): number {
  if (far === 0) return expected
  let near = expected
  let beyond = from(to(expected) + 4 * far)
  if (Math.abs(distance(beyond, expected)) < Math.abs(far)) return beyond
  for (let halving = 0; halving < 40; halving++) {
    const middle = (near + beyond) / 2
    if (Math.abs(distance(middle, expected)) < Math.abs(far)) near = middle
    else beyond = middle
  }
  return near
}
