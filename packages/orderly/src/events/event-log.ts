// Reads the record as a log: in order, and nothing left out that is still being written.
import { sql } from 'kysely'
import type { HistoryDatabase } from '../history/record.ts'
import { eventOf, type LoggedEvent, type OrderlyEvent } from './event.ts'

export interface EventLog {
  /** The number of the latest event, as far as it can be seen. */
  last(): Promise<number>
  /**
   * Events after `cursor` in their order. It ends before a number that a transaction may still be about to fill, so
   * whoever goes on from the last one misses none.
   */
  after(cursor: number, limit: number, upTo?: number): Promise<OrderlyEvent[]>
}

/** A number that was missing while transactions were open which may fill it. */
interface Watched {
  /** The latest number seen then: what is missing below it is explained once those transactions are over. */
  readonly upTo: number
  /** The next transaction to begin then. */
  readonly next: bigint
}

export function openEventLog(database: HistoryDatabase): EventLog {
  /** Up to here, what is missing was never used: a rollback, or a report that was there already. */
  let settled = 0
  let watched: Watched | undefined

  /** PostgreSQL gives numbers when rows are written, not when they are committed. */
  const settle = async (rows: readonly LoggedEvent[]): Promise<void> => {
    const { rows: found } = await sql<{ oldest: string; next: string }>`
      select pg_snapshot_xmin(pg_current_snapshot())::text as oldest,
        pg_snapshot_xmax(pg_current_snapshot())::text as next`.execute(database.query)
    const { oldest, next } = found[0]!
    if (watched && BigInt(oldest) >= watched.next) {
      settled = Math.max(settled, watched.upTo)
      watched = undefined
    }
    const latest = rows.at(-1)?.n ?? 0
    if (!watched && latest > settled) watched = { upTo: latest, next: BigInt(next) }
  }

  const withoutGap = async (cursor: number, rows: LoggedEvent[]): Promise<LoggedEvent[]> => {
    const length = lengthWithoutGap(cursor, rows, settled)
    if (length === rows.length) return rows
    await settle(rows)
    return rows.slice(0, lengthWithoutGap(cursor, rows, settled))
  }

  return {
    async last() {
      const row = await database.query
        .selectFrom('orderly_events')
        .select(({ fn }) => fn.max('n').as('n'))
        .executeTakeFirst()
      return row?.n ?? 0
    },
    async after(cursor, limit, upTo) {
      let query = database.query
        .selectFrom('orderly_events as e')
        .innerJoin('orderly_jobs as j', 'j.id', 'e.job_id')
        .select(['e.n', 'e.job_id', 'e.key', 'e.at', 'e.type', 'e.attempt', 'e.detail'])
        .select(['j.error_code', 'j.fingerprint'])
        .select(['j.name', 'j.queue', 'j.parent', 'j.schedule', 'j.priority', 'j.created_at'])
        .where('e.n', '>', cursor)
        .orderBy('e.n')
        .limit(limit)
      if (upTo !== undefined) query = query.where('e.n', '<=', upTo)
      const rows = await query.execute()
      const sound =
        database.dialect === 'sqlite' || upTo !== undefined ? rows : await withoutGap(cursor, rows)
      return sound.map(eventOf)
    },
  }
}

/** How many of `rows` come before the first number that is missing and may still come. */
function lengthWithoutGap(cursor: number, rows: readonly LoggedEvent[], settled: number): number {
  let before = Math.max(cursor, 0)
  for (const [index, { n }] of rows.entries()) {
    if (n !== before + 1 && n - 1 > settled) return index
    before = n
  }
  return rows.length
}
