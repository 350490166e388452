// Whose turn it is when a LIMS is asked about the orders it works on: however many there are, each has its own.
import type { LabRooms } from '../store/rooms.ts'
import type { OrderRow } from '../store/tables.ts'

type Asked = Pick<OrderRow, 'order_id' | 'lab_id' | 'lims_job'>

/** Orders in work that a LIMS has, of all laboratories: those it was asked about longest ago. */
export function nextToAsk({ db }: Pick<LabRooms, 'db'>, limit: number): Promise<Asked[]> {
  return db.query
    .selectFrom('lab_orders')
    .select(['order_id', 'lab_id', 'lims_job'])
    .where('lims_job', 'is not', null)
    .where('status', 'in', ['pending', 'in_production', 'quality_check', 'on_hold'])
    .orderBy('lims_asked_at')
    .orderBy('status_at')
    .limit(limit)
    .execute()
}

export async function noteAsked(
  { db }: Pick<LabRooms, 'db'>,
  labId: string,
  orderId: string,
  at: number,
): Promise<void> {
  await db.query
    .updateTable('lab_orders')
    .set({ lims_asked_at: at })
    .where('lab_id', '=', labId)
    .where('order_id', '=', orderId)
    .execute()
}
