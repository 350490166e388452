// The tables of what bounds work: lanes, budgets, a person's limits, outside services.
import type { MigrationStep } from '../database/migrate.ts'

/**
 * `parked`: waits its turn. `dispatched`: it is its turn, and no worker has it yet. `running`: a worker has it. The last
 * two hold one of the places of their key.
 */
export type LaneState = 'parked' | 'dispatched' | 'running'

/** An unfinished job whose kind has a limit per key. Keys are digests. */
export interface LaneRow {
  job_id: string
  queue: string
  name: string
  key: string
  bucket: string
  weight: number
  units: number
  priority: number
  /** Its order among those of its key. */
  seq: number
  due_at: number
  state: LaneState
  /** Since when it is in this state. */
  at: number
  /** The claim that runs it: what an earlier one says of its end does not count. */
  holder: string
}

/** How far the keys of a kind are in their turns. */
export interface LaneKeyRow {
  name: string
  key: string
  pass: number
  /** No job of it can begin before. */
  rest_until: number
}

export interface BucketRow {
  id: string
  tokens: number
  at: number
}

/** A limit that a person has set in the place of the one in code. */
export interface LimitRow {
  kind: 'queue' | 'job'
  name: string
  what: 'concurrency' | 'rate'
  value: number
  reason: string
  who: string
  at: number
  until: number | null
}

/** The breaker of an outside service. Services that never failed have none. */
export interface ServiceRow {
  name: string
  /** JSON: times of the last failures. */
  failed_at: string
  opened_at: number | null
  trial_until: number | null
  /** Whose trial it is. */
  trial: string
  cooldown: number
  /** The span in which failures count. */
  span: number
}

/** A call that is under way. */
export interface ServiceCallRow {
  id: string
  service: string
  /** It is given up for lost then. */
  until: number
}

export interface LimitTables {
  orderly_lanes: LaneRow
  orderly_lane_keys: LaneKeyRow
  orderly_buckets: BucketRow
  orderly_limits: LimitRow
  orderly_services: ServiceRow
  orderly_service_calls: ServiceCallRow
}

export const LIMIT_STEP: MigrationStep = {
  name: '0004-limits',
  async up(db) {
    await db.schema
      .createTable('orderly_lanes')
      .addColumn('job_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('queue', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('bucket', 'text', (column) => column.notNull())
      .addColumn('weight', 'double precision', (column) => column.notNull())
      .addColumn('units', 'double precision', (column) => column.notNull())
      .addColumn('priority', 'integer', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('holder', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_lanes_by_key')
      .on('orderly_lanes')
      .columns(['name', 'key', 'state', 'priority', 'seq'])
      .execute()
    await db.schema
      .createIndex('orderly_lanes_by_state')
      .on('orderly_lanes')
      .columns(['state', 'name', 'at'])
      .execute()
    await db.schema
      .createTable('orderly_lane_keys')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('pass', 'double precision', (column) => column.notNull())
      .addColumn('rest_until', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_lane_keys_key', ['name', 'key'])
      .execute()
    await db.schema
      .createIndex('orderly_lane_keys_by_pass')
      .on('orderly_lane_keys')
      .columns(['name', 'pass', 'key'])
      .execute()
    await db.schema
      .createTable('orderly_buckets')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tokens', 'double precision', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_limits')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('what', 'text', (column) => column.notNull())
      .addColumn('value', 'bigint', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('until', 'bigint')
      .addPrimaryKeyConstraint('orderly_limits_key', ['kind', 'name', 'what'])
      .execute()
    await db.schema
      .createTable('orderly_services')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('failed_at', 'text', (column) => column.notNull())
      .addColumn('opened_at', 'bigint')
      .addColumn('trial_until', 'bigint')
      .addColumn('trial', 'text', (column) => column.notNull())
      .addColumn('cooldown', 'bigint', (column) => column.notNull())
      .addColumn('span', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_service_calls')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('service', 'text', (column) => column.notNull())
      .addColumn('until', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_service_calls_by_service')
      .on('orderly_service_calls')
      .columns(['service', 'until'])
      .execute()
  },
}
