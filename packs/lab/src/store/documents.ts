// Documents: gathered from what is known, rendered, kept in the object store; clinical ones sealed.
import { createHash } from 'node:crypto'
import { RefusedError, type SealedAt } from 'orderly'
import {
  CLINICAL,
  type DocumentKind,
  type ExaminationForm,
  type LabDocument,
  type OrderFacts,
} from '../pdf/documents.ts'
import { dayNumber } from '../forecast/series.ts'
import { totalsOf } from '../pdf/money.ts'
import { findCompany, partyOf } from './companies.ts'
import { addDaily } from './daily.ts'
import {
  companiesOfOrder,
  dayIn,
  findOrder,
  nextNumber,
  openDetails,
  type Order,
} from './orders.ts'
import type { LabRooms } from './rooms.ts'
import type { DocumentRow } from './tables.ts'

/** What is known of an examination, without what every document has. */
export type ExaminationFacts = Omit<ExaminationForm, 'kind' | 'created' | 'from'>

export interface StoredDocument {
  readonly documentId: string
  readonly companyId: string
  readonly sha256: string
  readonly bytes: number
}

const STEPS = ['Surface', 'Coat', 'Edge', 'Inspect', 'Mount', 'Pack']
const TRAYS = ['red', 'yellow', 'green', 'blue', 'white', 'black']

/** The facts of a document about an order. */
export async function orderDocument(
  rooms: LabRooms,
  kind: Exclude<DocumentKind, 'examination-form'>,
  orderId: string,
): Promise<{ companyId: string; document: LabDocument }> {
  const { companyId, labId } = await companiesOfOrder(rooms, orderId)
  const [practice, lab, order] = await Promise.all([
    findCompany(rooms, companyId),
    findCompany(rooms, labId),
    findOrder(rooms, companyId, orderId),
  ])
  const found = order!
  const made = { created: found.createdAt, from: partyOf(lab) }
  const to = partyOf(practice)
  if (kind === 'order-sheet' || kind === 'lab-work-ticket') {
    const facts = factsOf(found, await openDetails(rooms, companyId, orderId))
    return {
      companyId: kind === 'order-sheet' ? companyId : labId,
      document:
        kind === 'order-sheet'
          ? { kind, ...made, to, order: facts }
          : { kind, ...made, order: facts, tray: trayOf(found), steps: STEPS },
    }
  }
  const invoice = await numberOf(rooms, labId, 'invoices', 'INV', found)
  if (kind === 'invoice')
    return {
      companyId: labId,
      document: {
        kind,
        ...made,
        to,
        number: invoice,
        issuedOn: found.orderedOn,
        dueOn: null,
        currency: lab.currency,
        lines: found.lines,
        rounding: 'line',
      },
    }
  const payments = await rooms.db.query
    .selectFrom('lab_payments')
    .select(['paid_on', 'method', 'cents'])
    .where('company_id', '=', labId)
    .where('order_id', '=', orderId)
    .orderBy('paid_on')
    .orderBy('payment_id')
    .execute()
  return {
    companyId: labId,
    document: {
      kind,
      ...made,
      to,
      number: await numberOf(rooms, labId, 'receipts', 'RCP', found),
      invoice,
      currency: lab.currency,
      total: totalsOf(found.lines).gross,
      payments: payments.map(({ paid_on, method, cents }) => ({ on: paid_on, method, cents })),
    },
  }
}

/** The form of an examination: the one named, or the patient's latest. */
export async function examinationDocument(
  rooms: LabRooms,
  companyId: string,
  patientId: string,
  examinationId?: string,
): Promise<{ companyId: string; document: ExaminationForm; subject: string }> {
  let query = rooms.db.query
    .selectFrom('lab_examinations')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('patient_id', '=', patientId)
  if (examinationId !== undefined) query = query.where('examination_id', '=', examinationId)
  const row = await query.orderBy('examined_at', 'desc').limit(1).executeTakeFirst()
  if (!row) throw new RefusedError('there is no such examination of this patient')
  const form = await rooms.vault.open<ExaminationFacts>(row.sealed, sealedAt(row.examination_id))
  const company = await findCompany(rooms, companyId)
  return {
    companyId,
    subject: row.examination_id,
    document: {
      kind: 'examination-form',
      created: row.examined_at,
      from: partyOf(company),
      ...form,
    },
  }
}

/** Keeps an examination; each counts as one of the `patients` of its day. */
export async function saveExamination(
  rooms: LabRooms,
  given: {
    readonly id: string
    readonly companyId: string
    readonly patientId: string
    readonly at: number
    readonly form: ExaminationFacts
  },
): Promise<void> {
  const sealed = await rooms.vault.seal(given.form, sealedAt(given.id))
  await rooms.db.transaction(async ({ query }) => {
    await query
      .insertInto('lab_examinations')
      .values({
        examination_id: given.id,
        company_id: given.companyId,
        patient_id: given.patientId,
        examined_at: given.at,
        sealed,
      })
      .execute()
    await addDaily(query, given.companyId, 'patients', dayNumber(dayIn(rooms.zone, given.at)), 1)
  })
}

