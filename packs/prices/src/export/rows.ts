// What an export holds: its columns, and its rows page by page, so that any number of them passes through little memory.
import { sql } from 'kysely'
import type { Database } from 'orderly'
import { comparisonOf, SMALL_CELL } from '../analytics/compare.ts'
import { EVERYWHERE, marketOf } from '../analytics/voices.ts'
import { hospitalName } from '../store/hospital-names.ts'
import type { PriceStatsTable } from '../store/pipeline-tables.ts'
import type { PriceTables } from '../store/tables.ts'
import { isVisible } from '../store/visible.ts'

export type Cell = string | number | null
export type ExportRow = readonly Cell[]

export interface Column {
  readonly name: string
  /** Dollars are exact decimals: text in CSV and JSON, DECIMAL(18,4) in Parquet. */
  readonly type: 'text' | 'whole' | 'dollars'
}

export interface ExportFilter {
  readonly codeType?: string | undefined
  readonly code?: string | undefined
  readonly kind?: string | undefined
  readonly setting?: string | undefined
  readonly payerId?: string | undefined
  readonly market?: string | undefined
  readonly source?: string | undefined
}

export interface Export {
  readonly columns: readonly Column[]
  pages(signal: AbortSignal): AsyncGenerator<readonly ExportRow[]>
}

const PAGE = 5_000
const text = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'text' }))
const whole = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'whole' }))
const dollars = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'dollars' }))

/** Prices that are shown, each with where it stands in which file. */
export function exportPrices(db: Database<PriceTables>, filter: ExportFilter): Export {
  const market = filter.market && marketOf(filter.market)
  return {
    columns: [
      ...text('hospital', 'description', 'code_type', 'code', 'setting', 'billing_class', 'modifiers', 'kind', 'payer'),
      ...text('payer_id', 'plan', 'methodology'),
      ...dollars('dollars'),
      ...text('conflict', 'valid_from', 'source', 'sheet'),
      ...whole('row', 'byte'),
    ], // prettier-ignore
    async *pages(signal) {
      const hospitals = new Map<number, string>()
      let after = { source_id: 0, item_id: 0, contract_id: 0, kind: '', amount: 0 }
      for (;;) {
        signal.throwIfAborted()
        const { rows } = await sql<PriceRow>`
          select i.description, i.code_type, i.code, i.setting, i.billing_class,
            i.modifiers, p.kind, c.payer, c.payer_id, c.plan, c.methodology, p.amount, p.conflict, v.valid_from,
            s.name as source, p.sheet, p.row_no, p.byte_offset, p.source_id, p.item_id, p.contract_id
          from prices p
          join items i on i.source_id = p.source_id and i.item_id = p.item_id
          join sources s on s.source_id = p.source_id
          join versions v on v.version_id = p.opened_by
          left join contracts c on c.source_id = p.source_id and c.contract_id = p.contract_id
          where (p.source_id, p.item_id, p.contract_id, p.kind, p.amount)
            > (${after.source_id}, ${after.item_id}, ${after.contract_id}, ${after.kind}, ${after.amount})
            and ${isVisible()}
            ${is('i.code_type', filter.codeType)} ${is('i.code', filter.code)} ${is('p.kind', filter.kind)}
            ${is('i.setting', filter.setting)} ${is('c.payer_id', filter.payerId)} ${is('s.name', filter.source)}
            ${market === undefined || market === EVERYWHERE ? sql`` : inMarket(market)}
          order by p.source_id, p.item_id, p.contract_id, p.kind, p.amount limit ${PAGE}`.execute(
          db.query,
        )
        if (rows.length === 0) return
        await addNames(db, hospitals, rows)
        yield rows.map((row) => [
          hospitals.get(row.source_id) ?? row.source, row.description, row.code_type, row.code, row.setting, row.billing_class, row.modifiers, row.kind,
          row.payer, row.payer_id, row.plan, row.methodology, row.amount, row.conflict === 1 ? 'yes' : 'no',
          row.valid_from, row.source, row.sheet, row.row_no, row.byte_offset,
        ]) // prettier-ignore
        after = rows.at(-1)!
      }
    },
  }
}

