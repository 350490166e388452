// What a rule says of a prescription, and what a rule is.
import type { Eye, Prescription, Side } from './prescription.ts'

/** `error`: the order cannot be made as it is. `warning`: a person should look at it. */
export type Severity = 'error' | 'warning'

export interface Finding {
  readonly code: string
  readonly severity: Severity
  /** The eye it is about; null for both. */
  readonly side: Side | null
  /** What to do about it. It holds limits, never a value of the prescription: that is PHI. */
  readonly message: string
}

export interface RuleContext {
  /** `YYYY-MM-DD` */
  readonly today: string
}

export interface EyeRule {
  readonly code: string
  readonly severity: Severity
  check(eye: Eye, rx: Prescription, side: Side, context: RuleContext): string | null
}

export interface PairRule {
  readonly code: string
  readonly severity: Severity
  check(rx: Prescription, context: RuleContext): string | null
}

export function outside(value: number | null, low: number, high: number): boolean {
  return value !== null && (Number.isNaN(value) || value < low || value > high)
}

/** Whether a value is no whole multiple of `step`; steps are binary fractions, so this is exact. */
export function offStep(value: number | null, step: number): boolean {
  return value !== null && !Number.isInteger(value / step)
}
