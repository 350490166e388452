// The attempts of a job, one beside the other: how each ended, where it was thrown, and which release ran it.
import { findEvents, type FoundJob } from '../history/find.ts'
import { queueIdOf } from '../job/record-id.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { findStartsOf } from '../state/starts.ts'
import { isEnvelope } from '../vault/envelope.ts'
import { framesIn, saidIn, type Frames } from '../vault/masked-error.ts'
import type { SealedPart } from './inspect.ts'
import type { Rooms } from './rooms.ts'
import { speaksOpenly } from './speaks-openly.ts'

export interface JobAttempt {
  /** Counts how often the job was begun. */
  readonly number: number
  /** Milliseconds since 1970 UTC, as is the next. */
  readonly startedAt: number
  readonly endedAt: number | null
  /** The event that ended it: `completed`, `attempt-failed`, `stalled`; null while it runs. */
  readonly end: string | null
  readonly code: string | null
  readonly fingerprint: string | null
  /**
   * Where it was thrown, innermost first: functions and places of the program, nothing of what the error said. Where it
   * was in none of the program's own, those of what it brings along.
   */
  readonly frames: readonly string[]
  /** The places in packages it went through, Orderly's among them. */
  readonly libraryFrames: readonly string[]
  /** What it threw, name and message, where that may be shown as it is: see `speaksOpenly`. */
  readonly message: string | null
  /** Whether what it threw is kept, under seal; it goes with the content of the job. */
  readonly hasError: boolean
  readonly worker: string | null
  readonly host: string | null
  readonly release: string | null
}

const ENDS = new Set([
  'completed',
  'failed',
  'attempt-failed',
  'crashed',
  'stalled',
  'interrupted',
  'snoozed',
  'waiting-children',
])
const MOST_ATTEMPTS = 100

type Draft = { -readonly [Key in keyof JobAttempt]: JobAttempt[Key] }

/** Attempts as the events of the job tell them, and what each threw as it is sealed. */
async function draftAttempts(
  rooms: Rooms,
  job: Pick<FoundJob, 'id' | 'queue'>,
): Promise<{ attempts: Draft[]; sealed: Map<Draft, SealedPart> }> {
  const anchor = queueIdOf(job.queue, job.id)
  const events = await findEvents(rooms.history, job.id)
  const attempts: Draft[] = []
  const sealed = new Map<Draft, SealedPart>()
  for (const { at, type, detail, key } of events) {
    const known = JSON.parse(detail) as Record<string, unknown>
    if (type === 'started') attempts.push(begun(attempts.length + 1, at, known['worker']))
    const last = attempts.at(-1)
    if (!last || last.end !== null || !ENDS.has(type)) continue
    const { code, fingerprint, error, run } = known
    last.end = type
    last.endedAt = at
    last.code = typeof code === 'string' ? code : null
    last.fingerprint = typeof fingerprint === 'string' ? fingerprint : null
    if (!isEnvelope(error)) continue
    last.hasError = true
    sealed.set(last, {
      envelope: error,
      place: { queue: job.queue, slot: 'error', anchor, seq: Number(run), of: key },
    })
  }
  return { attempts, sealed }
}

/** What an attempt threw, as it is sealed; the last one that threw unless told. Undefined when there is none, or not any more. */
export async function findError(
  rooms: Rooms,
  job: Pick<FoundJob, 'id' | 'queue'>,
  attempt?: number,
): Promise<(SealedPart & { readonly attempt: number }) | undefined> {
  const { attempts, sealed } = await draftAttempts(rooms, job)
  const found = attempts.findLast(
    (each) => each.hasError && each.number === (attempt ?? each.number),
  )
  return found && { ...sealed.get(found)!, attempt: found.number }
}

/** The last hundred attempts of a job, the first one first. */
export async function readAttempts(rooms: Rooms, job: FoundJob): Promise<JobAttempt[]> {
  const { attempts, sealed } = await draftAttempts(rooms, job)
  const shown = attempts.slice(-MOST_ATTEMPTS)
  const workers = [...new Set(shown.flatMap(({ worker }) => worker ?? []))]
  const starts = new Map(
    (await findStartsOf(rooms.state, workers)).map((start) => [start.worker, start]),
  )
  for (const attempt of shown) {
    const start = starts.get(attempt.worker ?? '')
    attempt.host = start?.host ?? null
    attempt.release = start?.release ?? null
    const error = sealed.get(attempt)
    if (!error) continue
    const { own, library, message } = await openError(rooms, error)
    attempt.message = speaksOpenly(rooms, job) ? message : null
    attempt.frames = own.length === 0 ? library : own
    attempt.libraryFrames = own.length === 0 ? [] : library
  }
  return shown
}

function begun(number: number, startedAt: number, worker: unknown): Draft {
  return {
    number,
    startedAt,
    endedAt: null,
    end: null,
    code: null,
    fingerprint: null,
    frames: [],
    libraryFrames: [],
    message: null,
    hasError: false,
    worker: typeof worker === 'string' ? worker : null,
    host: null,
    release: null,
  }
}

async function openError(
  rooms: Rooms,
  { envelope, place }: SealedPart,
): Promise<Frames & { readonly message: string | null }> {
  try {
    const described = await rooms.vault.open(envelope, place)
    return { ...framesIn(described), message: saidIn(described) }
  } catch (error) {
    // A key that is gone, or out of this process's reach, takes the places with it and leaves the rest.
    if (error instanceof OrderlyError) return { own: [], library: [], message: null }
    throw error
  }
}

/** What the last attempt of a job that threw said, where that may be shown. */
export async function lastMessage(
  rooms: Rooms,
  job: Pick<FoundJob, 'id' | 'name' | 'queue' | 'error_code'>,
): Promise<string | undefined> {
  if (job.error_code === null || !speaksOpenly(rooms, job)) return undefined
  const error = await findError(rooms, job)
  return error && ((await openError(rooms, error)).message ?? undefined)
}
