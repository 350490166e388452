// The sealed values of what goes out to people and programs, with the place each is tied to.
import type { SealedPlace } from '../vault/vault.ts'
import { sealsIn, type StoredSeal } from './stored-seal.ts'
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
  yield* sealsIn<{ id: string }>(database, {
    table: 'orderly_notifications',
    key: ['id'],
    column: 'detail',
    at: ({ id }) => ({ place: notificationPlace(id), job: id }),
  })
  yield* sealsIn<{ tenant: string; user_id: string }>(database, {
    table: 'orderly_notification_preferences',
    key: ['tenant', 'user_id'],
    column: 'address',
    at: ({ tenant, user_id: user }) => ({ place: preferencePlace(tenant, user), job: user }),
  })
  for (const column of ['secret', 'old_secret']) {
    yield* sealsIn<{ id: string }>(database, {
      table: 'orderly_webhooks',
      key: ['id'],
      column,
      at: ({ id }) => ({ place: secretPlace('webhook', id), job: id }),
    })
    yield* sealsIn<{ name: string }>(database, {
      table: 'orderly_event_sources',
      key: ['name'],
      column,
      at: ({ name }) => ({ place: secretPlace('source', name), job: name }),
    })
  }
  yield* sealsIn<{ name: string }>(database, {
    table: 'orderly_alert_routes',
    key: ['name'],
    column: 'secret',
    at: ({ name }) => ({ place: secretPlace('alert', name), job: name }),
  })
}
