// What a written search asks of the record: conditions it can go along, conditions it can only look at, blind indexes.
import {
  findJobs,
  type Condition,
  type FoundJob,
  type JobQuery,
  type PageEnd,
} from '../history/find.ts'
import type { RecordedState } from '../history/tables.ts'
import type { JobDefinition } from '../job/define-job.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { nearest } from '../primitives/known-names.ts'
import {
  FIELDS,
  isField,
  printTerm,
  type Field,
  type Search,
  type SearchTerm,
  type SearchValue,
} from '../search/search.ts'
import { shapeAt } from '../vault/classify.ts'
import type { Rooms } from './rooms.ts'
import { tagTerm, termFor } from './terms.ts'

/** What a search comes down to. */
export interface PlannedSearch {
  readonly query: JobQuery
  /** Conditions no index helps with, as they were written: they are looked at job by job. */
  readonly unindexed: readonly string[]
  /** Paths that no definition declares searchable: nothing can be found by them. */
  readonly unsearchable: readonly string[]
  /** Set where, for want of an index, only jobs since then are looked at. Milliseconds since 1970 UTC. */
  readonly since?: number
  /** Whether it looks for PHI by its exact value. */
  readonly usesPhi: boolean
  /** The search as it may be shown and kept: without values of PHI. */
  readonly shown: Search
}

const RECORDED: readonly RecordedState[] = [
  'waiting',
  'prioritized',
  'delayed',
  'waiting-children',
  'active',
  'completed',
  'failed',
  'removed',
]
const COLUMNS = {
  queue: 'queue',
  type: 'name',
  error: 'error_code',
  fp: 'fingerprint',
  schedule: 'schedule',
  worker: 'worker',
  id: 'id',
} as const
/** How far back a search goes that no index leads, unless it says when. */
const UNLED_MS = 7 * 86_400_000

interface Draft {
  also: Condition[]
  terms: [string, string][]
  query: { -readonly [Key in keyof JobQuery]: JobQuery[Key] }
  unindexed: string[]
  unsearchable: string[]
  usesPhi: boolean
  /** The value of the condition may be PHI although nothing can be found by it. */
  hides: boolean
  shown: SearchTerm[]
  isLed: boolean
}

/**
 * Works out how to look for what a search says.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for a field that is not there or a value that does not fit it
 */
export async function planSearch(rooms: Rooms, search: Search): Promise<PlannedSearch> {
  const draft: Draft = {
    also: [],
    terms: [],
    query: {},
    unindexed: [],
    unsearchable: [],
    usesPhi: false,
    hides: false,
    shown: [],
    isLed: false,
  }
  const kinds = kindsOf(rooms, search)
  for (const term of search.terms) {
    const before = draft.usesPhi
    draft.usesPhi = false
    draft.hides = false
    if (term.key === '') addWord(draft, term)
    else if (isField(term.key)) addField(rooms, draft, term, term.key)
    else await addPath(rooms, draft, term, kinds)
    draft.shown.push(
      draft.usesPhi || draft.hides ? { ...term, values: [{ text: '[masked]' }] } : term,
    )
    draft.usesPhi ||= before
  }
  if (search.order) {
    const { by, descending } = search.order
    if (by !== 'created' && by !== 'duration')
      throw invalid('jobs are put in the order of "created" or "duration"')
    draft.query.order = { by, ascending: !descending }
  }
  const isBounded = draft.query.createdFrom !== undefined
  const since =
    draft.unindexed.length > 0 && !draft.isLed && !isBounded
      ? rooms.clock.now() - UNLED_MS
      : undefined
  return {
    query: {
      ...draft.query,
      also: draft.also,
      terms: draft.terms,
      ...(since === undefined ? {} : { createdFrom: since }),
    },
    unindexed: draft.unindexed,
    unsearchable: draft.unsearchable,
    ...(since === undefined ? {} : { since }),
    usesPhi: draft.usesPhi,
    shown: { terms: draft.shown, ...(search.order ? { order: search.order } : {}) },
  }
}