/** What the hospitals of these rows are called, each asked for once: a file has millions of rows. */
async function addNames(
  db: Database<PriceTables>,
  known: Map<number, string>,
  rows: readonly PriceRow[],
): Promise<void> {
  const unknown = [...new Set(rows.map((row) => row.source_id))].filter((id) => !known.has(id))
  if (unknown.length === 0) return
  const { rows: named } = await sql<{ source_id: number; hospital: string }>`
    select s.source_id, ${hospitalName()} as hospital from sources s
    where s.source_id in (${sql.join(unknown)})`.execute(db.query)
  for (const { source_id: id, hospital } of named) known.set(id, hospital)
}

interface PriceRow {
  readonly description: string
  readonly code_type: string
  readonly code: string
  readonly setting: string
  readonly billing_class: string
  readonly modifiers: string
  readonly kind: string
  readonly payer: string | null
  readonly payer_id: string | null
  readonly plan: string | null
  readonly methodology: string | null
  readonly amount: number
  readonly conflict: number
  readonly valid_from: string | null
  readonly source: string
  readonly sheet: string
  readonly row_no: number
  readonly byte_offset: number | null
  readonly source_id: number
  readonly item_id: number
  readonly contract_id: number
}

const STATISTICS_KEY = ['code_type', 'code', 'setting', 'billing_class', 'modifiers', 'drug_unit', 'methodology', 'kind', 'payer_id', 'market'] as const // prettier-ignore

/** Statistics of markets; those of too few hospitals are there without figures. */
export function exportStatistics(
  db: Database<PriceTables>,
  filter: ExportFilter,
  smallCell: number = SMALL_CELL,
): Export {
  const key = sql.raw(STATISTICS_KEY.join(', '))
  return {
    columns: [
      ...text(...STATISTICS_KEY),
      ...whole('hospitals', 'prices'),
      ...dollars('min', 'p10', 'p25', 'median', 'p75', 'p90', 'max'),
      ...text('withheld'),
    ],
    async *pages(signal) {
      let after: readonly string[] = STATISTICS_KEY.map(() => '')
      for (;;) {
        signal.throwIfAborted()
        const { rows } = await sql<PriceStatsTable>`
          select * from price_stats where (${key}) > (${sql.join([...after])})
            ${is('code_type', filter.codeType)} ${is('code', filter.code)} ${is('kind', filter.kind)}
            ${is('setting', filter.setting)} ${is('payer_id', filter.payerId)} ${is('market', filter.market && marketOf(filter.market))}
          order by ${key} limit ${PAGE}`.execute(db.query)
        if (rows.length === 0) return
        yield rows.map((row) => {
          const { figures, withheld } = comparisonOf(row, smallCell)
          return [
            ...STATISTICS_KEY.map((name) => row[name]), row.hospitals, row.prices,
            ...(['min', 'p10', 'p25', 'median', 'p75', 'p90', 'max'] as const).map((name) => figures?.[name] ?? null),
            withheld,
          ] // prettier-ignore
        })
        const last = rows.at(-1)!
        after = STATISTICS_KEY.map((name) => last[name])
      }
    },
  }
}

function is(column: string, value: string | undefined) {
  return value === undefined ? sql`` : sql`and ${sql.raw(column)} = ${value}`
}

function inMarket(market: string) {
  return sql`and s.name in (select f.source from price_files f
    join hospital_files hf on hf.file_id = f.file_id join hospitals h on h.hospital_id = hf.hospital_id
    where h.state = ${market} or h.county_fips = ${market})`
}

/** Ten-thousandths as a decimal, exactly. */
export function decimal(amount: number): string {
  const whole = Math.floor(amount / 10_000)
  const rest = String(amount % 10_000)
    .padStart(4, '0')
    .replace(/0{1,2}$/, '')
  return `${whole}.${rest}`
}
