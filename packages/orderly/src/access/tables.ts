// The tables of users, sessions, API keys and what guards them, and the step that makes them.
import type { MigrationStep } from '../database/migrate.ts'
import type { Database, DatabaseTransaction } from '../database/open.ts'
import type { ApprovalTables } from './approval-tables.ts'

/** Somebody who may sign in. Times are milliseconds since 1970 UTC. */
export interface UserRow {
  id: string
  /** What is typed at sign-in; unique, lower case. */
  login: string
  name: string
  /** JSON list. */
  roles: string
  tenant: string
  /** JSON list of globs. */
  queues: string
  /** Null until it is set, and for those whom an identity provider vouches for. */
  password: string | null
  /** Sealed. */
  totp: string | null
  /** A secret that was shown and not confirmed yet. Sealed. */
  totp_next: string | null
  /** The counter of the last code that was taken: none is taken twice. */
  totp_used: number
  issuer: string | null
  subject: string | null
  /** May ask for an emergency access. 0 or 1. */
  emergency: number
  disabled_at: number | null
  created_at: number
  created_by: string
  signed_in_at: number | null
  revision: number
}

export interface SessionRow {
  /** Names it for people; the token cannot be had from it. */
  id: string
  /** SHA-256 of the token, base64url. */
  token: string
  user_id: string
  created_at: number
  authenticated_at: number
  seen_at: number
  mfa: string | null
  address: string
  agent: string
  ended_at: number | null
}

export interface ApiKeyRow {
  id: string
  /** SHA-256 of the secret, base64url. */
  secret: string
  name: string
  roles: string
  /** JSON list of permissions it is narrowed to, or null. */
  only: string | null
  tenant: string
  queues: string
  /** JSON list of networks it may come from, or null. */
  networks: string | null
  owner: string
  created_at: number
  expires_at: number
  used_at: number | null
  revoked_at: number | null
}

/** A link that lets somebody set a password once. */
export interface InviteRow {
  /** SHA-256 of the token, base64url. */
  token: string
  /** Null: it makes the first user. */
  user_id: string | null
  expires_at: number
}

/** Failed guesses from one place or at one account. */
export interface AttemptRow {
  key: string
  failures: number
  at: number
}

/** Goes up whenever somebody's rights change. One row. */
export interface AccessVersionRow {
  one: number
  version: number
}

/** An emergency access. */
export interface EmergencyRow {
  id: string
  user_id: string
  purpose: string
  started_at: number
  until: number
  ended_at: number | null
  review_due: number
  reviewed_by: string | null
  reviewed_at: number | null
  verdict: string | null
}

export interface AccessTables extends ApprovalTables {
  orderly_users: UserRow
  orderly_sessions: SessionRow
  orderly_api_keys: ApiKeyRow
  orderly_invites: InviteRow
  orderly_attempts: AttemptRow
  orderly_access_version: AccessVersionRow
  orderly_emergencies: EmergencyRow
}

export type AccessDatabase = Database<AccessTables>
export type AccessTransaction = DatabaseTransaction<AccessTables>

export const ACCESS_STEP: MigrationStep = {
  name: '0011-access',
  async up(db) {
    await db.schema
      .createTable('orderly_users')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('login', 'text', (column) => column.notNull().unique())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('queues', 'text', (column) => column.notNull())
      .addColumn('password', 'text')
      .addColumn('totp', 'text')
      .addColumn('totp_next', 'text')
      .addColumn('totp_used', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('issuer', 'text')
      .addColumn('subject', 'text')
      .addColumn('emergency', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('disabled_at', 'bigint')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('signed_in_at', 'bigint')
      .addColumn('revision', 'integer', (column) => column.notNull().defaultTo(1))
      .addUniqueConstraint('orderly_users_identity', ['issuer', 'subject'])
      .execute()
    await db.schema
      .createTable('orderly_sessions')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('token', 'text', (column) => column.notNull().unique())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('authenticated_at', 'bigint', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addColumn('mfa', 'text')
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('orderly_sessions_by_user')
      .on('orderly_sessions')
      .columns(['user_id', 'created_at'])
      .execute()
    await db.schema
      .createTable('orderly_api_keys')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('secret', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('only', 'text')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('queues', 'text', (column) => column.notNull())
      .addColumn('networks', 'text')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .execute()
    await db.schema
      .createTable('orderly_invites')
      .addColumn('token', 'text', (column) => column.primaryKey().notNull())
      .addColumn('user_id', 'text')
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_attempts')
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_access_version')
      .addColumn('one', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_emergencies')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('until', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('review_due', 'bigint', (column) => column.notNull())
      .addColumn('reviewed_by', 'text')
      .addColumn('reviewed_at', 'bigint')
      .addColumn('verdict', 'text')
      .execute()
  },
}
