// What outlives an attempt and a process, beside the record: tables and the steps that make them.
import type { Generated } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'
import type { Database, DatabaseTransaction } from '../database/open.ts'
import { ALERT_LOG_STEP, ALERT_STEP, type AlertTables } from './alert-tables.ts'
import { ANSWER_STEP, type AnswerTables } from './answer-tables.ts'
import { BULK_STEP, type BulkTables } from './bulk-tables.ts'
import { DELIVERY_STEP, EVENT_STEP, type EventTables } from './event-tables.ts'
import { EVENT_ORDER_STEP, FLOW_STEP, type FlowTables } from './flow-tables.ts'
import { LEDGER_CHECK_STEP, type LedgerCheckTables } from './ledger-check.ts'
import { LIMIT_STEP, type LimitTables } from './limit-tables.ts'
import { NEWEST_STEP } from './newest-steps.ts'
import { NOTIFICATION_STEP, type NotificationTables } from './notification-tables.ts'
import { RUN_LOOK_STEP, RUN_STEP, type RunTables } from './run-tables.ts'
import {
  OPEN_SLOT_STEP,
  SCHEDULED_RUN_STEP,
  SCHEDULE_STEP,
  type ScheduleTables,
} from './schedule-tables.ts'
import { SIGNOFF_STEP, type SignoffTables } from './signoff-tables.ts'
import { START_STEP, type StartTables } from './start-tables.ts'

/** The highest run of a job that wrote an effect: an earlier run writes no more. */
export interface FenceRow {
  job_id: string
  run: number
}

/** What was done once: a step of a job, a checkpoint, an effect under a key. */
export interface EffectRow {
  /** `job/<record id>` for steps and checkpoints, `once/<job name>` for effects that several jobs share. */
  scope: string
  key: string
  job_id: string
  queue: string
  run: number
  state: 'begun' | 'done'
  /** Sealed JSON. */
  value: string | null
  at: number
}

/** What somebody asks of a job that may be running anywhere. */
export interface RequestRow {
  job_id: string
  queue: string
  action: 'cancel'
  /** Sealed: people write what they like. */
  reason: string
  who: string
  at: number
}

/** A kind of job, a queue or a schedule that rests. */
export interface PauseRow {
  kind: 'queue' | 'job' | 'schedule'
  name: string
  reason: string
  who: string
  at: number
  /** When it goes on by itself. */
  until: number | null
}

/** The key of a request that was answered with a job. */
export interface IdempotencyRow {
  key: string
  job_id: string
  /** A keyed digest of what was asked for; null for requests from before it was kept. */
  input: string | null
  expires_at: number
  /** 1 once the record has forgotten the job. */
  forgotten: number
}

export interface EvidenceRow {
  n: Generated<number>
  job_id: string
  queue: string
  run: number
  type: string
  at: number
  /** JSON without PHI: checks by name, commitments, versions, times. */
  body: string
  /** Sealed JSON of what the handler attached. */
  attached: string | null
}

/** What the jobs of one kind did in one minute. */
export interface MeasureRow {
  minute: number
  queue: string
  name: string
  completed: number
  failed: number
  external: number
  retried: number
  timed_out: number
  cancelled: number
  run_ms: number
  longest_ms: number
  wait_ms: number
  started: number
}

/** A process that works on jobs, as it last described itself. */
export interface WorkerRow {
  id: string
  host: string
  pid: number
  started_at: number
  seen_at: number
  /** JSON: queues, memory, CPU, event loop, what it runs. */
  body: string
}

/** Jobs that were enqueued together, and what follows when they are done. */
export interface SetRow {
  id: string
  created_at: number
  total: number
  mode: 'all' | 'any'
  /** The job that follows, sealed as its queue will hold it. */
  callback: string | null
  done_at: number | null
}

export interface SetMemberRow {
  set_id: string
  job_id: string
  outcome: 'completed' | 'failed' | null
}

export interface StateTables
  extends
    AlertTables,
    AnswerTables,
    BulkTables,
    LedgerCheckTables,
    EventTables,
    FlowTables,
    LedgerCheckTables,
    LimitTables,
    NotificationTables,
    RunTables,
    ScheduleTables,
    SignoffTables,
    StartTables {
  orderly_fences: FenceRow
  orderly_effects: EffectRow
  orderly_requests: RequestRow
  orderly_pauses: PauseRow
  orderly_idempotency: IdempotencyRow
  orderly_evidence: EvidenceRow
  orderly_measures: MeasureRow
  orderly_workers: WorkerRow
  orderly_sets: SetRow
  orderly_set_members: SetMemberRow
}

export type StateDatabase = Database<StateTables>
export type StateTransaction = DatabaseTransaction<StateTables>

