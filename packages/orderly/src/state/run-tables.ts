// The tables of workflow runs: what was started, and how each node stands.
import { sql } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'

export interface RunRow {
  id: string
  workflow: string
  version: number
  /** The digest of the document it began with: a running run keeps its version. */
  document: string
  /** Sealed. */
  input: string
  output: string | null
  state: 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'
  who: string
  /** Counts its transitions; whoever works on an older one does nothing. */
  revision: number
  created_at: number
  finished_at: number | null
  /** The run it is a sub-workflow of. */
  parent: string | null
  /** The run and node it goes on from in another way. */
  forked_from: string | null
  forked_at: string | null
  /** The outermost of the runs that it is within. */
  root: string | null
  /** 1: it is to be looked at though no job of it has ended, whoever lives to do so. */
  look: number
  /** 1: nothing of it begins any more, for the run above it has failed. */
  ending: number
}

export interface RunNodeRow {
  run_id: string
  node: string
  /** The place in the list of a for-each; -1 for the node itself. */
  item: number
  state: 'waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'bypassed'
  job_id: string | null
  /** The run of a sub-workflow. */
  child: string | null
  /** What it waits for: `signal/<name>`, `event/<name>`, `approval`, `escalation`, `retry`. */
  waits_for: string | null
  /** When it ends, or gives up, by itself. */
  due_at: number | null
  /** Sealed. */
  output: string | null
  error: string | null
  started_at: number
  ended_at: number | null
  /** Of a for-each: how many items it has. Those that have not begun have no row. */
  total: number | null
  /** Counts how often it has begun. */
  attempt: number
  /** The event that it waited for and that came. */
  event_id: string | null
  /** What an event must hold to be the one, as a blind index; null where it is to be told of all. */
  waits_key: string | null
}

export interface RunTables {
  orderly_runs: RunRow
  orderly_run_nodes: RunNodeRow
}

export const RUN_STEP: MigrationStep = {
  name: '0006-runs',
  async up(db) {
    await db.schema
      .createTable('orderly_runs')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('workflow', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .addColumn('input', 'text', (column) => column.notNull())
      .addColumn('output', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('finished_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('orderly_runs_by_state')
      .on('orderly_runs')
      .columns(['state', 'created_at', 'id'])
      .execute()
    await db.schema
      .createTable('orderly_run_nodes')
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('item', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('job_id', 'text')
      .addColumn('child', 'text')
      .addColumn('waits_for', 'text')
      .addColumn('due_at', 'bigint')
      .addColumn('output', 'text')
      .addColumn('error', 'text')
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addPrimaryKeyConstraint('orderly_run_nodes_key', ['run_id', 'node', 'item'])
      .execute()
    await db.schema
      .createIndex('orderly_run_nodes_by_job')
      .on('orderly_run_nodes')
      .columns(['state', 'job_id'])
      .execute()
    await db.schema
      .createIndex('orderly_run_nodes_due')
      .on('orderly_run_nodes')
      .columns(['state', 'due_at'])
      .execute()
  },
}

/** Runs that are to be looked at or wound down, and nodes that are found by what they wait for. */
export const RUN_LOOK_STEP: MigrationStep = {
  name: '0027-run-looks',
  async up(db) {
    await db.schema.alterTable('orderly_runs').addColumn('root', 'text').execute()
    for (const column of ['look', 'ending'])
      await db.schema
        .alterTable('orderly_runs')
        .addColumn(column, 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
    await db.schema.alterTable('orderly_run_nodes').addColumn('waits_key', 'text').execute()
    await db.schema.createIndex('orderly_runs_by_root').on('orderly_runs').column('root').execute()
    await sql`create index orderly_runs_to_look_at on orderly_runs (id) where look = 1`.execute(db)
    await db.schema.dropIndex('orderly_run_nodes_waiting').execute()
    await db.schema
      .createIndex('orderly_run_nodes_by_wait')
      .on('orderly_run_nodes')
      .columns(['state', 'waits_for', 'waits_key'])
      .execute()
  },
}
