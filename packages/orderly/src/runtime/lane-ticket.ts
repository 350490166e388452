// What a job's turn depends on, worked out when it is enqueued: digests of its keys, its weight, its units.
import { createHash } from 'node:crypto'
import type { JobDefinition } from '../job/define-job.ts'
import { keyText } from '../job/keyed-options.ts'
import type { LaneTicket } from '../job/marks.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Rooms } from './rooms.ts'

const DIGEST_LENGTH = 22

/**
 * The ticket of a job whose kind has a limit per key; undefined for others.
 *
 * @param input parsed
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` when `weight` or `units` give what cannot be one
 */
export async function ticketOf(
  rooms: Rooms,
  job: JobDefinition,
  input: unknown,
): Promise<LaneTicket | undefined> {
  const { concurrency, rateLimit } = job.options
  if (!concurrency && !rateLimit) return undefined
  const bucket = rateLimit ? await digestOf(rooms, job, keyText(rateLimit.key(input))) : ''
  const key = concurrency ? await digestOf(rooms, job, keyText(concurrency.key(input))) : bucket
  return {
    key,
    bucket,
    weight: checked(job, 'concurrency.weight', concurrency?.weight(input) ?? 1),
    units: checked(job, 'rateLimit.units', rateLimit?.units(input) ?? 1),
  }
}

/** Keys stand in the clear beside jobs, so they are digests; where there is PHI, ones that nobody can try values on. */
async function digestOf(rooms: Rooms, job: JobDefinition, text: string): Promise<string> {
  if (text === '') return ''
  if (rooms.classes.of(job.name)?.holdsPhi) return rooms.vault.blindIndex(`lane/${job.name}`, text)
  return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_LENGTH)
}

function checked(job: JobDefinition, what: string, value: number): number {
  if (Number.isFinite(value) && value >= 0.001 && value <= 1_000_000) return value
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `job "${job.name}": ${what} must give a number from 0.001 to 1000000`,
  )
}
