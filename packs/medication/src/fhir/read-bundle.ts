// Reads a FHIR R4 Bundle: patients, orders, statements and dispenses, and a list of what could not be understood.
import { isDateText } from '../schedule/date-text.ts'
import type { OrderStatus } from '../schedule/order.ts'
import type { DateText } from '../schedule/timing.ts'
import { IssueList } from './issue.ts'
import { isModified, listAt, numberAt, objectAt, textAt, type Json } from './json.ts'
import { readAmount, readDosages } from './read-dosage.ts'
import { readDrug } from './read-drug.ts'
import { readPatient } from './read-patient.ts'
import { References } from './references.ts'
import type { Dispense, ReadBundle, ReadFill, ReadOrder, WithdrawnFill } from './regimen.ts'

const MOST_ENTRIES = 100_000

const STATUSES: readonly OrderStatus[] = [
  'active',
  'on-hold',
  'cancelled',
  'completed',
  'entered-in-error',
  'stopped',
  'draft',
  'unknown',
]
const OF_STATEMENT: Readonly<Record<string, OrderStatus>> = {
  active: 'active',
  completed: 'completed',
  'entered-in-error': 'entered-in-error',
  intended: 'draft',
  stopped: 'stopped',
  'on-hold': 'on-hold',
  unknown: 'unknown',
  'not-taken': 'stopped',
}
const ORDERS = new Set([
  'order',
  'original-order',
  'reflex-order',
  'filler-order',
  'instance-order',
])

interface Entry {
  readonly resource: Json
  readonly type: string
  readonly at: string
}

/** Reads `bundle`. It never throws: whatever is wrong is in the list of issues. */
export function readBundle(bundle: unknown): ReadBundle {
  const issues = new IssueList()
  const found = { patients: [], orders: [], fills: [], withdrawn: [] } as {
    patients: ReadBundle['patients'][number][]
    orders: ReadOrder[]
    fills: ReadFill[]
    withdrawn: WithdrawnFill[]
  }
  const end = (): ReadBundle => ({ ...found, issues: issues.all })
  if (textAt(bundle, 'resourceType') !== 'Bundle') {
    issues.add('not-a-bundle', '')
    return end()
  }
  const raw = listAt(bundle, 'entry')
  if (raw.length > MOST_ENTRIES) {
    issues.add('too-large', 'entry')
    return end()
  }
  const references = new References()
  const entries: Entry[] = []
  for (const [n, each] of raw.entries()) {
    const resource = objectAt(each, 'resource')
    const type = textAt(resource, 'resourceType')
    if (!resource || type === undefined) {
      issues.add('resource-unreadable', `entry[${n}]`)
      continue
    }
    references.add(type, resource, textAt(each, 'fullUrl'))
    entries.push({ resource, type, at: `entry[${n}].${type}` })
  }
  for (const { resource, type, at } of entries) {
    if (type !== 'Patient') continue
    const patient = readPatient(resource, at, issues)
    if (patient) found.patients.push(patient)
  }
  if (found.patients.length === 0) issues.add('patient-missing', 'entry')
  for (const entry of entries) {
    if (entry.type === 'MedicationRequest')
      take(found.orders, readRequest(entry, references, issues))
    else if (entry.type === 'MedicationStatement')
      take(found.orders, readStatement(entry, references, issues))
    else if (entry.type === 'MedicationDispense' && isWithdrawn(entry.resource))
      take(found.withdrawn, readWithdrawn(entry, references, issues))
    else if (entry.type === 'MedicationDispense')
      take(found.fills, readDispense(entry, references, issues))
    else if (entry.type === 'MedicationAdministration') issues.add('resource-not-read', entry.at)
  }
  return end()
}

function take<T>(into: T[], one: T | undefined): void {
  if (one !== undefined) into.push(one)
}

