// Documents: kept, sealed, numbered, found by their company only.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  EXAMINATION,
  LAB_USER,
  LAB,
  NEW_ORDER,
  PRACTICE,
  RIVAL,
} from '../../../packs/lab/fixtures/lakeside.ts'
import {
  notificationEmail,
  examinationFormPdf,
  labWorkTicketPdf,
  queueWork,
  receiptPdf,
} from '../../../packs/lab/src/index.ts'
import type { LabTables } from '../../../packs/lab/src/store/tables.ts'
import type { LabKit } from '../kit.ts'

export function proveDocuments(lab: LabKit): void {
  describe('documents', () => {
    it('are kept with their digest; clinical ones cannot be read where they are stored', async () => {
      const { output } = await lab.orderly.perform(labWorkTicketPdf, { orderId: lab.order.id })
      const pdf = await lab.desk.document(LAB, output!.documentId)
      expect(createHash('sha256').update(pdf).digest('hex')).toBe(output!.sha256)
      expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-')
      const again = await lab.orderly.perform(labWorkTicketPdf, { orderId: lab.order.id })
      expect(again.output).toEqual(output)
      const row = (await lab.desk.documents(LAB)).find(({ kind }) => kind === 'lab-work-ticket')!
      expect(row.sealed).toBe(1)
    })
    it('number invoices without gaps, and give an order one number', async () => {
      const { queueInvoicePDF } = queueWork(lab.orderly)
      const second = await lab.desk.createOrder(NEW_ORDER)
      await queueInvoicePDF(second.id)
      await queueInvoicePDF(second.id)
      await lab.orderly.workOff()
      await lab.orderly.perform(receiptPdf, { orderId: lab.order.id })
      const numbers = await lab.orderly.database
        .withTables<LabTables>()
        .query.selectFrom('lab_numbers')
        .select(['subject', 'n'])
        .where('series', 'like', 'invoices-%')
        .orderBy('n')
        .execute()
      expect(numbers).toEqual([
        { subject: second.id, n: 1 },
        { subject: lab.order.id, n: 2 },
      ])
    })
    it('write an examination, found by its patient and company only', async () => {
      await lab.desk.saveExamination(EXAMINATION)
      const ours = await lab.orderly.perform(examinationFormPdf, {
        companyId: PRACTICE,
        patientId: 'pat-1',
      })
      expect(ours.state).toBe('completed')
      const theirs = await lab.orderly.perform(examinationFormPdf, {
        companyId: RIVAL,
        patientId: 'pat-1',
      })
      expect(theirs).toMatchObject({ state: 'failed', attempts: 1 })
    })
    it('go with a mail when they are small and not clinical; else they are linked in it', async () => {
      const { queueInvoicePDF, queueLabWorkTicketPDF, queueReceiptPDF } = queueWork(lab.orderly)
      const { id } = await lab.desk.createOrder(NEW_ORDER)
      await queueInvoicePDF(id)
      await queueReceiptPDF(id)
      await queueLabWorkTicketPDF(id)
      await lab.orderly.workOff()
      const documents = ['invoice', 'receipt', 'lab-work-ticket'].map((kind) => `${kind}.${id}`)
      // As if it were larger than servers take.
      await lab.orderly.database
        .withTables<LabTables>()
        .query.updateTable('lab_documents')
        .set({ bytes: 11_000_000 })
        .where('document_id', '=', `receipt.${id}`)
        .execute()
      lab.smtp.clear()
      const message = {
        companyId: LAB,
        userId: LAB_USER,
        subject: 'Your papers',
        text: 'See below.',
      }
      const none = { ...message, documents: ['invoice.none'] }
      expect(await lab.orderly.perform(notificationEmail, none)).toMatchObject({ state: 'failed' })
      expect(await lab.orderly.perform(notificationEmail, { ...message, documents })).toMatchObject(
        { state: 'completed' },
      )
      const [{ mail }] = lab.smtp.received as [(typeof lab.smtp.received)[0]]
      expect(mail.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
        ['invoice.pdf', 'application/pdf'],
      ])
      expect(mail.attachments[0]!.content.subarray(0, 5).toString()).toBe('%PDF-')
      for (const kind of ['receipt', 'lab-work-ticket'])
        expect(mail.text).toContain(`https://lab.example/documents/${kind}.${id}`)
    })
  })
}
