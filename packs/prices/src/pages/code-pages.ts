// The pages of prices: which codes there are, and what one of them costs from hospital to hospital.
import { sql } from 'kysely'
import type { Database, PageBlock } from 'orderly'
import { compare, ratiosOf, type Comparison } from '../analytics/compare.ts'
import { hospitalName, namedVoice, voiceName } from '../store/hospital-names.ts'
import type { HospitalStatsTable } from '../store/pipeline-tables.ts'
import type { PriceTables } from '../store/tables.ts'
import { dollarsOf, groupsOf, hasWords, MOST_ROWS, more } from './parts.ts'

type Db = Database<PriceTables>
type Chart = Extract<PageBlock, { block: 'chart' }>

/** Lines in a chart that can still be told apart. */
const MOST_LINES = 6
/** Bars whose names can still be read. */
const MOST_BARS = 12

export async function codesPage(db: Db, search: string): Promise<readonly PageBlock[]> {
  const rows = await db.query
    .selectFrom('priced_codes')
    .selectAll()
    .where(hasWords(search, ['code', 'description']))
    .orderBy(sql`case when code = ${search.toUpperCase()} then 0 else 1 end`)
    .orderBy('hospitals', 'desc')
    .orderBy('prices', 'desc')
    .orderBy('code_type')
    .orderBy('code')
    .limit(MOST_ROWS)
    .execute()
  return [
    {
      block: 'search',
      label: 'Code or description, such as 99213 or MRI brain',
      filter: 'search',
      value: search,
    },
    {
      block: 'table',
      title: search === '' ? 'Codes that most hospitals price' : 'Codes found',
      columns: [
        { key: 'code', label: 'Code', kind: 'text' },
        { key: 'type', label: 'System' },
        { key: 'description', label: 'Described as', kind: 'text' },
        { key: 'hospitals', label: 'Hospitals', kind: 'number' },
        { key: 'prices', label: 'Prices', kind: 'number' },
      ],
      rows: rows.map((row) => ({
        code: {
          text: row.code,
          page: 'compare',
          params: { type: row.code_type, code: row.code },
        },
        type: row.code_type,
        description: row.description === '' ? null : row.description.slice(0, 120),
        hospitals: row.hospitals,
        prices: row.prices,
      })),
      empty:
        search === ''
          ? 'No statistics yet: load price files first.'
          : 'No code that hospitals price is called so.',
    },
    ...more(rows.length),
  ]
}

interface Asked extends HospitalStatsTable {
  readonly hospital: string
  /** Its id where a directory names it. */
  readonly known_as: string | null
}