/** Renders a document and keeps it. Done again it puts the same bytes in the same place. */
export async function keepDocument(
  rooms: LabRooms,
  { companyId, subject, document }: { companyId: string; subject: string; document: LabDocument },
): Promise<StoredDocument> {
  const { kind } = document
  const pdf = await rooms.render(document)
  const sha256 = createHash('sha256').update(pdf).digest('hex')
  const documentId = `${kind}.${subject}`
  const key = `lab/${companyId}/${kind}/${subject}`
  const sealed = CLINICAL.includes(kind)
  const body = sealed ? await sealFile(rooms, key, pdf) : pdf
  await rooms.objects.put(key, body, {
    contentType: sealed ? 'application/octet-stream' : 'application/pdf',
  })
  const row: DocumentRow = {
    document_id: documentId,
    company_id: companyId,
    kind,
    subject,
    object_key: key,
    sha256,
    bytes: pdf.byteLength,
    sealed: Number(sealed),
    made_at: rooms.clock.now(),
  }
  await rooms.db.query
    .insertInto('lab_documents')
    .values(row)
    .onConflict((conflict) => conflict.column('document_id').doUpdateSet(row))
    .execute()
  return { documentId, companyId, sha256, bytes: pdf.byteLength }
}

/**
 * The PDF of a document, opened. Who asks for it is noted by whoever shows it.
 *
 * @throws RefusedError when the company has no such document
 */
export async function readDocument(
  rooms: LabRooms,
  companyId: string,
  documentId: string,
): Promise<Uint8Array> {
  const row = await rooms.db.query
    .selectFrom('lab_documents')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('document_id', '=', documentId)
    .executeTakeFirst()
  const object = row && (await rooms.objects.get(row.object_key))
  if (!object) throw new RefusedError('there is no such document of this company')
  const chunks: Uint8Array[] = []
  for await (const chunk of object.body) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const pdf = row.sealed ? await openFile(rooms, row.object_key, body) : body
  if (createHash('sha256').update(pdf).digest('hex') !== row.sha256)
    throw new RefusedError('the stored document is not the one that was made; make it again')
  return pdf
}

export async function listDocuments(
  { db }: LabRooms,
  companyId: string,
  limit = 100,
): Promise<DocumentRow[]> {
  return db.query
    .selectFrom('lab_documents')
    .selectAll()
    .where('company_id', '=', companyId)
    .orderBy('made_at', 'desc')
    .limit(limit)
    .execute()
}

/** A file that opens with the keyring alone: its key goes with it, wrapped. */
export async function sealFile(
  { vault }: LabRooms,
  place: string,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const key = await vault.newTravelKey()
  return Buffer.from(
    JSON.stringify({
      key: key.wrapped,
      sealed: key.seal(Buffer.from(bytes).toString('base64'), place),
    }),
  )
}

async function openFile({ vault }: LabRooms, place: string, file: Uint8Array): Promise<Uint8Array> {
  const { key, sealed } = JSON.parse(Buffer.from(file).toString()) as SealedFile
  const travel = await vault.openTravelKey(key)
  return Buffer.from(travel.open(sealed, place), 'base64')
}

interface SealedFile {
  readonly key: string
  readonly sealed: string
}

const sealedAt = (row: string): SealedAt => ({
  table: 'lab_examinations',
  column: 'sealed',
  row,
})

function factsOf(order: Order, details: Awaited<ReturnType<typeof openDetails>>): OrderFacts {
  const { patient, prescription, material, coating, tint, frame, notes } = details
  const { number, orderedOn, dueOn } = order
  return { number, orderedOn, dueOn, patient, prescription, material, coating, tint, frame, notes }
}

/** The tray of an order, the same each time: a colour, and a place in it. */
function trayOf({ number }: Order): string {
  const digest = createHash('sha256').update(number).digest()
  return `${TRAYS[digest[0]! % TRAYS.length]!} ${(digest[1]! % 40) + 1}`
}

async function numberOf(
  rooms: LabRooms,
  labId: string,
  series: string,
  prefix: string,
  order: Order,
): Promise<string> {
  const year = order.orderedOn.slice(0, 4)
  const n = await rooms.db.transaction(({ query }) =>
    nextNumber(query, labId, `${series}-${year}`, order.id),
  )
  return `${prefix}-${year}-${String(n).padStart(5, '0')}`
}
