// Methods that say how a series goes on. Each takes a history and returns `horizon` values.
import { mean, median, quantile, WEEK } from './series.ts'

export interface Model {
  readonly name: string
  forecast(history: readonly number[], horizon: number): number[]
}

const flat = (value: number, horizon: number): number[] => Array<number>(horizon).fill(value)

/** As the last day was. */
export const naive: Model = {
  name: 'naive',
  forecast: (history, horizon) => flat(history.at(-1) ?? 0, horizon),
}

/** As the same weekday was a week before. */
export const seasonalNaive: Model = {
  name: 'seasonal-naive',
  forecast: (history, horizon) =>
    Array.from({ length: horizon }, (_, at) =>
      history.length < WEEK ? (history.at(-1) ?? 0) : history[history.length - WEEK + (at % WEEK)]!,
    ),
}

/** The middle of what each weekday was in the last weeks: what best meets absolute errors when spikes are chance. */
export function weekdayMiddle(weeks: number, share = 0.5): Model {
  return {
    name: share === 0.5 ? `weekday-median-${weeks}` : `weekday-quantile-${weeks}`,
    forecast: (history, horizon) => {
      const recent = history.slice(-weeks * WEEK)
      const of = Array.from({ length: WEEK }, (_, place) =>
        quantile(
          recent.filter((_value, at) => (recent.length - at) % WEEK === (WEEK - place) % WEEK),
          share,
        ),
      )
      return Array.from({ length: horizon }, (_, at) => of[at % WEEK]!)
    },
  }
}

const ALPHAS = [0.05, 0.1, 0.2, 0.3, 0.5]

/** The level after smoothing, with the weight that would have served best so far. */
function smoothed(history: readonly number[]): { level: number; slope: number } {
  let best = { error: Infinity, level: 0 }
  for (const alpha of ALPHAS) {
    let level = mean(history.slice(0, WEEK))
    let error = 0
    for (const value of history) {
      error += Math.abs(value - level)
      level += alpha * (value - level)
    }
    if (error < best.error) best = { error, level }
  }
  return { level: best.level, slope: 0 }
}

export const simpleSmoothing: Model = {
  name: 'ses',
  forecast: (history, horizon) => flat(smoothed(history).level, horizon),
}

const BETAS = [0.01, 0.05, 0.1]
const DAMPING = 0.9

/** Level and slope, the slope fading as it is carried on (Holt, damped). */
export const dampedTrend: Model = {
  name: 'holt-damped',
  forecast(history, horizon) {
    let best = { error: Infinity, level: 0, slope: 0 }
    for (const alpha of ALPHAS)
      for (const beta of BETAS) {
        let level = mean(history.slice(0, WEEK))
        let slope = 0
        let error = 0
        for (const value of history) {
          const expected = level + DAMPING * slope
          error += Math.abs(value - expected)
          const next = expected + alpha * (value - expected)
          slope = beta * (next - level) + (1 - beta) * DAMPING * slope
          level = next
        }
        if (error < best.error) best = { error, level, slope }
      }
    let carried = 0
    return Array.from({ length: horizon }, (_, at) => {
      carried += DAMPING ** (at + 1) * best.slope
      return best.level + carried
    })
  },
}

/** Theta: half the straight line through everything, half the smoothed level. */
export const theta: Model = {
  name: 'theta',
  forecast(history, horizon) {
    const { level } = smoothed(history)
    const middle = (history.length - 1) / 2
    const average = mean(history)
    let up = 0
    let across = 0
    history.forEach((value, at) => {
      up += (at - middle) * (value - average)
      across += (at - middle) ** 2
    })
    const slope = across === 0 ? 0 : up / across
    return Array.from({ length: horizon }, (_, at) => level + (slope / 2) * (at + 1))
  },
}

/** The mean of three. */
export const combined: Model = {
  name: 'comb',
  forecast(history, horizon) {
    const parts = [simpleSmoothing, dampedTrend, theta].map((model) =>
      model.forecast(history, horizon),
    )
    return Array.from({ length: horizon }, (_, at) => mean(parts.map((part) => part[at]!)))
  },
}