export async function comparePage(
  database: Database,
  codeType: string,
  code: string,
): Promise<readonly PageBlock[]> {
  const db = database.withTables<PriceTables>()
  const known = await db.query
    .selectFrom('priced_codes')
    .selectAll()
    .where('code_type', '=', codeType)
    .where('code', '=', code)
    .executeTakeFirst()
  if (!known) return [{ block: 'note', tone: 'bad', text: 'No hospital prices this code.' }]
  const [asked, stats, ratios, trend] = await Promise.all([
    askedBy(db, codeType, code),
    compare(database, { code, codeType }),
    ratiosOf(database, codeType, code),
    trendOf(db, codeType, code),
  ])
  return [
    {
      block: 'facts',
      title: `${codeType} ${code}`,
      facts: [
        { label: 'Described as', value: known.description === '' ? null : known.description },
        { label: 'Hospitals', value: known.hospitals },
        { label: 'Prices', value: known.prices },
      ],
    },
    ...bars(asked),
    ...band(stats),
    {
      block: 'table',
      title: 'What each hospital asks',
      columns: [
        { key: 'hospital', label: 'Hospital', kind: 'text' },
        { key: 'what', label: 'Price' },
        { key: 'prices', label: 'Prices', kind: 'number' },
        { key: 'min', label: 'Lowest', kind: 'money' },
        { key: 'median', label: 'Median', kind: 'money' },
        { key: 'max', label: 'Highest', kind: 'money' },
      ],
      rows: asked.map((row) => ({
        hospital:
          row.known_as === null
            ? row.hospital
            : { text: row.hospital, page: 'hospital', params: { id: row.known_as } },
        what: labelOf(row),
        prices: row.prices,
        min: dollarsOf(row.min),
        median: dollarsOf(row.median),
        max: dollarsOf(row.max),
      })),
      empty: 'No price of this code is shown.',
    },
    {
      block: 'table',
      title: 'Across hospitals',
      columns: [
        { key: 'what', label: 'Price' },
        { key: 'hospitals', label: 'Hospitals', kind: 'number' },
        { key: 'min', label: 'Lowest', kind: 'money' },
        { key: 'median', label: 'Median', kind: 'money' },
        { key: 'max', label: 'Highest', kind: 'money' },
        { key: 'withheld', label: 'Withheld' },
      ],
      rows: stats.map(({ figures, ...row }) => ({
        what: labelOfStatistic(row),
        hospitals: row.hospitals,
        min: figures && dollarsOf(figures.min),
        median: figures && dollarsOf(figures.median),
        max: figures && dollarsOf(figures.max),
        withheld: row.withheld,
      })),
      empty: 'There are no statistics of this code.',
    },
    ...shares(ratios.slice(0, MOST_BARS)),
    ...trend,
  ]
}

async function askedBy(db: Db, codeType: string, code: string): Promise<readonly Asked[]> {
  const { rows } = await sql<Asked>`
    select h.*, ${voiceName()} as hospital, v.hospital_id as known_as
    from hospital_stats h ${namedVoice()}
    where h.code_type = ${codeType} and h.code = ${code} and h.payer_id = ''
    order by hospital, h.kind, h.setting, h.billing_class, h.modifiers limit ${MOST_ROWS}`.execute(
    db.query,
  )
  return rows
}

type Named = Pick<HospitalStatsTable, 'kind' | 'setting' | 'billing_class' | 'modifiers' | 'drug_unit' | 'methodology'> // prettier-ignore

/** What sets prices of a code apart from each other, in words. */
function labelOf(row: Named): string {
  const { kind, setting, billing_class, modifiers, drug_unit, methodology } = row
  return [kind, methodology, setting, billing_class, modifiers && `modifier ${modifiers}`, drug_unit]
    .filter(Boolean)
    .join(', ') // prettier-ignore
}

function labelOfStatistic(row: Omit<Comparison, 'figures'>): string {
  const { billingClass: billing_class, drugUnit: drug_unit } = row
  return labelOf({ ...row, billing_class, drug_unit })
}

const inDollars = (amount: number): number => amount / 10_000

/** Hospitals beside each other, by the price that most of them name. */
function bars(asked: readonly Asked[]): readonly Chart[] {
  const groups = groupsOf(asked, labelOf)
  const isCharge = ([row]: readonly Asked[]): number => Number(row!.kind === 'gross')
  const [first] = [...groups].toSorted(
    ([, a], [, b]) => b.length - a.length || isCharge(b) - isCharge(a),
  )
  if (!first || first[1].length < 2) return []
  const [label, rows] = first
  const shown = rows.toSorted((a, b) => a.median - b.median).slice(0, MOST_BARS)
  return [
    {
      block: 'chart',
      title: `Median of each hospital (dollars): ${label}`,
      kind: 'bar',
      x: { label: 'hospital', kind: 'category', values: shown.map(({ hospital }) => hospital) },
      series: [
        { label: 'median', unit: '$', values: shown.map(({ median }) => inDollars(median)) },
      ],
    },
  ]
}

