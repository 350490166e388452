// The sealed values of what goes out to people and programs, with the place each is tied to.
import type { SealedPlace } from '../vault/vault.ts'
import { AT_ONCE, type StoredSeal } from './stored-seal.ts'
import type { StateDatabase } from './tables.ts'

/** Where the detail of a notification is sealed. */
export function notificationPlace(id: string): SealedPlace {
  return { queue: '#notifications', slot: 'state', anchor: `notification/${id}`, seq: 0 }
}

/** Where the address of a person is sealed that notifications are mailed to. */
export function preferencePlace(tenant: string, user: string): SealedPlace {
  return { queue: '#notifications', slot: 'state', anchor: `preference/${tenant}/${user}`, seq: 0 }
}

/** Where the secret of a webhook is sealed, or of a source of events. */
export function secretPlace(kind: 'webhook' | 'source' | 'alert', id: string): SealedPlace {
  return { queue: '#events', slot: 'state', anchor: `secret/${kind}/${id}`, seq: 0 }
}

export async function* readSealedMessages(database: StateDatabase): AsyncGenerator<StoredSeal> {
  yield* notifications(database)
  yield* preferences(database)
  yield* webhookSecrets(database)
  yield* sourceSecrets(database)
  yield* routeSecrets(database)
}

async function* notifications({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  for (let after = ''; ;) {
    const rows = await query
      .selectFrom('orderly_notifications')
      .select(['id', 'detail'])
      .where('id', '>', after)
      .where('detail', 'is not', null)
      .orderBy('id')
      .limit(AT_ONCE)
      .execute()
    for (const { id, detail: envelope } of rows)
      yield {
        envelope: envelope!,
        place: notificationPlace(id),
        job: id,
        write: async (detail) => {
          const done = await query
            .updateTable('orderly_notifications')
            .set({ detail })
            .where('id', '=', id)
            .where('detail', '=', envelope)
            .executeTakeFirst()
          return done.numUpdatedRows > 0n
        },
      }
    if (rows.length < AT_ONCE) return
    after = rows.at(-1)!.id
  }
}

async function* preferences({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  const rows = await query
    .selectFrom('orderly_notification_preferences')
    .select(['tenant', 'user_id', 'address'])
    .where('address', 'is not', null)
    .execute()
  for (const { tenant, user_id: user, address: envelope } of rows)
    yield {
      envelope: envelope!,
      place: preferencePlace(tenant, user),
      job: user,
      write: async (address) => {
        const done = await query
          .updateTable('orderly_notification_preferences')
          .set({ address })
          .where('tenant', '=', tenant)
          .where('user_id', '=', user)
          .where('address', '=', envelope)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      },
    }
}

async function* webhookSecrets({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  const rows = await query
    .selectFrom('orderly_webhooks')
    .select(['id', 'secret', 'old_secret'])
    .execute()
  for (const row of rows)
    for (const column of ['secret', 'old_secret'] as const) {
      const envelope = row[column]
      if (envelope === null) continue
      yield {
        envelope,
        place: secretPlace('webhook', row.id),
        job: row.id,
        write: async (value) => {
          const done = await query
            .updateTable('orderly_webhooks')
            .set({ [column]: value })
            .where('id', '=', row.id)
            .where(column, '=', envelope)
            .executeTakeFirst()
          return done.numUpdatedRows > 0n
        },
      }
    }
}

async function* sourceSecrets({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  const rows = await query
    .selectFrom('orderly_event_sources')
    .select(['name', 'secret', 'old_secret'])
    .execute()
  for (const row of rows)
    for (const column of ['secret', 'old_secret'] as const) {
      const envelope = row[column]
      if (envelope === null) continue
      yield {
        envelope,
        place: secretPlace('source', row.name),
        job: row.name,
        write: async (value) => {
          const done = await query
            .updateTable('orderly_event_sources')
            .set({ [column]: value })
            .where('name', '=', row.name)
            .where(column, '=', envelope)
            .executeTakeFirst()
          return done.numUpdatedRows > 0n
        },
      }
    }
}

async function* routeSecrets({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  const rows = await query
    .selectFrom('orderly_alert_routes')
    .select(['name', 'secret'])
    .where('secret', 'is not', null)
    .execute()
  for (const { name, secret: envelope } of rows)
    yield {
      envelope: envelope!,
      place: secretPlace('alert', name),
      job: name,
      write: async (secret) => {
        const done = await query
          .updateTable('orderly_alert_routes')
          .set({ secret })
          .where('name', '=', name)
          .where('secret', '=', envelope)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      },
    }
}
