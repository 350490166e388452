// What a search says, and how it is written: one language for the API, the dashboard, the command line and alerts.

export type Comparison = '>' | '>=' | '<' | '<='

export interface SearchValue {
  readonly text: string
  readonly comparison?: Comparison
  /** The text is how it begins. */
  readonly prefix?: true
}

/** One condition. Its values are alternatives; all conditions of a search must hold. */
export interface SearchTerm {
  /** A field such as `state`, or a path such as `input.orderId`; empty for a bare word. */
  readonly key: string
  readonly not?: true
  readonly values: readonly SearchValue[]
}

export interface SearchOrder {
  readonly by: string
  readonly descending: boolean
}

export interface Search {
  readonly terms: readonly SearchTerm[]
  readonly order?: SearchOrder
}

/** The fields there are beside paths, and what each is. */
export const FIELDS = {
  state: 'where the job stands',
  queue: 'its queue',
  type: 'its kind',
  id: 'its id, or how that begins',
  attempt: 'how often it was begun',
  duration: 'how long its last attempt took',
  created: 'when it was accepted',
  error: 'the code of its last error',
  fp: 'the fingerprint of its last error',
  tag: 'a tag it was given',
  schedule: 'the schedule that made it',
  workflow: 'the workflow it is part of',
  worker: 'the worker that ran it last',
  priority: 'its priority, 0 is the most urgent',
} as const

export type Field = keyof typeof FIELDS

export function isField(key: string): key is Field {
  return Object.hasOwn(FIELDS, key)
}

/** Characters that end a bare value or mean something at its start. */
const NEEDS_QUOTES = /[\s,"\\]|^[<>=]|\*$|^$/
/** What would make a bare word a condition, or a denial. */
const NO_BARE_WORD = /[:=]|^-/

/** A search as text: reading it gives the same search again. */
export function printSearch({ terms, order }: Search): string {
  const words = terms.map(printTerm)
  if (order) words.push(`sort:${order.descending ? '-' : ''}${order.by}`)
  return words.join(' ')
}

export function printTerm({ key, not, values }: SearchTerm): string {
  const list = values.map((value) => printValue(value, key === '')).join(',')
  return `${not ? '-' : ''}${key === '' ? '' : `${key}:`}${list}`
}

function printValue({ text, comparison, prefix }: SearchValue, isBare: boolean): string {
  const quoted = NEEDS_QUOTES.test(text) || (isBare && NO_BARE_WORD.test(text))
  const shown = quoted ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : text
  return `${comparison ?? ''}${shown}${prefix ? '*' : ''}`
}
