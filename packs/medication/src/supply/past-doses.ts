// What an order had its patient take until now: by what it said at the time, and by what was written down.
import type { PatientDay } from '../schedule/compile.ts'
import { dosesBetween, planOrder, type Dosage, type Order } from '../schedule/order.ts'
import { HOUR_MS } from '../schedule/zone.ts'
import { groupBy } from '../store/group.ts'
import type { DoseOut } from './on-hand.ts'
import { measure, type Product } from './product.ts'

/** A dose as it was written down. */
export interface NotedDose {
  readonly no: number
  readonly dueAt: number
  readonly takenAt?: number | undefined
  readonly state: string
}

type Taken = Omit<DoseOut, 'amount'> & {
  /** Undefined when nobody can tell how much that was. */
  readonly amount: number | undefined
}

interface Span {
  readonly from: number
  readonly to: number
  readonly order: Order
}

/** A dose that was noted for another time than it was due belongs to the one nearest to it, within this. */
const NEAR_MS = 12 * HOUR_MS

/** @param since from when on; until `now` */
export function pastDoses(
  order: Order,
  day: PatientDay,
  product: Product,
  noted: readonly NotedDose[],
  since: number,
  now: number,
): Taken[] {
  const spans = spansOf(order, now)
  const amountOf = (dosage: Dosage | undefined): number | undefined => amountIn(dosage, product)
  const due = spans.flatMap(({ from, order: said, to }) =>
    planOrder(said, day).plans.flatMap((plan) => {
      const { no } = plan.dosage
      const amount = amountOf(plan.dosage)
      const times = dosesBetween(plan, Math.max(from, since), to)
      return times.map((dueAt) => ({ no, dueAt, amount }))
    }),
  )
  const asNeeded = noted.filter(({ state }) => state === 'as-needed')
  const fates = noted.filter(({ state }) => state === 'taken' || state === 'skipped')
  /** By dosage and time: those nobody has said anything of. */
  const open = new Map(
    [...groupBy(due, ({ no }) => no)].map(([no, doses]) => [
      no,
      new Map(doses.map((dose) => [dose.dueAt, dose])),
    ]),
  )
  const found: Taken[] = []
  const alone: NotedDose[] = []
  const note = ({ dueAt, state, takenAt }: NotedDose, amount: number | undefined): void => {
    found.push({ dueAt, amount, takenAt, skipped: state === 'skipped' })
  }
  for (const fate of fates) {
    const own = open.get(fate.no)
    const dose = own?.get(fate.dueAt)
    if (!own || !dose) alone.push(fate)
    else {
      own.delete(fate.dueAt)
      note(fate, dose.amount)
    }
  }
  const times = new Map(
    [...open].map(([no, own]) => [no, [...own.keys()].toSorted((a, b) => a - b)]),
  )
  for (const fate of alone) {
    const own = open.get(fate.no)
    const at = own && nearestOpen(times.get(fate.no) ?? [], fate.dueAt, own)
    const nearest = at === undefined ? undefined : own?.get(at)
    if (nearest) {
      own?.delete(nearest.dueAt)
      note(fate, nearest.amount)
    } else if (fate.state === 'taken') note(fate, amountOf(dosageAt(spans, fate)))
  }
  for (const own of open.values())
    for (const { amount, dueAt } of own.values()) found.push({ dueAt, amount })
  for (const dose of asNeeded)
    found.push({
      dueAt: dose.dueAt,
      takenAt: dose.takenAt ?? dose.dueAt,
      amount: amountOf(dosageAt(spans, dose)),
    })
  return found
}

/** @param times when doses of this dosage are due, sorted; those closed since are passed over */
function nearestOpen(
  times: readonly number[],
  dueAt: number,
  open: ReadonlyMap<number, unknown>,
): number | undefined {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < dueAt - NEAR_MS) low = middle + 1
    else high = middle
  }
  let nearest: number | undefined
  for (; low < times.length && times[low]! <= dueAt + NEAR_MS; low++) {
    const time = times[low]!
    if (!open.has(time)) continue
    if (nearest === undefined || Math.abs(time - dueAt) < Math.abs(nearest - dueAt)) nearest = time
  }
  return nearest
}

export function amountIn(dosage: Dosage | undefined, product: Product): number | undefined {
  const dose = dosage?.doseHigh ?? dosage?.dose
  return dose && measure(dose, product)?.value
}

function spansOf(order: Order, now: number): Span[] {
  let from = -Infinity
  const spans = (order.past ?? []).map((past): Span => {
    const span = { from, to: past.until, order: { ...order, ...past } }
    from = past.until
    return span
  })
  return [...spans, { from, to: now, order }]
}

/** A dose that is noted ahead of its time is one of what is ordered now. */
function dosageAt(spans: readonly Span[], { dueAt, no }: NotedDose): Dosage | undefined {
  const span = spans.find(({ to }) => dueAt < to) ?? spans.at(-1)
  return span?.order.dosages.find((dosage) => dosage.no === no)
}
