// Delivers to webhooks: signed, within bounds, again with growing pauses, and dead in the end.
import type { Selectable } from 'kysely'
import type { Agent } from 'undici'
import type { Logger } from '../job/logger.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { DeliveryRow, WebhookRow } from '../state/event-tables.ts'
import { secretPlace } from '../state/sealed-messages.ts'
import type { StateDatabase } from '../state/tables.ts'
import type { Vault } from '../vault/vault.ts'
import { publicConnector } from './public-address.ts'
import { signMessage } from './signature.ts'

export interface DeliverParts {
  readonly state: StateDatabase
  readonly clock: Clock
  readonly vault: Vault
  readonly log: Logger
  /** A number in [0, 1). */
  readonly random: () => number
  readonly allowPrivate: boolean
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Pauses after each failed attempt; after the last the delivery is dead, some three days after the first. */
export const PAUSES: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  24 * HOUR,
]
const ATTEMPT_MS = 10 * SECOND
/** A process that dies in an attempt leaves it to be taken up after this time. */
const CLAIM_MS = MINUTE
const MOST_OF_ONE = 20
/** Whoever serves a subscription begins no attempt after this time, for it may be another by then, or none. */
const SHARE_MS = 2 * SECOND
const MOST_ANSWER_BYTES = 65_536
const LONGEST_PAUSE = 24 * HOUR

export interface Deliverer {
  /**
   * Begins to attempt what is due, and waits for no receiver: those that are slow go on beside the turns that follow.
   *
   * @returns how many subscriptions have something to take
   */
  turn(signal?: AbortSignal): Promise<number>
  /** Gives back what is not delivered yet; whoever comes next attempts it. */
  close(): Promise<void>
}

/** A deliverer at work. */
interface Round {
  openAgent(): Promise<Agent>
  /** Subscriptions that are served, by id. */
  readonly busy: Map<string, Promise<void>>
  isClosing: boolean
}

export function openDeliverer(parts: DeliverParts): Deliverer {
  let opening: Promise<Agent> | undefined
  const round: Round = {
    openAgent: () => (opening ??= openAgent(parts)),
    busy: new Map(),
    isClosing: false,
  }
  return {
    turn: (signal) => deliverDue(parts, round, signal),
    async close() {
      round.isClosing = true
      await (await opening)?.destroy()
      await Promise.all(round.busy.values())
    },
  }
}

/** Opened for the first delivery: most processes never make one. */
async function openAgent({ allowPrivate }: DeliverParts): Promise<Agent> {
  const undici = await import('undici')
  return new undici.Agent({
    connect: publicConnector({ timeout: ATTEMPT_MS, allowPrivate }),
    headersTimeout: ATTEMPT_MS,
    bodyTimeout: ATTEMPT_MS,
    connections: 4,
    pipelining: 1,
  })
}

async function deliverDue(
  parts: DeliverParts,
  round: Round,
  signal?: AbortSignal,
): Promise<number> {
  const { state, clock, log } = parts
  const { openAgent, busy } = round
  const now = clock.now()
  const webhooks = await state.query
    .selectFrom('orderly_webhooks')
    .selectAll()
    .where('state', '=', 'active')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('orderly_deliveries')
          .select('orderly_deliveries.id')
          .whereRef('orderly_deliveries.webhook_id', '=', 'orderly_webhooks.id')
          .where('orderly_deliveries.state', '=', 'due')
          .where('orderly_deliveries.due_at', '<=', now),
      ),
    )
    .execute()
  if (webhooks.length === 0) return 0
  const agent = await openAgent()
  for (const webhook of webhooks) {
    if (signal?.aborted || busy.has(webhook.id)) continue
    const served = serve(parts, agent, webhook, round, signal)
      .catch((error: unknown) =>
        log.warn(
          { webhook: webhook.id, error: (error as Error).message },
          'what is due to a webhook could not be looked at; it is tried again',
        ),
      )
      .finally(() => busy.delete(webhook.id))
    busy.set(webhook.id, served)
  }
  return webhooks.length
}

/** Attempts what is due to one subscription, a part of it at a time. */
async function serve(
  parts: DeliverParts,
  agent: Agent,
  webhook: Selectable<WebhookRow>,
  round: Round,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { state, clock } = parts
  const until = clock.elapsed() + SHARE_MS
  const own = await state.query
    .selectFrom('orderly_deliveries')
    .selectAll()
    .where('webhook_id', '=', webhook.id)
    .where('state', '=', 'due')
    .where('due_at', '<=', clock.now())
    .orderBy('due_at')
    .limit(MOST_OF_ONE)
    .execute()
  for (const [place, delivery] of own.entries()) {
    const isOver = round.isClosing || signal?.aborted
    if (isOver || (place > 0 && clock.elapsed() > until)) return
    if (!(await claim(parts, delivery))) return
    // One who does not answer now would not answer the next either.
    if (!(await attempt(parts, agent, webhook, delivery, round))) return
  }
}

