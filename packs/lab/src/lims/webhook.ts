// News from a LIMS: proved by its signature over the very bytes, fresh, taken once, never moving an order back.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { RefusedError } from 'orderly'
import { z } from 'zod'
import type { Move } from '../orders/status.ts'
import { moveOrder } from '../store/order-moves.ts'
import type { LabRooms } from '../store/rooms.ts'
import type { LimsNewsRow } from '../store/tables.ts'
import { LIMS_STATUSES } from './port.ts'

export interface LimsSecrets {
  /** The laboratory whose LIMS signs with them. */
  readonly labId: string
  /** The newest first; an older one is taken while it is being changed. */
  readonly secrets: readonly string[]
}

export interface SignedNews {
  /** The body as it came, not parsed and written again. */
  readonly body: Uint8Array
  /** `X-LIMS-Signature`: hexadecimal HMAC-SHA-256 of `<timestamp>.<body>`. */
  readonly signature: string | undefined
  /** `X-LIMS-Timestamp`: seconds since 1970, without zeros in front. */
  readonly timestamp: string | undefined
}

export type Refusal = 'no-signature' | 'bad-signature' | 'stale' | 'too-large' | 'not-understood'

export interface NewsResult {
  readonly state: LimsNewsRow['state'] | 'refused-unread' | 'repeated'
  readonly reason: string | null
  /** What to answer over HTTP. */
  readonly httpStatus: number
}

const WINDOW_S = 300
const MOST_BYTES = 64 * 1024
/** One way to write it: what was taken once could else be sent again, signed as before and written otherwise. */
const TIMESTAMP = /^[1-9]\d{0,11}$/

const news = z.object({
  jobId: z.string().min(1).max(100),
  jobStatus: z.string().min(1).max(50),
  orderId: z.string().min(1).max(100),
  progress: z.number().optional(),
  estimatedCompletion: z.string().max(50).optional(),
  errorMessage: z.string().max(2_000).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
})

export function signNews(body: Uint8Array, timestamp: number, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')
}

/** Why news is not to be believed; null when it is. */
export function refuseNews(
  { body, signature, timestamp }: SignedNews,
  secrets: readonly string[],
  now: number,
): Refusal | null {
  if (!(body instanceof Uint8Array)) return 'not-understood'
  if (body.byteLength > MOST_BYTES) return 'too-large'
  if (signature === undefined || timestamp === undefined) return 'no-signature'
  if (!/^[0-9a-f]{64}$/i.test(signature) || !TIMESTAMP.test(timestamp)) return 'bad-signature'
  const given = Buffer.from(signature, 'hex')
  // Without a secret anybody could sign.
  const isSigned = secrets.some(
    (secret) =>
      secret !== '' &&
      timingSafeEqual(given, Buffer.from(signNews(body, Number(timestamp), secret), 'hex')),
  )
  if (!isSigned) return 'bad-signature'
  return Math.abs(now / 1_000 - Number(timestamp)) > WINDOW_S ? 'stale' : null
}

/** Takes news of a LIMS: checks it, writes down that it came, and moves the order. */
export async function receiveNews(
  rooms: LabRooms,
  { labId, secrets }: LimsSecrets,
  signed: SignedNews,
): Promise<NewsResult> {
  const refusal = refuseNews(signed, secrets, rooms.clock.now())
  if (refusal !== null)
    return {
      state: 'refused-unread',
      reason: refusal,
      httpStatus: refusal === 'too-large' ? 413 : refusal === 'not-understood' ? 422 : 401,
    }
  const parsed = news.safeParse(parseJson(signed.body))
  if (!parsed.success) return { state: 'refused-unread', reason: 'not-understood', httpStatus: 422 }
  const digest = createHash('sha256')
    .update(`${labId}\0${signed.timestamp}\0`)
    .update(signed.body)
    .digest('hex')
  const { jobId, jobStatus, orderId } = parsed.data
  if (await isKnown(rooms, digest)) return { state: 'repeated', reason: null, httpStatus: 200 }
  const { state, reason } = await applyStatus(rooms, labId, {
    orderId,
    word: jobStatus,
    saidAt: Number(signed.timestamp) * 1_000,
  })
  await rooms.db.query
    .insertInto('lab_lims_news')
    .values({ digest, company_id: labId, lims_job: jobId, state, reason, at: rooms.clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  // What nobody understands is kept for a person; the sender need not tell it again.
  return { state, reason, httpStatus: state === 'quarantined' ? 202 : 200 }
}

export interface LimsWord {
  readonly orderId: string
  /** In the words of the LIMS. */
  readonly word: string
  /** When it said so, in milliseconds since 1970. */
  readonly saidAt: number
  /** It was asked: what it says then is as old as the first time it said so. */
  readonly isPolled?: boolean
}

/** Moves an order to what a LIMS says of it. A word nobody knows is set aside, not guessed. */
export async function applyStatus(
  rooms: LabRooms,
  labId: string,
  { isPolled = false, orderId, saidAt, word }: LimsWord,
): Promise<{ state: LimsNewsRow['state']; reason: string | null }> {
  const known = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
  const status = Object.hasOwn(LIMS_STATUSES, known) ? LIMS_STATUSES[known] : undefined
  if (status === undefined) return { state: 'quarantined', reason: 'unknown status' }
  let move: Move
  try {
    move = await moveOrder(rooms, labId, orderId, status, { newsAt: saidAt, isPolled })
  } catch (error) {
    if (error instanceof RefusedError) return { state: 'quarantined', reason: 'unknown order' }
    throw error
  }
  if (move === 'moved') return { state: 'taken', reason: null }
  return {
    state: move,
    reason:
      move === 'refused' ? 'the order has gone past that, or there is newer word of it' : null,
  }
}

async function isKnown({ db }: LabRooms, digest: string): Promise<boolean> {
  const row = await db.query
    .selectFrom('lab_lims_news')
    .select('at')
    .where('digest', '=', digest)
    .executeTakeFirst()
  return row !== undefined
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}
