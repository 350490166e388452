// The supply of one order: what is left, for how long, and whether it may be refilled.
import type { ReadOrder } from '../fhir/regimen.ts'
import { ingredientsOf } from '../interactions/check.ts'
import { endOfText, startOfText } from '../schedule/date-text.ts'
import { planOrder, type DosePlan } from '../schedule/order.ts'
import { DAY_MS, zoneOf } from '../schedule/zone.ts'
import { dayOfPatient } from '../store/patients.ts'
import type { Store } from '../store/store.ts'
import { scheduleOf } from '../supply/controlled.ts'
import { daysLeft, levelOf, type DaysLeft, type Draw } from '../supply/days-left.ts'
import { onHand, type DoseOut } from '../supply/on-hand.ts'
import { amountIn, pastDoses } from '../supply/past-doses.ts'
import { measure, productOf } from '../supply/product.ts'
import { refillState, type Refill } from '../supply/refill.ts'
import type { MedicationRules } from './medication.ts'
import type { MedicationRecord, Medications, Supply } from './ports.ts'

/** What came in and what went out are looked at over the same time: about this long, if something came in since. */
const WALK_DAYS = 400

/** As needed: what a day takes is what was taken in so many days. */
const USAGE_DAYS = 28

export async function supplyOf(
  { db }: Store,
  { fills, patient }: Medications,
  { order, orderId }: MedicationRecord,
  now: number,
  { bridge, thresholds }: MedicationRules,
): Promise<Supply> {
  const day = dayOfPatient(patient)
  const own = fills.filter((fill) => fill.orderId === orderId)
  const product = productOf(order.drug.name)
  const draws = planOrder(order, day).plans.map((plan): Partial<Draw> & { plan: DosePlan } => {
    const amount = amountIn(plan.dosage, product)
    return amount === undefined ? { plan } : { plan, amount }
  })
  const refill = refillOf(
    order,
    own,
    now,
    patient.zone,
    ingredientsOf(order.drug, bridge).map(({ ingredient }) => ingredient),
  )
  const base = {
    orderId,
    refill,
    level: 'unknown' as const,
    monitor: undefined,
    runOutAt: undefined,
    assumed: 0,
  }
  const count = await db.query
    .selectFrom('med_supply')
    .select(['counted_at', 'counted'])
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  const lastCount =
    count && count.counted_at !== null && count.counted !== null
      ? { at: count.counted_at, value: count.counted }
      : undefined
  const since = startOfWalk(
    own.map(({ filledAt }) => filledAt),
    lastCount?.at,
    now,
  )
  if (since === undefined) return { ...base, unknown: 'no-fill' }
  const counted = lastCount && lastCount.at >= since ? lastCount : undefined
  const amounts = own
    .filter(({ filledAt }) => filledAt >= since)
    .map((fill) => ({ at: fill.filledAt, value: measure(fill.quantity, product)?.value }))
  const asNeeded = order.dosages
    .filter((dosage) => dosage.asNeeded)
    .flatMap((dosage) => amountIn(dosage, product) ?? [])
  if (draws.length === 0 && asNeeded.length === 0) return { ...base, unknown: 'no-schedule' }
  if (
    draws.some(({ amount }) => amount === undefined) ||
    amounts.some(({ value }) => value === undefined)
  )
    return { ...base, unknown: 'unit-not-known' }
  const noted = await db.query
    .selectFrom('med_doses')
    .select(['no', 'due_at', 'state', 'taken_at'])
    .where('order_id', '=', orderId)
    .where('due_at', '>=', since - DAY_MS)
    .execute()
  const past = pastDoses(
    order,
    day,
    product,
    noted.map((row) => ({
      no: row.no,
      dueAt: row.due_at,
      takenAt: row.taken_at ?? undefined,
      state: row.state,
    })),
    since,
    now,
  )
  const isKnown = (dose: (typeof past)[number]): dose is DoseOut => dose.amount !== undefined
  if (!past.every(isKnown)) return { ...base, unknown: 'unit-not-known' }
  const stock = onHand({
    count: counted,
    fills: amounts.map(({ at, value }) => ({ at, value: value! })),
    doses: past,
    now,
  })!
  const left =
    draws.length === 0
      ? asNeededLeft(past, stock.value, Math.min(...asNeeded), now)
      : daysLeft(draws as Draw[], stock.value, now)
  const level = levelOf(left.daysRemaining, thresholds)
  return {
    ...base,
    level,
    unknown: undefined,
    runOutAt: left.runOutAt,
    assumed: stock.assumed,
    monitor: {
      medication_id: orderId,
      current_supply: stock.value,
      daily_usage: left.dailyUsage,
      days_remaining: left.daysRemaining ?? null,
      is_critical: level === 'critical',
      last_check: new Date(now).toISOString(),
    },
  }
}

/**
 * The first fill or count of the walk, or the last there was before it. Fills before the last count are in it.
 * What was left over when the walk begins is not known, and left out: an alert comes too soon rather than not at all.
 */
function startOfWalk(
  fills: readonly number[],
  counted: number | undefined,
  now: number,
): number | undefined {
  const from = counted ?? -Infinity
  const known = [...fills.filter((at) => at > from), ...(counted === undefined ? [] : [counted])]
    .filter((at) => at <= now)
    .toSorted((a, b) => a - b)
  return known.find((at) => at >= now - WALK_DAYS * DAY_MS) ?? known.at(-1)
}

/** Nobody knows when it will be needed: it is used up when less than one dose is left, and until then lasts. */
function asNeededLeft(
  past: readonly DoseOut[],
  stock: number,
  least: number,
  now: number,
): DaysLeft {
  const used = past
    .filter(({ dueAt }) => dueAt > now - USAGE_DAYS * DAY_MS)
    .reduce((sum, { amount }) => sum + amount, 0)
  return {
    dailyUsage: Math.round((used / USAGE_DAYS) * 1e4) / 1e4,
    daysRemaining: stock < least ? 0 : undefined,
    runOutAt: stock < least ? now : undefined,
  }
}

function refillOf(
  order: ReadOrder,
  fills: Medications['fills'],
  now: number,
  zoneId: string,
  ingredients: readonly string[],
): Refill {
  const zone = zoneOf(zoneId)
  const { authoredOn, dispense } = order
  return refillState({
    repeats: dispense?.repeats,
    writtenOn: authoredOn === undefined ? undefined : zone.dayOf(startOfText(authoredOn, zone)),
    validTo:
      dispense?.validUntil === undefined
        ? undefined
        : zone.dayOf(endOfText(dispense.validUntil, zone) - 1),
    fills: fills.map(({ days, filledAt }) => ({ on: zone.dayOf(filledAt), days })),
    schedule: scheduleOf(ingredients),
    today: zone.dayOf(now),
  })
}
