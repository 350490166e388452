// What a forecast means for the shelf: when it is empty, when to order, how much.
import { mean } from './series.ts'
import type { Forecast } from './forecast.ts'

/** How long an order is to last beyond its delivery, unless told. */
export const COVER_DAYS = 14

export interface StockTerms {
  readonly onHand: number
  readonly onOrder?: number
  /** Days from an order to its delivery. */
  readonly leadDays: number
  /** The share of replenishments in which nothing is to run out; 0.95 unless told. */
  readonly serviceLevel?: number
  readonly packSize?: number
  readonly leastOrder?: number
  /** Days an order is to last beyond its delivery; 14 unless told. */
  readonly coverDays?: number
}

export interface StockAdvice {
  /** Days until the shelf is empty if the forecast comes true; null beyond its horizon. */
  readonly daysLeft: number | null
  readonly safetyStock: number
  readonly reorderPoint: number
  /** 0 when nothing needs to be ordered now. */
  readonly orderQuantity: number
  /** The shelf is empty before an order of today could arrive. */
  readonly isLate: boolean
}

/** @throws RangeError when a term is negative or the forecast does not reach over the delivery */
export function adviseStock(demand: Forecast, terms: StockTerms): StockAdvice {
  const { onHand, onOrder = 0, leadDays, serviceLevel = 0.95, packSize = 1, leastOrder = 0 } = terms
  const { coverDays = COVER_DAYS } = terms
  if ([onHand, onOrder, leadDays, leastOrder].some((value) => value < 0) || packSize <= 0)
    throw new RangeError('stock, lead time, pack size and least order are not negative')
  if (leadDays > demand.values.length)
    throw new RangeError('forecast at least as many days as a delivery takes')
  const perDay = (days: number): number => mean(demand.values.slice(0, Math.max(1, days)))
  const overLead = sum(demand.values.slice(0, leadDays))
  // The interval's upper half is what a day can exceed its forecast by; its spread in standard deviations of a normal.
  const spread = mean(demand.values.map((value, at) => (demand.high[at]! - value) / 1.645))
  const safetyStock = Math.max(
    0,
    normalQuantile(serviceLevel) * spread * Math.sqrt(Math.max(1, leadDays)),
  )
  const reorderPoint = overLead + safetyStock
  const available = onHand + onOrder
  const daysLeft = daysOf(demand.values, onHand)
  if (available > reorderPoint)
    return { daysLeft, safetyStock, reorderPoint, orderQuantity: 0, isLate: false }
  const wanted = Math.max(
    leastOrder,
    reorderPoint + perDay(leadDays + coverDays) * coverDays - available,
  )
  return {
    daysLeft,
    safetyStock,
    reorderPoint,
    orderQuantity: Math.ceil(wanted / packSize) * packSize,
    isLate: daysLeft !== null && daysLeft < leadDays,
  }
}

function daysOf(values: readonly number[], onHand: number): number | null {
  let left = onHand
  for (const [day, value] of values.entries()) {
    left -= value
    if (left < 0) return day
  }
  return null
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** How many standard deviations hold a share of a normal distribution below them (Hastings' formula, error below 0.00045). */
export function normalQuantile(share: number): number {
  const upper = Math.min(Math.max(share, 1e-9), 1 - 1e-9)
  const tail = upper > 0.5 ? 1 - upper : upper
  const t = Math.sqrt(-2 * Math.log(tail))
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) /
      (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  return upper > 0.5 ? z : -z
}