/** Runs a planned search. What cannot be found by is found by nobody. */
export async function runSearch(
  rooms: Rooms,
  { query, unsearchable }: PlannedSearch,
  page: {
    readonly limit: number
    readonly before?: PageEnd
    readonly also?: readonly Condition[]
  },
): Promise<FoundJob[]> {
  if (unsearchable.length > 0) return []
  await rooms.recorder.flush()
  return findJobs(rooms.history, {
    ...query,
    also: [...(query.also ?? []), ...(page.also ?? [])],
    limit: page.limit,
    ...(page.before ? { before: page.before } : {}),
  })
}

/** The kinds of job a search may find: those it names, or all. */
function kindsOf({ registry }: Rooms, { terms }: Search): JobDefinition[] {
  const named = terms.filter(({ key, not }) => key === 'type' && !not)
  const all = [...registry.jobs.values()]
  if (named.length === 0) return all
  return all.filter(({ name, type }) =>
    named.every(({ values }) => values.some(({ text }) => text === name || text === type)),
  )
}

function addWord(draft: Draft, { values, not }: SearchTerm): void {
  // A word alone is most often an id that was copied from somewhere.
  const texts = values.map(({ text }) => text)
  draft.also.push({ idParts: texts, ...(not ? { not } : {}) })
  draft.unindexed.push(...texts)
}

function addField(rooms: Rooms, draft: Draft, term: SearchTerm, field: Field): void {
  const { values, not } = term
  switch (field) {
    case 'state': {
      const states = values.map(plainText)
      for (const state of states)
        if (!(RECORDED as readonly string[]).includes(state))
          throw invalid(`a state is one of ${RECORDED.join(', ')}`)
      if (!not && draft.query.state === undefined) {
        draft.query.state = states as RecordedState[]
        draft.isLed = true
      } else draft.also.push({ column: 'state', values: states, ...(not ? { not } : {}) })
      return
    }
    case 'tag': {
      const terms = values.map((value) => tagTerm(plainText(value)))
      if (!not && terms.length === 1) {
        draft.terms.push([...terms[0]!])
        draft.isLed = true
      } else {
        draft.also.push({
          field: '#tag',
          terms: terms.map(([, tag]) => tag),
          ...(not ? { not } : {}),
        })
        draft.unindexed.push(printTerm(term))
      }
      return
    }
    case 'workflow':
      draft.also.push({ workflows: values.map(plainText), ...(not ? { not } : {}) })
      draft.unindexed.push(printTerm(term))
      return
    case 'created':
      addCreated(rooms, draft, term)
      return
    case 'attempt':
    case 'duration':
    case 'priority':
      addNumber(draft, term, field)
      return
    case 'queue':
    case 'type':
    case 'id':
    case 'error':
    case 'fp':
    case 'schedule':
    case 'worker':
      addText(draft, term, COLUMNS[field])
  }
}

type TextColumn = (typeof COLUMNS)[keyof typeof COLUMNS]

const LEADS: Partial<Record<TextColumn, 'queue' | 'name' | 'errorCode' | 'fingerprint'>> = {
  queue: 'queue',
  name: 'name',
  error_code: 'errorCode',
  fingerprint: 'fingerprint',
}

function addText(draft: Draft, term: SearchTerm, column: TextColumn): void {
  const { values, not } = term
  const lead = LEADS[column]
  const [only] = values
  if (lead && !not && values.length === 1 && !only!.prefix && draft.query[lead] === undefined) {
    draft.query[lead] = plainText(only!)
    draft.isLed = true
    return
  }
  const exact = values.filter(({ prefix }) => !prefix).map(plainText)
  const begins = values.filter(({ prefix }) => prefix).map(({ text }) => text)
  if (exact.length > 0 && begins.length > 0)
    throw invalid('the values of one condition are all whole, or all end in "*"')
  const isPrefix = begins.length > 0
  draft.also.push({
    column,
    values: isPrefix ? begins : exact,
    ...(isPrefix ? { prefix: true } : {}),
    ...(not ? { not } : {}),
  })
  if (column === 'id' && !not) {
    draft.isLed ||= !isPrefix
    if (!isPrefix) return
  }
  draft.unindexed.push(printTerm(term))
}

function addCreated(rooms: Rooms, draft: Draft, { values, not }: SearchTerm): void {
  if (not || values.length !== 1)
    throw invalid('"created" is one time, such as -24h or >2026-01-31')
  const { text, comparison = '>=', prefix } = values[0]!
  if (prefix) throw invalid('"created" is a whole time')
  const at = timeOf(text, rooms.clock.now())
  if (comparison === '>=' && draft.query.createdFrom === undefined) draft.query.createdFrom = at
  else if (comparison === '<' && draft.query.createdTo === undefined) draft.query.createdTo = at
  else draft.also.push({ column: 'created_at', operator: comparison, value: at })
  draft.isLed = true
}

