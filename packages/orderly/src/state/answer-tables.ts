// The tables of what the API remembers: answers to requests that may come twice, and views that people keep.
import type { MigrationStep } from '../database/migrate.ts'

/** A request that was answered, or is being. */
export interface AnswerRow {
  /** A blind index of caller, operation and the key they gave. */
  key: string
  /** A blind index of what was asked. */
  request: string
  /** 0 while it is worked on. */
  status: number
  /** JSON without PHI: answers of operations that show some are not kept. */
  body: string
  at: number
  expires_at: number
}

/** A list as somebody wants to find it again. */
export interface ViewRow {
  id: string
  /** The list it is of: `jobs`, `runs`, `failures`. */
  page: string
  name: string
  /** A search without PHI, as it is written. */
  query: string
  /** JSON: columns, order. */
  layout: string
  owner: string
  /** A role it is shared with; null for the owner alone. */
  shared_with: string | null
  pinned: number
  created_at: number
  updated_at: number
}

export interface AnswerTables {
  orderly_answers: AnswerRow
  orderly_views: ViewRow
}

export const ANSWER_STEP: MigrationStep = {
  name: '0013-answers',
  async up(db) {
    await db.schema
      .createTable('orderly_answers')
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('request', 'text', (column) => column.notNull())
      .addColumn('status', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_answers_expiring')
      .on('orderly_answers')
      .column('expires_at')
      .execute()
    await db.schema
      .createTable('orderly_views')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('page', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('query', 'text', (column) => column.notNull())
      .addColumn('layout', 'text', (column) => column.notNull())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('shared_with', 'text')
      .addColumn('pinned', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_views_by_owner')
      .on('orderly_views')
      .columns(['owner', 'page'])
      .execute()
  },
}
