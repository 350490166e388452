// The list of codes that have statistics, with a description people may find them by.
import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { DatabaseTransaction } from 'orderly'
import type { Dialect, PriceTables } from './tables.ts'

const SOME_DESCRIPTION = `coalesce((select i.description from items i
  where i.code_type = p.code_type and i.code = p.code and i.description <> ''
  order by i.source_id, i.item_id limit 1), '')`

function listed(which: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select p.code_type, p.code, ${sql.raw(SOME_DESCRIPTION)} as description, max(p.hospitals) as hospitals,
      cast(sum(p.prices) as bigint) as prices
    from price_stats p where p.market = 'us' and p.payer_id = '' and ${which} group by p.code_type, p.code`
}

/**
 * A table, so that a page is quick where there are millions of statistics: kept code by code on SQLite, a materialised view on
 * PostgreSQL.
 */
export async function listCodes(db: Kysely<any>, dialect: Dialect): Promise<void> {
  const all = listed(sql`1 = 1`)
  const statements =
    dialect === 'postgres'
      ? [
          sql`drop materialized view priced_codes`,
          sql`create materialized view priced_codes as ${all}`,
          sql`create unique index priced_codes_key on priced_codes (code_type, code)`,
        ]
      : [
          sql`drop view priced_codes`,
          sql`create table priced_codes (
            code_type text not null,
            code text not null,
            description text not null,
            hospitals integer not null,
            prices integer not null,
            primary key (code_type, code)
          ) without rowid`,
          sql`insert into priced_codes ${all}`,
        ]
  statements.push(
    sql`create index priced_codes_order on priced_codes (hospitals desc, prices desc, code_type, code)`,
  )
  for (const statement of statements) await statement.execute(db)
}

/** Lists some codes anew, whose statistics have changed. */
export async function listCodesAgain(
  { query }: DatabaseTransaction<PriceTables>,
  codes: RawBuilder<unknown>,
): Promise<void> {
  await sql`delete from priced_codes where (code_type, code) in (values ${codes})`.execute(query)
  const some = listed(sql`(p.code_type, p.code) in (values ${codes})`)
  await sql`insert into priced_codes ${some}`.execute(query)
}
