// Chores that one process does at a time, whichever holds the lease.
import type { HistoryDatabase } from './record.ts'

/**
 * Takes or renews the lease `name` for `ms`.
 *
 * @returns whether `holder` has it now
 */
export async function takeLease(
  database: HistoryDatabase,
  name: string,
  holder: string,
  now: number,
  ms: number,
): Promise<boolean> {
  const done = await database.query
    .insertInto('orderly_leases')
    .values({ name, holder, until: now + ms })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, until: now + ms })
        .where((where) =>
          where.or([
            where('orderly_leases.holder', '=', holder),
            where('orderly_leases.until', '<=', now),
          ]),
        ),
    )
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Gives the lease back at once, so that another process need not wait for its end. */
export async function dropLease(
  database: HistoryDatabase,
  name: string,
  holder: string,
): Promise<void> {
  await database.query
    .deleteFrom('orderly_leases')
    .where('name', '=', name)
    .where('holder', '=', holder)
    .execute()
}
