// What the pages of the pack have in common: how money, files and states are shown.
import { sql, type RawBuilder } from 'kysely'
import type { PageBlock, PageValue } from 'orderly'

/** Rows of a table; what is beyond them is found by searching. */
export const MOST_ROWS = 200

const WORDS = 5
type Tone = Extract<PageBlock, { block: 'note' }>['tone']

const TONES: Readonly<Record<string, Tone>> = {
  loaded: 'good',
  published: 'good',
  valid: 'good',
  held: 'warning',
  corrected: 'warning',
  doubtful: 'warning',
  alert: 'warning',
  warning: 'warning',
  unknown: 'warning',
  rejected: 'bad',
  quarantined: 'bad',
  refused: 'bad',
  invalid: 'bad',
  error: 'bad',
}

/** A word for how something is, in the colour it means. */
export function stateOf(state: string | null, word: string | null = state): PageValue {
  if (state === null || word === null) return null
  const tone = TONES[state]
  return tone ? { text: word, tone } : word
}

/** What CMS's rules say, in words. */
export function verdictOf(verdict: string | null): PageValue {
  return stateOf(verdict, verdict === 'not-cms' ? 'other layout' : verdict)
}

/** @param amount in ten-thousandths of a dollar */
export function dollarsOf(amount: number): string {
  return (amount / 10_000).toLocaleString('en-US', { style: 'currency', currency: 'USD' })
}

/** A file is known by the last part of its address. */
export function fileNameOf(address: string): string {
  const last = address.split(/[?#]/)[0]!.split('/').findLast(Boolean) ?? address
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** Addresses in a sentence leave no room for its words. */
export function withoutAddresses(sentence: string | null): string | null {
  return sentence?.replace(/https?:\/\/\S+/g, fileNameOf) ?? null
}

/** A condition that each of the words somebody searched for is in the text of one of the columns. */
export function hasWords(search: string, columns: readonly string[]): RawBuilder<boolean> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean).slice(0, WORDS)
  const any = (pattern: string): RawBuilder<unknown> =>
    sql`(${sql.join(
      columns.map((name) => sql`lower(${sql.ref(name)}) like ${pattern} escape '\\'`),
      sql` or `,
    )})`
  return sql<boolean>`(${sql.join(
    [sql`1 = 1`, ...words.map((word) => any(`%${word.replace(/[\\%_]/g, '\\$&')}%`))],
    sql` and `,
  )})`
}

export function more(count: number): readonly PageBlock[] {
  if (count < MOST_ROWS) return []
  return [
    {
      block: 'note',
      tone: 'neutral',
      text: `These are the first ${MOST_ROWS}. Search for others.`,
    },
  ]
}

export function groupsOf<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): ReadonlyMap<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const known = groups.get(key)
    if (known) known.push(row)
    else groups.set(key, [row])
  }
  return groups
}
