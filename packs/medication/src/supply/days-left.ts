// How long what is left will last: by walking through the doses to come, not by dividing.
import { dosesBetween, type DosePlan } from '../schedule/order.ts'
import { MINUTE_MS } from '../schedule/zone.ts'

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
const MOST_DAYS = 400
/** Amounts are compared to the millionth, so that thirds of a tablet add up. */
const SCALE = 1e6

/** Days are those of the patient's calendar: on the day the clocks change one has 23 or 25 hours. */
export function daysLeft(draws: readonly Draw[], stock: number, now: number): DaysLeft {
  const [first] = draws
  if (!first) return { dailyUsage: 0, daysRemaining: undefined, runOutAt: undefined }
  const { zone } = first.plan.plan
  const today = zone.dayOf(now)
  const minute = (now - zone.startOf(today)) / MINUTE_MS
  const after = (days: number): number => (days === 0 ? now : zone.at(today + days, minute))
  const usage = usesBetween(draws, now, after(USAGE_DAYS)).reduce((sum, use) => sum + use.amount, 0)
  const dailyUsage = Math.round((usage / USAGE_DAYS / SCALE) * 1e4) / 1e4
  let left = Math.round(stock * SCALE)
  for (let days = 0; days < MOST_DAYS; days += USAGE_DAYS)
    for (const { amount, at } of usesBetween(
      draws,
      after(days),
      after(Math.min(days + USAGE_DAYS, MOST_DAYS)),
    )) {
      if (amount > left) {
        let whole = days
        while (after(whole + 1) <= at) whole++
        return { dailyUsage, daysRemaining: whole, runOutAt: at }
      }
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