/**
 * Takes the week out of a history, lets a model go on with the rest, and puts the week back: each weekday as a share of
 * the usual day. A weekday on which nothing ever happens stays at nothing.
 */
export function throughWeek(model: Model): Model {
  return {
    name: `weekly-${model.name}`,
    forecast(history, horizon) {
      const shares = weekdayShares(history)
      const level = history.flatMap((value, at) => {
        const share = shares[(history.length - at) % WEEK]!
        return share > 0 ? [value / share] : []
      })
      if (level.length === 0) return flat(0, horizon)
      const going = model.forecast(level, horizon)
      return going.map((value, at) => value * shares[(WEEK - (at % WEEK)) % WEEK]!)
    },
  }
}

const LEAST_SHARE = 0.05

/** The share of each weekday, counted back from the day after the history. Spikes are cut before. */
function weekdayShares(history: readonly number[]): number[] {
  const recent = history.slice(-26 * WEEK)
  const top = quantile(recent, 0.95)
  const cut = recent.map((value) => Math.max(0, Math.min(value, top)))
  const average = mean(cut)
  if (average === 0) return Array<number>(WEEK).fill(1)
  return Array.from({ length: WEEK }, (_, back) => {
    const share = mean(cut.filter((_value, at) => (cut.length - at) % WEEK === back)) / average
    return share < LEAST_SHARE ? 0 : share
  })
}

/** Sizes and gaps of a demand that comes now and then. */
function demand(history: readonly number[]): { sizes: number[]; gaps: number[] } {
  const sizes: number[] = []
  const gaps: number[] = []
  let gap = 1
  for (const value of history) {
    if (value > 0) {
      sizes.push(value)
      gaps.push(gap)
      gap = 1
    } else gap++
  }
  return { sizes, gaps }
}

const CROSTON_ALPHA = 0.1
const smooth = (values: readonly number[], alpha: number): number =>
  values.reduce((level, value) => level + alpha * (value - level), values[0] ?? 0)

/** Croston's method with the correction of Syntetos and Boylan: size over gap. */
export const crostonSba: Model = {
  name: 'croston-sba',
  forecast(history, horizon) {
    const { sizes, gaps } = demand(history)
    if (sizes.length === 0) return flat(0, horizon)
    const rate = smooth(sizes, CROSTON_ALPHA) / Math.max(1, smooth(gaps, CROSTON_ALPHA))
    return flat((1 - CROSTON_ALPHA / 2) * rate, horizon)
  },
}

/** Teunter, Syntetos and Babai: the chance of demand is smoothed each day, so that what died out falls to nothing. */
export const tsb: Model = {
  name: 'tsb',
  forecast(history, horizon) {
    const { sizes } = demand(history)
    let size = sizes[0] ?? 0
    let chance = history.length === 0 ? 0 : sizes.length / history.length
    for (const value of history) {
      chance += CROSTON_ALPHA * ((value > 0 ? 1 : 0) - chance)
      if (value > 0) size += CROSTON_ALPHA * (value - size)
    }
    return flat(chance * size, horizon)
  },
}

/** The middle of the last weeks: what is best for absolute errors when days do not tell themselves apart. */
export const recentMedian: Model = {
  name: 'recent-median',
  forecast: (history, horizon) => flat(median(history.slice(-8 * WEEK)), horizon),
}

/** Whether demand comes now and then: long gaps between days that have any (ADI > 1.32). */
export function isIntermittent(history: readonly number[]): boolean {
  const { gaps } = demand(history)
  return gaps.length > 0 && mean(gaps) > 1.32
}

export const CANDIDATES: readonly Model[] = [
  seasonalNaive,
  weekdayMiddle(4),
  weekdayMiddle(8),
  weekdayMiddle(16),
  throughWeek(simpleSmoothing),
  throughWeek(dampedTrend),
  throughWeek(theta),
  throughWeek(combined),
  naive,
  combined,
  recentMedian,
]

export const INTERMITTENT_CANDIDATES: readonly Model[] = [
  crostonSba,
  tsb,
  throughWeek(crostonSba),
  throughWeek(tsb),
]
