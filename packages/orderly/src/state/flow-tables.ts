// The tables of workflows that are kept in the store: documents, drafts, templates, the log of runs, events from outside.
import { sql } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'

/** A document by its digest, for the runs that began with it. */
export interface RunDocumentRow {
  digest: string
  document: string
  created_at: number
}

/** What happened to a run, in the order of its transitions. Rows are only ever added. */
export interface RunLogRow {
  run_id: string
  /** The transition it belongs to, and its place in that. */
  revision: number
  place: number
  at: number
  what: string
  /** Empty where it is about the run as a whole. */
  node: string
  who: string
  /** What somebody said, or the code of an error. In the clear: it holds nothing of a patient. */
  detail: string
}

/** An event that came from outside, kept while runs may still ask for it. */
export interface InboundEventRow {
  id: string
  name: string
  at: number
  /** Sealed. */
  payload: string
  /** Whether every run that waited for it when it came has been told. */
  settled: number
  /** Its place among all that came in. Two that came at once may share one. */
  n: number
}

/** A version of a workflow that was deployed. */
export interface WorkflowVersionRow {
  id: string
  version: number
  document: string
  who: string
  note: string
  at: number
}

/** What somebody is working on: one for each workflow. */
export interface WorkflowDraftRow {
  id: string
  document: string
  who: string
  at: number
  revision: number
}

export interface TemplateRow {
  id: string
  version: number
  body: string
  /** JSON: where it comes from. */
  provenance: string
  who: string
  at: number
}

export interface FlowTables {
  orderly_run_documents: RunDocumentRow
  orderly_run_log: RunLogRow
  orderly_inbound_events: InboundEventRow
  orderly_workflow_versions: WorkflowVersionRow
  orderly_workflow_drafts: WorkflowDraftRow
  orderly_templates: TemplateRow
}

/** Events in the order they came in, whatever the clocks of those that took them in showed. */
export const EVENT_ORDER_STEP: MigrationStep = {
  name: '0033-event-order',
  async up(db) {
    for (const [table, column, since] of [
      ['orderly_inbound_events', 'n', 'at'],
      // What a program of before begins says nothing of it.
      ['orderly_runs', 'events_after', '-1'],
    ] as const) {
      await db.schema
        .alterTable(table)
        .addColumn(column, 'bigint', (column) => column.notNull().defaultTo(-1))
        .execute()
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.raw(since)}`.execute(db)
    }
    await db.schema
      .createIndex('orderly_inbound_events_newest')
      .on('orderly_inbound_events')
      .column('n')
      .execute()
    await db.schema.dropIndex('orderly_inbound_events_by_name').execute()
    await db.schema
      .createIndex('orderly_inbound_events_in_order')
      .on('orderly_inbound_events')
      .columns(['name', 'n', 'id'])
      .execute()
  },
}

export const FLOW_STEP: MigrationStep = {
  name: '0007-flows',
  async up(db) {
    for (const column of ['parent', 'forked_from', 'forked_at'])
      await db.schema.alterTable('orderly_runs').addColumn(column, 'text').execute()
    await db.schema
      .createIndex('orderly_runs_by_parent')
      .on('orderly_runs')
      .column('parent')
      .execute()
    await db.schema.alterTable('orderly_run_nodes').addColumn('total', 'integer').execute()
    await db.schema
      .alterTable('orderly_run_nodes')
      .addColumn('attempt', 'integer', (column) => column.notNull().defaultTo(1))
      .execute()
    await db.schema.alterTable('orderly_run_nodes').addColumn('event_id', 'text').execute()
    await db.schema
      .createIndex('orderly_run_nodes_by_event')
      .on('orderly_run_nodes')
      .column('event_id')
      .execute()
    await db.schema
      .createIndex('orderly_run_nodes_waiting')
      .on('orderly_run_nodes')
      .columns(['state', 'waits_for'])
      .execute()
    await db.schema
      .createTable('orderly_run_documents')
      .addColumn('digest', 'text', (column) => column.primaryKey().notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_run_log')
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('place', 'integer', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('what', 'text', (column) => column.notNull())
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_run_log_key', ['run_id', 'revision', 'place'])
      .execute()
    await db.schema
      .createTable('orderly_inbound_events')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('settled', 'integer', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_inbound_events_by_name')
      .on('orderly_inbound_events')
      .columns(['name', 'at'])
      .execute()
    await db.schema
      .createIndex('orderly_inbound_events_open')
      .on('orderly_inbound_events')
      .columns(['settled', 'at'])
      .execute()
    await db.schema
      .createTable('orderly_workflow_versions')
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_workflow_versions_key', ['id', 'version'])
      .execute()
    await db.schema
      .createTable('orderly_workflow_drafts')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_templates')
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('provenance', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_templates_key', ['id', 'version'])
      .execute()
  },
}
