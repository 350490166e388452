// What the jobs of the pdf queue do.
import { handle, type Handler } from 'orderly'
import {
  examinationFormPdf,
  invoicePdf,
  labWorkTicketPdf,
  orderSheetPdf,
  receiptPdf,
} from '../jobs/pdf.ts'
import { examinationDocument, keepDocument, orderDocument } from '../store/documents.ts'
import type { LabRooms } from '../store/rooms.ts'

const OF_ORDERS = [
  [orderSheetPdf, 'order-sheet'],
  [invoicePdf, 'invoice'],
  [receiptPdf, 'receipt'],
  [labWorkTicketPdf, 'lab-work-ticket'],
] as const

export function pdfHandlers(rooms: LabRooms): Handler[] {
  return [
    ...OF_ORDERS.map(([job, kind]) =>
      handle(job, async ({ input: { orderId }, evidence }) => {
        const made = await orderDocument(rooms, kind, orderId)
        const kept = await keepDocument(rooms, { ...made, subject: orderId })
        evidence.check(`document ${kept.sha256}`, true)
        return kept
      }),
    ),
    handle(examinationFormPdf, async ({ input, evidence }) => {
      const { companyId, patientId, examinationId } = input
      const made = await examinationDocument(rooms, companyId, patientId, examinationId)
      const kept = await keepDocument(rooms, made)
      evidence.check(`document ${kept.sha256}`, true)
      return kept
    }),
  ]
}
