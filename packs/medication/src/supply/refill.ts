// Whether a prescription may be refilled, from when, and what is needed if not.
import type { Day } from '../schedule/zone.ts'
import type { Schedule } from './controlled.ts'

export interface RefillInput {
  /** Refills after the first fill; undefined when the order does not say. */
  readonly repeats?: number | undefined
  readonly writtenOn?: Day | undefined
  /** The last day of its validity. */
  readonly validTo?: Day | undefined
  /** Fills by day, with the days they last where that is known. */
  readonly fills: readonly { readonly on: Day; readonly days?: number | undefined }[]
  readonly schedule?: Schedule | undefined
  readonly today: Day
  /** The share of the last fill that must be used before a payer pays the next: 0.75 to 0.85 as a rule. */
  readonly usedBefore?: number | undefined
}

export type RefillState = 'may-refill' | 'too-soon' | 'no-repeats-left' | 'expired' | 'not-known'

export interface Refill {
  readonly state: RefillState
  readonly repeatsLeft: number | undefined
  /** The first day on which a refill is paid, where the last fill says how long it lasts. */
  readonly from: Day | undefined
  /** The last day on which it may be filled. */
  readonly validTo: Day | undefined
}

const USED_BEFORE = 0.8
const DAYS_OF_A_YEAR = 365
/** 21 CFR 1306.22(a): not later than six months after it was written, and not more than five times. */
const CONTROLLED_DAYS = 182
const CONTROLLED_REFILLS = 5

export function refillState(input: RefillInput): Refill {
  const { schedule, today, usedBefore = USED_BEFORE } = input
  const validTo = validityOf(input)
  const repeatsLeft = repeatsLeftOf(input)
  const last = input.fills.toSorted((a, b) => a.on - b.on).at(-1)
  const from = last?.days === undefined ? undefined : last.on + Math.ceil(last.days * usedBefore)
  const base = { repeatsLeft, from, validTo }
  if (validTo !== undefined && today > validTo) return { ...base, state: 'expired' }
  // 21 CFR 1306.12(a): no refills of what stands in schedule II.
  if (schedule === 'II' && input.fills.length > 0) return { ...base, state: 'no-repeats-left' }
  if (repeatsLeft === undefined) return { ...base, state: 'not-known' }
  if (repeatsLeft <= 0) return { ...base, state: 'no-repeats-left' }
  if (from !== undefined && today < from) return { ...base, state: 'too-soon' }
  return { ...base, state: 'may-refill' }
}

/** Fills that may still be made: repeats and the first fill, less those that were made. */
function repeatsLeftOf({ fills, repeats, schedule }: RefillInput): number | undefined {
  if (schedule === 'II') return Math.max(0, 1 - fills.length)
  if (repeats === undefined) return undefined
  const allowed =
    schedule === 'III' || schedule === 'IV' ? Math.min(repeats, CONTROLLED_REFILLS) : repeats
  return Math.max(0, allowed + 1 - fills.length)
}

function validityOf({ schedule, validTo, writtenOn }: RefillInput): Day | undefined {
  const byOrder = validTo ?? (writtenOn === undefined ? undefined : writtenOn + DAYS_OF_A_YEAR)
  if (writtenOn === undefined || (schedule !== 'III' && schedule !== 'IV')) return byOrder
  return Math.min(byOrder ?? Infinity, writtenOn + CONTROLLED_DAYS)
}
