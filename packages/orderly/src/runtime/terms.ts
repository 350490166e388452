// What a job can be found by: its tags, and the paths its definition declares.
import { createHash } from 'node:crypto'
import type { EnqueueOptions } from '../job/enqueue-options.ts'
import type { JobDefinition } from '../job/define-job.ts'
import { shapeAt } from '../vault/classify.ts'
import type { Rooms } from './rooms.ts'

export type Term = readonly [field: string, term: string]

const LONGEST_TERM = 200

/**
 * The terms of a job: clear values as they are, everything else as a blind index.
 */
export async function termsOf(
  rooms: Rooms,
  job: JobDefinition,
  input: unknown,
  options: EnqueueOptions,
): Promise<Term[]> {
  const tags = options.tags ?? []
  const terms: Term[] = tags.map(tagTerm)
  for (const path of job.searchable) {
    const value = valueAt(input, path)
    if (typeof value === 'string' || typeof value === 'number')
      terms.push(await termFor(rooms, job, path, String(value)))
  }
  return terms
}

/** The term under which jobs with `value` at `path` are recorded. */
export async function termFor(
  rooms: Rooms,
  job: JobDefinition,
  path: string,
  value: string,
): Promise<Term> {
  const jobClass = rooms.classes.of(job.name)
  const isClear = !jobClass?.holdsPhi || shapeAt(jobClass.input, path).type === 'clear'
  if (isClear) return [path, value.length > LONGEST_TERM ? digestOf(value) : value]
  return [path, await rooms.vault.blindIndex(`search/${job.name}/${path}`, value)]
}

/** The term of a tag. No path of an input is called like its field. */
export function tagTerm(tag: string): Term {
  return ['#tag', tag]
}

/** Long values are found by their digest; a beginning would find others too. */
function digestOf(value: string): string {
  return `sha256.${createHash('sha256').update(value).digest('base64url')}`
}

function valueAt(input: unknown, path: string): unknown {
  let at = input
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}
