// Opens what the pages show masked, and gives the documents they link to.
import type { PackDocument } from 'orderly'
import { readDocument } from '../store/documents.ts'
import { openDetails } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'

const PDF = 'application/pdf'

/** Order by `details`, clinical document by `document`. @returns undefined when there is no such record */
export async function revealRecord(
  rooms: LabRooms,
  record: string,
  field: string,
): Promise<unknown> {
  if (field === 'document') {
    const row = await rowOf(rooms, record)
    return row && opened(rooms, row.company_id, record)
  }
  if (field !== 'details') return undefined
  const row = await rooms.db.query
    .selectFrom('lab_orders')
    .select('company_id')
    .where('order_id', '=', record)
    .executeTakeFirst()
  return row && openDetails(rooms, row.company_id, record)
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
