// The jobs of the pdf queue.
import { clear, defineJob, exponential, phi } from 'orderly'
import { z } from 'zod'

const id = z.string().min(1).max(100)
const output = z.object({
  documentId: z.string(),
  companyId: z.string(),
  sha256: z.string(),
  bytes: z.int(),
})
const common = {
  queue: 'pdf',
  output,
  timeout: '2m',
  retry: { attempts: 2, backoff: exponential('2s') },
} as const
const order = z.object({ orderId: id })

export const orderSheetPdf = defineJob({
  ...common,
  name: 'lab.pdf.order-sheet',
  input: order,
  priority: 2,
})
export const invoicePdf = defineJob({
  ...common,
  name: 'lab.pdf.invoice',
  input: order,
  priority: 1,
})
export const receiptPdf = defineJob({
  ...common,
  name: 'lab.pdf.receipt',
  input: order,
  priority: 3,
})
export const labWorkTicketPdf = defineJob({
  ...common,
  name: 'lab.pdf.lab-work-ticket',
  input: order,
  priority: 1,
})
export const examinationFormPdf = defineJob({
  ...common,
  name: 'lab.pdf.examination-form',
  input: z.object({
    companyId: clear(id),
    patientId: phi.id().max(100),
    examinationId: clear(id.optional()),
  }),
  output: z.object({
    documentId: clear(z.string()),
    companyId: clear(z.string()),
    sha256: clear(z.string()),
    bytes: clear(z.int()),
  }),
  priority: 2,
})

export const PDF_JOBS = {
  orderSheetPdf,
  invoicePdf,
  receiptPdf,
  labWorkTicketPdf,
  examinationFormPdf,
}