/** An id, and a patient who is known. */
function identify({ at, resource }: Entry, references: References, issues: IssueList) {
  const id = textAt(resource, 'id')
  if (id === undefined) return issues.add('resource-unreadable', at)
  const subject = references.find(textAt(objectAt(resource, 'subject'), 'reference'))
  const isPatient = subject && textAt(subject, 'resourceType') === 'Patient' && !isModified(subject)
  const patient = isPatient ? textAt(subject, 'id') : undefined
  if (patient === undefined) return issues.add('patient-unknown', `${at}.subject`)
  return { id, patient }
}

/** What all three resources have: the same, and a medicine. */
function common(entry: Entry, references: References, issues: IssueList) {
  const own = identify(entry, references, issues)
  const drug = own && readDrug(entry.resource, references, entry.at, issues)
  return drug && { ...own, drug }
}

function versionOf(resource: Json): number | undefined {
  const at = Date.parse(textAt(objectAt(resource, 'meta'), 'lastUpdated') ?? '')
  return Number.isNaN(at) ? undefined : at
}

/** Why an order of whatever status is not followed. */
function refusal(
  { at, resource }: Entry,
  status: OrderStatus,
  issues: IssueList,
): OrderStatus | undefined {
  if (isModified(resource)) {
    issues.add('modifier-not-read', at)
    return status === 'active' ? 'unknown' : status
  }
  if (resource['doNotPerform'] === undefined || resource['doNotPerform'] === false) return undefined
  issues.add('do-not-perform', `${at}.doNotPerform`)
  return 'cancelled'
}

function readRequest(
  entry: Entry,
  references: References,
  issues: IssueList,
): ReadOrder | undefined {
  const base = common(entry, references, issues)
  if (!base) return undefined
  const { at, resource } = entry
  let status = STATUSES.find((known) => known === textAt(resource, 'status'))
  if (!status) {
    issues.add('status-unknown', `${at}.status`)
    status = 'unknown'
  }
  status = refusal(entry, status, issues) ?? status
  if (status === 'active' && !ORDERS.has(textAt(resource, 'intent') ?? '')) {
    issues.add('not-an-order', `${at}.intent`)
    status = 'draft'
  }
  const isActive = status === 'active'
  return {
    ...base,
    source: 'request',
    versionAt: versionOf(resource),
    status,
    authoredOn: dateAt(resource, 'authoredOn', at, issues),
    dosages: readDosages(
      listAt(resource, 'dosageInstruction'),
      `${at}.dosageInstruction`,
      isActive,
      issues,
    ),
    holds: [],
    dispense: readDispenseRequest(objectAt(resource, 'dispenseRequest'), at, isActive, issues),
  }
}

function readStatement(
  entry: Entry,
  references: References,
  issues: IssueList,
): ReadOrder | undefined {
  const base = common(entry, references, issues)
  if (!base) return undefined
  const { at, resource } = entry
  let status = OF_STATEMENT[textAt(resource, 'status') ?? '']
  if (!status) {
    issues.add('status-unknown', `${at}.status`)
    status = 'unknown'
  }
  status = refusal(entry, status, issues) ?? status
  const period = objectAt(resource, 'effectivePeriod')
  const end = period && dateAt(period, 'end', `${at}.effectivePeriod`, issues)
  if (status === 'active' && period?.['end'] !== undefined && end === undefined) {
    issues.add('bounds-unreadable', `${at}.effectivePeriod.end`)
    status = 'unknown'
  }
  if (status === 'active' && isSaidByOrder(resource, references)) {
    issues.add('said-by-order', at)
    status = 'draft'
  }
  return {
    ...base,
    source: 'statement',
    versionAt: versionOf(resource),
    status,
    authoredOn:
      dateAt(resource, 'effectiveDateTime', at, issues) ??
      (period && dateAt(period, 'start', `${at}.effectivePeriod`, issues)),
    end,
    stoppedOn: end,
    dosages: readDosages(listAt(resource, 'dosage'), `${at}.dosage`, status === 'active', issues),
    holds: [],
  }
}

