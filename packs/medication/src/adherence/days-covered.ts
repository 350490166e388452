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

export type NotMeasured = 'under-18' | 'fewer-than-two-fills' | 'index-too-late' | 'excluded'

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
}

/** The index fill must be this long before the end of the period. */
const LEAST_DAYS_BEFORE_END = 91
const ADULT_YEARS = 18
const MOST_DAYS_OF_A_FILL = 366

/** @returns undefined when there was no fill in the period */
export function daysCovered(
  all: readonly Fill[],
  period: Period,
  { birth, endsOn, excluded = false, inpatient = [] }: CoveredOptions = {},
): DaysCovered | undefined {
  const end = Math.min(period.end, endsOn ?? period.end)
  const fills = netFills(all)
    .filter(({ on }) => on >= period.start && on <= end)
    .toSorted((a, b) => a.on - b.on)
  const [first] = fills
  if (!first) return undefined
  const shifted = shiftSameDrug(fills, end)
  const covered = new Set<Day>()
  for (const { firstDose, lastDose } of shifted)
    for (let day = firstDose; day <= lastDose; day++) covered.add(day)
  const away = new Set<Day>()
  for (const stay of inpatient)
    for (let day = Math.max(stay.start, first.on); day <= Math.min(stay.end, end); day++)
      away.add(day)
  for (const day of away) covered.delete(day)
  const treatmentDays = end - first.on + 1 - away.size
  return {
    treatmentDays,
    coveredDays: covered.size,
    share: treatmentDays > 0 ? covered.size / treatmentDays : 0,
    fills: shifted,
    notMeasured: excluded ? 'excluded' : exclusion(fills, period, birth),
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

function exclusion(
  fills: readonly Fill[],
  period: Period,
  birth: Day | undefined,
): NotMeasured | undefined {
  const [first] = fills
  if (birth !== undefined && ageOn(birth, period.start) < ADULT_YEARS) return 'under-18'
  if (new Set(fills.map(({ on }) => on)).size < 2) return 'fewer-than-two-fills'
  if (period.end - first!.on + 1 < LEAST_DAYS_BEFORE_END) return 'index-too-late'
  return undefined
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
