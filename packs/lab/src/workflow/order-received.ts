// What follows from an order, as a workflow: documents side by side, then the mail, then the notice.
import type { WorkflowDocument } from 'orderly'

/**
 * The template: order → order sheet and work ticket → confirmation by mail and in the application → the LIMS. Its input
 * is `{ orderId, userId }`. A mail that cannot be sent does not keep the order from the laboratory.
 */
export const orderReceived: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'lab.order-received',
  version: 1,
  title: 'Order received',
  input: {
    type: 'object',
    required: ['orderId', 'userId'],
    properties: { orderId: { type: 'string' }, userId: { type: 'string' } },
  },
  start: 'documents',
  nodes: {
    documents: { type: 'parallel' },
    sheet: { type: 'job', job: 'lab.pdf.order-sheet', input: { orderId: 'input.orderId' } },
    ticket: { type: 'job', job: 'lab.pdf.lab-work-ticket', input: { orderId: 'input.orderId' } },
    ready: { type: 'join', wait: 'all' },
    mail: {
      type: 'job',
      job: 'lab.email.order-confirmation',
      input: { orderId: 'input.orderId', userId: 'input.userId' },
      onFailure: 'continue',
    },
    notice: {
      type: 'job',
      job: 'lab.notification.order',
      input: { orderId: 'input.orderId', userId: 'input.userId', status: '"confirmed"' },
      onFailure: 'continue',
    },
    lims: { type: 'job', job: 'lab.oma.lims-submit', input: { orderId: 'input.orderId' } },
  },
  edges: [
    { from: 'documents', to: 'sheet' },
    { from: 'documents', to: 'ticket' },
    { from: 'sheet', to: 'ready' },
    { from: 'ticket', to: 'ready' },
    { from: 'ready', to: 'mail' },
    { from: 'mail', to: 'notice' },
    { from: 'notice', to: 'lims' },
  ],
}
