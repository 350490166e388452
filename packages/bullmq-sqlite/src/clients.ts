/** Owns the list of who is connected: workers and listeners of queue events, by their names. */
import { deleteOwner, isDead } from './owner.ts'
import type { Owner } from './owner.ts'
import type { Statements } from './statements.ts'
import type { Transaction } from './transaction.ts'

const INSERT_CLIENT = 'INSERT INTO bullmq_client (owner, name, since) VALUES (?, ?, ?)'
const RENAME_CLIENT = 'UPDATE bullmq_client SET name = ? WHERE id = ?'
const DELETE_CLIENT = 'DELETE FROM bullmq_client WHERE id = ?'
const DELETE_CLIENTS_OF = 'DELETE FROM bullmq_client WHERE owner = ?'
const SELECT_CLIENTS = `
  SELECT client.id AS client_id, client.name, client.since, owner.* FROM bullmq_client AS client
  JOIN bullmq_owner AS owner ON owner.id = client.owner ORDER BY client.id`
const HOLDS_JOBS = `
  SELECT 1 FROM bullmq_queue AS queue CROSS JOIN bullmq_job AS job
  ON job.queue = queue.id AND job.state = 3 WHERE job.owner = ? LIMIT 1`

/** How often a process says that it lives. */
export const BEAT_EVERY_MS = 10_000
const SILENT_AFTER_MS = 3 * BEAT_EVERY_MS

type Client = Owner & { client_id: number; name: string; since: number }

/** Enters a client; returns its number. */
export function addClient(tx: Transaction, name: string): number {
  return tx.sql.insert(INSERT_CLIENT, tx.ownerId(), name, tx.now)
}

/** Gives a client another name. */
export function renameClient(tx: Transaction, id: number, name: string): void {
  tx.sql.run(RENAME_CLIENT, name, id)
}

/** Strikes a client out. */
export function removeClient(tx: Transaction, id: number): void {
  tx.sql.run(DELETE_CLIENT, id)
}

/** Strikes out a process that leaves. One that leaves jobs behind stays known until it has died. */
export function removeOwner(sql: Statements, ownerId: number): void {
  sql.run(DELETE_CLIENTS_OF, ownerId)
  if (!sql.get(HOLDS_JOBS, ownerId)) deleteOwner(sql, ownerId)
}

/** One line per client, in the form of Redis' CLIENT LIST. */
export function listClients(tx: Transaction): string {
  const lines = tx.sql
    .all<Client>(SELECT_CLIENTS)
    .filter((client) => isPresent(tx, client))
    .map(({ client_id, name, since, host, pid }) => {
      const age = Math.max(Math.floor((tx.now - since) / 1000), 0)
      return `id=${client_id} addr=${host}:${pid} name=${name} age=${age} pid=${pid}`
    })
  return lines.join('\n')
}

function isPresent(tx: Transaction, client: Client): boolean {
  if (client.id === tx.ownerId()) return true
  return !isDead(client) && tx.now - client.beat < SILENT_AFTER_MS
}
