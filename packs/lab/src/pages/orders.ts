// The pages of orders: what is late, what is in work, and one order with its documents.
import type { PageBlock, PageValue } from 'orderly'
import { isOpen, STATUSES } from '../orders/status.ts'
import { formatMoney } from '../pdf/money.ts'
import { dayIn } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'
import type { OrderRow } from '../store/tables.ts'
import { companyNames, ROWS, table } from './blocks.ts'
import { documentTable } from './documents.ts'
import { badgeOf, STATUS_WORDS } from './words.ts'

const IN_WORK = STATUSES.filter(isOpen)

export async function ordersPage(rooms: LabRooms): Promise<PageBlock[]> {
  const { clock, db, zone } = rooms
  const today = dayIn(zone, clock.now())
  const overdue = db.query
    .selectFrom('lab_orders')
    .where('due_on', '<', today)
    .where('status', 'in', IN_WORK)
  const [newest, late, lateCount, counts, nameOf] = await Promise.all([
    db.query
      .selectFrom('lab_orders')
      .selectAll()
      .orderBy('created_at', 'desc')
      .limit(ROWS)
      .execute(),
    overdue.selectAll().orderBy('due_on').limit(ROWS).execute(),
    overdue.select(({ fn }) => fn.countAll().as('n')).executeTakeFirstOrThrow(),
    db.query
      .selectFrom('lab_orders')
      .select(({ fn }) => ['status', fn.countAll().as('n')])
      .where('status', 'in', IN_WORK)
      .groupBy('status')
      .execute(),
    companyNames(rooms),
  ])
  const inWork = new Map(counts.map(({ n, status }) => [status, Number(n)]))
  const row = (order: OrderRow): Record<string, PageValue> => ({
    number: { text: order.number, page: 'order', params: { id: order.order_id } },
    practice: nameOf(order.company_id),
    status: badgeOf(STATUS_WORDS, order.status),
    since: order.status_at,
    due: dueOf(order, today),
    ordered: order.created_at,
  })
  return [
    {
      block: 'facts',
      title: 'In work',
      facts: [
        ...IN_WORK.map((status) => ({
          label: STATUS_WORDS[status][0],
          value: inWork.get(status) ?? 0,
          tone: inWork.has(status) ? STATUS_WORDS[status][1] : ('neutral' as const),
        })),
        {
          label: 'past their day',
          value: Number(lateCount.n),
          tone: late.length > 0 ? ('bad' as const) : ('neutral' as const),
        },
      ],
    },
    ...(late.length === 0 ? [] : [table('Past their day', COLUMNS, late.map(row), '')]),
    table('Newest orders', COLUMNS, newest.map(row), 'No order yet.'),
  ]
}

const COLUMNS = [
  ['number', 'Order'],
  ['practice', 'Practice'],
  ['status', 'Status', 'state'],
  ['since', 'Since', 'time'],
  ['due', 'Due'],
  ['ordered', 'Ordered', 'time'],
] as const

function dueOf({ due_on: due, status }: OrderRow, today: string): PageValue {
  return due !== null && due < today && isOpen(status) ? { text: due, tone: 'bad' } : due
}

export async function orderPage(rooms: LabRooms, id: string): Promise<PageBlock[]> {
  const { clock, db, zone } = rooms
  const order = await db.query
    .selectFrom('lab_orders')
    .selectAll()
    .where('order_id', '=', id)
    .executeTakeFirst()
  if (!order) return [{ block: 'note', tone: 'warning', text: 'There is no such order.' }]
  const [nameOf, lab] = await Promise.all([
    companyNames(rooms),
    db.query
      .selectFrom('lab_companies')
      .select('currency')
      .where('company_id', '=', order.lab_id)
      .executeTakeFirst(),
  ])
  return [
    {
      block: 'facts',
      title: order.number,
      facts: [
        { label: 'Status', value: badgeOf(STATUS_WORDS, order.status) },
        {
          label: 'Patient and prescription',
          value: {
            masked: '[patient]',
            kind: 'prescription',
            reveal: { record: id, field: 'card' },
          },
        },
        { label: 'Due', value: dueOf(order, dayIn(zone, clock.now())) },
        { label: 'Ordered', value: order.ordered_on },
        { label: 'Practice', value: nameOf(order.company_id) },
        { label: 'Laboratory', value: nameOf(order.lab_id) },
        { label: 'Net', value: formatMoney(order.net_cents, lab?.currency ?? 'USD') },
        ...(order.carrier === null ? [] : [{ label: 'Carrier', value: order.carrier }]),
        ...(order.tracking === null ? [] : [{ label: 'Tracking', value: order.tracking }]),
        ...(order.lims_job === null ? [] : [{ label: 'Job of the LIMS', value: order.lims_job }]),
        {
          label: 'Made again',
          value: order.remakes,
          tone: order.remakes > 0 ? ('warning' as const) : ('neutral' as const),
        },
      ],
    },
    await documentTable(rooms, id),
  ]
}
