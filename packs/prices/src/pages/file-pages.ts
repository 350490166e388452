// The pages of price files: the newest delivery of each, and one with its checks and deliveries.
import { sql } from 'kysely'
import type { Database, PackRooms, PageBlock, PageValue } from 'orderly'
import { hospitalId, hospitalName } from '../store/hospital-names.ts'
import { findPublication } from '../store/publications.ts'
import type { PriceTables } from '../store/tables.ts'
import type { QualityReport } from '../validate/report.ts'
import { fileNameOf, hasWords, MOST_ROWS, more, stateOf, verdictOf, withoutAddresses } from './parts.ts' // prettier-ignore
import { setAsideBlocks } from './set-aside.ts'

type Db = Database<PriceTables>
type Objects = PackRooms['objects']

const MOST_DELIVERIES = 20

interface Delivered {
  readonly source_id: number
  readonly address: string
  readonly hospital: string
  readonly hospital_id: string | null
  readonly state: string
  readonly rows_read: number
  readonly prices_loaded: number
  readonly rows_quarantined: number
  readonly reason: string | null
  readonly publication: string | null
  readonly verdict: string | null
  readonly score: number | null
}

/** What needs somebody comes first. */
export async function filesPage(db: Db, search: string): Promise<readonly PageBlock[]> {
  const { rows } = await sql<Delivered>`
    select * from (
      select s.source_id, s.name as address, ${hospitalName()} as hospital, ${hospitalId()} as hospital_id, i.state,
        i.rows_read, i.prices_loaded, i.rows_quarantined, i.reason, i.started_at, p.state as publication, p.verdict, p.score
      from sources s
      join intakes i on i.intake_id = (select newest.intake_id from intakes newest where newest.source_id = s.source_id
        order by newest.started_at desc, newest.intake_id desc limit 1)
      left join publications p on p.version_id = s.current_version) as delivered
    where ${hasWords(search, ['address', 'hospital'])}
    order by case when state = 'quarantined' or publication = 'held' then 0 else 1 end, started_at desc, address
    limit ${MOST_ROWS}`.execute(db.query)
  return [
    { block: 'search', label: 'File or hospital', filter: 'search', value: search },
    {
      block: 'table',
      title: search === '' ? 'The newest of each file' : 'Files found',
      columns: [
        { key: 'name', label: 'File', kind: 'text' },
        { key: 'hospital', label: 'Hospital', kind: 'text' },
        { key: 'state', label: 'State' },
        { key: 'cms', label: 'Rules of CMS' },
        { key: 'score', label: 'Score', kind: 'number' },
        { key: 'rows', label: 'Rows', kind: 'number' },
        { key: 'prices', label: 'New prices', kind: 'number' },
        { key: 'reason', label: 'Reason' },
      ],
      rows: rows.map((file) => ({
        name: {
          text: fileNameOf(file.address),
          page: 'file',
          params: { id: String(file.source_id) },
        },
        hospital: hospitalOf(file),
        state: file.publication === 'held' ? stateOf('held') : stateOf(file.state),
        cms: verdictOf(file.verdict),
        score: file.score,
        rows: file.rows_read,
        prices: file.prices_loaded,
        reason: withoutAddresses(file.reason),
      })),
      empty: search === '' ? 'No file has been loaded yet.' : 'No file is called so.',
    },
    ...more(rows.length),
  ]
}

function hospitalOf({ address, hospital, hospital_id: id }: Delivered): PageValue {
  if (id !== null) return { text: hospital, page: 'hospital', params: { id } }
  return hospital === address ? null : hospital
}

