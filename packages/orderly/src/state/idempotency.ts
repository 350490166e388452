// Requests that were answered with a job: whoever asks again gets the same answer, long after the job is gone.
import type { StateDatabase, StateTransaction } from './tables.ts'

export interface Answer {
  /** The id of the job that answers the request. */
  readonly jobId: string
  /** What the request that made it asked for, as a keyed digest. */
  readonly input: string | null
  /** The record knew the job, and has forgotten it since. */
  readonly isForgotten: boolean
}

/** A request that wants to be answered with a job of its own. */
export interface Claim {
  readonly key: string
  readonly jobId: string
  readonly input: string
  /** Until when it is known. Milliseconds since 1970 UTC. */
  readonly expiresAt: number
}

/** The answers of requests that were made before, by their keys. */
export async function findAnswers(
  { query }: Pick<StateDatabase, 'query'>,
  keys: readonly string[],
  now: number,
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>()
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    const rows = await query
      .selectFrom('orderly_idempotency')
      .select(['key', 'job_id', 'input', 'forgotten'])
      .where('key', 'in', keys.slice(start, start + AT_ONCE))
      .where('expires_at', '>', now)
      .execute()
    for (const { key, job_id: jobId, input, forgotten } of rows)
      answers.set(key, { jobId, input, isForgotten: forgotten === 1 })
  }
  return answers
}

const AT_ONCE = 500

/**
 * Says of each request that its job answers it, unless another job does; and which job that is. All are claimed, or
 * none.
 *
 * @param check throws where an answer will not do
 */
export async function claimRequests(
  database: StateDatabase,
  claims: readonly Claim[],
  now: number,
  check: (claim: Claim, answer: Answer) => void,
): Promise<Map<Claim, Answer>> {
  // In one order everywhere, so that no two processes wait for each other; of one key the first claim comes first.
  const sorted = claims.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return database.transaction(async (transaction) => {
    const answers = new Map<Claim, Answer>()
    for (const claim of sorted) {
      await insertClaim(transaction, claim, now)
      const answer = (await findAnswers(transaction, [claim.key], now)).get(claim.key)!
      check(claim, answer)
      answers.set(claim, answer)
    }
    return answers
  })
}

async function insertClaim(
  { query }: StateTransaction,
  { key, jobId, input, expiresAt }: Claim,
  now: number,
): Promise<void> {
  const claimed = { job_id: jobId, input, expires_at: expiresAt, forgotten: 0 }
  await query
    .insertInto('orderly_idempotency')
    .values({ key, ...claimed })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet(claimed)
        .where('orderly_idempotency.expires_at', '<=', now),
    )
    .execute()
}

/** The job that was claimed for a request was not added, for `holder` has its unique key: that one answers it. */
export async function answerWith(
  { query }: StateDatabase,
  key: string,
  jobId: string,
  holder: string,
): Promise<void> {
  await query
    .updateTable('orderly_idempotency')
    .set({ job_id: holder })
    .where('key', '=', key)
    .where('job_id', '=', jobId)
    .execute()
}

/** The job that was claimed for a request was refused: there is no answer. */
export async function dropClaim(
  { query }: StateDatabase,
  key: string,
  jobId: string,
): Promise<void> {
  await query
    .deleteFrom('orderly_idempotency')
    .where('key', '=', key)
    .where('job_id', '=', jobId)
    .execute()
}

/** The record forgets these jobs; that they answered requests is known for as long as the requests are. */
export async function noteForgottenWithin(
  { many }: Pick<StateTransaction, 'many'>,
  jobIds: readonly string[],
): Promise<void> {
  await many(
    'update orderly_idempotency set forgotten = 1 where job_id = ?',
    jobIds.map((id) => [id]),
  )
}
