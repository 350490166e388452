// The tables of schedules and their slots.
import { sql } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'

/** What is enqueued by the clock. */
export interface ScheduleRow {
  id: string
  /** The kind of job it enqueues; empty where it begins a workflow. */
  job: string
  /** The workflow it begins runs of, and which version; the latest where that is null. */
  workflow: string | null
  version: number | null
  queue: string
  /** JSON of when it fires. */
  spec: string
  /** JSON of what happens to slots that were missed or overlap. */
  policy: string
  /** Sealed input of the jobs. */
  input: string
  /** `person`: somebody has changed it, and that wins over what the definition says. */
  source: 'code' | 'person'
  /** JSON of what the definition says, where a person has changed it. */
  declared: string | null
  who: string
  /** Counts the changes; whoever works on an older one does nothing. */
  revision: number
  /** Every slot up to here has had its turn. */
  cursor_at: number
  next_at: number | null
  updated_at: number
}

/** A slot that has had its turn. */
export interface SlotRow {
  schedule_id: string
  at: number
  state: 'fired' | 'skipped' | 'buffered'
  /** Why it was left out, or fired beside its time. */
  reason: string | null
  job_id: string | null
  /** The run it began. */
  run_id: string | null
  fired_at: number
  /** 1 while it is not known that what it began has ended. */
  open: number
}

export interface ScheduleTables {
  orderly_schedules: ScheduleRow
  orderly_slots: SlotRow
}

export const SCHEDULE_STEP: MigrationStep = {
  name: '0005-schedules',
  async up(db) {
    await db.schema
      .createTable('orderly_schedules')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('job', 'text', (column) => column.notNull())
      .addColumn('queue', 'text', (column) => column.notNull())
      .addColumn('spec', 'text', (column) => column.notNull())
      .addColumn('policy', 'text', (column) => column.notNull())
      .addColumn('input', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('declared', 'text')
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('cursor_at', 'bigint', (column) => column.notNull())
      .addColumn('next_at', 'bigint')
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_schedules_due')
      .on('orderly_schedules')
      .column('next_at')
      .execute()
    await db.schema
      .createTable('orderly_slots')
      .addColumn('schedule_id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('job_id', 'text')
      .addColumn('fired_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_slots_key', ['schedule_id', 'at'])
      .execute()
    await db.schema
      .createIndex('orderly_slots_by_state')
      .on('orderly_slots')
      .columns(['state', 'schedule_id'])
      .execute()
  },
}

/** Schedules that begin workflows themselves. */
export const SCHEDULED_RUN_STEP: MigrationStep = {
  name: '0025-scheduled-runs',
  async up(db) {
    await db.schema.alterTable('orderly_schedules').addColumn('workflow', 'text').execute()
    await db.schema.alterTable('orderly_schedules').addColumn('version', 'integer').execute()
    await db.schema.alterTable('orderly_slots').addColumn('run_id', 'text').execute()
  },
}

/** Slots whose job or run has not ended, found without reading all that ever fired. */
export const OPEN_SLOT_STEP: MigrationStep = {
  name: '0032-open-slots',
  async up(db) {
    await db.schema
      .alterTable('orderly_slots')
      .addColumn('open', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
    // Those that have ended are told apart at the next tick; what they began stands in tables that may not be there yet.
    await sql`update orderly_slots set open = 1 where state = 'fired'`.execute(db)
    await sql`create index orderly_slots_open on orderly_slots (schedule_id, at) where open = 1`.execute(
      db,
    )
  },
}
