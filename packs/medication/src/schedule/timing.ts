// When a dose is to be taken, as FHIR R4 Timing says it, checked and typed.

/** Units of time of FHIR. */
export type TimeUnit = 's' | 'min' | 'h' | 'd' | 'wk' | 'mo' | 'a'

export const TIME_UNITS: readonly TimeUnit[] = ['s', 'min', 'h', 'd', 'wk', 'mo', 'a']

/** A date (`2026-03-08`), a month, a year, or an instant (`2026-03-08T08:00:00-05:00`), as FHIR writes them. */
export type DateText = string

export type Bounds =
  | {
      readonly kind: 'period'
      readonly start?: DateText | undefined
      readonly end?: DateText | undefined
    }
  | { readonly kind: 'duration'; readonly value: number; readonly unit: TimeUnit }

export interface Repeat {
  readonly bounds?: Bounds | undefined
  /** How many doses in all. */
  readonly count?: number | undefined
  readonly frequency?: number | undefined
  readonly period?: number | undefined
  readonly periodUnit?: TimeUnit | undefined
  /** 0 for Monday to 6 for Sunday. */
  readonly dayOfWeek: readonly number[]
  /** Minutes of the day. */
  readonly timeOfDay: readonly number[]
  /** Codes of the value set EventTiming. */
  readonly when: readonly string[]
  /** Minutes from the event. */
  readonly offset?: number | undefined
}

export interface Timing {
  /** Instants at which a dose is to be taken. */
  readonly events: readonly DateText[]
  readonly repeat?: Repeat | undefined
  /** A part that limits it could not be read: it must not be followed. */
  readonly refused?: true | undefined
}

/** When a patient eats and sleeps, and at what times doses are taken that have no time: minutes of the day. */
export interface DayTimes {
  readonly wake: number
  readonly breakfast: number
  readonly lunch: number
  readonly dinner: number
  readonly bed: number
}

export const DEFAULT_DAY_TIMES: DayTimes = {
  wake: 7 * 60,
  breakfast: 8 * 60,
  lunch: 12 * 60 + 30,
  dinner: 18 * 60 + 30,
  bed: 22 * 60,
}

/** How long before or after a meal is "before" and "after", where no offset is given. */
const MEAL_MINUTES = 30

const FIXED: Readonly<Record<string, number>> = {
  MORN: 8 * 60,
  'MORN.early': 6 * 60,
  'MORN.late': 10 * 60,
  NOON: 12 * 60,
  AFT: 15 * 60,
  'AFT.early': 13 * 60,
  'AFT.late': 17 * 60,
  EVE: 19 * 60,
  'EVE.early': 18 * 60,
  'EVE.late': 21 * 60,
  NIGHT: 22 * 60,
}

const MEALS: Readonly<Record<string, readonly (keyof DayTimes)[]>> = {
  C: ['breakfast', 'lunch', 'dinner'],
  CM: ['breakfast'],
  CD: ['lunch'],
  CV: ['dinner'],
}

/** Events that mean a time before the event they name. */
const BEFORE = new Set(['AC', 'ACM', 'ACD', 'ACV', 'HS'])

/** Whether `code` is a code of EventTiming. */
export function isEventCode(code: string): boolean {
  return code in FIXED || /^(PHS|HS|WAKE|(A|P)?C[MDV]?)$/.test(code)
}

/** Minutes of the day at which the events of `when` are for a patient. */
export function minutesOf(code: string, day: DayTimes, offset: number | undefined): number[] {
  const shift = (offset ?? 0) * (BEFORE.has(code) ? -1 : 1)
  const fixed = FIXED[code]
  if (fixed !== undefined) return [fixed + shift]
  if (code === 'WAKE') return [day.wake + shift]
  if (code === 'HS') return [day.bed + shift]
  if (code === 'PHS') return [day.bed + 60 + shift]
  const meals = MEALS[code.replace(/^[AP](?=C)/, '')] ?? []
  const side = code.startsWith('AC') ? -1 : code.startsWith('PC') ? 1 : 0
  return meals.map((meal) => day[meal] + side * (side === 0 ? 0 : (offset ?? MEAL_MINUTES)))
}

/** Times for so many doses a day. From five on they are spread over the waking day, from seven on over all of it. */
export function timesForDaily(frequency: number, day: DayTimes): number[] {
  switch (frequency) {
    case 1:
      return [day.breakfast]
    case 2:
      return [day.breakfast, day.breakfast + 12 * 60]
    case 3:
      return [day.breakfast, day.breakfast + 6 * 60, day.breakfast + 12 * 60]
    case 4:
      return [0, 4, 8, 12].map((hours) => day.breakfast + hours * 60)
    default: {
      const span = frequency <= 6 ? Math.max(day.bed - day.wake, 600) : 1_440
      const steps = frequency <= 6 ? frequency - 1 : frequency
      return Array.from({ length: frequency }, (_, i) => day.wake + Math.floor((i * span) / steps))
    }
  }
}

/** The abbreviations of GTSAbbreviation that FHIR allows as Timing.code. */
export const TIMING_CODES: Readonly<Record<string, Partial<Repeat>>> = {
  QD: { frequency: 1, period: 1, periodUnit: 'd' },
  BID: { frequency: 2, period: 1, periodUnit: 'd' },
  TID: { frequency: 3, period: 1, periodUnit: 'd' },
  QID: { frequency: 4, period: 1, periodUnit: 'd' },
  QOD: { frequency: 1, period: 2, periodUnit: 'd' },
  AM: { frequency: 1, period: 1, periodUnit: 'd', when: ['MORN'] },
  PM: { frequency: 1, period: 1, periodUnit: 'd', when: ['AFT'] },
  BED: { frequency: 1, period: 1, periodUnit: 'd', when: ['HS'] },
  WK: { frequency: 1, period: 1, periodUnit: 'wk' },
  MO: { frequency: 1, period: 1, periodUnit: 'mo' },
  ...Object.fromEntries(
    [1, 2, 3, 4, 6, 8].map((hours) => [
      `Q${hours}H`,
      { frequency: 1, period: hours, periodUnit: 'h' as const },
    ]),
  ),
}
