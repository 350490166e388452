// Doses that are taken as needed: whether another one may be, and the note that it was.
import { mayTake, type AsNeeded, type AsNeededRule } from '../schedule/as-needed.ts'
import type { Dosage } from '../schedule/order.ts'
import type { TimeUnit } from '../schedule/timing.ts'
import { writeDose } from './doses.ts'
import { findOrderOf } from './replan.ts'
import type { Store } from './store.ts'

const HOURS: Readonly<Partial<Record<TimeUnit, number>>> = {
  s: 1 / 3_600,
  min: 1 / 60,
  h: 1,
  d: 24,
  wk: 168,
  // The longest there are.
  mo: 31 * 24,
  a: 366 * 24,
}

/** What the order says of a dosage that is taken as needed; undefined for one that has its times. */
export function asNeededRule(dosage: Dosage): AsNeededRule | undefined {
  const { asNeeded, most, timing } = dosage
  // Of a range the greatest counts: nobody knows how much was taken.
  const dose = dosage.doseHigh ?? dosage.dose
  if (!asNeeded) return undefined
  const { frequency = 1, period, periodUnit } = timing?.repeat ?? {}
  const hours = periodUnit === undefined ? undefined : HOURS[periodUnit]
  const span = period === undefined || hours === undefined ? undefined : period * hours
  const isSameUnit = most !== undefined && dose !== undefined && most.amount.unit === dose.unit
  return {
    ...(isSameUnit
      ? {
          most: { doses: Math.floor(most.amount.value / dose.value + 1e-9), hours: most.hours },
        }
      : {}),
    // "Every six hours as needed" keeps six hours between two; "three times a day as needed" says nothing of that.
    ...(span !== undefined && span < 24 ? { apart: span / frequency } : {}),
    ...(span !== undefined && span >= 24 && !isSameUnit
      ? { most: { doses: frequency, hours: span } }
      : {}),
  }
}

interface DosageOf {
  readonly patientId: string
  readonly orderId: string
  readonly no: number
}

/** @returns undefined when there is no such dosage that is taken as needed */
export async function lookAsNeeded(store: Store, dose: DosageOf): Promise<AsNeeded | undefined> {
  const rule = await ruleOf(store, dose)
  return rule && answerOf(store.db.query, dose, rule, store.clock.now())
}

/** Notes a dose that is taken now, unless it is too soon or the most is reached. Of two at the same time one comes first. */
export async function takeAsNeeded(store: Store, dose: DosageOf): Promise<AsNeeded | undefined> {
  const rule = await ruleOf(store, dose)
  if (!rule) return undefined
  return store.db.transaction(async ({ query }) => {
    // Whoever changes the order's row waits for the other: what was taken is looked at behind this lock.
    await query
      .updateTable('med_orders')
      .set((set) => ({ updated_at: set.ref('updated_at') }))
      .where('order_id', '=', dose.orderId)
      .execute()
    const at = store.clock.now()
    const answer = await answerOf(query, dose, rule, at)
    if (answer.allowed) {
      const { last } = await query
        .selectFrom('med_doses')
        .select(({ fn }) => fn.max<number | string | null>('due_at').as('last'))
        .where('order_id', '=', dose.orderId)
        .where('no', '=', dose.no)
        .executeTakeFirstOrThrow()
      const change = { state: 'as-needed', taken_at: at, remind_at: null, note: null } as const
      // Two of one millisecond are two doses.
      await writeDose(query, { ...dose, dueAt: Math.max(at, Number(last ?? 0) + 1) }, change)
    }
    return answer
  })
}

async function ruleOf(store: Store, dose: DosageOf): Promise<AsNeededRule | undefined> {
  const found = await findOrderOf(store, dose.patientId, dose.orderId)
  const dosage = found?.order.dosages.find(({ no }) => no === dose.no)
  return found?.order.status === 'active' && dosage ? asNeededRule(dosage) : undefined
}

async function answerOf(
  query: Store['db']['query'],
  dose: DosageOf,
  rule: AsNeededRule,
  now: number,
): Promise<AsNeeded> {
  const longest = (rule.most?.hours ?? 0) + (rule.apart ?? 0)
  const rows = await query
    .selectFrom('med_doses')
    .select(['state', 'taken_at'])
    // The lines of an order are of one medicine: what was taken by one counts for all.
    .where('order_id', '=', dose.orderId)
    .where('due_at', '>', now - (longest + 1) * 3_600_000)
    .execute()
  return mayTake(
    rule,
    rows.flatMap(({ state, taken_at: at }) => (state === 'as-needed' && at !== null ? [at] : [])),
    now,
  )
}
