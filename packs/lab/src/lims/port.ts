// What the pack needs of a laboratory information system. It is optional: without one orders are moved by hand.
import type { OrderStatus } from '../orders/status.ts'

export interface LimsOrder {
  readonly orderId: string
  readonly number: string
  readonly dueOn: string | null
  /** The data file of the order, for machines. */
  readonly dcs: Uint8Array
}

export interface LimsState {
  /** In the words of the LIMS. */
  readonly status: string
}

export interface LimsPort {
  /** Makes a job, or answers with the one that `orderId` has: asked twice, there is one. */
  createJob(order: LimsOrder): Promise<{ readonly jobId: string }>
  /** Undefined for a job it does not know. */
  status(jobId: string): Promise<LimsState | undefined>
}

/** What a LIMS says of its jobs, and what that means here. What is not in the table is not guessed. */
export const LIMS_STATUSES: Readonly<Record<string, OrderStatus>> = {
  received: 'pending',
  queued: 'pending',
  pending: 'pending',
  in_production: 'in_production',
  processing: 'in_production',
  started: 'in_production',
  quality_check: 'quality_check',
  qc: 'quality_check',
  on_hold: 'on_hold',
  shipped: 'shipped',
  delivered: 'delivered',
  completed: 'completed',
  cancelled: 'cancelled',
}
