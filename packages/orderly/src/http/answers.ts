// `Idempotency-Key`: the same request made again is not done again, and is answered as it was the first time.
import type { FastifyReply } from 'fastify'
import type { Rooms } from '../runtime/rooms.ts'
import { claimAnswer, dropAnswer, keepAnswer } from '../state/answers.ts'
import type { ApiContext, ApiOperation } from './contract.ts'
import { sign } from './cursor.ts'
import { RequestError } from './problem.ts'

const KEPT_MS = 86_400_000
/** Longer than any request takes: whoever claimed one and is silent for so long has died. */
const ABANDONED_MS = 120_000
const LONGEST_KEY = 255

export async function answerOnce(
  rooms: Rooms,
  { actor }: ApiContext,
  operation: ApiOperation,
  { key, parsed }: { readonly key: string; readonly parsed: unknown },
  reply: FastifyReply,
  run: () => Promise<string>,
): Promise<string> {
  if (key === '' || key.length > LONGEST_KEY)
    throw new RequestError(
      'ORDERLY_REQUEST_INVALID',
      `an Idempotency-Key has 1 to ${LONGEST_KEY} characters`,
    )
  const now = rooms.clock.now()
  const claim = {
    key: await sign(rooms, 'idempotency', JSON.stringify([actor.id, operation.id, key])),
    request: await sign(rooms, 'idempotent-request', JSON.stringify(parsed)),
    at: now,
    expires_at: now + KEPT_MS,
  }
  const before = await claimAnswer(rooms.state, claim, now - ABANDONED_MS)
  if (before) {
    if (before.request !== claim.request)
      throw new RequestError(
        'ORDERLY_CONFLICT',
        'this Idempotency-Key was used for another request; use a new key for a new request',
      )
    if (before.status === 0)
      throw new RequestError(
        'ORDERLY_CONFLICT',
        'the first request of this Idempotency-Key is still worked on; ask again in a moment',
      )
    reply.code(before.status).header('idempotency-replayed', 'true')
    return before.body
  }
  try {
    const body = await run()
    await keepAnswer(rooms.state, claim.key, reply.statusCode, body)
    return body
  } catch (error) {
    await dropAnswer(rooms.state, claim.key)
    throw error
  }
}
