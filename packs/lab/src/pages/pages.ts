// The pages of the pack on the dashboard. Nothing of a patient is on them in the clear.
import type { PackPage } from 'orderly'
import type { LabRooms } from '../store/rooms.ts'
import { anomalyPage } from './anomalies.ts'
import { documentPage, documentsPage } from './documents.ts'
import { forecastPage } from './forecast.ts'
import { inboxPage, outboxPage } from './mails.ts'
import { orderPage, ordersPage } from './orders.ts'

export function labPages(rooms: LabRooms): PackPage[] {
  return [
    { id: 'orders', title: 'Orders', inRail: true, load: () => ordersPage(rooms) },
    {
      id: 'order',
      title: 'Order',
      inRail: false,
      params: ['id'],
      load: ({ id = '' }) => orderPage(rooms, id),
    },
    { id: 'documents', title: 'Documents', inRail: true, load: () => documentsPage(rooms) },
    {
      id: 'document',
      title: 'Document',
      inRail: false,
      params: ['id'],
      load: ({ id = '' }) => documentPage(rooms, id),
    },
    { id: 'outbox', title: 'Outbox', inRail: true, load: () => outboxPage(rooms) },
    { id: 'inbox', title: 'Inbox', inRail: true, load: () => inboxPage(rooms) },
    { id: 'forecast', title: 'Forecast', inRail: true, load: () => forecastPage(rooms) },
    { id: 'anomalies', title: 'Anomalies', inRail: true, load: () => anomalyPage(rooms) },
  ]
}
