// Owns the choice of a layout for a table: from its first records to the shaper of the others.
import { digestValue } from './digest.ts'
import { shapeChargemaster } from '../shape/chargemaster.ts'
import { findCmsHead } from '../shape/cms-head.ts'
import { shapeCmsTall } from '../shape/cms-tall.ts'
import { shapeCmsWide } from '../shape/cms-wide.ts'
import { usesOfCms, usesOfPlan, type ColumnUse } from '../shape/column-uses.ts'
import { findTable } from '../shape/columns.ts'
import { dateOfPreamble } from '../shape/dates.ts'
import { type Hospital, type Shaper, UNKNOWN_HOSPITAL } from '../shape/row.ts'

export interface Table {
  readonly layout: 'cms-tall' | 'cms-wide' | 'own'
  readonly version: string | null
  /** Index of the header among the given records; -1 when the data starts at once. */
  readonly headerIndex: number
  /** Columns of the header; sheets leave out the empty cells at the end of a row. */
  readonly width: number
  readonly hospital: Hospital
  readonly headDigest: string
  readonly shaper: Shaper
  readonly columns: readonly ColumnUse[]
}

/** Records that are looked at before the layout is decided. */
export const HEAD_RECORDS = 400
export const HEAD_CELLS = 200_000

export function layOut(records: readonly (readonly string[])[]): Table | null {
  const cms = findCmsHead(records)
  if (cms !== null) {
    const header = records[cms.headerIndex] ?? []
    return {
      layout: cms.layout === 'tall' ? 'cms-tall' : 'cms-wide',
      version: cms.hospital.version,
      headerIndex: cms.headerIndex,
      width: header.length,
      hospital: cms.hospital,
      headDigest: digestHead(records, cms.headerIndex),
      shaper: cms.layout === 'tall' ? shapeCmsTall(header) : shapeCmsWide(header),
      columns: usesOfCms(header),
    }
  }
  const found = findTable(records)
  if (found === null) return null
  const above = records.slice(0, Math.max(0, found.headerIndex) + 1)
  return {
    layout: 'own',
    version: null,
    headerIndex: found.headerIndex,
    width: found.plan.width,
    hospital: {
      ...UNKNOWN_HOSPITAL,
      name: nameIn(above),
      lastUpdatedOn:
        found.headerIndex < 0 ? null : dateOfPreamble(above.map((cells) => cells.join(' '))),
    },
    headDigest: digestHead(records, found.headerIndex),
    shaper: shapeChargemaster(found.plan),
    columns: usesOfPlan(found.plan),
  }
}

function nameIn(records: readonly (readonly string[])[]): string | null {
  for (const cells of records) {
    const at = cells.findIndex((cell) => /^(hospital|facility) name:?$/i.test(cell))
    const name = at < 0 ? '' : (cells[at + 1] ?? '')
    if (name !== '' && !/\b(code|description|price)\b/i.test(name)) return name
  }
  return null
}

function digestHead(records: readonly (readonly string[])[], headerIndex: number): string {
  return digestValue(
    records.slice(0, headerIndex + 1).filter((cells) => cells.some((cell) => cell !== '')),
  )
}
