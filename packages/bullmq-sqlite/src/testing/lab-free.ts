/** BullMQ bound to this backend, for programs that run outside of a test. */
import { withBackend } from 'bullmq'
import type { BackendClasses } from 'bullmq'
import { createSqliteBackend } from '../index.ts'
import type { SqliteConnection, SqliteQueueBackend } from '../index.ts'

export const bound: BackendClasses<SqliteQueueBackend, SqliteConnection> =
  withBackend(createSqliteBackend)
