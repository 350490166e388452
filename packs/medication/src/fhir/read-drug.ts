// Which medicine a resource means: a concept of its own, or a Medication it refers to.
import type { IssueList } from './issue.ts'
import { listAt, objectAt, textAt, type Json } from './json.ts'
import type { References } from './references.ts'
import type { Coding, Drug } from './regimen.ts'

const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'

export function readDrug(
  resource: Json,
  references: References,
  at: string,
  issues: IssueList,
): Drug | undefined {
  const reference = textAt(objectAt(resource, 'medicationReference'), 'reference')
  const concept =
    objectAt(resource, 'medicationCodeableConcept') ??
    objectAt(references.findFrom(resource, reference), 'code')
  const codings = listAt(concept, 'coding')
  const codes = codings.flatMap((coding): Coding[] => {
    const code = textAt(coding, 'code')
    return code === undefined ? [] : [{ system: textAt(coding, 'system') ?? '', code }]
  })
  const name =
    textAt(concept, 'text') ??
    codings.map((coding) => textAt(coding, 'display')).find((display) => display !== undefined)
  if (name === undefined && codes.length === 0) {
    issues.add('medication-missing', at)
    return undefined
  }
  const rxcuis = codes.filter(({ system }) => system === RXNORM).map(({ code }) => code)
  if (rxcuis.length === 0) issues.add('medication-not-coded', at)
  return { name: name ?? `RxNorm ${codes[0]!.code}`, rxcuis, codes }
}