/** Takes a delivery in hand. @returns false when another process has */
async function claim(
  { state, clock }: DeliverParts,
  { id, due_at }: Selectable<DeliveryRow>,
): Promise<boolean> {
  const done = await state.query
    .updateTable('orderly_deliveries')
    .set({ due_at: clock.now() + CLAIM_MS })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .where('due_at', '=', due_at)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

interface Answer {
  readonly status: number | null
  readonly error: string | null
  readonly retryAfter: number | undefined
}

/** @returns whether it was taken */
async function attempt(
  parts: DeliverParts,
  agent: Agent,
  webhook: Selectable<WebhookRow>,
  delivery: Selectable<DeliveryRow>,
  round: Round,
): Promise<boolean> {
  const { state, clock } = parts
  const started = clock.elapsed()
  const { status, error, retryAfter } = await post(parts, agent, webhook, delivery)
  const now = clock.now()
  if (status === null && round.isClosing) {
    // It was not the receiver that gave up.
    const { id } = delivery
    const back = state.query.updateTable('orderly_deliveries').set({ due_at: now })
    await back.where('id', '=', id).execute()
    return false
  }
  const attempts = delivery.attempts + 1
  const taken = status !== null && status >= 200 && status < 300
  const gone = status === 410
  const pause = PAUSES[attempts - 1]
  const isOver = taken || gone || pause === undefined
  const wait = Math.min(
    Math.max(retryAfter ?? 0, (pause ?? 0) * (0.9 + 0.2 * parts.random())),
    LONGEST_PAUSE,
  )
  await state.query
    .updateTable('orderly_deliveries')
    .set({
      state: taken ? 'delivered' : isOver ? 'dead' : 'due',
      attempts,
      due_at: isOver ? now : now + Math.round(wait),
      status,
      error: taken ? null : error,
      took: Math.round(clock.elapsed() - started),
      ended_at: isOver ? now : null,
    })
    .where('id', '=', delivery.id)
    .execute()
  if (gone) await endWebhook(parts, webhook.id, now)
  if (isOver && !taken)
    parts.log.warn(
      { webhook: webhook.id, delivery: delivery.id, status, error },
      'a delivery to a webhook is dead; it can be delivered again by hand',
    )
  return taken
}

/** The receiver is no more: what waits for it is dead, and can be delivered again by hand should it come back. */
async function endWebhook({ state }: DeliverParts, id: string, now: number): Promise<void> {
  await state.query
    .updateTable('orderly_webhooks')
    .set({ state: 'gone', reason: 'the receiver answered 410: it is no more', updated_at: now })
    .where('id', '=', id)
    .execute()
  await state.query
    .updateTable('orderly_deliveries')
    .set({ state: 'dead', error: 'the receiver is no more', ended_at: now })
    .where('webhook_id', '=', id)
    .where('state', '=', 'due')
    .execute()
}

async function post(
  parts: DeliverParts,
  agent: Agent,
  webhook: Selectable<WebhookRow>,
  { event_id, body }: Selectable<DeliveryRow>,
): Promise<Answer> {
  const { clock } = parts
  const ending = new AbortController()
  const disarm = clock.after(ATTEMPT_MS, () => ending.abort())
  const { request } = await import('undici')
  try {
    const headers = signMessage(body, {
      id: event_id,
      at: clock.now(),
      secrets: await secretsOf(parts, webhook),
    })
    // A redirect is an answer like another: it is not followed.
    const answer = await request(webhook.url, {
      method: 'POST',
      dispatcher: agent,
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'orderly' },
      body,
      signal: ending.signal,
    })
    await answer.body.dump({ limit: MOST_ANSWER_BYTES }).catch(() => undefined)
    const status = answer.statusCode
    return {
      status,
      error: status >= 200 && status < 300 ? null : `answered ${status}`,
      retryAfter: waitOf(answer.headers['retry-after'], clock.now()),
    }
  } catch (error) {
    return { status: null, error: wordOf(error), retryAfter: undefined }
  } finally {
    disarm()
  }
}

/** Both secrets while one replaces the other. */
async function secretsOf(
  { vault, clock }: DeliverParts,
  { id, secret, old_secret, old_until }: Selectable<WebhookRow>,
): Promise<string[]> {
  const place = secretPlace('webhook', id)
  const current = await vault.open(secret, place)
  if (old_secret === null || old_until === null || old_until <= clock.now()) return [current]
  return [current, await vault.open(old_secret, place)]
}

function waitOf(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** What failed, in a word of the system's: messages may quote what a server said. */
function wordOf(error: unknown): string {
  const { code, name, cause } = error as { code?: unknown; name?: string; cause?: unknown }
  if (error instanceof OrderlyError) return error.code
  if (cause instanceof OrderlyError) return cause.code
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code
  return name === 'AbortError' ? 'ETIMEDOUT' : 'EFAILED'
}
