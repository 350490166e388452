// Moves orders on: by hand, by quality control, by news of a LIMS; never back.
import { RefusedError } from 'orderly'
import { dayNumber } from '../forecast/series.ts'
import { judgeMove, judgeNews, type Move, type OrderStatus } from '../orders/status.ts'
import { addDaily, bookOrder } from './daily.ts'
import { dayIn } from './orders.ts'
import type { LabRooms, Tx } from './rooms.ts'

export interface StatusChange {
  readonly carrier?: string
  readonly tracking?: string
  /** A LIMS told of it at this instant, in milliseconds since 1970: nobody has decided it here. */
  readonly newsAt?: number
  /** Runs in the transaction of the move, when there is one, such as to enqueue what follows from it. */
  readonly also?: (tx: Tx) => Promise<void>
}

const DONE: ReadonlySet<OrderStatus> = new Set<OrderStatus>(['shipped', 'delivered', 'completed'])

/** News is dated in whole seconds: what is told in the second of the newest word is not older. */
const inSeconds = (at: number): number => Math.floor(at / 1_000)

/**
 * Moves an order on, unless it has gone past that. Only the laboratory that makes it may.
 *
 * @throws RefusedError when the laboratory has no such order
 */
export function moveOrder(
  { db, clock, zone }: LabRooms,
  labId: string,
  orderId: string,
  to: OrderStatus,
  { also, carrier, newsAt, tracking }: StatusChange = {},
): Promise<Move> {
  const now = clock.now()
  const saidAt = newsAt ?? now
  return db.transaction(async (tx) => {
    const { query } = tx
    const row = await query
      .selectFrom('lab_orders')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('lab_id', '=', labId)
      .executeTakeFirst()
    if (!row) throw new RefusedError('there is no such order of this laboratory')
    const standing = { status: row.status, heldFrom: row.held_from }
    const move =
      newsAt === undefined
        ? judgeMove(standing, to)
        : judgeNews(standing, to, inSeconds(newsAt) >= inSeconds(row.told_at))
    const toldAt = Math.max(row.told_at, saidAt)
    if (move !== 'moved') {
      // It changes nothing, and yet it is the newest word: what was said before it comes too late from now on.
      if (toldAt > row.told_at)
        await query
          .updateTable('lab_orders')
          .set({ told_at: toldAt })
          .where('order_id', '=', orderId)
          .where('told_at', '<', toldAt)
          .execute()
      return move
    }
    const isRemake = [row.status, row.held_from].includes('quality_check') && to === 'in_production'
    const changed = await query
      .updateTable('lab_orders')
      .set({
        status: to,
        status_at: now,
        held_from: to === 'on_hold' ? row.status : null,
        told_at: toldAt,
        remakes: row.remakes + Number(isRemake),
        finished_at: DONE.has(to) ? (row.finished_at ?? now) : null,
        ...(carrier === undefined ? {} : { carrier }),
        ...(tracking === undefined ? {} : { tracking }),
      })
      .where('order_id', '=', orderId)
      .where('status', '=', row.status)
      .executeTakeFirst()
    // Somebody else moved it between the two: the news is judged again by its next telling.
    if (changed.numUpdatedRows === 0n) return 'refused'
    if (to === 'cancelled') await bookOrder(query, row, -1)
    if (to === 'shipped') {
      const day = dayNumber(dayIn(zone, now))
      for (const company of new Set([labId, row.company_id]))
        await addDaily(query, company, 'shipped', day, 1)
    }
    await also?.(tx)
    return 'moved'
  })
}

export async function noteLimsJob(
  { db }: LabRooms,
  labId: string,
  orderId: string,
  job: string,
): Promise<void> {
  await db.query
    .updateTable('lab_orders')
    .set({ lims_job: job })
    .where('order_id', '=', orderId)
    .where('lab_id', '=', labId)
    .execute()
}
