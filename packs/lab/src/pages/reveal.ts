// Opens what the pages show masked, and gives the documents they link to.
import type { PackDocument } from 'orderly'
import { formatEye, formatPrism } from '../optics/notation.ts'
import type { Eye } from '../optics/prescription.ts'
import { readDocument } from '../store/documents.ts'
import { openDetails, type OrderDetails } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'

const PDF = 'application/pdf'

/** Order by `details`, or by `card` in words; clinical document by `document`. @returns undefined when there is no such record */
export async function revealRecord(
  rooms: LabRooms,
  record: string,
  field: string,
): Promise<unknown> {
  if (field === 'document') {
    const row = await rowOf(rooms, record)
    return row && opened(rooms, row.company_id, record)
  }
  if (field !== 'details' && field !== 'card') return undefined
  const row = await rooms.db.query
    .selectFrom('lab_orders')
    .select('company_id')
    .where('order_id', '=', record)
    .executeTakeFirst()
  if (!row) return undefined
  const details = await openDetails(rooms, row.company_id, record)
  return field === 'card' ? cardOf(details) : details
}

/** An order as it is read out at the bench. */
function cardOf({
  coating,
  frame,
  material,
  notes,
  patient,
  prescription,
  tint,
}: OrderDetails): string {
  const { lensType, nearPd, od, os, pd } = prescription
  const lines = [
    patient,
    `R ${eyeOf(od)}`,
    `L ${eyeOf(os)}`,
    `PD ${[pd ?? '?', ...(nearPd === null ? [] : [`near ${nearPd}`])].join(', ')}`,
    [lensType, material, coating, tint].filter((word) => word !== '').join(', '),
    frame,
    notes,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

function eyeOf(eye: Eye): string {
  return [formatEye(eye), ...eye.prism.map(formatPrism)].join(', ')
}

/** A document that is not clinical. */
export async function clearDocument(
  rooms: LabRooms,
  id: string,
): Promise<PackDocument | undefined> {
  const row = await rowOf(rooms, id)
  return row && row.sealed === 0 ? opened(rooms, row.company_id, id) : undefined
}

async function opened(rooms: LabRooms, company: string, id: string): Promise<PackDocument> {
  return { contentType: PDF, body: await readDocument(rooms, company, id) }
}

function rowOf({ db }: LabRooms, id: string) {
  return db.query
    .selectFrom('lab_documents')
    .select(['company_id', 'sealed'])
    .where('document_id', '=', id)
    .executeTakeFirst()
}
