// The life of an order: which status may follow which.

export const STATUSES = [
  'pending',
  'in_production',
  'quality_check',
  'on_hold',
  'shipped',
  'delivered',
  'completed',
  'cancelled',
] as const
export type OrderStatus = (typeof STATUSES)[number]

/**
 * An order goes on, rests (`on_hold`) and comes back to where work may go on, or is cancelled before it leaves. Quality
 * control may send it back to production: that is a remake, not a regression. Nothing that has left comes back.
 */
const NEXT: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['in_production', 'on_hold', 'cancelled'],
  in_production: ['quality_check', 'on_hold', 'cancelled'],
  quality_check: ['in_production', 'shipped', 'on_hold', 'cancelled'],
  on_hold: ['pending', 'in_production', 'quality_check', 'cancelled'],
  shipped: ['delivered', 'completed'],
  delivered: ['completed'],
  completed: [],
  cancelled: [],
}

export type Move =
  /** The status changes. */
  | 'moved'
  /** It is so already: the same news twice. */
  | 'same'
  /** The order has gone past it, or it cannot follow. */
  | 'refused'

export function judgeMove(from: OrderStatus, to: OrderStatus): Move {
  if (from === to) return 'same'
  return NEXT[from].includes(to) ? 'moved' : 'refused'
}

/** How far an order is; one that rests keeps no place. */
const PLACE: Readonly<Partial<Record<OrderStatus, number>>> = {
  pending: 0,
  in_production: 1,
  quality_check: 2,
  shipped: 3,
  delivered: 4,
  completed: 5,
}

/**
 * The same for news of a LIMS, which comes late, twice and not in order: it takes no order back, and may skip what was
 * never told. Back to production an order is sent by quality control or a person alone.
 */
export function judgeNews(from: OrderStatus, to: OrderStatus): Move {
  const [here, there] = [PLACE[from], PLACE[to]]
  if (from === to || here === undefined || there === undefined) return judgeMove(from, to)
  return there > here ? 'moved' : 'refused'
}

/** Whether work is still owed. */
export function isOpen(status: OrderStatus): boolean {
  return NEXT[status].length > 0 && status !== 'shipped' && status !== 'delivered'
}
