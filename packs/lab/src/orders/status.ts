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
 * An order goes on, rests (`on_hold`) and comes back to where it was, or is cancelled before it leaves. Quality control may
 * send it back to production: that is a remake, not a regression. Nothing that has left comes back.
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

/** Where an order is, and where it was when it was laid aside. */
export interface Standing {
  readonly status: OrderStatus
  /** Null for one that does not rest, and for one nobody knows it of. */
  readonly heldFrom: OrderStatus | null
}

export type Move =
  /** The status changes. */
  | 'moved'
  /** It is so already: the same news twice. */
  | 'same'
  /** The order has gone past it, or it cannot follow. */
  | 'refused'

/** One that rests comes back to where it was, or goes to what would have followed there and is still in work. */
export function judgeMove({ status, heldFrom }: Standing, to: OrderStatus): Move {
  if (status === to) return 'same'
  const isNext = NEXT[status].includes(to)
  const fits =
    status !== 'on_hold' || heldFrom === null || to === heldFrom || NEXT[heldFrom].includes(to)
  return isNext && fits ? 'moved' : 'refused'
}

/** How far an order is; resting and being cancelled are no places. */
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
 *
 * @param isNewest nobody has said anything later of the order. That an order has got further is true however late it is
 *   told; whether it rests, goes on or is cancelled only the newest word says
 */
export function judgeNews(standing: Standing, to: OrderStatus, isNewest = true): Move {
  const { status, heldFrom } = standing
  if (status === to) return 'same'
  const rests = status === 'on_hold'
  const [here, there] = [PLACE[rests ? (heldFrom ?? 'pending') : status], PLACE[to]]
  if (here === undefined || there === undefined)
    return isNewest ? judgeMove(standing, to) : 'refused'
  if (rests) return isNewest && there >= here ? 'moved' : 'refused'
  return there > here ? 'moved' : 'refused'
}

/** Whether a lens of the order can lie under a lensmeter. */
export function isInWork(status: OrderStatus): boolean {
  return status === 'in_production' || status === 'quality_check'
}

/** Whether work is still owed. */
export function isOpen(status: OrderStatus): boolean {
  return NEXT[status].length > 0 && status !== 'shipped' && status !== 'delivered'
}
