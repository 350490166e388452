// What a reader could not understand or had to leave out: place and reason, never the value.

export type IssueCode =
  | 'not-a-bundle'
  | 'too-large'
  | 'resource-unreadable'
  | 'patient-unknown'
  | 'patient-missing'
  | 'status-unknown'
  | 'not-an-order'
  | 'do-not-perform'
  | 'said-by-order'
  | 'modifier-not-read'
  | 'medication-missing'
  | 'medication-not-coded'
  | 'date-unreadable'
  | 'dosage-missing'
  | 'timing-missing'
  | 'timing-text-only'
  | 'timing-not-understood'
  | 'timing-invariant'
  | 'dose-missing'
  | 'dose-unreadable'
  | 'limit-not-read'
  | 'frequency-range'
  | 'bounds-range'
  | 'bounds-unreadable'
  | 'dispense-request-missing'
  | 'quantity-unreadable'
  | 'quantity-missing'
  | 'not-dispensed'
  | 'order-not-named'
  | 'resource-not-read'

export type IssueSeverity = 'error' | 'warning' | 'information'

export interface Issue {
  readonly code: IssueCode
  /** `error`: it was left out; `warning`: part of it was left out; `information`: it was read under an assumption. */
  readonly severity: IssueSeverity
  /** Where in the bundle: `entry[3].MedicationRequest.dosageInstruction[0].timing`. */
  readonly at: string
  /** What is wrong and what to do about it. */
  readonly text: string
}

const TEXTS: Readonly<Record<IssueCode, readonly [IssueSeverity, string]>> = {
  'not-a-bundle': [
    'error',
    'This is no FHIR R4 Bundle; send one with resourceType "Bundle" and its entries.',
  ],
  'too-large': ['error', 'There are more entries than one import takes; split the bundle.'],
  'resource-unreadable': [
    'error',
    'The resource is no object with a resourceType and an id; it was left out.',
  ],
  'patient-unknown': [
    'error',
    'Its subject is no patient of this bundle; send the patient with it.',
  ],
  'patient-missing': ['error', 'The bundle has no patient; nothing can be imported.'],
  'status-unknown': ['error', 'Its status is none that R4 knows; it is treated as not active.'],
  'not-an-order': [
    'warning',
    'Its intent is not an order; it is kept, and neither scheduled nor checked.',
  ],
  'do-not-perform': [
    'error',
    'It says that the medicine must not be given; it is kept, and neither scheduled nor checked.',
  ],
  'said-by-order': [
    'information',
    'It says again what an order of this bundle says, which is followed; it is kept, and neither scheduled nor checked.',
  ],
  'modifier-not-read': [
    'error',
    'An extension changes what it means, and this pack does not know how; it is not followed.',
  ],
  'medication-missing': [
    'error',
    'It names no medicine, in words, code or reference; it was left out.',
  ],
  'medication-not-coded': [
    'warning',
    'The medicine has no RxNorm code; it is known by its name only.',
  ],
  'date-unreadable': ['warning', 'A date is not written as FHIR writes dates; it was left out.'],
  'dosage-missing': [
    'warning',
    'The order has no dosage: there are no reminders and no supply figures for it.',
  ],
  'timing-missing': [
    'warning',
    'The dosage says neither when to take it nor that it is taken as needed; ask the prescriber.',
  ],
  'timing-text-only': [
    'warning',
    'The dosage is given in words only; enter its times, they are not guessed.',
  ],
  'timing-not-understood': [
    'warning',
    'The rhythm has no certain meaning; enter the times, they are not guessed.',
  ],
  'timing-invariant': [
    'error',
    'The timing breaks a rule of FHIR R4 (tim-1 to tim-10); it was left out.',
  ],
  'dose-missing': ['information', 'The dosage says no amount; supply is not computed.'],
  'dose-unreadable': [
    'warning',
    'The amount is no positive number with a unit; supply is not computed.',
  ],
  'limit-not-read': [
    'error',
    'A limit of doses taken as needed cannot be counted in doses (give it in the unit of the dose); the dosage is not followed.',
  ],
  'frequency-range': ['information', 'A range of doses is ordered: reminders are for the fewest.'],
  'bounds-range': ['information', 'The length is a range: reminders go on for the longest.'],
  'bounds-unreadable': [
    'error',
    'When it begins or ends cannot be read (a length needs a UCUM code); the dosage is not followed.',
  ],
  'dispense-request-missing': [
    'information',
    'The order says nothing of repeats and validity; refills are not judged.',
  ],
  'quantity-unreadable': ['warning', 'A quantity is no positive number; it was left out.'],
  'quantity-missing': ['warning', 'The dispense says no quantity; it does not count as supply.'],
  'not-dispensed': ['information', 'The dispense is not completed; it does not count as supply.'],
  'order-not-named': [
    'warning',
    'The dispense names no order; it does not count as the supply of any.',
  ],
  'resource-not-read': ['information', 'Resources of this type are not read by this pack.'],
}

export class IssueList {
  readonly #issues: Issue[] = []

  add(code: IssueCode, at: string): undefined {
    const [severity, text] = TEXTS[code]
    this.#issues.push({ code, severity, at, text })
  }

  get all(): readonly Issue[] {
    return this.#issues
  }
}

/** What a code means, where it is one of ours. */
export function explain(code: string): { severity: IssueSeverity; text: string } | undefined {
  if (!Object.hasOwn(TEXTS, code)) return undefined
  const [severity, text] = TEXTS[code as IssueCode]
  return { severity, text }
}
