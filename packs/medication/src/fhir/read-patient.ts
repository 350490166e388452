// FHIR R4 Patient: what reminders and figures need of it, and no more.
import { isDateText } from '../schedule/date-text.ts'
import type { IssueList } from './issue.ts'
import { isModified, listAt, objectAt, textAt, type Json } from './json.ts'
import type { ReadPatient } from './regimen.ts'

export function readPatient(
  resource: Json,
  at: string,
  issues: IssueList,
): ReadPatient | undefined {
  const id = textAt(resource, 'id')
  if (id === undefined) {
    issues.add('resource-unreadable', at)
    return undefined
  }
  if (isModified(resource)) {
    issues.add('modifier-not-read', at)
    return undefined
  }
  const date = (name: string): string | undefined => {
    const text = textAt(resource, name)
    if (text === undefined || isDateText(text)) return text
    issues.add('date-unreadable', `${at}.${name}`)
    return undefined
  }
  const telecom = (system: string): string | undefined =>
    listAt(resource, 'telecom')
      .filter((each) => textAt(each, 'system') === system && textAt(each, 'use') !== 'old')
      .map((each) => textAt(each, 'value'))
      .find((value) => value !== undefined)
  const [communication] = listAt(resource, 'communication')
  const [language] = listAt(objectAt(communication, 'language'), 'coding')
  return {
    id,
    name: nameOf(resource),
    birthDate: date('birthDate'),
    deceasedOn: date('deceasedDateTime'),
    email: telecom('email'),
    phone: telecom('phone') ?? telecom('sms'),
    language: textAt(language, 'code'),
    active: resource['active'] !== false && !isDeceased(resource),
  }
}

/** A time of death that cannot be read is a death all the same. */
function isDeceased(resource: Json): boolean {
  return (
    (resource['deceasedBoolean'] ?? false) !== false ||
    (resource['deceasedDateTime'] ?? undefined) !== undefined ||
    objectAt(resource, '_deceasedDateTime') !== undefined
  )
}

function nameOf(resource: Json): string | undefined {
  const names = listAt(resource, 'name')
  const name = names.find((each) => textAt(each, 'use') === 'official') ?? names[0]
  const text = textAt(name, 'text')
  if (text !== undefined) return text
  const parts = [...listAt(name, 'given'), textAt(name, 'family')]
  const joined = parts.filter((part) => typeof part === 'string').join(' ')
  return joined === '' ? undefined : joined
}
