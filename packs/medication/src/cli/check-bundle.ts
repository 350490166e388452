// Checks the medicines of one bundle, without an installation.
import { readBundle } from '../fhir/read-bundle.ts'
import { BUILT_IN } from '../interactions/built-in.ts'
import { checkInteractions } from '../interactions/check.ts'
import type { RuleSet } from '../interactions/rule.ts'

interface CheckedBundle {
  /** The id of the patient's resource. */
  readonly patient: string | null
  readonly active: readonly string[]
  readonly findings: readonly {
    readonly drugs: readonly [string, string]
    readonly severity: string
    readonly rule: string
  }[]
  readonly issues: readonly {
    readonly code: string
    readonly severity: string
    readonly at: string
    readonly text: string
  }[]
}

const TEXTS = {
  'ingredient-not-known': 'What is in it is not known here: it was compared by its name only.',
  'name-corrected': 'Its name was taken for a misspelling of one that is known.',
} as const

/** @param more sets of rules beside the built-in one */
export function checkBundle(value: unknown, more: readonly RuleSet[] = []): CheckedBundle {
  const { issues, orders, patients } = readBundle(value)
  const active = orders.filter(({ status }) => status === 'active')
  const checked = checkInteractions(
    active.map(({ dosages, drug, id }) => ({ id, drug, route: dosages[0]?.route })),
    { rules: [BUILT_IN, ...more] },
  )
  return {
    patient: patients[0]?.id ?? null,
    active: active.map(({ drug }) => drug.name),
    findings: checked.findings.map(({ drugs, rule, severity }) => ({ drugs, severity, rule })),
    issues: [
      ...issues,
      ...checked.issues.map(({ code, medicine }) => ({
        code,
        severity: 'warning',
        at: `MedicationRequest/${medicine}`,
        text: TEXTS[code],
      })),
    ],
  }
}
