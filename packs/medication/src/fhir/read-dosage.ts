// FHIR R4 Dosage: how much, by what route, when.
import type { Amount, Dosage } from '../schedule/order.ts'
import type { Timing } from '../schedule/timing.ts'
import type { IssueList } from './issue.ts'
import { isModified, listAt, numberAt, objectAt, textAt, type Json } from './json.ts'
import { readTiming } from './read-timing.ts'

const MOST_DOSAGES = 50

export function readDosages(
  values: readonly unknown[],
  at: string,
  isActive: boolean,
  issues: IssueList,
): Dosage[] {
  if (values.length === 0 && isActive) issues.add('dosage-missing', at)
  if (values.length > MOST_DOSAGES) issues.add('too-large', at)
  return values
    .slice(0, MOST_DOSAGES)
    .map((value, no) => readDosage(value, no, `${at}[${no}]`, isActive, issues))
}

function readDosage(
  value: unknown,
  no: number,
  at: string,
  isActive: boolean,
  issues: IssueList,
): Dosage {
  const asNeeded =
    objectAt(value)?.['asNeededBoolean'] === true ||
    objectAt(value, 'asNeededCodeableConcept') !== undefined
  const text = textAt(value, 'text') ?? textAt(value, 'patientInstruction')
  const timing = objectAt(value, 'timing')
  const rate = objectAt(listAt(value, 'doseAndRate')[0])
  const range = objectAt(rate, 'doseRange')
  const low = readDose(
    objectAt(rate, 'doseQuantity') ?? objectAt(range, 'low'),
    `${at}.doseAndRate`,
    issues,
  )
  const read = timing ? readTiming(timing, `${at}.timing`, issues) : undefined
  const doseHigh = range
    ? readDose(objectAt(range, 'high'), `${at}.doseAndRate`, issues)
    : undefined
  const most = readMost(objectAt(value, 'maxDosePerPeriod'))
  const isUnlimited = asNeeded && !isLimitKnown(value, most, doseHigh ?? low)
  if (isUnlimited) issues.add('limit-not-read', at)
  const refused = read?.refused === true || isRefused(value, timing, at, issues) || isUnlimited
  const dosage: Dosage = {
    no,
    sequence: numberAt(value, 'sequence') ?? 1,
    text,
    timing: refused ? undefined : read,
    asNeeded: asNeeded && !refused,
    ...(refused ? { refused } : {}),
    dose: low,
    doseHigh,
    route: readRoute(objectAt(value, 'route')),
    most,
  }
  if (isActive && !refused) noteGaps(dosage, timing, at, issues)
  return dosage
}

/** An extension that changes the meaning of any part of it changes what is to be taken. */
function isRefused(
  value: unknown,
  timing: Json | undefined,
  at: string,
  issues: IssueList,
): boolean {
  const rate = objectAt(listAt(value, 'doseAndRate')[0])
  const parts = [value, timing, objectAt(timing, 'repeat'), rate]
  const changed = parts.find((part) => isModified(part))
  if (changed === undefined) return false
  issues.add('modifier-not-read', at)
  return true
}

function noteGaps(dosage: Dosage, timing: Json | undefined, at: string, issues: IssueList): void {
  if (!timing && !dosage.asNeeded)
    issues.add(dosage.text === undefined ? 'timing-missing' : 'timing-text-only', at)
  const known: Timing | undefined = dosage.timing
  if (known?.repeat && !dosage.asNeeded && isWithoutRhythm(known))
    issues.add('timing-not-understood', `${at}.timing`)
  if (!dosage.dose && !dosage.asNeeded) issues.add('dose-missing', at)
}

function isWithoutRhythm({ events, repeat }: Timing): boolean {
  return (
    events.length === 0 &&
    repeat !== undefined &&
    repeat.period === undefined &&
    repeat.timeOfDay.length === 0 &&
    repeat.when.length === 0 &&
    repeat.dayOfWeek.length === 0
  )
}

/** An amount: a positive number and its unit. A number without a unit is of the medicine's own unit. */
export function readAmount(value: Json | undefined): Amount | undefined {
  const number = numberAt(value, 'value')
  if (number === undefined || !(number > 0) || number > 1e9) return undefined
  return { value: number, unit: textAt(value, 'unit') ?? textAt(value, 'code') ?? '' }
}

function readDose(value: Json | undefined, at: string, issues: IssueList): Amount | undefined {
  if (!value) return undefined
  const amount = readAmount(value)
  if (!amount) issues.add('dose-unreadable', at)
  return amount
}

/** Months are counted as the longest: a limit holds rather longer than shorter. */
const HOURS_OF: readonly (readonly [RegExp, number])[] = [
  [/^(min|minutes?)$/i, 1 / 60],
  [/^(h|hr|hrs|hours?)$/i, 1],
  [/^(d|days?)$/i, 24],
  [/^(wk|weeks?)$/i, 168],
  [/^(mo|months?)$/i, 31 * 24],
]

/** Whether what limits doses taken as needed can be counted in doses. One that cannot must not pass for none. */
function isLimitKnown(value: unknown, most: Dosage['most'], dose: Amount | undefined): boolean {
  const named = (name: string): boolean => (objectAt(value)?.[name] ?? undefined) !== undefined
  if (named('maxDosePerLifetime')) return false
  const isCounted = most && most.amount.unit === dose?.unit && most.amount.value >= dose.value
  if (named('maxDosePerPeriod') && !isCounted) return false
  if (!named('maxDosePerAdministration')) return true
  const single = readAmount(objectAt(value, 'maxDosePerAdministration'))
  return (
    single !== undefined &&
    dose !== undefined &&
    single.unit === dose.unit &&
    dose.value <= single.value
  )
}

function readMost(value: Json | undefined): Dosage['most'] {
  const amount = readAmount(objectAt(value, 'numerator'))
  const per = objectAt(value, 'denominator')
  const count = numberAt(per, 'value')
  const unit = textAt(per, 'code') ?? textAt(per, 'unit')
  const hours = HOURS_OF.find(([name]) => name.test(unit ?? ''))?.[1]
  if (!amount || count === undefined || !(count > 0) || hours === undefined) return undefined
  return { amount, hours: count * hours }
}

function readRoute(value: Json | undefined): string | undefined {
  const [coding] = listAt(value, 'coding')
  return textAt(value, 'text') ?? textAt(coding, 'display') ?? textAt(coding, 'code')
}
