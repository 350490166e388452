// The medication service the pack brings: it reads the pack's own tables.
import { readBundle } from '../fhir/read-bundle.ts'
import type { ReadOrder } from '../fhir/regimen.ts'
import { BUILT_IN } from '../interactions/built-in.ts'
import { checkInteractions, ingredientsOf, type RxcuiBridge } from '../interactions/check.ts'
import type { QuietPair } from '../interactions/never-interrupt.ts'
import type { RuleSet } from '../interactions/rule.ts'
import { endOfText, startOfText } from '../schedule/date-text.ts'
import { dosesBetween, planOrder, type DosePlan } from '../schedule/order.ts'
import { DAY_MS, zoneOf } from '../schedule/zone.ts'
import { findMedications, listPatients } from '../store/patients.ts'
import type { Store } from '../store/store.ts'
import { scheduleOf } from '../supply/controlled.ts'
import { daysLeft, levelOf, type Draw, type Thresholds } from '../supply/days-left.ts'
import { onHand, type DoseOut } from '../supply/on-hand.ts'
import { measure, productOf } from '../supply/product.ts'
import { refillState, type Refill } from '../supply/refill.ts'
import type { MedicationRecord, Medications, MedicationService, Supply } from './ports.ts'

export interface MedicationRules {
  /** Sets of interaction rules beside the built-in one, such as a licensed list. */
  readonly rules?: readonly RuleSet[]
  readonly bridge?: RxcuiBridge
  /** Pairs that are shown and never told; `NEVER_INTERRUPT` unless given. */
  readonly neverInterrupt?: readonly QuietPair[]
  readonly thresholds?: Thresholds
}

export function storedMedication(store: Store, rules: MedicationRules): MedicationService {
  const sets = [BUILT_IN, ...(rules.rules ?? [])]
  const version = sets.map((set) => `${set.name}@${set.version}`).join('+')
  return {
    patients: (after, limit) => listPatients(store, after, limit),
    medications: (patientId) => findMedications(store, patientId),
    validate: async (bundle) => readBundle(bundle),
    async interactions({ orders }, now) {
      const checked = checkInteractions(
        orders.flatMap(({ order, orderId, stoppedAt }) => {
          if (order.status === 'active')
            return [{ id: orderId, drug: order.drug, route: order.dosages[0]?.route }]
          if (stoppedAt === undefined) return []
          const stoppedDays = Math.max(0, Math.floor((now - stoppedAt) / DAY_MS))
          return [{ id: orderId, drug: order.drug, route: order.dosages[0]?.route, stoppedDays }]
        }),
        {
          rules: sets,
          ...(rules.bridge ? { bridge: rules.bridge } : {}),
          ...(rules.neverInterrupt ? { neverInterrupt: rules.neverInterrupt } : {}),
        },
      )
      return { ...checked, version }
    },
    supply: (medications, now) =>
      Promise.all(
        medications.orders
          .filter(({ order }) => order.status === 'active')
          .map((record) => supplyOf(store, medications, record, now, rules)),
      ),
  }
}

/** Further back than this doses nobody logged are not counted: somebody must count the stock. */
const LONGEST_WALK_DAYS = 400

async function supplyOf(
  { db }: Store,
  { fills, patient }: Medications,
  { order, orderId }: MedicationRecord,
  now: number,
  { bridge, thresholds }: MedicationRules,
): Promise<Supply> {
  const zone = zoneOf(patient.zone)
  const own = fills.filter((fill) => fill.orderId === orderId)
  const product = productOf(order.drug.name)
  const amounts = own.map((fill) => ({
    at: fill.filledAt,
    value: measure(fill.quantity, product)?.value,
  }))
  const { plans } = planOrder(order, { zone, times: patient.preferences.times })
  const draws = plans.map((plan): Partial<Draw> & { plan: DosePlan } => {
    const dose = plan.dosage.doseHigh ?? plan.dosage.dose
    const amount = dose && measure(dose, product)?.value
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
  const counted =
    count && count.counted_at !== null && count.counted !== null
      ? { at: count.counted_at, value: count.counted }
      : undefined
  if (own.length === 0 && !counted) return { ...base, unknown: 'no-fill' }
  if (draws.length === 0) return { ...base, unknown: 'no-schedule' }
  if (
    draws.some(({ amount }) => amount === undefined) ||
    amounts.some(({ value }) => value === undefined)
  )
    return { ...base, unknown: 'unit-not-known' }
  const known = draws as Draw[]
  const since = Math.max(
    counted?.at ?? Math.min(...own.map(({ filledAt }) => filledAt)),
    now - LONGEST_WALK_DAYS * DAY_MS,
  )
  const logged = await db.query
    .selectFrom('med_doses')
    .select(['no', 'due_at', 'state', 'taken_at'])
    .where('order_id', '=', orderId)
    .where('due_at', '>=', since)
    .execute()
  const byDose = new Map(logged.map((row) => [`${row.no}@${row.due_at}`, row]))
  const doses = known.flatMap(({ amount, plan }) =>
    dosesBetween(plan, since, now).map((dueAt): DoseOut => {
      const row = byDose.get(`${plan.dosage.no}@${dueAt}`)
      return {
        dueAt,
        amount,
        takenAt: row?.taken_at ?? undefined,
        skipped: row?.state === 'skipped',
      }
    }),
  )
  const stock = onHand({
    count: counted,
    fills: amounts.map(({ at, value }) => ({ at, value: value! })),
    doses,
    now,
  })!
  const left = daysLeft(known, stock.value, now)
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
