// Checks the medicines of one bundle, without an installation.
import { readBundle } from '../fhir/read-bundle.ts'
import { BUILT_IN } from '../interactions/built-in.ts'
import { checkInteractions, type MedicineIssue } from '../interactions/check.ts'
import type { RuleSet } from '../interactions/rule.ts'

interface CheckedPatient {
  /** The id of the patient's resource. */
  readonly patient: string | null
  readonly active: readonly string[]
  readonly findings: readonly {
    readonly drugs: readonly [string, string]
    readonly severity: string
    readonly rule: string
  }[]
}

interface CheckedBundle extends CheckedPatient {
  /** The other patients of the bundle, each checked alone; left out where there is one. */
  readonly others?: readonly CheckedPatient[]
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
  const unknown: MedicineIssue[] = []
  const checked = patients.map(({ id }): CheckedPatient => {
    const active = orders.filter(({ patient, status }) => status === 'active' && patient === id)
    const found = checkInteractions(
      active.map((order) => ({
        id: order.id,
        drug: order.drug,
        route: order.dosages[0]?.route,
      })),
      { rules: [BUILT_IN, ...more] },
    )
    unknown.push(...found.issues)
    return {
      patient: id,
      active: active.map(({ drug }) => drug.name),
      findings: found.findings.map(({ drugs, rule, severity }) => ({ drugs, severity, rule })),
    }
  })
  const [first = { patient: null, active: [], findings: [] }, ...others] = checked
  return {
    ...first,
    ...(others.length > 0 ? { others } : {}),
    issues: [
      ...issues,
      ...unknown.map(({ code, medicine }) => ({
        code,
        severity: 'warning',
        at: `MedicationRequest/${medicine}`,
        text: TEXTS[code],
      })),
    ],
  }
}
