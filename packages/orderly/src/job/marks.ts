// What Orderly notes on a job beside its input: read by whoever runs it. Nothing of it is PHI.
import { readTrace } from './trace-mark.ts'

export interface JobMarks {
  /** The version of the input's shape; 1 where none is noted. */
  readonly version?: number
  /** It must have begun to run by then. Milliseconds since 1970 UTC. */
  readonly startBy?: number
  /** It must have ended by then. Milliseconds since 1970 UTC. */
  readonly endBy?: number
  /** The recorded job it repeats. */
  readonly replayOf?: string
  /** The set it was enqueued with. */
  readonly set?: string
  /** The workflow run it is a part of. */
  readonly run?: string
  /** The schedule and slot it was made for. */
  readonly slot?: { readonly schedule: string; readonly at: number }
  /** The span it was enqueued in: ids alone, as `traceparent` has them. */
  readonly trace?: string
  /** It waits its turn among jobs of its key before it may run. */
  readonly lane?: LaneTicket
  /** Its kind is not to be measured. */
  readonly unmeasured?: true
}

/** What a job's turn depends on, worked out once: whoever looks after it needs neither its input nor its definition. */
export interface LaneTicket {
  /** Whose turn it is: a digest, blind where there is PHI; empty where all jobs of a kind share one line. */
  readonly key: string
  /** Whose budget it takes from, in the same way. */
  readonly bucket: string
  readonly weight: number
  readonly units: number
}

/**
 * A job that waits its turn stands in its queue as one delayed for so long and its own delay beside; whoever sees
 * that it is its turn promotes it. The time itself says nothing: no store can hold much later ones.
 */
export const PARKED_MS: number = 5 * 365 * 86_400_000

/** A delay without what only says that a job waits its turn; others may wait for longer than that by themselves. */
export function ownDelay(delay: number, marks: Pick<JobMarks, 'lane'>): number {
  return marks.lane && delay >= PARKED_MS ? delay - PARKED_MS : delay
}

/** The marks in a job's options; none where there are none, or something else stands there. */
export function marksOf(options: unknown): JobMarks {
  const { orderly } = (options ?? {}) as { orderly?: unknown }
  if (typeof orderly !== 'object' || orderly === null) return {}
  const { version, startBy, endBy, replayOf, set, run, slot, trace, lane, unmeasured } =
    orderly as JobMarks
  return {
    ...(isNumber(version) ? { version } : {}),
    ...(isNumber(startBy) ? { startBy } : {}),
    ...(isNumber(endBy) ? { endBy } : {}),
    ...(typeof replayOf === 'string' ? { replayOf } : {}),
    ...(typeof set === 'string' ? { set } : {}),
    ...(typeof run === 'string' ? { run } : {}),
    ...(isSlot(slot) ? { slot } : {}),
    ...(typeof trace === 'string' && readTrace(trace) ? { trace } : {}),
    ...(isTicket(lane) ? { lane } : {}),
    ...(unmeasured === true ? { unmeasured } : {}),
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isSlot(value: unknown): value is NonNullable<JobMarks['slot']> {
  if (typeof value !== 'object' || value === null) return false
  const { schedule, at } = value as Record<string, unknown>
  return typeof schedule === 'string' && isNumber(at)
}

function isTicket(value: unknown): value is LaneTicket {
  if (typeof value !== 'object' || value === null) return false
  const { key, bucket, weight, units } = value as Record<string, unknown>
  return (
    typeof key === 'string' && typeof bucket === 'string' && isNumber(weight) && isNumber(units)
  )
}
