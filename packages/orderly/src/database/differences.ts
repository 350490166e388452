// What a piece of work changes in a table.
import { sql, type Transaction } from 'kysely'

export interface Compared {
  readonly table: string
  /** The columns that tell its rows apart. */
  readonly key: readonly string[]
  /** SQL: only rows of which this holds are looked at. */
  readonly where?: string
}

/** Does `work`, and counts the rows of a table that are not as they were before it. */
export async function countDifferences<Tables>(
  query: Transaction<Tables>,
  { table, key, where = '1 = 1' }: Compared,
  work: () => Promise<void>,
): Promise<number> {
  const before = sql.table(`${table}_before`)
  const now = sql.table(table)
  const holds = sql.raw(where)
  await sql`create temporary table ${before} as select * from ${now} where ${holds}`.execute(query)
  await work()
  const columns = sql.raw(key.join(', '))
  const { rows } = await sql<{ n: number | string }>`select count(*) as n from (
    select distinct ${columns} from (
      select * from (select * from ${before} except select * from ${now} where ${holds}) as gone
      union all
      select * from (select * from ${now} where ${holds} except select * from ${before}) as come
    ) as differing ) as keys`.execute(query)
  await sql`drop table ${before}`.execute(query)
  return Number(rows[0]!.n)
}
