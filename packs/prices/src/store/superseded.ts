// Adds what a later version has made pointless to ask about, and the list of codes that have statistics.
import { sql, type Kysely } from 'kysely'
import type { Dialect } from './tables.ts'

/**
 * A version that was held or rejected hides what it changed, until a later one of its source is published: then that one
 * says what the prices are. `priced_codes` is kept as a table of its own on PostgreSQL.
 */
export async function supersede(db: Kysely<any>, dialect: Dialect): Promise<void> {
  const codes = `select code_type, code, max(hospitals) as hospitals, cast(sum(prices) as bigint) as prices
    from price_stats where market = 'us' and payer_id = '' group by code_type, code`
  for (const statement of [
    `alter table publications add column superseded_by bigint`,
    ...(dialect === 'sqlite'
      ? [`create view priced_codes as ${codes}`]
      : [
          `create materialized view priced_codes as ${codes}`,
          `create unique index priced_codes_key on priced_codes (code_type, code)`,
        ]),
  ])
    await sql.raw(statement).execute(db)
}
