// Whether the server of a database lets us in, and what it said where it did not.
import { sql } from 'kysely'
import { OrderlyError } from '../primitives/errors.ts'
import type { Database } from './open.ts'

/**
 * Asks the server for a sign of life. A file on this machine has none to give.
 *
 * @throws OrderlyError `ORDERLY_DATABASE_UNAVAILABLE` with what it said
 */
export async function reach(database: Database<any>): Promise<void> {
  if (database.dialect === 'sqlite') return
  try {
    await sql`select 1`.execute(database.query)
  } catch (cause) {
    throw unreachable(database, cause)
  }
}

export function unreachable({ place }: Database<any>, cause: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DATABASE_UNAVAILABLE',
    `the database at ${withoutUser(place)} cannot be used: ${saidBy(cause)}; check that it runs, and databaseUrl (ORDERLY_DATABASE_URL): address, name, user and password`,
    { cause },
  )
}

/** A connection that was tried at several addresses fails with an error of errors, which says nothing itself. */
function saidBy(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0)
    return [...new Set(cause.errors.map(saidBy))].join(', ')
  const { message = '', code } = cause as { message?: string; code?: unknown }
  return message || (typeof code === 'string' ? code : 'no reason given')
}

function withoutUser(place: string): string {
  return place.replace(/\/\/[^/@]*@/, '//')
}
