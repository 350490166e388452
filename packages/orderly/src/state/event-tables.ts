// The tables of events that go out and come in: who has read how far, who is told by HTTP, and who may tell us.
import type { MigrationStep } from '../database/migrate.ts'

/** Somebody who reads the record in order and remembers how far. */
export interface EventConsumerRow {
  name: string
  /** The number of the last event that is done with. */
  cursor: number
  /** A range that is to be given once more: after this number, up to and with the other. */
  replay_after: number | null
  replay_to: number | null
  /** How often the event after the cursor has failed in a row. */
  failures: number
  /** Events that were left out because they failed too often. */
  skipped: number
  error_code: string | null
  updated_at: number
}

/** A subscription: where events of some kinds go. */
export interface WebhookRow {
  id: string
  tenant: string
  name: string
  url: string
  /** JSON: types, jobs, queues. */
  filter: string
  /** Sealed: what deliveries are signed with. */
  secret: string
  /** Sealed: the one before, which signs too until `old_until`. */
  old_secret: string | null
  old_until: number | null
  state: 'active' | 'paused' | 'gone'
  /** Why it does not take deliveries, in words without PHI. */
  reason: string | null
  who: string
  created_at: number
  updated_at: number
}

export interface DeliveryRow {
  id: string
  webhook_id: string
  /** An event is delivered once to a subscription, unless somebody asks for it again. */
  event_id: string
  type: string
  /** JSON as it goes out: no PHI. */
  body: string
  state: 'due' | 'delivered' | 'dead'
  attempts: number
  due_at: number
  /** What came of the last attempt: the status, or what failed. */
  status: number | null
  error: string | null
  /** Milliseconds the last attempt took. */
  took: number | null
  created_at: number
  ended_at: number | null
}

/** Somebody outside who may send us events. */
export interface EventSourceRow {
  name: string
  tenant: string
  /** Sealed. */
  secret: string
  old_secret: string | null
  old_until: number | null
  /** JSON: which event types start a workflow; all others are given to runs that wait for them. */
  starts: string
  who: string
  created_at: number
  updated_at: number
}

/** An event that came in, by the id its source gave it. */
export interface SourceEventRow {
  source: string
  id: string
  at: number
}

export interface EventTables {
  orderly_event_consumers: EventConsumerRow
  orderly_webhooks: WebhookRow
  orderly_deliveries: DeliveryRow
  orderly_event_sources: EventSourceRow
  orderly_source_events: SourceEventRow
}

export const EVENT_STEP: MigrationStep = {
  name: '0008-events',
  async up(db) {
    await db.schema
      .createTable('orderly_event_consumers')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('cursor', 'bigint', (column) => column.notNull())
      .addColumn('replay_after', 'bigint')
      .addColumn('replay_to', 'bigint')
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('skipped', 'integer', (column) => column.notNull())
      .addColumn('error_code', 'text')
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_webhooks')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('url', 'text', (column) => column.notNull())
      .addColumn('filter', 'text', (column) => column.notNull())
      .addColumn('secret', 'text', (column) => column.notNull())
      .addColumn('old_secret', 'text')
      .addColumn('old_until', 'bigint')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_deliveries')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('webhook_id', 'text', (column) => column.notNull())
      .addColumn('event_id', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('status', 'integer')
      .addColumn('error', 'text')
      .addColumn('took', 'integer')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('orderly_deliveries_once')
      .unique()
      .on('orderly_deliveries')
      .columns(['webhook_id', 'event_id'])
      .execute()
    await db.schema
      .createIndex('orderly_deliveries_due')
      .on('orderly_deliveries')
      .columns(['state', 'due_at'])
      .execute()
    await db.schema
      .createTable('orderly_event_sources')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('secret', 'text', (column) => column.notNull())
      .addColumn('old_secret', 'text')
      .addColumn('old_until', 'bigint')
      .addColumn('starts', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_source_events')
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_source_events_key', ['source', 'id'])
      .execute()
  },
}

/** What is due to one webhook is found whatever is due to the others. */
export const DELIVERY_STEP: MigrationStep = {
  name: '0028-deliveries',
  async up(db) {
    await db.schema
      .createIndex('orderly_deliveries_of_webhook')
      .on('orderly_deliveries')
      .columns(['webhook_id', 'state', 'due_at'])
      .execute()
  },
}
