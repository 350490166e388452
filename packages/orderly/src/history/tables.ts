// The tables of the record, and the steps that make them.
import { sql, type Generated } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'

/** A state of the queue's, or gone from it without having finished. */
export type RecordedState =
  | 'waiting'
  | 'prioritized'
  | 'delayed'
  | 'waiting-children'
  | 'active'
  | 'completed'
  | 'failed'
  | 'removed'

/** One job as it is now. Times are milliseconds since 1970 UTC. */
export interface JobRow {
  id: string
  queue: string
  name: string
  /** The engine that holds it: `main`, or `embedded` while the main one was away. */
  engine: string
  state: RecordedState
  priority: number
  attempts: number
  created_at: number
  run_at: number
  started_at: number | null
  finished_at: number | null
  /** Milliseconds from the start of the last attempt to its end. */
  duration: number | null
  error_code: string | null
  fingerprint: string | null
  worker: string | null
  parent: string | null
  schedule: string | null
  progress: string | null
  opts: string
  /** Sealed, and null once the retention time of the job's content is over. */
  input: string | null
  output: string | null
  /** When content and queue row go. Null while the job is unfinished. */
  expires_at: number | null
  updated_at: number
}

export interface EventRow {
  n: Generated<number>
  job_id: string
  /** Tells the events of a job apart; what is reported twice has one key. */
  key: string
  at: number
  type: string
  attempt: number | null
  /** JSON of what is known beside the columns; nothing in it is PHI unless sealed. */
  detail: string
}

/** What a job can be found by: tags and declared paths, in the clear or as blind indexes. */
export interface TermRow {
  job_id: string
  field: string
  term: string
  created_at: number
}

export interface CountRow {
  queue: string
  name: string
  state: RecordedState
  n: number
}

export interface OutboxRow {
  /** In the order the jobs were enqueued. */
  n: Generated<number>
  id: string
  queue: string
  /** JSON of the job as it is handed over, its input sealed. */
  job: string
  created_at: number
}

export interface DataKeyRow {
  id: string
  scope: string
  state: string
  wrapped_by: string
  blob: string
  created_at: number
}

/** One process does a chore at a time. */
export interface LeaseRow {
  name: string
  holder: string
  until: number
}

/** How far back the events are whole: retention has dropped some of what happened up to here. */
interface FloorRow {
  /** There is one row, or none while nothing was dropped. */
  one: 1
  /** Milliseconds since 1970 UTC. */
  at: number
}

/** They may share a database with an application, so each has the name of this one in front. */
export interface HistoryTables {
  orderly_jobs: JobRow
  orderly_events: EventRow
  orderly_terms: TermRow
  orderly_counts: CountRow
  orderly_outbox: OutboxRow
  orderly_keys: DataKeyRow
  orderly_leases: LeaseRow
  orderly_record_floor: FloorRow
}

export const HISTORY_STEPS: readonly MigrationStep[] = [
  {
    name: '0001-record',
    async up(db, dialect) {
      await db.schema
        .createTable('orderly_jobs')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('queue', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('engine', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('priority', 'integer', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('run_at', 'bigint', (column) => column.notNull())
        .addColumn('started_at', 'bigint')
        .addColumn('finished_at', 'bigint')
        .addColumn('duration', 'bigint')
        .addColumn('error_code', 'text')
        .addColumn('fingerprint', 'text')
        .addColumn('worker', 'text')
        .addColumn('parent', 'text')
        .addColumn('schedule', 'text')
        .addColumn('progress', 'text')
        .addColumn('opts', 'text', (column) => column.notNull())
        .addColumn('input', 'text')
        .addColumn('output', 'text')
        .addColumn('expires_at', 'bigint')
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute()
      // Every search ends in "newest first", so each index goes on with the time of creation. A state changes often and
      // the others never, so it stands in one index alone.
      for (const [name, columns] of Object.entries({
        orderly_jobs_by_time: ['created_at', 'id'],
        orderly_jobs_by_state: ['state', 'created_at', 'id', 'queue', 'name'],
        orderly_jobs_by_queue: ['queue', 'created_at', 'id'],
        orderly_jobs_by_name: ['name', 'created_at', 'id'],
      }))
        await db.schema.createIndex(name).on('orderly_jobs').columns(columns).execute()
      await sql`create index orderly_jobs_by_error on orderly_jobs (error_code, created_at, id) where error_code is not null`.execute(
        db,
      )
      await sql`create index orderly_jobs_by_fingerprint on orderly_jobs (fingerprint, created_at, id) where fingerprint is not null`.execute(
        db,
      )
      await sql`create index orderly_jobs_by_duration on orderly_jobs (duration, created_at, id) where duration is not null`.execute(
        db,
      )
      await sql`create index orderly_jobs_by_parent on orderly_jobs (parent) where parent is not null`.execute(
        db,
      )
      await sql`create index orderly_jobs_open on orderly_jobs (engine, id) where finished_at is null`.execute(
        db,
      )
      await sql`create index orderly_jobs_expiring on orderly_jobs (expires_at) where expires_at is not null`.execute(
        db,
      )

      const events = db.schema.createTable('orderly_events')
      await (
        dialect === 'sqlite'
          ? events.addColumn('n', 'integer', (column) => column.primaryKey().autoIncrement())
          : events.addColumn('n', 'bigserial', (column) => column.primaryKey())
      )
        .addColumn('job_id', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('attempt', 'integer')
        .addColumn('detail', 'text', (column) => column.notNull())
        .addUniqueConstraint('orderly_events_key', ['job_id', 'key'])
        .execute()

      await db.schema
        .createTable('orderly_terms')
        .addColumn('field', 'text', (column) => column.notNull())
        .addColumn('term', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('job_id', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('orderly_terms_key', ['field', 'term', 'created_at', 'job_id'])
        .execute()
      await db.schema
        .createIndex('orderly_terms_by_job')
        .on('orderly_terms')
        .column('job_id')
        .execute()

      await db.schema
        .createTable('orderly_counts')
        .addColumn('queue', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('n', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('orderly_counts_key', ['queue', 'name', 'state'])
        .execute()

      const outbox = db.schema.createTable('orderly_outbox')
      await (
        dialect === 'sqlite'
          ? outbox.addColumn('n', 'integer', (column) => column.primaryKey().autoIncrement())
          : outbox.addColumn('n', 'bigserial', (column) => column.primaryKey())
      )
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('queue', 'text', (column) => column.notNull())
        .addColumn('job', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()

      await db.schema
        .createTable('orderly_keys')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('wrapped_by', 'text', (column) => column.notNull())
        .addColumn('blob', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await sql`create unique index orderly_keys_active on orderly_keys (scope) where state = 'active'`.execute(
        db,
      )

      await db.schema
        .createTable('orderly_leases')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('holder', 'text', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  {
    name: '0002-dead-letters',
    async up(db) {
      await sql`create index orderly_jobs_dead on orderly_jobs (name, error_code, fingerprint, finished_at)
        where state = 'failed' and expires_at is not null`.execute(db)
    },
  },
  {
    name: '0026-record-floor',
    async up(db) {
      await db.schema
        .createTable('orderly_record_floor')
        .addColumn('one', 'integer', (column) => column.primaryKey().notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute()
      // What was dropped before this was written down nobody knows; the oldest event is the best there is.
      await sql`insert into orderly_record_floor (one, at)
        select 1, at from orderly_events where at = (select min(at) from orderly_events) limit 1`.execute(
        db,
      )
    },
  },
]
