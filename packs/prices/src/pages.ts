// The pages of the pack in the dashboard: hospitals, one hospital, files, one file, what a code costs.
import { sql } from 'kysely'
import type { PackPage, PackRooms, PageBlock } from 'orderly'
import { compare, ratiosOf } from './analytics/compare.ts'
import { reportRecent, reportSources } from './report.ts'
import { decimal } from './export/rows.ts'
import { findPublication, listHeld } from './store/publications.ts'
import type { PriceTables } from './store/tables.ts'
import type { QualityReport } from './validate/report.ts'

const MOST_ROWS = 200

export function pricePages({
  database,
  objects,
}: Pick<PackRooms, 'database' | 'objects'>): readonly PackPage[] {
  const db = database.withTables<PriceTables>()

  async function hospitals(): Promise<readonly PageBlock[]> {
    const rows = await db.query
      .selectFrom('hospitals')
      .selectAll()
      .orderBy('name')
      .limit(MOST_ROWS)
      .execute()
    const held = await listHeld(db)
    return [
      ...(held.length === 0
        ? []
        : [
            {
              block: 'note' as const,
              tone: 'warning' as const,
              text: `${held.length} versions are held until somebody decides about them: orderly prices validate --held`,
            },
          ]),
      {
        block: 'table',
        title: 'Hospitals',
        columns: [
          { key: 'name', label: 'Hospital' },
          { key: 'place', label: 'Place' },
          { key: 'county', label: 'County' },
          { key: 'number', label: 'CCN or NPI' },
          { key: 'address', label: 'Address', kind: 'state' },
          { key: 'seen', label: 'Seen', kind: 'time' },
        ],
        rows: rows.map((row) => ({
          name: { text: row.name, page: 'hospital', params: { id: row.hospital_id } },
          place: [row.place ?? row.city, row.state].filter(Boolean).join(', '),
          county: row.county,
          number: row.ccn ?? row.npi,
          address: row.address_state ?? 'waiting',
          seen: row.seen_at,
        })),
        empty: 'No hospital is known yet: orderly prices scan',
      },
    ]
  }

  async function hospital(id: string): Promise<readonly PageBlock[]> {
    const found = await db.query
      .selectFrom('hospitals')
      .selectAll()
      .where('hospital_id', '=', id)
      .executeTakeFirst()
    if (!found) return [{ block: 'note', tone: 'bad', text: 'No such hospital is known.' }]
    const files = await db.query
      .selectFrom('price_files')
      .innerJoin('hospital_files', 'hospital_files.file_id', 'price_files.file_id')
      .selectAll('price_files')
      .where('hospital_id', '=', id)
      .orderBy('name')
      .limit(MOST_ROWS)
      .execute()
    const problems = JSON.parse(found.problems ?? '[]') as string[]
    return [
      {
        block: 'facts',
        title: found.name,
        facts: [
          { label: 'Address', value: found.street },
          {
            label: 'Place',
            value: [found.place, found.state, found.zip].filter(Boolean).join(' '),
          },
          { label: 'County', value: found.county },
          { label: 'CCN', value: found.ccn },
          { label: 'NPI', value: found.npi },
          { label: 'Beds', value: found.beds },
          ...problems.map((text) => ({ label: 'Problem', value: text, tone: 'warning' as const })),
        ],
      },
      {
        block: 'table',
        title: 'Price files',
        columns: [
          { key: 'name', label: 'File' },
          { key: 'state', label: 'State', kind: 'state' },
          { key: 'bytes', label: 'Bytes', kind: 'number' },
          { key: 'stored', label: 'Stored', kind: 'time' },
          { key: 'checked', label: 'Checked', kind: 'time' },
          { key: 'reason', label: 'Reason' },
        ],
        rows: files.map((file) => ({
          name: { text: file.name, page: 'file', params: { id: file.file_id } },
          state: file.state,
          bytes: file.bytes,
          stored: file.stored_at,
          checked: file.checked_at,
          reason: file.reason,
        })),
        empty: 'The directory lists no file of this hospital.',
      },
    ]
  }

  async function files(): Promise<readonly PageBlock[]> {
    const rows = await reportRecent(database, MOST_ROWS)
    return [
      {
        block: 'table',
        title: 'Price files',
        columns: [
          { key: 'name', label: 'File' },
          { key: 'state', label: 'State', kind: 'state' },
          { key: 'format', label: 'Format' },
          { key: 'rows', label: 'Rows', kind: 'number' },
          { key: 'prices', label: 'New prices', kind: 'number' },
          { key: 'bad', label: 'Bad rows', kind: 'number' },
          { key: 'reason', label: 'Reason' },
        ],
        rows: rows.map((file) => ({
          name: file.name,
          state: file.state,
          format: file.format,
          rows: file.rowsRead,
          prices: file.pricesLoaded,
          bad: file.rowsQuarantined,
          reason: file.reason,
        })),
        empty: 'No file has been loaded yet.',
      },
    ]
  }

  async function file(id: string): Promise<readonly PageBlock[]> {
    const found = await db.query
      .selectFrom('price_files')
      .selectAll()
      .where('file_id', '=', id)
      .executeTakeFirst()
    if (!found) return [{ block: 'note', tone: 'bad', text: 'No such file is known.' }]
    const [loaded] = await reportSources(database, [found.url], 0)
    const source = await db.query
      .selectFrom('sources')
      .selectAll()
      .where('name', '=', found.url)
      .executeTakeFirst()
    const publication =
      source && source.current_version !== null
        ? await findPublication(db, source.current_version)
        : undefined
    const report = publication?.report_key ? await readReport(publication.report_key) : undefined
    return [
      {
        block: 'facts',
        title: found.name,
        facts: [
          { label: 'Address', value: found.url },
          { label: 'State', value: loaded?.state ?? found.state },
          { label: 'Format', value: loaded?.format ?? null },
          { label: 'Rows', value: loaded?.rowsRead ?? null },
          { label: 'SHA-256', value: found.bytes_digest },
          { label: 'Published', value: publication?.state ?? 'not yet', tone: publication?.state === 'held' ? 'warning' : 'neutral' },
          { label: 'Decided by', value: publication?.decided_by ?? null },
          { label: 'Rules of CMS', value: publication?.verdict ?? null },
          { label: 'Score', value: publication?.score ?? null },
        ],
      },
      ...(JSON.parse(publication?.reasons ?? '[]') as string[]).map((text) => ({
        block: 'note' as const,
        tone: 'warning' as const,
        text,
      })),
      {
        block: 'table',
        title: 'Findings',
        columns: [
          { key: 'rule', label: 'Rule' },
          { key: 'severity', label: 'Severity', kind: 'state' },
          { key: 'count', label: 'Count', kind: 'number' },
          { key: 'title', label: 'What it says' },
          { key: 'where', label: 'Where first' },
        ],
        rows: (report?.findings ?? []).map(({ rule, severity, count, title, samples }) => ({
          rule,
          severity,
          count,
          title,
          where: samples[0]?.cell ?? null,
        })),
        empty: report ? 'Nothing was found.' : 'The file has not been checked yet.',
      },
    ] // prettier-ignore
  }

  async function readReport(key: string): Promise<QualityReport | undefined> {
    const found = await objects.get(key)
    if (!found) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of found.body) chunks.push(chunk)
    return JSON.parse(Buffer.concat(chunks).toString()) as QualityReport
  }

  async function codes(): Promise<readonly PageBlock[]> {
    const { rows } = await sql<{
      code_type: string
      code: string
      hospitals: number
      prices: number
    }>`
      select code_type, code, hospitals, prices from priced_codes
      order by hospitals desc, prices desc, code_type, code limit ${MOST_ROWS}`.execute(db.query)
    return [
      {
        block: 'table',
        title: 'Codes that most hospitals price',
        columns: [
          { key: 'code', label: 'Code' },
          { key: 'type', label: 'System' },
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
          hospitals: row.hospitals,
          prices: row.prices,
        })),
        empty: 'No statistics yet: load price files first.',
      },
    ]
  }

  async function comparison(codeType: string, code: string): Promise<readonly PageBlock[]> {
    const [stats, ratios, trend] = await Promise.all([
      compare(database, { code, codeType }),
      ratiosOf(database, codeType, code),
      trendOf(codeType, code),
    ])
    const shown = stats.flatMap((row) => (row.figures ? [{ ...row, figures: row.figures }] : []))
    const label = ({ kind, setting, modifiers }: (typeof stats)[number]): string =>
      [kind, setting, modifiers].filter(Boolean).join(', ')
    const dollars = (amount: number): number => amount / 10_000
    return [
      {
        block: 'chart',
        title: `${codeType} ${code}: what hospitals ask (dollars)`,
        kind: 'band',
        x: { label: 'price', kind: 'category', values: shown.map(label) },
        series: (['p25', 'median', 'p75'] as const).map((name) => ({
          label: name,
          unit: '$',
          values: shown.map(({ figures }) => dollars(figures[name])),
        })),
      },
      {
        block: 'table',
        title: 'Statistics',
        columns: [
          { key: 'what', label: 'Price' },
          { key: 'hospitals', label: 'Hospitals', kind: 'number' },
          { key: 'min', label: 'Lowest', kind: 'money' },
          { key: 'median', label: 'Median', kind: 'money' },
          { key: 'max', label: 'Highest', kind: 'money' },
          { key: 'withheld', label: 'Withheld' },
        ],
        rows: stats.map((row) => ({
          what: label(row),
          hospitals: row.hospitals,
          min: row.figures ? decimal(row.figures.min) : null,
          median: row.figures ? decimal(row.figures.median) : null,
          max: row.figures ? decimal(row.figures.max) : null,
          withheld: row.withheld,
        })),
        empty: 'No hospital prices this code.',
      },
      {
        block: 'chart',
        title: 'Share of the charge that is asked of cash patients and payers',
        kind: 'bar',
        x: {
          label: 'hospital',
          kind: 'category',
          values: ratios.map(({ hospital: name }) => name),
        },
        series: [
          { label: 'cash', values: ratios.map(({ cashToGross }) => cashToGross) },
          { label: 'negotiated', values: ratios.map(({ negotiatedToGross }) => negotiatedToGross) },
        ],
      },
      {
        block: 'chart',
        title: 'Median by version (dollars)',
        kind: 'line',
        x: { label: 'loaded', kind: 'time', values: trend.map(({ seen_at }) => seen_at) },
        series: [
          { label: 'median', unit: '$', values: trend.map(({ median }) => dollars(median)) },
        ],
      },
    ]
  }

  async function trendOf(codeType: string, code: string) {
    return db.query
      .selectFrom('price_trends')
      .select(['seen_at', 'median'])
      .where('code_type', '=', codeType)
      .where('code', '=', code)
      .where('kind', '=', 'gross')
      .orderBy('seen_at')
      .limit(MOST_ROWS)
      .execute()
  }

  return [
    { id: 'hospitals', title: 'Hospitals', inRail: true, load: hospitals },
    { id: 'hospital', title: 'Hospital', inRail: false, params: ['id'], load: ({ id = '' }) => hospital(id) },
    { id: 'files', title: 'Price files', inRail: true, load: files },
    { id: 'file', title: 'Price file', inRail: false, params: ['id'], load: ({ id = '' }) => file(id) },
    { id: 'codes', title: 'Compare prices', inRail: true, load: codes },
    {
      id: 'compare',
      title: 'Prices of a code',
      inRail: false,
      params: ['type', 'code'],
      load: ({ type = '', code = '' }) => comparison(type, code),
    },
  ] // prettier-ignore
}
