// What follows from an order, as a workflow: documents, mail and notice side by side, and the LIMS once there are documents.
import type { WorkflowDocument } from 'orderly'

/**
 * The template: order → order sheet and work ticket, confirmation by mail, confirmation in the application. With both
 * documents there, the order goes to the LIMS; neither that nor a notice waits for a mail, which a server may put off for a
 * day. Its input is `{ orderId, userId }`.
 */
export const orderReceived: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'lab.order-received',
  version: 2,
  title: 'Order received',
  input: {
    type: 'object',
    required: ['orderId', 'userId'],
    properties: { orderId: { type: 'string' }, userId: { type: 'string' } },
  },
  start: 'received',
  nodes: {
    received: { type: 'parallel' },
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
    { from: 'received', to: 'sheet' },
    { from: 'received', to: 'ticket' },
    { from: 'received', to: 'mail' },
    { from: 'received', to: 'notice' },
    { from: 'sheet', to: 'ready' },
    { from: 'ticket', to: 'ready' },
    { from: 'ready', to: 'lims' },
  ],
}