/** Over all hospitals, where there are enough of them. */
function band(stats: readonly Comparison[]): readonly Chart[] {
  const shown = stats
    .flatMap((row) => (row.figures ? [{ label: labelOfStatistic(row), figures: row.figures }] : []))
    .slice(0, MOST_BARS)
  if (shown.length === 0) return []
  return [
    {
      block: 'chart',
      title: 'Quartiles over hospitals (dollars)',
      kind: 'band',
      x: { label: 'price', kind: 'category', values: shown.map(({ label }) => label) },
      series: (
        [{ name: 'p25', edge: 'low' }, { name: 'median' }, { name: 'p75', edge: 'high' }] as const
      ).map(({ name, ...edge }) => ({
        label: name,
        unit: '$',
        values: shown.map(({ figures }) => inDollars(figures[name])),
        ...edge,
      })),
    },
  ]
}

function shares(ratios: Awaited<ReturnType<typeof ratiosOf>>): readonly Chart[] {
  const told = ratios.filter((each) => each.cashToGross !== null || each.negotiatedToGross !== null)
  if (told.length === 0) return []
  return [
    {
      block: 'chart',
      title: 'Share of the charge that is asked of cash patients and payers',
      kind: 'bar',
      x: { label: 'hospital', kind: 'category', values: told.map(({ hospital }) => hospital) },
      series: [
        { label: 'cash', unit: '%', values: told.map(({ cashToGross }) => inPercent(cashToGross)) },
        {
          label: 'negotiated',
          unit: '%',
          values: told.map(({ negotiatedToGross }) => inPercent(negotiatedToGross)),
        },
      ],
    },
  ]
}

function inPercent(share: number | null): number | null {
  return share === null ? null : Math.round(share * 1_000) / 10
}

interface Point extends Named {
  readonly hospital: string
  readonly source_id: number
  readonly valid_from: string | null
  readonly seen_at: number
  readonly median: number
}

interface Dated extends Point {
  /** The day the version gives itself, else the day it was loaded; a second one of a day says so. */
  readonly day: string
}

/** @param newestFirst points of one line */
function dated(newestFirst: readonly Point[]): readonly Dated[] {
  const seen = new Map<string, number>()
  return newestFirst.toReversed().map((point) => {
    const day = point.valid_from ?? new Date(point.seen_at).toISOString().slice(0, 10)
    const count = (seen.get(day) ?? 0) + 1
    seen.set(day, count)
    return { ...point, day: count === 1 ? day : `${day} (${count})` }
  })
}

/** A line for each price of a hospital that has had more than one version, by the days of the versions. */
async function trendOf(db: Db, codeType: string, code: string): Promise<readonly Chart[]> {
  const { rows } = await sql<Point>`
    select t.*, ${hospitalName()} as hospital
    from price_trends t join sources s on s.source_id = t.source_id join versions v on v.version_id = t.version_id
    where t.code_type = ${codeType} and t.code = ${code} and t.kind = 'gross'
    order by v.seq desc limit ${MOST_ROWS}`.execute(db.query)
  const lines = [...groupsOf(rows, (row) => `${row.source_id} ${labelOf(row)}`).values()]
    .filter((points) => points.length > 1)
    .slice(0, MOST_LINES)
    .map(dated)
  if (lines.length === 0) return []
  const days = [...new Set(lines.flatMap((points) => points.map(({ day }) => day)))].toSorted()
  return [
    {
      block: 'chart',
      title: 'Median of the charge from version to version (dollars)',
      kind: 'line',
      x: { label: 'version', kind: 'category', values: days },
      series: lines.map((points) => ({
        label: `${points[0]!.hospital}: ${labelOf(points[0]!)}`,
        unit: '$',
        values: holding(points, days),
      })),
    },
  ]
}

/** A price holds until the next version, so that hospitals whose versions have other days are lines beside each other. */
function holding(points: readonly Dated[], days: readonly string[]): (number | null)[] {
  const onDay = new Map(points.map(({ day, median }) => [day, median]))
  let held: number | null = null
  return days.map((day) => {
    const median = onDay.get(day)
    if (median !== undefined) held = inDollars(median)
    return held
  })
}
