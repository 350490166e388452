// Where a price comes from, down to the byte, and what it was before.
import { sql } from 'kysely'
import type { Database } from 'orderly'
import { hospitalName } from './store/hospital-names.ts'

export interface Lineage {
  readonly source: string
  readonly hospital: string | null
  /** Of the stored file; null where it was read from a folder and not kept. */
  readonly objectKey: string | null
  readonly sha256: string | null
  readonly sheet: string | null
  readonly row: number
  readonly byte: number | null
  readonly versionId: number
  /** When that version of the file was loaded, in epoch milliseconds. */
  readonly loadedAt: number | null
}

export interface PricePoint {
  readonly description: string
  readonly setting: string
  readonly modifiers: string
  readonly kind: string
  readonly payer: string | null
  readonly plan: string | null
  /** Ten-thousandths of a dollar. */
  readonly amount: number
  readonly isConflict: boolean
  /** The dates the files give themselves; `validTo` is that of the first file without this price. */
  readonly validFrom: string | null
  readonly validTo: string | null
  readonly seenAt: number | null
  readonly goneAt: number | null
  readonly lineage: Lineage
}

export interface HistoryQuery {
  readonly code: string
  readonly codeType?: string
  readonly source?: string
  readonly kind?: string
  readonly limit?: number
}

const MOST_POINTS = 1_000

interface Row {
  readonly source: string
  readonly hospital: string
  readonly description: string
  readonly setting: string
  readonly modifiers: string
  readonly kind: string
  readonly payer: string | null
  readonly plan: string | null
  readonly amount: number
  readonly conflict: number
  readonly valid_from: string | null
  readonly valid_to: string | null
  readonly opened_by: number
  readonly seen_at: number | null
  readonly gone_at: number | null
  readonly bytes_digest: string | null
  readonly location: string | null
  readonly sheet: string
  readonly row_no: number
  readonly byte_offset: number | null
}

/** Every price of a code that was shown, newest first, each with its validity and the place in the file that said it first. */
export async function historyOf(
  db: Database,
  { code, codeType, source, kind, limit = MOST_POINTS }: HistoryQuery,
): Promise<readonly PricePoint[]> {
  const { rows } = await sql<Row>`
    select s.name as source, ${hospitalName()} as hospital, i.description, i.setting, i.modifiers, p.kind, c.payer, c.plan, p.amount,
      p.conflict, o.valid_from, e.valid_from as valid_to, p.opened_by, oi.finished_at as seen_at,
      ei.finished_at as gone_at, oi.bytes_digest, oi.location, p.sheet, p.row_no, p.byte_offset
    from items i
    join prices p on p.source_id = i.source_id and p.item_id = i.item_id
    join sources s on s.source_id = p.source_id
    join versions o on o.version_id = p.opened_by
    left join versions e on e.version_id = p.closed_by and e.shown_by is not null
    left join intakes oi on oi.version_id = p.opened_by
    left join intakes ei on ei.version_id = e.version_id
    left join contracts c on c.source_id = p.source_id and c.contract_id = p.contract_id
    where i.code = ${code} and o.shown_by is not null
      ${codeType === undefined ? sql`` : sql`and i.code_type = ${codeType}`}
      ${source === undefined ? sql`` : sql`and s.name = ${source}`}
      ${kind === undefined ? sql`` : sql`and p.kind = ${kind}`}
    order by s.name, i.item_id, p.contract_id, p.kind, coalesce(oi.finished_at, 0) desc
    limit ${Math.min(limit, MOST_POINTS)}`.execute(db.query)
  return rows.map((row) => ({
    description: row.description,
    setting: row.setting,
    modifiers: row.modifiers,
    kind: row.kind,
    payer: row.payer,
    plan: row.plan,
    amount: row.amount,
    isConflict: row.conflict === 1,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    seenAt: row.seen_at,
    goneAt: row.gone_at,
    lineage: lineageOf(row),
  }))
}

/** Where a price stands: the stored file, its sheet, row and byte. */
function lineageOf(row: Row): Lineage {
  return {
    source: row.source,
    hospital: row.hospital === row.source ? null : row.hospital,
    objectKey: row.location?.startsWith('object:') ? row.location.slice('object:'.length) : null,
    sha256: row.bytes_digest,
    sheet: row.sheet === '' ? null : row.sheet,
    row: row.row_no,
    byte: row.byte_offset,
    versionId: row.opened_by,
    loadedAt: row.seen_at,
  }
}