export const STATE_STEPS: readonly MigrationStep[] = [
  {
    name: '0001-effects',
    async up(db) {
      await db.schema
        .createTable('orderly_fences')
        .addColumn('job_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('run', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('orderly_effects')
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('job_id', 'text', (column) => column.notNull())
        .addColumn('queue', 'text', (column) => column.notNull())
        .addColumn('run', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('value', 'text')
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('orderly_effects_key', ['scope', 'key'])
        .execute()
      await db.schema
        .createIndex('orderly_effects_by_job')
        .on('orderly_effects')
        .column('job_id')
        .execute()
    },
  },
  {
    name: '0002-control',
    async up(db, dialect) {
      await db.schema
        .createTable('orderly_requests')
        .addColumn('job_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('queue', 'text', (column) => column.notNull())
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('who', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('orderly_pauses')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('who', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('until', 'bigint')
        .addPrimaryKeyConstraint('orderly_pauses_key', ['kind', 'name'])
        .execute()
      await db.schema
        .createTable('orderly_idempotency')
        .addColumn('key', 'text', (column) => column.primaryKey().notNull())
        .addColumn('job_id', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createIndex('orderly_idempotency_expiring')
        .on('orderly_idempotency')
        .column('expires_at')
        .execute()
      await db.schema
        .createTable('orderly_sets')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('total', 'integer', (column) => column.notNull())
        .addColumn('mode', 'text', (column) => column.notNull())
        .addColumn('callback', 'text')
        .addColumn('done_at', 'bigint')
        .execute()
      await db.schema
        .createTable('orderly_set_members')
        .addColumn('set_id', 'text', (column) => column.notNull())
        .addColumn('job_id', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text')
        .addPrimaryKeyConstraint('orderly_set_members_key', ['set_id', 'job_id'])
        .execute()
      const evidence = db.schema.createTable('orderly_evidence')
      await (
        dialect === 'sqlite'
          ? evidence.addColumn('n', 'integer', (column) => column.primaryKey().autoIncrement())
          : evidence.addColumn('n', 'bigserial', (column) => column.primaryKey())
      )
        .addColumn('job_id', 'text', (column) => column.notNull())
        .addColumn('queue', 'text', (column) => column.notNull())
        .addColumn('run', 'integer', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('attached', 'text')
        .addUniqueConstraint('orderly_evidence_key', ['job_id', 'run'])
        .execute()
      await db.schema
        .createIndex('orderly_evidence_by_type')
        .on('orderly_evidence')
        .columns(['type', 'at'])
        .execute()
    },
  },
  {
    name: '0003-measures',
    async up(db) {
      const measures = db.schema
        .createTable('orderly_measures')
        .addColumn('minute', 'bigint', (column) => column.notNull())
        .addColumn('queue', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
      await MEASURES.reduce(
        (table, column) => table.addColumn(column, 'bigint', (c) => c.notNull().defaultTo(0)),
        measures,
      )
        .addPrimaryKeyConstraint('orderly_measures_key', ['minute', 'queue', 'name'])
        .execute()
      await db.schema
        .createTable('orderly_workers')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('host', 'text', (column) => column.notNull())
        .addColumn('pid', 'integer', (column) => column.notNull())
        .addColumn('started_at', 'bigint', (column) => column.notNull())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute()
    },
  },
  LIMIT_STEP,
  SCHEDULE_STEP,
  RUN_STEP,
  FLOW_STEP,
  EVENT_STEP,
  ALERT_STEP,
  NOTIFICATION_STEP,
  ANSWER_STEP,
  BULK_STEP,
  {
    name: '0015-idempotent-input',
    async up(db) {
      await db.schema.alterTable('orderly_idempotency').addColumn('input', 'text').execute()
    },
  },
  START_STEP,
  SIGNOFF_STEP,
  LEDGER_CHECK_STEP,
  ALERT_LOG_STEP,
  SCHEDULED_RUN_STEP,
  RUN_LOOK_STEP,
  DELIVERY_STEP,
  NEWEST_STEP,
  {
    name: '0031-forgotten-answers',
    async up(db) {
      await db.schema
        .alterTable('orderly_idempotency')
        .addColumn('forgotten', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      await db.schema
        .createIndex('orderly_idempotency_by_job')
        .on('orderly_idempotency')
        .column('job_id')
        .execute()
    },
  },
  OPEN_SLOT_STEP,
  EVENT_ORDER_STEP,
]

/** The counters of a minute, in the order they are written in. */
export const MEASURES = [
  'completed',
  'failed',
  'external',
  'retried',
  'timed_out',
  'cancelled',
  'run_ms',
  'longest_ms',
  'wait_ms',
  'started',
] as const
