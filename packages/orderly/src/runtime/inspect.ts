// Looking at recorded jobs: finding them, and seeing one as somebody may who has no right to its PHI.
import { findEvents, findJob, findJobs, type FoundJob, type JobQuery } from '../history/find.ts'
import type { JobRow } from '../history/tables.ts'
import { marksOf } from '../job/marks.ts'
import { queueIdOf } from '../job/record-id.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { JobClass } from '../vault/classify.ts'
import { isEnvelope } from '../vault/envelope.ts'
import { mask, type Masked } from '../vault/mask.ts'
import type { Shape } from '../vault/phi.ts'
import { inputPlace, templatePlace, type SealedPlace } from '../vault/vault.ts'
import { lastMessage } from './attempts.ts'
import type { Rooms } from './rooms.ts'
import { tagTerm, termFor, type Term } from './terms.ts'

/** What to look for. All conditions must hold. */
export interface JobSearch extends Omit<JobQuery, 'terms'> {
  /** Tags a job was enqueued with. */
  readonly tags?: readonly string[]
  /** Exact values at paths that its definition declares searchable; needs `name`. */
  readonly where?: Readonly<Record<string, string | number>>
}

/** The life of a job, without anything sealed. Times are milliseconds since 1970 UTC. */
export interface LifeEvent {
  readonly at: number
  readonly type: string
  readonly attempt: number | null
  readonly code?: string
  readonly fingerprint?: string
}

export interface InspectedJob extends FoundJob {
  /** Masked where the job holds PHI. Null where there is none, or no more; a code in brackets where it was refused. */
  readonly input: Masked
  readonly output: Masked
  readonly life: readonly LifeEvent[]
  /** What its last failed attempt threw: outside production, where neither its kind nor its queue holds PHI. */
  readonly message?: string
  /** The version of its input's shape. */
  readonly version: number
  /** The job it repeats. */
  readonly replayOf?: string
  /** The set it belongs to. */
  readonly set?: string
}

/**
 * Finds jobs, newest first. PHI is found by its exact value, through a blind index.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for a path that is not searchable, `ORDERLY_JOB_UNKNOWN`
 */
export async function searchJobs(rooms: Rooms, search: JobSearch): Promise<FoundJob[]> {
  const { tags = [], where = {}, ...query } = search
  const terms: Term[] = tags.map(tagTerm)
  for (const [path, value] of Object.entries(where)) {
    const job = rooms.registry.jobs.get(search.name ?? '')
    if (!job)
      throw new OrderlyError(
        'ORDERLY_JOB_UNKNOWN',
        'a search by a path of the input needs the name of a job that is registered here',
      )
    if (!job.searchable.includes(path))
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        `job "${job.name}" does not declare this path searchable; add it to "searchable" in its definition`,
      )
    terms.push(await termFor(rooms, job, path, String(value)))
  }
  return findJobs(rooms.history, { ...query, terms })
}

/** One job with its life. Undefined when the record does not know it. */
export async function inspectJob(rooms: Rooms, id: string): Promise<InspectedJob | undefined> {
  await rooms.recorder.flush()
  const row = await findJob(rooms.history, id)
  if (!row) return undefined
  const events = await findEvents(rooms.history, id)
  const { input: _input, output: _output, progress: _progress, opts, ...found } = row
  const { version = 1, replayOf, set } = marksOf(JSON.parse(opts))
  const shapes = rooms.classes.of(row.name)
  const [sealedInput, sealedOutput] = [sealedPart(row, 'input'), sealedPart(row, 'output')]
  const message = await lastMessage(rooms, row)
  return {
    ...found,
    ...(message === undefined ? {} : { message }),
    version,
    ...(replayOf === undefined ? {} : { replayOf }),
    ...(set === undefined ? {} : { set }),
    input: await view(rooms, sealedInput, shapeFor(shapes, 'input')),
    output: await view(rooms, sealedOutput, shapeFor(shapes, 'output')),
    life: events.map(({ at, type, attempt, detail }) => {
      const { code, fingerprint } = JSON.parse(detail) as { code?: string; fingerprint?: string }
      return {
        at,
        type,
        attempt,
        ...(code ? { code } : {}),
        ...(fingerprint ? { fingerprint } : {}),
      }
    }),
  }
}

export type JobPart = 'input' | 'output'

/** What can be shown of a job: what it carries, what an attempt threw, and the lines it wrote to its log. */
export type RevealPart = JobPart | 'error' | 'log'

export interface SealedPart {
  readonly envelope: string
  readonly place: SealedPlace
}

/** What a job carries, as it is sealed, and where it opens. Undefined when there is none, or not any more. */
export function sealedPart(
  row: Pick<JobRow, 'id' | 'queue' | 'name' | 'schedule' | 'input' | 'output'>,
  part: JobPart,
): SealedPart | undefined {
  const anchor = queueIdOf(row.queue, row.id)
  if (part === 'output')
    return isEnvelope(row.output)
      ? { envelope: row.output, place: { queue: row.queue, slot: 'output', anchor, seq: 0 } }
      : undefined
  const envelope = row.input === null ? null : (JSON.parse(row.input) as { $o?: unknown }).$o
  if (!isEnvelope(envelope)) return undefined
  const place =
    row.schedule === null
      ? inputPlace(row.queue, anchor, row.name)
      : templatePlace(row.queue, row.schedule, row.name)
  return { envelope, place }
}

/** A job whose definition is not known here is shown as if all of it were PHI. */
export function shapeFor(known: JobClass | undefined, part: 'input' | 'output'): Shape {
  if (!known) return { type: 'opaque' }
  return known.holdsPhi ? known[part] : { type: 'clear' }
}

const NOT_GENUINE = new Set(['ORDERLY_SEAL_BROKEN', 'ORDERLY_KEY_MISSING', 'ORDERLY_SHREDDED'])

/** A sealed value as it may be shown. */
async function view(rooms: Rooms, sealed: SealedPart | undefined, shape: Shape): Promise<Masked> {
  if (!sealed) return null
  try {
    return mask(JSON.parse(await rooms.vault.open(sealed.envelope, sealed.place)), shape)
  } catch (error) {
    // What was written by somebody else, or shredded, must not keep the rest of the job from being seen.
    if (error instanceof OrderlyError && NOT_GENUINE.has(error.code)) return `[${error.code}]`
    throw error
  }
}