/** Whether it is about an order of this bundle that is followed: nobody is to be reminded of one dose by both. */
function isSaidByOrder(resource: Json, references: References): boolean {
  const patientOf = (one: Json): Json | undefined =>
    references.find(textAt(objectAt(one, 'subject'), 'reference'))
  const hasTimes = (one: Json, name: string): boolean =>
    listAt(one, name).some((dosage) => objectAt(dosage, 'timing') !== undefined)
  return [...listAt(resource, 'basedOn'), ...listAt(resource, 'derivedFrom')].some((each) => {
    const order = references.find(textAt(each, 'reference'))
    return (
      order !== undefined &&
      textAt(order, 'resourceType') === 'MedicationRequest' &&
      textAt(order, 'status') === 'active' &&
      ORDERS.has(textAt(order, 'intent') ?? '') &&
      !isModified(order) &&
      (order['doNotPerform'] ?? false) === false &&
      patientOf(order) === patientOf(resource) &&
      // One that says when it is taken adds to an order that does not.
      (hasTimes(order, 'dosageInstruction') || !hasTimes(resource, 'dosage'))
    )
  })
}

function readDispenseRequest(
  value: Json | undefined,
  at: string,
  isActive: boolean,
  issues: IssueList,
): Dispense | undefined {
  if (!value) {
    if (isActive) issues.add('dispense-request-missing', at)
    return undefined
  }
  const here = `${at}.dispenseRequest`
  const quantity = objectAt(value, 'quantity')
  const amount = readAmount(quantity)
  if (quantity && !amount) issues.add('quantity-unreadable', `${here}.quantity`)
  const validity = objectAt(value, 'validityPeriod')
  return {
    repeats: numberAt(value, 'numberOfRepeatsAllowed'),
    quantity: amount,
    days: daysOf(objectAt(value, 'expectedSupplyDuration')),
    validUntil: validity && dateAt(validity, 'end', `${here}.validityPeriod`, issues),
  }
}

function readDispense(
  entry: Entry,
  references: References,
  issues: IssueList,
): ReadFill | undefined {
  const base = common(entry, references, issues)
  if (!base) return undefined
  const { at, resource } = entry
  if (isModified(resource)) return issues.add('modifier-not-read', at)
  if (textAt(resource, 'status') !== 'completed') return issues.add('not-dispensed', `${at}.status`)
  const on =
    dateAt(resource, 'whenHandedOver', at, issues) ?? dateAt(resource, 'whenPrepared', at, issues)
  if (on === undefined) return issues.add('date-unreadable', `${at}.whenHandedOver`)
  const quantity = readAmount(objectAt(resource, 'quantity'))
  if (!quantity) return issues.add('quantity-missing', `${at}.quantity`)
  const [prescription] = listAt(resource, 'authorizingPrescription')
  const order = references.idOf('MedicationRequest', textAt(prescription, 'reference'))
  if (order === undefined) issues.add('order-not-named', `${at}.authorizingPrescription`)
  return {
    ...base,
    order,
    on,
    quantity,
    days: daysOf(objectAt(resource, 'daysSupply')),
  }
}

const WITHDRAWN = new Set(['entered-in-error', 'cancelled', 'declined'])

function isWithdrawn(resource: Json): boolean {
  return WITHDRAWN.has(textAt(resource, 'status') ?? '')
}

function readWithdrawn(
  entry: Entry,
  references: References,
  issues: IssueList,
): WithdrawnFill | undefined {
  issues.add('not-dispensed', `${entry.at}.status`)
  return identify(entry, references, issues)
}

function daysOf(value: Json | undefined): number | undefined {
  const number = numberAt(value, 'value')
  if (number === undefined || !(number > 0)) return undefined
  const unit = textAt(value, 'code') ?? textAt(value, 'unit') ?? 'd'
  if (/^(d|days?)$/i.test(unit)) return number
  if (/^(wk|weeks?)$/i.test(unit)) return number * 7
  return undefined
}

function dateAt(value: Json, name: string, at: string, issues: IssueList): DateText | undefined {
  const text = textAt(value, name)
  if (text === undefined || isDateText(text)) return text
  issues.add('date-unreadable', `${at}.${name}`)
  return undefined
}
