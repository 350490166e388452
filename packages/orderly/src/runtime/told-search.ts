// What the ledger is told of a search: what kind of thing was looked for, and never in the words somebody typed.
import { isField, type Field, type Search, type SearchTerm } from '../search/search.ts'
import type { Rooms } from './rooms.ts'
import { toldName } from './told-name.ts'

/** Of these only numbers, times and words of our own get past the planning of a search. */
const CHECKED: ReadonlySet<Field> = new Set(['state', 'attempt', 'duration', 'created', 'priority'])
const OURS: Partial<Record<Field, RegExp>> = {
  error: /^ORDERLY_[A-Z_]{1,60}$/,
  fp: /^[0-9a-f]{8,64}$/,
}

/**
 * A planned search as it may stand on the ledger for good: names that are known here stay, any other word is a blind
 * index, which whoever has the word can find again.
 */
export async function toldSearch(rooms: Rooms, { terms, order }: Search): Promise<Search> {
  const told = await Promise.all(terms.map((term) => toldTerm(rooms, term)))
  return { terms: told, ...(order ? { order } : {}) }
}

async function toldTerm(rooms: Rooms, term: SearchTerm): Promise<SearchTerm> {
  const { key, values } = term
  if (isField(key) && CHECKED.has(key)) return term
  const hidden = (text: string): Promise<string> => rooms.vault.blindIndex('ledger/name', text)
  const known = isField(key) ? OURS[key] : undefined
  return {
    ...term,
    key: key === '' || isField(key) || isDeclared(rooms, key) ? key : await hidden(key),
    values: await Promise.all(
      values.map(async (value) => {
        const { text } = value
        if (text === '[masked]' || known?.test(text)) return value
        // What somebody looks for inside a job is no name of ours, whatever it looks like.
        const isName = key === '' || isField(key)
        return { ...value, text: await (isName ? toldName(rooms, text) : hidden(text)) }
      }),
    ),
  }
}

function isDeclared({ registry }: Rooms, key: string): boolean {
  const path = key.replace(/^input\./, '')
  return [...registry.jobs.values()].some(({ searchable }) => searchable.includes(path))
}
