// Moves orders on: by hand, by quality control, by news of a LIMS; never back.
import { RefusedError } from 'orderly'
import { dayNumber } from '../forecast/series.ts'
import { judgeMove, judgeNews, type Move, type OrderStatus } from '../orders/status.ts'
import { holdCompanies } from './companies.ts'
import { addDaily, bookOrder } from './daily.ts'
import { dayIn } from './orders.ts'
import type { LabRooms, Tx } from './rooms.ts'
import type { OrderRow } from './tables.ts'

export interface StatusChange {
  readonly carrier?: string
  readonly tracking?: string
  /** A LIMS told of it at this instant, in milliseconds since 1970: nobody has decided it here. */
  readonly newsAt?: number
  /** The LIMS was asked, and may be saying the same as for days. */
  readonly isPolled?: boolean
  /** Runs in the transaction of the move, when there is one, such as to enqueue what follows from it. */
  readonly also?: (tx: Tx) => Promise<void>
}

const DONE: ReadonlySet<OrderStatus> = new Set<OrderStatus>(['shipped', 'delivered', 'completed'])

/** News is dated in whole seconds: what is told in the second of the newest word is not older. */
const inSeconds = (at: number): number => Math.floor(at / 1_000)

/** Since when a LIMS that was asked has been saying this; 0 where it may be older than what somebody decided here. */
function sinceWhen(row: OrderRow, to: OrderStatus, now: number): number {
  if (row.lims_status === to) return row.lims_since ?? 0
  const isDecided = row.status === 'on_hold' || row.remade_at !== null
  return row.lims_status === null && isDecided ? 0 : now
}

function isOfThrownLens({ remade_at: remadeAt }: OrderRow, saidAt: number): boolean {
  return remadeAt !== null && inSeconds(saidAt) < inSeconds(remadeAt)
}

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
  { also, carrier, isPolled = false, newsAt, tracking }: StatusChange = {},
): Promise<Move> {
  const now = clock.now()
  return db.transaction(async (tx) => {
    const { query } = tx
    const row = await query
      .selectFrom('lab_orders')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('lab_id', '=', labId)
      .executeTakeFirst()
    if (!row) throw new RefusedError('there is no such order of this laboratory')
    const saidAt = newsAt === undefined ? now : isPolled ? sinceWhen(row, to, newsAt) : newsAt
    if (newsAt !== undefined && (isPolled || saidAt >= (row.lims_since ?? 0)))
      await query
        .updateTable('lab_orders')
        .set({ lims_status: to, lims_since: saidAt })
        .where('order_id', '=', orderId)
        .execute()
    const standing = { status: row.status, heldFrom: row.held_from }
    const move =
      newsAt === undefined
        ? judgeMove(standing, to)
        : isOfThrownLens(row, saidAt)
          ? 'refused'
          : judgeNews(standing, to, inSeconds(saidAt) >= inSeconds(row.told_at))
    const toldAt = Math.max(row.told_at, move === 'same' ? (newsAt ?? now) : saidAt)
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
        ...(isRemake ? { remade_at: now } : {}),
        finished_at: DONE.has(to) ? (row.finished_at ?? now) : null,
        ...(carrier === undefined ? {} : { carrier }),
        ...(tracking === undefined ? {} : { tracking }),
      })
      .where('order_id', '=', orderId)
      .where('status', '=', row.status)
      .executeTakeFirst()
    // Somebody else moved it between the two: the news is judged again by its next telling.
    if (changed.numUpdatedRows === 0n) return 'refused'
    if (to === 'cancelled' || to === 'shipped') await holdCompanies(query, [labId, row.company_id])
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
