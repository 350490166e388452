// Proportion of days covered, by the rule of the Pharmacy Quality Alliance.
import { DAY_MS, type Day } from '../schedule/zone.ts'

/** One fill. Days are those of the patient's calendar. */
export interface Fill {
  /** Which drugs are in it: fills that share one follow each other, of different ones they may overlap. */
  readonly drugs: readonly string[]
  readonly on: Day
  readonly days: number
}

export interface Period {
  readonly start: Day
  /** The last day, which counts in. */
  readonly end: Day
}

export interface CoveredFill extends Fill {
  readonly firstDose: Day
  readonly lastDose: Day
}

export type NotMeasured =
  | 'under-18'
  | 'fewer-than-two-fills'
  | 'too-few-drugs'
  | 'too-little-supply'
  | 'index-too-late'
  | 'excluded'

export interface DaysCovered {
  readonly treatmentDays: number
  readonly coveredDays: number
  /** From 0 to 1. */
  readonly share: number
  readonly fills: readonly CoveredFill[]
  /** Why the patient is not in the measure, though the share can be worked out. */
  readonly notMeasured: NotMeasured | undefined
}

export interface CoveredOptions {
  /** The day treatment ends early: death, or leaving the plan. Counts in. */
  readonly endsOn?: Day | undefined
  /** Days in a hospital, where medicines are given there: they count in neither number. */
  readonly inpatient?: readonly Period[] | undefined
  readonly birth?: Day | undefined
  /** Something else that was filled takes the patient out of the measure. */
  readonly excluded?: boolean | undefined
  readonly rule?: MeasureRule | undefined
}

/** What a measure asks beside two fills. */
export interface MeasureRule {
  /** So many different drugs must be there on a day that is covered; each must have been filled on two days. */
  readonly together?: number | undefined
  /** Days of supply in all, at least. */
  readonly leastSupply?: number | undefined
  /** Days from the first fill to the last, at least. */
  readonly leastSpan?: number | undefined
}

/** The index fill must be this long before the end of the period. */
const LEAST_DAYS_BEFORE_END = 91
const ADULT_YEARS = 18
const MOST_DAYS_OF_A_FILL = 366

/** @returns undefined when there was no fill in the period */
export function daysCovered(
  all: readonly Fill[],
  period: Period,
  { birth, endsOn, excluded = false, inpatient = [], rule = {} }: CoveredOptions = {},
): DaysCovered | undefined {
  const end = Math.min(period.end, endsOn ?? period.end)
  const fills = netFills(all)
    .filter(({ on }) => on >= period.start && on <= end)
    .toSorted((a, b) => a.on - b.on)
  if (fills.length === 0) return undefined
  const shifted = shiftSameDrug(fills, end)
  // Who has fewer drugs than the measure asks for is covered by all of those there are.
  const together = Math.min(rule.together ?? 1, new Set(fills.flatMap(({ drugs }) => drugs)).size)
  const index = dayOfDrugs(fills, together)
  const covered = coveredDays(shifted, together)
  const away = new Set<Day>()
  for (const stay of inpatient)
    for (let day = Math.max(stay.start, index); day <= Math.min(stay.end, end); day++) away.add(day)
  for (const day of away) covered.delete(day)
  const treatmentDays = end - index + 1 - away.size
  return {
    treatmentDays,
    coveredDays: covered.size,
    share: treatmentDays > 0 ? covered.size / treatmentDays : 0,
    fills: shifted,
    notMeasured: excluded ? 'excluded' : exclusion(fills, period, index, birth, rule),
  }
}

/** Fills without those a reversal (a fill of negative days) takes back, and with impossible lengths cut. */
function netFills(all: readonly Fill[]): Fill[] {
  const kept: Fill[] = []
  for (const fill of all.filter(({ days }) => days > 0))
    kept.push({ ...fill, days: Math.min(Math.floor(fill.days), MOST_DAYS_OF_A_FILL) })
  for (const reversal of all.filter(({ days }) => days < 0)) {
    const taken = kept.findIndex(
      ({ days, drugs, on }) =>
        String(drugs) === String(reversal.drugs) &&
        on === reversal.on &&
        days === Math.min(-reversal.days, MOST_DAYS_OF_A_FILL),
    )
    if (taken >= 0) kept.splice(taken, 1)
  }
  return kept.filter(({ days }) => days >= 1)
}

function shiftSameDrug(fills: readonly Fill[], end: Day): CoveredFill[] {
  const supplied = new Map<string, Day>()
  return fills.flatMap((fill) => {
    const firstDose = Math.max(
      fill.on,
      ...fill.drugs.map((drug) => (supplied.get(drug) ?? -Infinity) + 1),
    )
    const last = firstDose + fill.days - 1
    for (const drug of fill.drugs) supplied.set(drug, last)
    return firstDose > end ? [] : [{ ...fill, firstDose, lastDose: Math.min(last, end) }]
  })
}

/** The first day by which so many different drugs had been filled. */
function dayOfDrugs(fills: readonly Fill[], together: number): Day {
  const seen = new Set<string>()
  for (const { drugs, on } of fills) {
    for (const drug of drugs) seen.add(drug)
    if (seen.size >= together) return on
  }
  return fills.at(-1)!.on
}

/** The days on which so many different drugs were there. */
function coveredDays(shifted: readonly CoveredFill[], together: number): Set<Day> {
  const drugsOn = new Map<Day, Set<string>>()
  for (const { drugs, firstDose, lastDose } of shifted)
    for (let day = firstDose; day <= lastDose; day++) {
      const known = drugsOn.get(day)
      if (!known) drugsOn.set(day, new Set(drugs))
      else for (const drug of drugs) known.add(drug)
    }
  return new Set([...drugsOn].flatMap(([day, { size }]) => (size >= together ? [day] : [])))
}

function exclusion(
  fills: readonly Fill[],
  period: Period,
  index: Day,
  birth: Day | undefined,
  { leastSpan = 0, leastSupply = 0, together = 1 }: MeasureRule,
): NotMeasured | undefined {
  if (birth !== undefined && ageOn(birth, period.start) < ADULT_YEARS) return 'under-18'
  if (new Set(fills.map(({ on }) => on)).size < 2) return 'fewer-than-two-fills'
  if (drugsFilledTwice(fills) < together && together > 1) return 'too-few-drugs'
  const supply = fills.reduce((sum, { days }) => sum + days, 0)
  if (supply < leastSupply || fills.at(-1)!.on - fills[0]!.on < leastSpan)
    return 'too-little-supply'
  if (period.end - index + 1 < LEAST_DAYS_BEFORE_END) return 'index-too-late'
  return undefined
}

/** How many drugs were filled on two days or more. */
function drugsFilledTwice(fills: readonly Fill[]): number {
  const days = new Map<string, Set<Day>>()
  for (const { drugs, on } of fills)
    for (const drug of drugs) days.set(drug, (days.get(drug) ?? new Set()).add(on))
  return [...days.values()].filter(({ size }) => size >= 2).length
}

/** Whole years from one day to another. */
export function ageOn(birth: Day, day: Day): number {
  const born = new Date(birth * DAY_MS)
  const now = new Date(day * DAY_MS)
  const years = now.getUTCFullYear() - born.getUTCFullYear()
  const isBefore =
    now.getUTCMonth() < born.getUTCMonth() ||
    (now.getUTCMonth() === born.getUTCMonth() && now.getUTCDate() < born.getUTCDate())
  return isBefore ? years - 1 : years
}
