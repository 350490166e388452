// An attempt that may not call a service now: no fault of the job, which comes back when it may.
import { OrderlyError } from '../primitives/errors.ts'

/** Thrown by `ctx.call`; an attempt that ends with it does not count. */
export class HeldBack extends OrderlyError {
  /** Milliseconds until the call may go. */
  readonly wait: number

  constructor(service: string, why: string, wait: number) {
    super(
      'ORDERLY_SERVICE_UNAVAILABLE',
      `calls to service "${service}" are held back for ${wait} ms: ${why}; let the error pass, and the job comes back then`,
    )
    this.wait = wait
  }
}

/** Codes of errors that say how long to wait. */
const WAITS: ReadonlySet<string> = new Set(['ORDERLY_SERVICE_UNAVAILABLE', 'ORDERLY_EFFECT_BUSY'])

/** Thrown by `ctx.once` while another job is at it; an attempt that ends with it does not count. */
export class EffectBusy extends OrderlyError {
  /** Milliseconds until it may be over. */
  readonly wait = 1_000

  constructor() {
    super(
      'ORDERLY_EFFECT_BUSY',
      'another job is doing this under the same key; let the error pass, and the job comes back when it may be done',
    )
  }
}

/** What held an attempt back, if it ended with that or with an error caused by it; also one that came from a child. */
export function heldBackBy(error: unknown): { readonly wait: number } | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (!(at instanceof OrderlyError) || !WAITS.has(at.code)) continue
    const { wait } = at as { wait?: unknown }
    if (typeof wait === 'number' && Number.isFinite(wait) && wait >= 0) return { wait }
  }
  return undefined
}
