// An order of a medicine: what is taken, how much, when, and the plans that follow for one patient.
import { compileTiming, type PatientDay, type Unplanned } from './compile.ts'
import { endOfText, startOfText } from './date-text.ts'
import { nextOccurrence, occurrences, type Plan } from './plan.ts'
import type { DateText, Timing } from './timing.ts'

export type OrderStatus =
  | 'active'
  | 'on-hold'
  | 'cancelled'
  | 'completed'
  | 'entered-in-error'
  | 'stopped'
  | 'draft'
  | 'unknown'

export interface Amount {
  readonly value: number
  /** As it was written: `TAB`, `mg`, `mL`. */
  readonly unit: string
}

export interface Dosage {
  /** Its number in the order, from 0: it stays when the lines of the order change places. */
  readonly no: number
  /** Dosages of one number go together; a higher one follows when they have ended. */
  readonly sequence: number
  readonly text?: string | undefined
  readonly timing?: Timing | undefined
  readonly asNeeded: boolean
  /** Part of it has a meaning that could not be read: it is not followed at all. */
  readonly refused?: boolean | undefined
  readonly dose?: Amount | undefined
  /** The greatest amount, where a range was ordered. */
  readonly doseHigh?: Amount | undefined
  readonly route?: string | undefined
  /** At most so much in so many hours. */
  readonly most?: { readonly amount: Amount; readonly hours: number } | undefined
}

/** A time in which nothing is to be taken; without an end it lasts. */
export interface Hold {
  readonly from: number
  readonly until?: number | undefined
}

export interface Order {
  readonly id: string
  readonly status: OrderStatus
  readonly dosages: readonly Dosage[]
  /** When it was written; dosages begin then unless they say when. */
  readonly authoredOn?: DateText | undefined
  /** The day the order itself ends. */
  readonly end?: DateText | undefined
  readonly holds: readonly Hold[]
  /** What it said before, oldest first: what was taken then was taken by that. */
  readonly past?: readonly PastOrder[] | undefined
}

/** An order as it stood until an instant. */
export interface PastOrder extends Pick<Order, 'status' | 'dosages' | 'authoredOn' | 'end'> {
  readonly until: number
}

export interface DosePlan {
  readonly dosage: Dosage
  readonly plan: Plan
  readonly holds: readonly Hold[]
}

export interface OrderPlan {
  readonly plans: readonly DosePlan[]
  readonly unplanned: readonly { readonly no: number; readonly why: Unplanned }[]
}

/** Where a dosage that is counted from the last dose taken stands. */
export interface LastTaken {
  readonly at: number
  /** When the last dose was due that was dealt with and not taken. */
  readonly open?: number | undefined
}

export interface PlanOptions {
  /** The last dose taken of each dosage: interval dosages are counted from it. */
  readonly lastTaken?: ReadonlyMap<number, LastTaken> | undefined
}

/** The plans of an order. Only an active one has any. */
export function planOrder(order: Order, patient: PatientDay, options: PlanOptions = {}): OrderPlan {
  const plans: DosePlan[] = []
  const unplanned: { no: number; why: Unplanned }[] = []
  if (order.status !== 'active') return { plans, unplanned }
  const { zone } = patient
  const orderEnd = order.end === undefined ? Infinity : endOfText(order.end, zone)
  // Without a date an order has always been there: its days are counted from a Monday long ago.
  let start = order.authoredOn === undefined ? zone.startOf(4) : startOfText(order.authoredOn, zone)
  for (const step of stepsOf(order.dosages)) {
    if (!Number.isFinite(start)) {
      for (const { no } of step) unplanned.push({ no, why: 'no-end-before-next-step' })
      continue
    }
    let end = -Infinity
    for (const dosage of step) {
      if (dosage.refused) {
        unplanned.push({ no: dosage.no, why: 'unreadable' })
        end = Infinity
        continue
      }
      if (dosage.asNeeded) {
        unplanned.push({ no: dosage.no, why: 'as-needed' })
        continue
      }
      if (!dosage.timing) {
        unplanned.push({ no: dosage.no, why: 'no-timing' })
        end = Infinity
        continue
      }
      const compiled = compileTiming(dosage.timing, patient, {
        start,
        lastTaken: options.lastTaken?.get(dosage.no),
      })
      if ('unplanned' in compiled) {
        unplanned.push({ no: dosage.no, why: compiled.unplanned })
        end = Infinity
        continue
      }
      const plan = { ...compiled.plan, until: Math.min(compiled.plan.until, orderEnd) }
      plans.push({ dosage, plan, holds: order.holds })
      end = Math.max(end, compiled.plan.until)
    }
    if (end > -Infinity) start = end
  }
  return { plans, unplanned }
}

/** Dosages by sequence, in order. */
function stepsOf(dosages: readonly Dosage[]): Dosage[][] {
  const steps = new Map<number, Dosage[]>()
  for (const dosage of dosages) {
    const step = steps.get(dosage.sequence)
    if (step) step.push(dosage)
    else steps.set(dosage.sequence, [dosage])
  }
  return [...steps].toSorted(([a], [b]) => a - b).map(([, step]) => step)
}

/** The doses in `[from, to)`, without those in a hold. */
export function dosesBetween({ holds, plan }: DosePlan, from: number, to: number): number[] {
  return occurrences(plan, from, to).filter((at) => !isHeld(holds, at))
}

/** The first dose at or after `from` that is in no hold. */
export function nextDose({ holds, plan }: DosePlan, from: number): number | undefined {
  let at = nextOccurrence(plan, from)
  while (at !== undefined) {
    const held: number = at
    const hold = holds.find((each) => covers(each, held))
    if (!hold) return at
    if (hold.until === undefined) return undefined
    at = nextOccurrence(plan, hold.until)
  }
  return undefined
}

export function isHeld(holds: readonly Hold[], at: number): boolean {
  return holds.some((hold) => covers(hold, at))
}

function covers({ from, until = Infinity }: Hold, at: number): boolean {
  return at >= from && at < until
}
