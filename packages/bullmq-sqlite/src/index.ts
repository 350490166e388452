/** The public names of bullmq-sqlite. */
import type { BackendFactory } from 'bullmq'
import { SqliteQueueBackend } from './backend.ts'

import { acquireConnection } from './connection.ts'
import type { SqliteConnection } from './open.ts'
import type { BackendOptions } from './session.ts'

/**
 * Builds BullMQ's backend on one SQLite file. Hand it to `withBackend`, or to a Queue or Worker.
 *
 * @example
 * const { Queue, Worker } = withBackend(createSqliteBackend)
 * const queue = new Queue('mail', { connection: 'queues.db' })
 */
export const createSqliteBackend: BackendFactory<SqliteQueueBackend, SqliteConnection> = (
  name,
  opts,
  { blocking = false, withBlockingConnection = false } = {},
) => {
  const options = opts as typeof opts & BackendOptions
  const connection = acquireConnection(options.connection)
  // Only workers and listeners are named: they are what getWorkers and getQueueEvents look for.
  const base = `${options.prefix ?? 'bull'}:${Buffer.from(name).toString('base64')}`
  let clientName = ''
  if (withBlockingConnection) clientName = options.name ? `${base}:w:${options.name}` : base
  else if (blocking) clientName = `${base}:qe`
  return new SqliteQueueBackend(connection, name, options, clientName)
}

export { SqliteQueueBackend } from './backend.ts'
export type { Clock } from './clock.ts'
export { BullmqSqliteError } from './errors.ts'
export type { BullmqSqliteErrorCode } from './errors.ts'
export type { SqliteConnection, SqliteConnectionOptions } from './open.ts'
