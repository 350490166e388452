// The pages of documents: those that were made, and one with its preview.
import type { PageBlock } from 'orderly'
import type { LabRooms } from '../store/rooms.ts'
import { companyNames, ROWS, table } from './blocks.ts'
import { kilobytes, said } from './words.ts'

export async function documentsPage(rooms: LabRooms): Promise<PageBlock[]> {
  return [await documentTable(rooms)]
}

/** @param subject an order or examination; all of them unless told */
export async function documentTable(rooms: LabRooms, subject?: string): Promise<PageBlock> {
  let query = rooms.db.query
    .selectFrom('lab_documents')
    .leftJoin('lab_orders', 'lab_orders.order_id', 'lab_documents.subject')
    .select([
      'document_id',
      'kind',
      'subject',
      'number',
      'lab_documents.company_id',
      'bytes',
      'lab_documents.sealed',
      'made_at',
    ])
  if (subject !== undefined) query = query.where('subject', '=', subject)
  const [rows, nameOf] = await Promise.all([
    query.orderBy('made_at', 'desc').limit(ROWS).execute(),
    companyNames(rooms),
  ])
  return table(
    'Documents',
    [
      ['document', 'Document'],
      ...(subject === undefined ? [['order', 'Order'] as const] : []),
      ['company', 'Company'],
      ['opened', 'Opened'],
      ['size', 'Size', 'number'],
      ['at', 'Made', 'time'],
    ],
    rows.map((row) => ({
      document: { text: said(row.kind), page: 'document', params: { id: row.document_id } },
      order:
        row.number === null
          ? null
          : { text: row.number, page: 'order', params: { id: row.subject } },
      company: nameOf(row.company_id),
      opened: row.sealed === 1 ? 'with a reason' : 'by whoever sees this page',
      size: kilobytes(row.bytes),
      at: row.made_at,
    })),
    'No document yet.',
  )
}

/** One that is clinical is shown to who says why; the others stand open to who sees the pages. */
export async function documentPage(rooms: LabRooms, id: string): Promise<PageBlock[]> {
  const row = await rooms.db.query
    .selectFrom('lab_documents')
    .leftJoin('lab_orders', 'lab_orders.order_id', 'lab_documents.subject')
    .select([
      'kind',
      'subject',
      'number',
      'lab_documents.company_id',
      'bytes',
      'sha256',
      'lab_documents.sealed',
      'made_at',
    ])
    .where('document_id', '=', id)
    .executeTakeFirst()
  if (!row) return [{ block: 'note', tone: 'warning', text: 'There is no such document.' }]
  const isClinical = row.sealed === 1
  const nameOf = await companyNames(rooms)
  const facts: PageBlock = {
    block: 'facts',
    title: said(row.kind),
    facts: [
      ...(isClinical
        ? [
            {
              label: 'Document',
              value: {
                masked: '[PDF of a patient]',
                kind: 'document',
                reveal: { record: id, field: 'document' },
              },
            },
          ]
        : []),
      ...(row.number === null
        ? []
        : [
            {
              label: 'Order',
              value: { text: row.number, page: 'order', params: { id: row.subject } },
            },
          ]),
      { label: 'Company', value: nameOf(row.company_id) },
      { label: 'Size', value: kilobytes(row.bytes) },
      { label: 'SHA-256', value: row.sha256 },
    ],
  }
  if (isClinical) return [facts]
  const href = `/api/v1/packs/lab/documents/${encodeURIComponent(id)}`
  return [
    { block: 'document', title: said(row.kind), contentType: 'application/pdf', href },
    { ...facts, title: 'About it' },
  ]
}
