// What a code costs: statistics for people and programs, with those of too few hospitals withheld.
import { sql } from 'kysely'
import type { Database } from 'orderly'
import { namedVoice, voiceName } from '../store/hospital-names.ts'
import { EVERYWHERE, marketOf } from './voices.ts'
import type { PriceStatsTable } from '../store/pipeline-tables.ts'
import type { PriceTables } from '../store/tables.ts'

export interface Comparison {
  readonly codeType: string
  readonly code: string
  readonly setting: string
  readonly billingClass: string
  readonly modifiers: string
  readonly drugUnit: string
  readonly methodology: string
  readonly kind: string
  /** Canonical payer; empty for all together. */
  readonly payerId: string
  readonly market: string
  readonly hospitals: number
  readonly prices: number
  /** Ten-thousandths of a dollar. Null where the statistic is withheld. */
  readonly figures: Figures | null
  /** Why it is withheld. */
  readonly withheld: string | null
}

export interface Figures {
  readonly min: number
  readonly p10: number
  readonly p25: number
  readonly median: number
  readonly p75: number
  readonly p90: number
  readonly max: number
  /** Dearest by cheapest hospital. */
  readonly spread: number
}

export interface CompareQuery {
  readonly code: string
  readonly codeType?: string
  readonly market?: string
  readonly payerId?: string
  readonly smallCell?: number
  readonly limit?: number
}

/** A price of fewer hospitals than this says more about one of them than about a market. */
export const SMALL_CELL = 3
const MOST_ROWS = 500

export async function compare(db: Database, query: CompareQuery): Promise<readonly Comparison[]> {
  const rows = await db
    .withTables<PriceTables>()
    .query.selectFrom('price_stats')
    .selectAll()
    .where('code', '=', query.code)
    .$if(query.codeType !== undefined, (select) => select.where('code_type', '=', query.codeType!))
    .where('market', '=', marketOf(query.market ?? EVERYWHERE))
    .where('payer_id', '=', query.payerId ?? '')
    .orderBy('hospitals', 'desc')
    .orderBy('kind')
    .orderBy('setting')
    .orderBy('modifiers')
    .limit(Math.min(MOST_ROWS, query.limit ?? MOST_ROWS))
    .execute()
  return rows.map((row) => comparisonOf(row, query.smallCell ?? SMALL_CELL))
}

export function comparisonOf(row: PriceStatsTable, smallCell: number): Comparison {
  const isSmall = row.hospitals < smallCell
  const { min, p10, p25, median, p75, p90, max } = row
  return {
    codeType: row.code_type,
    code: row.code,
    setting: row.setting,
    billingClass: row.billing_class,
    modifiers: row.modifiers,
    drugUnit: row.drug_unit,
    methodology: row.methodology,
    kind: row.kind,
    payerId: row.payer_id,
    market: row.market,
    hospitals: row.hospitals,
    prices: row.prices,
    figures: isSmall
      ? null
      : { min, p10, p25, median, p75, p90, max, spread: Math.round((max / min) * 100) / 100 },
    withheld: isSmall ? `fewer than ${smallCell} hospitals` : null,
  }
}

export interface Ratios {
  readonly hospital: string
  /** Of medians: cash by gross, negotiated by gross. */
  readonly cashToGross: number | null
  readonly negotiatedToGross: number | null
}

/** How far each hospital's cash and negotiated prices of a code lie below its charge. */
export async function ratiosOf(
  db: Database,
  codeType: string,
  code: string,
): Promise<readonly Ratios[]> {
  const { rows } = await sql<{
    hospital: string
    gross: number | null
    cash: number | null
    negotiated: number | null
  }>`
    select ${voiceName()} as hospital,
      cast(avg(case when h.kind = 'gross' then h.median end) as double precision) as gross,
      cast(avg(case when h.kind = 'cash' then h.median end) as double precision) as cash,
      cast(avg(case when h.kind = 'negotiated' then h.median end) as double precision) as negotiated
    from hospital_stats h ${namedVoice()}
    where h.code_type = ${codeType} and h.code = ${code} and h.payer_id = ''
    group by h.hospital_id, v.name, s.name, s.hospital order by hospital limit ${MOST_ROWS}`.execute(
    db.query,
  )
  const ratio = (part: number | null, whole: number | null): number | null =>
    part === null || !whole ? null : Math.round((part / whole) * 1_000) / 1_000
  return rows.map(({ hospital, gross, cash, negotiated }) => ({
    hospital,
    cashToGross: ratio(cash, gross),
    negotiatedToGross: ratio(negotiated, gross),
  }))
}