const RELATIVE = /^-(\d{1,9}(?:\.\d+)?(?:ms|s|m|h|d|w))$/
const ABSOLUTE =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/

function timeOf(text: string, now: number): number {
  const relative = RELATIVE.exec(text)
  if (relative) return now - spanOf(relative[1]!)
  if (/^\d{12,14}$/.test(text)) return Number(text)
  const at = ABSOLUTE.test(text)
    ? Date.parse(/T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`)
    : NaN
  if (Number.isNaN(at)) throw invalid('a time is written -24h, 2026-01-31 or 2026-01-31T14:05Z')
  return at
}

function spanOf(text: string): number {
  try {
    return milliseconds(text as Duration)
  } catch {
    throw invalid('a span is written 500ms, 30s, 5m, 2h or 7d')
  }
}

function addNumber(
  draft: Draft,
  term: SearchTerm,
  field: 'attempt' | 'duration' | 'priority',
): void {
  const { values, not } = term
  if (values.length !== 1 || values[0]!.prefix)
    throw invalid(`"${field}" is one number, such as ${field === 'duration' ? '>30s' : '>2'}`)
  const { text, comparison } = values[0]!
  const value = field === 'duration' && !/^\d+$/.test(text) ? spanOf(text) : Number(text)
  if (!Number.isFinite(value) || text === '') throw invalid(`"${field}" is a number`)
  if (not && comparison) throw invalid('a comparison is turned round rather than denied')
  if (
    field === 'duration' &&
    !not &&
    comparison === '>=' &&
    draft.query.durationFrom === undefined
  ) {
    draft.query.durationFrom = value
    draft.isLed = true
    return
  }
  if (
    field === 'duration' &&
    !not &&
    comparison === '>' &&
    draft.query.durationFrom === undefined
  ) {
    draft.query.durationFrom = value + 1
    draft.isLed = true
    return
  }
  draft.also.push({
    column: field === 'attempt' ? 'attempts' : field,
    operator: comparison ?? (not ? '!=' : '='),
    value,
  })
  draft.unindexed.push(printTerm(term))
}

/** A path of the input, clear or blind, in every kind that declares it searchable. */
async function addPath(
  rooms: Rooms,
  draft: Draft,
  term: SearchTerm,
  kinds: readonly JobDefinition[],
): Promise<void> {
  if (!/^(input|meta)\./.test(term.key)) {
    const near = nearest(term.key, [...Object.keys(FIELDS), 'sort'])
    throw invalid(
      `a condition names a field, such as state, queue, type, tag or created, or a path, such as input.orderId${
        near === undefined ? '' : `; did you mean "${near}:"?`
      }`,
    )
  }
  const path = term.key.startsWith('input.') ? term.key.slice('input.'.length) : term.key
  const declaring = kinds.filter(({ searchable }) => searchable.includes(path))
  // A path that some kind of job marks as PHI names PHI, whatever other kinds make of it.
  if (declaring.some((job) => isPhi(rooms, job, path))) draft.usesPhi = true
  if (declaring.length === 0) {
    draft.hides = rooms.classes.anyPhi
    draft.unsearchable.push(term.key)
    return
  }
  const found = new Set<string>()
  for (const job of declaring)
    for (const value of term.values)
      found.add((await termFor(rooms, job, path, plainText(value)))[1])
  const [only] = found
  if (!term.not && found.size === 1) {
    draft.terms.push([path, only!])
    draft.isLed = true
  } else draft.also.push({ field: path, terms: [...found], ...(term.not ? { not: true } : {}) })
}

function isPhi({ classes }: Rooms, job: JobDefinition, path: string): boolean {
  const known = classes.of(job.name)
  return known !== undefined && known.holdsPhi && shapeAt(known.input, path).type !== 'clear'
}

function plainText({ text, comparison, prefix }: SearchValue): string {
  if (comparison || prefix)
    throw invalid('this condition takes whole values; ">" and "*" mean nothing in it')
  return text
}

function invalid(rule: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', `the search cannot be used: ${rule}`)
}
