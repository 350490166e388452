// What may follow in a search that somebody is writing: fields, declared paths, values with counts.
import { completeTerms } from '../history/complete.ts'
import { countJobs, type JobCount } from '../history/find.ts'
import { FIELDS, isField, printTerm } from '../search/search.ts'
import { findSchedules } from '../state/schedules.ts'
import { shapeAt } from '../vault/classify.ts'
import type { Rooms } from './rooms.ts'

export interface Completion {
  /** Where what is completed begins in the text. */
  readonly from: number
  readonly items: readonly CompletionItem[]
}

export interface CompletionItem {
  /** What takes its place. */
  readonly text: string
  readonly about: string
  /** Jobs it finds; null where that is not known. */
  readonly count: number | null
}

const MOST_ITEMS = 20
/** The condition that is being written: a denial, a key, values before the last. */
const WRITING = /(?:^|\s)-?(?:([A-Za-z][\w.$-]*):((?:[^\s,"]*,)*))?([^\s,"]*)$/

export async function complete(
  rooms: Rooms,
  text: string,
  reaches: (queue: string) => boolean,
): Promise<Completion> {
  const [, key, , begun = ''] = WRITING.exec(text) ?? []
  const from = text.length - begun.length
  const items = key === undefined ? keys(rooms, begun) : await values(rooms, key, begun, reaches)
  return { from, items: items.slice(0, MOST_ITEMS) }
}

function keys({ registry, classes }: Rooms, begun: string): CompletionItem[] {
  const fields = Object.entries(FIELDS).map(([name, about]) => ({
    text: `${name}:`,
    about,
    count: null,
  }))
  const paths = new Map<string, string>()
  for (const job of registry.jobs.values())
    for (const path of job.searchable) {
      const known = classes.of(job.name)
      const isPhi = known?.holdsPhi === true && shapeAt(known.input, path).type !== 'clear'
      const own = isPhi ? 'PHI: found by its exact value, on record' : `a path of ${job.name}`
      if (isPhi || !paths.has(path)) paths.set(path, own)
    }
  const declared = [...paths].map(([path, about]) => ({
    text: `input.${path}:`,
    about,
    count: null,
  }))
  return [
    ...fields,
    { text: 'sort:', about: 'created or duration, with - for the last first', count: null },
    ...declared,
  ].filter((item) => item.text.startsWith(begun))
}

async function values(
  rooms: Rooms,
  key: string,
  begun: string,
  reaches: (queue: string) => boolean,
): Promise<CompletionItem[]> {
  if (key === 'state' || key === 'queue' || key === 'type') {
    const column = key === 'type' ? 'name' : key
    const counts = (await countJobs(rooms.history)).filter(({ queue }) => reaches(queue))
    return counted(counts, column, begun)
  }
  if (key === 'schedule')
    return (await findSchedules(rooms.state))
      .filter(({ id, queue }) => id.startsWith(begun) && reaches(queue))
      .map(({ id, job, workflow }) => ({
        text: id,
        about: workflow === null ? `makes ${job}` : `begins ${workflow}`,
        count: null,
      }))
  if (key === 'sort')
    return ['created', '-created', 'duration', '-duration']
      .filter((one) => one.startsWith(begun))
      .map((one) => ({ text: one, about: '', count: null }))
  if (isField(key) && key !== 'tag') return []
  return terms(rooms, key, begun, reaches)
}

/** Tags and clear paths. What is PHI is not offered: who looks for it must know it. */
async function terms(
  { registry, classes, history }: Rooms,
  key: string,
  begun: string,
  reaches: (queue: string) => boolean,
): Promise<CompletionItem[]> {
  const path = key.replace(/^input\./, '')
  // Tags and values are recorded without their queue, so who sees some queues only is offered none.
  if (![...registry.queues.keys()].every(reaches)) return []
  const declaring = [...registry.jobs.values()].filter(({ searchable }) =>
    searchable.includes(path),
  )
  const isClear = declaring.every((job) => {
    const known = classes.of(job.name)
    return known !== undefined && (!known.holdsPhi || shapeAt(known.input, path).type === 'clear')
  })
  if (key !== 'tag' && (declaring.length === 0 || !isClear)) return []
  const found = await completeTerms(history, key === 'tag' ? '#tag' : path, begun, MOST_ITEMS)
  return found.map(({ term, n }) => ({
    text: printTerm({ key: '', values: [{ text: term }] }),
    about: '',
    count: n,
  }))
}

function counted(
  counts: readonly JobCount[],
  column: 'state' | 'queue' | 'name',
  begun: string,
): CompletionItem[] {
  const totals = new Map<string, number>()
  for (const row of counts)
    if (row[column].startsWith(begun))
      totals.set(row[column], (totals.get(row[column]) ?? 0) + row.n)
  return [...totals]
    .toSorted((a, b) => b[1] - a[1])
    .map(([text, count]) => ({ text, about: '', count }))
}