/** @param id of a file in the directory, or the number of a source */
export async function filePage(
  db: Db,
  objects: Objects,
  id: string,
): Promise<readonly PageBlock[]> {
  const file = await db.query
    .selectFrom('price_files')
    .leftJoin('sources', 'sources.name', 'price_files.source')
    .selectAll('price_files')
    .where(({ eb, or }) => or([eb('file_id', '=', id), eb('source_id', '=', numberOf(id))]))
    .orderBy('price_files.first_seen_at', 'desc')
    .executeTakeFirst()
  const source = await db.query
    .selectFrom('sources')
    .selectAll()
    .where(({ eb }) => (file ? eb('name', '=', file.source) : eb('source_id', '=', numberOf(id))))
    .executeTakeFirst()
  const address = file?.url ?? source?.name
  if (address === undefined) return [{ block: 'note', tone: 'bad', text: 'No such file is known.' }]
  const deliveries = source
    ? await db.query
        .selectFrom('intakes')
        .selectAll()
        .where('source_id', '=', source.source_id)
        .orderBy('started_at', 'desc')
        .orderBy('intake_id', 'desc')
        .limit(MOST_DELIVERIES)
        .execute()
    : []
  const [newest] = deliveries
  const current = source?.current_version ?? null
  const publication = current === null ? undefined : await findPublication(db, current)
  const report = publication?.report_key
    ? await readReport(objects, publication.report_key)
    : undefined
  const reason = withoutAddresses(newest?.reason ?? file?.reason ?? null)
  return [
    {
      block: 'facts',
      title: fileNameOf(address),
      facts: [
        { label: 'Address', value: address },
        { label: 'State', value: stateOf(newest?.state ?? file?.state ?? 'waiting') },
        ...(reason === null ? [] : [{ label: 'Reason', value: reason }]),
        { label: 'Format', value: newest?.format ?? null },
        ...(current === null || !source ? [] : [{
          label: 'Normal form',
          value: { text: 'how its columns are read', page: 'form', params: { id: String(source.source_id) } },
        }]),
        { label: 'Rows', value: newest?.rows_read ?? null },
        { label: 'SHA-256', value: newest?.bytes_digest ?? file?.bytes_digest ?? null },
        { label: 'Published', value: stateOf(publication?.state ?? 'not yet') },
        ...(publication?.decided_by ? [{ label: 'Decided by', value: publication.decided_by }] : []),
        { label: 'Rules of CMS', value: verdictOf(publication?.verdict ?? null) },
        { label: 'Score', value: scoreOf(publication?.score ?? null) },
      ],
    },
    ...(JSON.parse(publication?.reasons ?? '[]') as string[]).map((text) => ({
      block: 'note' as const,
      tone: 'warning' as const,
      text,
    })),
    {
      block: 'table',
      title: 'What was found',
      columns: [
        { key: 'title', label: 'What it says' },
        { key: 'severity', label: 'Severity' },
        { key: 'count', label: 'Count', kind: 'number' },
        { key: 'where', label: 'Where first' },
        { key: 'rule', label: 'Rule', kind: 'text' },
      ],
      rows: (report?.findings ?? []).map(({ rule, severity, count, title, samples }) => ({
        title,
        severity: stateOf(severity),
        count,
        where: samples[0]?.cell ?? null,
        rule,
      })),
      empty: report ? 'Nothing was found.' : 'The file has not been checked yet.',
    },
    {
      block: 'table',
      title: 'Deliveries',
      columns: [
        { key: 'at', label: 'When', kind: 'time' },
        { key: 'state', label: 'State' },
        { key: 'rows', label: 'Rows', kind: 'number' },
        { key: 'prices', label: 'New prices', kind: 'number' },
        { key: 'bad', label: 'Bad rows', kind: 'number' },
        { key: 'left', label: 'Left out', kind: 'number' },
        { key: 'conflicts', label: 'Conflicts', kind: 'number' },
        { key: 'reason', label: 'Reason' },
      ],
      rows: deliveries.map((each) => ({
        at: each.started_at,
        state: stateOf(each.state),
        rows: each.rows_read,
        prices: each.prices_loaded,
        bad: each.rows_quarantined,
        left: each.values_left_out,
        conflicts: each.conflicts,
        reason: withoutAddresses(each.reason),
      })),
      empty: 'The file has not come yet.',
    },
    ...(newest ? await setAsideBlocks(db, newest.intake_id) : []),
    ...(report === undefined || current === null
      ? []
      : [
          {
            block: 'document' as const,
            title: 'Quality report',
            contentType: 'application/pdf',
            href: `/api/v1/packs/prices/documents/report-${current}.pdf`,
          },
        ]),
  ] // prettier-ignore
}

/** A report of a checked version on paper, by the name pages link to it. */
export async function reportDocument(db: Db, objects: Objects, id: string) {
  const version = /^report-(\d{1,16})\.pdf$/.exec(id)?.[1]
  const found = version === undefined ? undefined : await findPublication(db, Number(version))
  if (!found?.report_key) return undefined
  const body = await readObject(objects, found.report_key.replace(/\.json$/, '.pdf'))
  return body && { contentType: 'application/pdf', body }
}

async function readReport(objects: Objects, key: string): Promise<QualityReport | undefined> {
  const body = await readObject(objects, key)
  return body && (JSON.parse(body.toString()) as QualityReport)
}

async function readObject(objects: Objects, key: string): Promise<Buffer | undefined> {
  const found = await objects.get(key)
  if (!found) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of found.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function scoreOf(score: number | null): string | null {
  return score === null ? null : `${score} of 100`
}

function numberOf(id: string): number {
  return /^\d{1,16}$/.test(id) ? Number(id) : -1
}
