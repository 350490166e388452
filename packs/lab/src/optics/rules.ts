// What can be wrong with a prescription, each with its name.
import type { Finding, RuleContext } from './finding.ts'
import { EYE_RULES } from './eye-rules.ts'
import { PAIR_RULES } from './pair-rules.ts'
import type { Prescription } from './prescription.ts'

export type { Finding } from './finding.ts'

/**
 * Checks a prescription against every rule.
 *
 * @param today the calendar day to judge expiry and age by, `YYYY-MM-DD`
 * @returns what was found, errors first; empty when nothing was
 */
export function checkPrescription(rx: Prescription, today: string): Finding[] {
  const context: RuleContext = { today }
  const found = [
    ...(['od', 'os'] as const).flatMap((side) =>
      EYE_RULES.flatMap((rule) => {
        const message = rule.check(rx[side], rx, side, context)
        return message === null
          ? []
          : [{ code: rule.code, severity: rule.severity, side, message } satisfies Finding]
      }),
    ),
    ...PAIR_RULES.flatMap((rule) => {
      const message = rule.check(rx, context)
      return message === null
        ? []
        : [{ code: rule.code, severity: rule.severity, side: null, message } satisfies Finding]
    }),
  ]
  return found.toSorted(
    (one, other) => Number(one.severity === 'warning') - Number(other.severity === 'warning'),
  )
}

/** Every rule there is: its name and how grave it is. */
export const PRESCRIPTION_RULES: readonly { readonly code: string; readonly severity: string }[] = [
  ...EYE_RULES,
  ...PAIR_RULES,
].map(({ code, severity }) => ({ code, severity }))
