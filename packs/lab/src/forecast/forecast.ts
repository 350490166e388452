// Says how demand goes on: the method that has erred least on this series so far, and how far off it may be.
import {
  CANDIDATES,
  INTERMITTENT_CANDIDATES,
  isIntermittent,
  seasonalNaive,
  type Model,
} from './models.ts'
import { mean, meanError, quantile, WEEK } from './series.ts'

export interface ForecastOptions {
  /** Days ahead, 1 to 366. */
  readonly horizon: number
  /** How much of what comes the interval is to hold; 0.9 unless told. */
  readonly coverage?: number
  /** Round to whole pieces. */
  readonly whole?: boolean
}

export interface Forecast {
  readonly method: string
  /** Values of the days to come, none below 0. */
  readonly values: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** What each method erred by when it had to say what is now known: mean absolute error, best first. */
  readonly contest: readonly { readonly method: string; readonly error: number }[]
  /** How much less the chosen method erred there than repeating last week. */
  readonly gain: number
  readonly isIntermittent: boolean
}

const FOLDS = 10
/** Bounds need rarer events than the choice of a method does: half a year of them. */
const FOLDS_OF_BOUNDS = 26
const LEAST_DAYS = 4 * WEEK
const MOST_DAYS = 5_000
export const LONGEST_HORIZON = 366
/** Methods that erred at most this much more than the best are averaged with it: one contest is no proof. */
const CLOSE = 1.03
const MOST_AVERAGED = 3

/**
 * Forecasts a daily series. Returns (negative values) are netted against what comes.
 *
 * @param given daily values, oldest first; at least four weeks, else the last week is repeated
 * @throws RangeError for a horizon or a history that is out of bounds
 */
export function forecast(given: readonly number[], options: ForecastOptions): Forecast {
  const { horizon, coverage = 0.9, whole = false } = options
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > LONGEST_HORIZON)
    throw new RangeError(`the horizon is from 1 to ${LONGEST_HORIZON} days`)
  if (given.length > MOST_DAYS) throw new RangeError(`a history has at most ${MOST_DAYS} days`)
  const history = given.map((value) => (Number.isFinite(value) ? value : 0))
  const intermittent = isIntermittent(history)
  const models = intermittent ? [...CANDIDATES, ...INTERMITTENT_CANDIDATES] : CANDIDATES
  const tried = contest(models, history, horizon)
  const chosen = choose(tried)
  const values = average(chosen.map(({ model }) => cleaned(model, history, horizon)))
  const errors = pooledErrors(
    contest(
      chosen.map(({ model }) => model),
      history,
      horizon,
      FOLDS_OF_BOUNDS,
    ),
  )
  const rival = tried.find(({ model }) => model === seasonalNaive)?.error ?? 0
  const round = (value: number): number => (whole ? Math.round(value) : value)
  const closed = closedDays(history)
  const bound = (value: number, at: number, share: number): number =>
    closed[at % WEEK] ? 0 : round(Math.max(0, value + conformal(near(errors, at), share)))
  const tail = (1 - coverage) / 2
  return {
    method: chosen.map(({ model }) => model.name).join(' + '),
    values: values.map(round),
    low: values.map((value, at) => bound(value, at, tail)),
    high: values.map((value, at) => bound(value, at, 1 - tail)),
    contest: tried.map(({ model, error }) => ({ method: model.name, error })),
    gain: rival === 0 ? 0 : 1 - mean(chosen.map(({ error }) => error)) / rival,
    isIntermittent: intermittent,
  }
}

interface Tried {
  readonly model: Model
  readonly error: number
  /** What came less what was said, by days ahead, one list for each start. */
  readonly residuals: readonly (readonly number[])[]
}

/** Lets every model forecast from earlier days what is known by now. Best first. */
function contest(
  models: readonly Model[],
  history: readonly number[],
  horizon: number,
  folds = FOLDS,
): Tried[] {
  const reach = Math.min(horizon, 4 * WEEK, Math.floor(history.length / 4))
  const starts: number[] = []
  if (history.length >= LEAST_DAYS)
    for (let fold = 0; fold < folds; fold++) {
      const start = history.length - reach - fold * WEEK
      if (start >= 2 * WEEK) starts.push(start)
    }
  const tried = models.map((model) => {
    const results = starts.map((start) => {
      const actual = history.slice(start, start + reach)
      const said = cleaned(model, history.slice(0, start), reach)
      return {
        error: meanError(actual, said),
        residuals: actual.map((value, at) => value - said[at]!),
      }
    })
    return {
      model,
      error: results.length === 0 ? 0 : mean(results.map(({ error }) => error)),
      residuals: results.map(({ residuals }) => residuals),
    }
  })
  return tried.toSorted((one, other) => one.error - other.error)
}

function choose(tried: readonly Tried[]): Tried[] {
  const best = tried[0]!
  if (best.residuals.length === 0) return tried.filter(({ model }) => model === seasonalNaive)
  return tried.filter(({ error }) => error <= best.error * CLOSE).slice(0, MOST_AVERAGED)
}

function cleaned(model: Model, history: readonly number[], horizon: number): number[] {
  const closed = closedDays(history)
  return model
    .forecast(history, horizon)
    .map((value, at) => (Number.isFinite(value) && !closed[at % WEEK] ? Math.max(0, value) : 0))
}

const WEEKS_OF_PROOF = 8

/** Of the days of the week to come, those on which nothing has been sold for many weeks in which others sold. */
function closedDays(history: readonly number[]): boolean[] {
  const recent = history.slice(-WEEKS_OF_PROOF * WEEK)
  if (recent.length < WEEKS_OF_PROOF * WEEK || recent.every((value) => value <= 0))
    return Array<boolean>(WEEK).fill(false)
  return Array.from({ length: WEEK }, (_, day) =>
    recent.every((value, at) => at % WEEK !== day || value <= 0),
  )
}

function average(lists: readonly (readonly number[])[]): number[] {
  return lists[0]!.map((_, at) => mean(lists.map((list) => list[at]!)))
}

/** Residuals of the chosen methods by days ahead. */
function pooledErrors(chosen: readonly Tried[]): number[][] {
  const byDay: number[][] = []
  for (const { residuals } of chosen)
    for (const fold of residuals) fold.forEach((value, at) => (byDay[at] ??= []).push(value))
  return byDay
}

/** A quantile moved outwards by what few residuals cannot know (split conformal prediction). */
function conformal(residuals: readonly number[], share: number): number {
  const few = 1 / (residuals.length + 1)
  return quantile(residuals, share < 0.5 ? share - few : share + few)
}

/** The residuals around a number of days ahead on the same weekday: enough of them to take quantiles from. */
function near(errors: readonly (readonly number[])[], ahead: number): number[] {
  const weekday = errors.filter((_, at) => at % WEEK === ahead % WEEK).flat()
  return weekday.length >= 20 ? weekday : errors.flat()
}
