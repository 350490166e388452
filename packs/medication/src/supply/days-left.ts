// How long what is left will last: by walking through the doses to come, not by dividing.
import { dosesBetween, type DosePlan } from '../schedule/order.ts'
import { DAY_MS } from '../schedule/zone.ts'

/** A plan and what one of its doses takes from the stock. */
export interface Draw {
  readonly plan: DosePlan
  readonly amount: number
}

export interface DaysLeft {
  /** What a day takes, by the doses of the next 28 days. */
  readonly dailyUsage: number
  /** Whole days; undefined when the supply outlasts the schedule, or is not used up within 400 days. */
  readonly daysRemaining: number | undefined
  /** The first dose for which not enough is left. */
  readonly runOutAt: number | undefined
}

export type SupplyLevel = 'ok' | 'low' | 'critical' | 'unknown'

export interface Thresholds {
  readonly low: number
  readonly critical: number
}

export const THRESHOLDS: Thresholds = { low: 7, critical: 3 }

const USAGE_DAYS = 28
const STEP_MS = USAGE_DAYS * DAY_MS
const MOST_DAYS = 400
/** Amounts are compared to the millionth, so that thirds of a tablet add up. */
const SCALE = 1e6

export function daysLeft(draws: readonly Draw[], stock: number, now: number): DaysLeft {
  const usage = usesBetween(draws, now, now + STEP_MS).reduce((sum, { amount }) => sum + amount, 0)
  const dailyUsage = Math.round((usage / USAGE_DAYS / SCALE) * 1e4) / 1e4
  let left = Math.round(stock * SCALE)
  const end = now + MOST_DAYS * DAY_MS
  for (let from = now; from < end; from += STEP_MS)
    for (const { amount, at } of usesBetween(draws, from, Math.min(from + STEP_MS, end))) {
      if (amount > left)
        return { dailyUsage, daysRemaining: Math.floor((at - now) / DAY_MS), runOutAt: at }
      left -= amount
    }
  return { dailyUsage, daysRemaining: undefined, runOutAt: undefined }
}

function usesBetween(
  draws: readonly Draw[],
  from: number,
  to: number,
): { at: number; amount: number }[] {
  return draws
    .flatMap(({ amount, plan }) =>
      dosesBetween(plan, from, to).map((at) => ({ at, amount: Math.round(amount * SCALE) })),
    )
    .toSorted((a, b) => a.at - b.at)
}

export function levelOf(
  daysRemaining: number | undefined,
  { critical, low }: Thresholds = THRESHOLDS,
): SupplyLevel {
  if (daysRemaining === undefined) return 'ok'
  return daysRemaining <= critical ? 'critical' : daysRemaining <= low ? 'low' : 'ok'
}
