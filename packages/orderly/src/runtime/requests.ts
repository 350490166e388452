// Requests with a key of their own: which job answers them, and whether it does so already.
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueuedJob, EnqueueOptions } from '../job/enqueue-options.ts'
import { canonicalJson } from '../primitives/canonical-json.ts'
import { milliseconds } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import {
  answerWith,
  claimRequests,
  dropClaim,
  findAnswers,
  type Answer,
  type Claim,
} from '../state/idempotency.ts'
import type { Entry } from './entry.ts'
import type { Rooms } from './rooms.ts'
import { REFUSED, standingAnswer } from './standing-answer.ts'

const DEFAULT_IDEMPOTENCY = '24h'

/** An entry, and the request it is for where that has a key. */
export interface Asked {
  readonly entry: Entry
  readonly claim: Claim | undefined
}

export async function askedFor(
  rooms: Rooms,
  job: JobDefinition,
  entry: Entry,
  { idempotencyKey: given, idempotencyFor = DEFAULT_IDEMPOTENCY }: EnqueueOptions = {},
): Promise<Asked> {
  if (given === undefined) return { entry, claim: undefined }
  const field = `idempotency/${job.name}`
  const claim = {
    key: await rooms.vault.blindIndex(field, given),
    jobId: entry.opts.jobId,
    input: await rooms.vault.blindIndex(`${field}/input`, canonicalJson(entry.data)),
    expiresAt: rooms.clock.now() + milliseconds(idempotencyFor),
  }
  return { entry, claim }
}

/**
 * Which of these requests are answered already, by the id of the job.
 *
 * @throws OrderlyError `ORDERLY_IDEMPOTENCY_CONFLICT`
 */
export async function answered(
  rooms: Rooms,
  job: JobDefinition,
  asked: readonly Asked[],
): Promise<Map<Asked, string>> {
  const claims = claimsOf(asked)
  const found = new Map<Asked, string>()
  if (claims.length === 0) return found
  const keys = claims.map(({ claim }) => claim.key)
  const answers = await findAnswers(rooms.state, keys, rooms.clock.now())
  for (const one of claims) {
    const answer = answers.get(one.claim.key)
    if (!answer) continue
    refuseOther(job, one.claim, answer)
    const id = await standingAnswer(rooms, job, one.asked.entry.duplicate, one.claim.key, answer)
    if (id !== undefined && id !== REFUSED) found.set(one.asked, id)
  }
  return found
}

/** What is to be added for requests that were not answered yet. */
export interface Claimed {
  /** Each under the id that answers its request. */
  readonly fresh: Map<Asked, Entry>
  /** What somebody else answered meanwhile, or an earlier one of these does. */
  readonly doubles: Map<Asked, string>
}

/**
 * Says that these entries answer their requests, all of them or none.
 *
 * @throws OrderlyError `ORDERLY_IDEMPOTENCY_CONFLICT`
 */
export async function claimAll(
  rooms: Rooms,
  job: JobDefinition,
  asked: readonly Asked[],
): Promise<Claimed> {
  const fresh = new Map<Asked, Entry>()
  const doubles = new Map<Asked, string>()
  const claims = claimsOf(asked).map(({ claim }) => claim)
  const answers = await claim(rooms, job, claims)
  const taken = new Set<string>()
  for (const one of asked) {
    const { jobId, standing } = await answerOf(rooms, job, one, answers, taken)
    taken.add(jobId)
    if (standing !== undefined) doubles.set(one, standing)
    else fresh.set(one, { ...one.entry, opts: { ...one.entry.opts, jobId } })
  }
  return { fresh, doubles }
}

async function claim(
  { state, clock }: Rooms,
  job: JobDefinition,
  claims: readonly Claim[],
): Promise<Map<Claim, Answer>> {
  if (claims.length === 0) return new Map()
  return claimRequests(state, claims, clock.now(), (one, answer) => refuseOther(job, one, answer))
}

/** Which job a request is claimed for, and which one answers it already, where one does. */
async function answerOf(
  rooms: Rooms,
  job: JobDefinition,
  { entry, claim: own }: Asked,
  answers: Map<Claim, Answer>,
  taken: ReadonlySet<string>,
): Promise<{ readonly jobId: string; readonly standing?: string | undefined }> {
  for (let answer = own && answers.get(own); ;) {
    const jobId = answer?.jobId ?? entry.opts.jobId
    if (taken.has(jobId)) return { jobId, standing: jobId }
    if (!own || !answer || jobId === entry.opts.jobId) return { jobId }
    const standing = await standingAnswer(rooms, job, entry.duplicate, own.key, answer)
    if (standing !== REFUSED) return { jobId, standing }
    // Under the id of a job that was refused nobody would look for this one, and it would not be known for the answer.
    answer = (await claim(rooms, job, [own])).get(own)
  }
}

/** Adds for a request what `claimAll` said is to be added; a job that was there already is its answer from now on. */
export async function answering(
  { state }: Rooms,
  { claim }: Asked,
  { opts: { jobId } }: Entry,
  add: () => Promise<EnqueuedJob>,
): Promise<EnqueuedJob> {
  try {
    const added = await add()
    if (claim && added.id !== jobId) await answerWith(state, claim.key, jobId, added.id)
    return added
  } catch (error) {
    if (claim && error instanceof OrderlyError && error.code === 'ORDERLY_DUPLICATE')
      await dropClaim(state, claim.key, jobId)
    throw error
  }
}

function claimsOf(asked: readonly Asked[]): { asked: Asked; claim: Claim }[] {
  return asked.flatMap((one) => (one.claim ? [{ asked: one, claim: one.claim }] : []))
}

function refuseOther(job: JobDefinition, { input }: Claim, answer: Answer): void {
  if (answer.input === null || answer.input === input) return
  throw new OrderlyError(
    'ORDERLY_IDEMPOTENCY_CONFLICT',
    `this idempotency key was used for another input of "${job.name}", which is job ${answer.jobId}; use a new key for a new request`,
  )
}
