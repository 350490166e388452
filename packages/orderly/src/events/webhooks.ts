// Subscriptions by HTTP: who is told of what, with which secret, and what became of each delivery.
import type { Selectable } from 'kysely'
import type { Clock } from '../primitives/clock.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { DeliveryRow, WebhookRow } from '../state/event-tables.ts'
import { secretPlace } from '../state/sealed-messages.ts'
import type { StateDatabase } from '../state/tables.ts'
import type { Vault } from '../vault/vault.ts'
import { fits, matches, type EventFilter, type OrderlyEvent } from './event.ts'
import type { Events } from './events.ts'
import { newSecret } from './signature.ts'
import { checkChange, checkDeliveries, checkNew, checkRequest, invalid } from './webhook-checks.ts'

export interface WebhookFilter {
  /** Types of events, or with a `*` at the end those that begin so. */
  readonly types: readonly string[]
  readonly jobs?: readonly string[]
  readonly queues?: readonly string[]
}

export interface WebhookRequest {
  readonly name: string
  /** `https:`; `http:` only where private addresses are allowed. */
  readonly url: string
  readonly filter: WebhookFilter
  readonly by?: string
  readonly tenant?: string
}

/** A subscription as it may be shown. Times are milliseconds since 1970 UTC. */
export interface Webhook {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly url: string
  readonly filter: WebhookFilter
  /** `gone`: the receiver said that it is no more. */
  readonly state: 'active' | 'paused' | 'gone'
  readonly reason: string | null
  readonly by: string
  /** Until when the secret before signs too. */
  readonly oldSecretUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface WebhookDelivery {
  readonly id: string
  readonly webhook: string
  readonly event: string
  readonly type: string
  readonly state: 'due' | 'delivered' | 'dead'
  readonly attempts: number
  readonly dueAt: number
  readonly status: number | null
  readonly error: string | null
  /** Milliseconds. */
  readonly took: number | null
  readonly createdAt: number
  readonly endedAt: number | null
}

export interface Webhooks {
  /** @throws OrderlyError `ORDERLY_INPUT_INVALID` @returns the secret, which is shown this once */
  create(request: WebhookRequest): Promise<{ webhook: Webhook; secret: string }>
  list(tenant?: string): Promise<Webhook[]>
  get(id: string): Promise<Webhook>
  change(
    id: string,
    change: Partial<Pick<WebhookRequest, 'name' | 'url' | 'filter'>> & {
      readonly state?: 'active' | 'paused'
    },
  ): Promise<Webhook>
  remove(id: string): Promise<void>
  /** A new secret; the one before signs too for `overlap`, 24 hours unless told. */
  rotateSecret(id: string, overlap?: Duration): Promise<{ secret: string; oldUntil: number }>
  deliveries(
    id: string,
    filter?: {
      readonly state?: WebhookDelivery['state']
      readonly limit?: number
      readonly before?: string
    },
  ): Promise<WebhookDelivery[]>
  /** Delivers again: one delivery by its id, or with `dead` all of the subscription that are. @returns how many */
  redeliver(id: string, delivery: string): Promise<number>
  /** Sends a `webhook.test` event. @returns the delivery */
  test(id: string): Promise<string>
  /** Delivers something that is no event of a job to the subscriptions that want its type. */
  emit(message: OutgoingMessage): Promise<number>
  /** Delivers to one subscription, whatever its filter says. */
  emitTo(id: string, message: OutgoingMessage): Promise<void>
  /** Lets this process tell subscriptions of what happens; it does so by itself where there are any. */
  begin(): Promise<void>
}

export interface OutgoingMessage {
  readonly id: string
  readonly type: string
  readonly at: number
  readonly data: unknown
}

export interface WebhookParts {
  readonly state: StateDatabase
  readonly clock: Clock
  readonly vault: Vault
  readonly events: Events
  readonly allowPrivate: boolean
}

const CONSUMER = 'webhooks'
const MOST_WEBHOOKS = 200

export function openWebhooks(parts: WebhookParts): Webhooks {
  const { state, clock, vault, events } = parts
  let begun = false

  const find = async (id: string): Promise<Selectable<WebhookRow>> => {
    const row = await state.query
      .selectFrom('orderly_webhooks')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (row) return row
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no webhook of this id')
  }

  const seal = (id: string, secret: string): Promise<string> =>
    vault.seal(secret, secretPlace('webhook', id), 'encrypted')

  const insert = async (rows: readonly DeliveryRow[]): Promise<number> => {
    if (rows.length === 0) return 0
    const done = await state.query
      .insertInto('orderly_deliveries')
      .values([...rows])
      .onConflict((conflict) => conflict.columns(['webhook_id', 'event_id']).doNothing())
      .executeTakeFirst()
    return Number(done.numInsertedOrUpdatedRows ?? 0n)
  }

  const rowOf = (webhook: string, { id, type, at, data }: OutgoingMessage): DeliveryRow => ({
    id: newId(clock.now()),
    webhook_id: webhook,
    event_id: id,
    type,
    body: JSON.stringify({ type, timestamp: new Date(at).toISOString(), data }),
    state: 'due',
    attempts: 0,
    due_at: clock.now(),
    status: null,
    error: null,
    took: null,
    created_at: clock.now(),
    ended_at: null,
  })

  /** Writes down what is to be delivered; a repetition changes nothing. */
  const take = async (batch: readonly OrderlyEvent[]): Promise<void> => {
    const webhooks = await active()
    await insert(
      batch.flatMap((event) =>
        webhooks
          .filter(({ filter }) => fits(filter as EventFilter, event))
          .map(({ id }) =>
            rowOf(id, { id: event.id, type: event.type, at: event.at, data: event }),
          ),
      ),
    )
  }

  const active = async (): Promise<Webhook[]> =>
    (
      await state.query
        .selectFrom('orderly_webhooks')
        .selectAll()
        .where('state', '=', 'active')
        .execute()
    ).map(shown)

  const begin = async (): Promise<void> => {
    if (begun) return
    const any = await state.query.selectFrom('orderly_webhooks').select('id').limit(1).execute()
    if (any.length === 0 || begun) return
    begun = true
    events.consume({ name: CONSUMER, filter: {}, batch: 100, isPatient: true, handle: take })
  }

  return {
    async create(request) {
      checkNew(request, parts.allowPrivate)
      const { n } = await state.query
        .selectFrom('orderly_webhooks')
        .select(({ fn }) => fn.countAll<number | string>().as('n'))
        .executeTakeFirstOrThrow()
      if (Number(n) >= MOST_WEBHOOKS) throw invalid(`there are ${MOST_WEBHOOKS} webhooks already`)
      const now = clock.now()
      const id = newId(now)
      const secret = newSecret()
      const row: WebhookRow = {
        id,
        tenant: request.tenant ?? 'default',
        name: request.name,
        url: request.url,
        filter: JSON.stringify(request.filter),
        secret: await seal(id, secret),
        old_secret: null,
        old_until: null,
        state: 'active',
        reason: null,
        who: request.by ?? '',
        created_at: now,
        updated_at: now,
      }
      // What happens from here on is delivered, whichever process comes to it.
      await events.ensure(CONSUMER)
      await state.query.insertInto('orderly_webhooks').values(row).execute()
      await begin()
      return { webhook: shown(row), secret }
    },
    async list(tenant = 'default') {
      const rows = await state.query
        .selectFrom('orderly_webhooks')
        .selectAll()
        .where('tenant', '=', tenant)
        .orderBy('id')
        .execute()
      return rows.map(shown)
    },
    get: async (id) => shown(await find(id)),
    async change(id, change) {
      checkChange(change)
      const { name, url, filter, state: wanted } = change
      const before = shown(await find(id))
      const after = {
        name: name ?? before.name,
        url: url ?? before.url,
        filter: filter ?? before.filter,
      }
      checkRequest(after, parts.allowPrivate)
      await state.query
        .updateTable('orderly_webhooks')
        .set({
          name: after.name,
          url: after.url,
          filter: JSON.stringify(after.filter),
          ...(wanted === undefined ? {} : { state: wanted, reason: null }),
          updated_at: clock.now(),
        })
        .where('id', '=', id)
        .execute()
      return shown(await find(id))
    },
    async remove(id) {
      await find(id)
      await state.query.deleteFrom('orderly_deliveries').where('webhook_id', '=', id).execute()
      await state.query.deleteFrom('orderly_webhooks').where('id', '=', id).execute()
    },
    async rotateSecret(id, overlap = '24h') {
      const row = await find(id)
      const secret = newSecret()
      const now = clock.now()
      const oldUntil = now + milliseconds(overlap, 'ORDERLY_INPUT_INVALID')
      await state.query
        .updateTable('orderly_webhooks')
        .set({
          secret: await seal(id, secret),
          old_secret: row.secret,
          old_until: oldUntil,
          updated_at: now,
        })
        .where('id', '=', id)
        .execute()
      return { secret, oldUntil }
    },
    async deliveries(id, filter = {}) {
      checkDeliveries(filter)
      const { state: wanted, limit = 50, before } = filter
      await find(id)
      let query = state.query
        .selectFrom('orderly_deliveries')
        .selectAll()
        .where('webhook_id', '=', id)
        .orderBy('id', 'desc')
        .limit(Math.min(Math.max(1, limit), 200))
      if (wanted !== undefined) query = query.where('state', '=', wanted)
      if (before !== undefined) query = query.where('id', '<', before)
      return (await query.execute()).map(shownDelivery)
    },
    async redeliver(id, delivery) {
      await find(id)
      let query = state.query
        .updateTable('orderly_deliveries')
        .set({ state: 'due', attempts: 0, due_at: clock.now(), ended_at: null })
        .where('webhook_id', '=', id)
      query =
        delivery === 'dead' ? query.where('state', '=', 'dead') : query.where('id', '=', delivery)
      const done = await query.executeTakeFirst()
      if (delivery !== 'dead' && done.numUpdatedRows === 0n)
        throw new OrderlyError('ORDERLY_NOT_FOUND', 'this webhook has no delivery of this id')
      return Number(done.numUpdatedRows)
    },
    async test(id) {
      await find(id)
      const at = clock.now()
      const row = rowOf(id, { id: `test:${newId(at)}`, type: 'webhook.test', at, data: {} })
      await insert([row])
      return row.id
    },
    async emit(message) {
      const wanted = (await active()).filter(({ filter }) =>
        filter.types.some((type) => matches(type, message.type)),
      )
      return insert(wanted.map(({ id }) => rowOf(id, message)))
    },
    async emitTo(id, message) {
      await insert([rowOf(id, message)])
    },
    begin,
  }
}

function shown(row: Selectable<WebhookRow>): Webhook {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    url: row.url,
    filter: JSON.parse(row.filter) as WebhookFilter,
    state: row.state,
    reason: row.reason,
    by: row.who,
    oldSecretUntil: row.old_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function shownDelivery(row: Selectable<DeliveryRow>): WebhookDelivery {
  return {
    id: row.id,
    webhook: row.webhook_id,
    event: row.event_id,
    type: row.type,
    state: row.state,
    attempts: row.attempts,
    dueAt: row.due_at,
    status: row.status,
    error: row.error,
    took: row.took,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  }
}
