// The guard of medicines taken as needed: whether another dose may be taken, and if not, from when.
import { HOUR_MS } from './zone.ts'

export interface AsNeededRule {
  /** At most so many doses in so many hours. */
  readonly most?: { readonly doses: number; readonly hours: number } | undefined
  /** Hours between two doses at least. */
  readonly apart?: number | undefined
}

export type AsNeeded =
  | { readonly allowed: true; readonly dosesLeft: number | undefined }
  | { readonly allowed: false; readonly why: 'too-soon' | 'most-reached'; readonly from: number }

/** @param taken instants of the doses that were taken */
export function mayTake(rule: AsNeededRule, taken: readonly number[], now: number): AsNeeded {
  const past = taken.filter((at) => at <= now).toSorted((a, b) => a - b)
  const last = past.at(-1)
  if (rule.apart !== undefined && last !== undefined && now < last + rule.apart * HOUR_MS)
    return { allowed: false, why: 'too-soon', from: last + rule.apart * HOUR_MS }
  if (!rule.most) return { allowed: true, dosesLeft: undefined }
  const span = rule.most.hours * HOUR_MS
  const within = past.filter((at) => at > now - span)
  if (within.length >= rule.most.doses)
    return {
      allowed: false,
      why: 'most-reached',
      from: within[within.length - rule.most.doses]! + span,
    }
  return { allowed: true, dosesLeft: rule.most.doses - within.length }
}
