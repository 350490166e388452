// The parts of a search as it is typed: what stands under the cursor, and putting a state in or out of it.

export interface Word {
  readonly text: string
  readonly from: number
  readonly to: number
}

/** The word the cursor stands in, quotes kept together. */
export function wordAt(search: string, cursor: number): Word {
  const words = [...search.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)]
  for (const match of words) {
    const from = match.index
    const to = from + match[0].length
    if (cursor >= from && cursor <= to) return { text: match[0], from, to }
  }
  return { text: '', from: cursor, to: cursor }
}

export function replaceWord(
  search: string,
  { from, to }: Pick<Word, 'from' | 'to'>,
  text: string,
): string {
  return `${search.slice(0, from)}${text}${search.slice(to)}`
}

const STATE_PART = /(^|\s)state:([\w,-]+)/

/** The states a search asks for; none where it asks for all. */
export function statesOf(search: string): readonly string[] {
  return STATE_PART.exec(search)?.[2]?.split(',') ?? []
}

/** The same search with other states. */
export function withStates(search: string, states: readonly string[]): string {
  const part = states.length === 0 ? '' : `state:${states.join(',')}`
  const rest = search.replace(STATE_PART, ' ')
  return `${part} ${rest}`.replace(/\s+/g, ' ').trim()
}

/** As long as a search may be, and as many values as one of its conditions may have. */
const LONGEST = 4_000
const MOST_VALUES = 200

/** The search that finds these jobs and no others; undefined where they are too many to name. */
export function searchForIds(ids: readonly string[]): string | undefined {
  const search = `id:${ids.map((id) => (/^[\w.-]+$/.test(id) ? id : `"${id.replaceAll(/["\\]/g, String.raw`\$&`)}"`)).join(',')}`
  return ids.length > MOST_VALUES || search.length > LONGEST ? undefined : search
}

/** The queues a search is about; undefined where it has any other condition, so that not all that is new in them fits. */
export function queuesOnly(search: string): readonly string[] | undefined {
  if (search.trim() === '') return []
  const [, queues] = /^\s*queue:([\w.,-]+)\s*$/.exec(search) ?? []
  return queues?.split(',')
}
