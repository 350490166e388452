// What nodes of a run wait for: from when they begin to wait until it has come.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { findEvents } from '../state/inbound-events.ts'
import type { RunNodeRow } from '../state/run-tables.ts'
import type { WaitNode } from '../workflow/document.ts'
import { keyOfWait, openEvent, type OpenedEvent } from './event-keys.ts'
import type { Move } from './move-run.ts'

const LAST_DATE = 8.64e15

/** When patience is over that lasts for a span. */
export function patience(now: number, span: string | undefined): number | null {
  return span === undefined ? null : now + milliseconds(span as Duration)
}

export async function beginWait(
  move: Move,
  { until, timeout }: WaitNode,
  row: RunNodeRow,
): Promise<void> {
  if ('time' in until)
    return move.put({ ...row, due_at: timeOf(await move.values.evaluate(until.time)) })
  const due_at = patience(move.now, timeout)
  if ('signal' in until) return move.put({ ...row, waits_for: `signal/${until.signal}`, due_at })
  const { event, where } = until
  const waits_key = await keyOfWait(move.rooms, move.values, event, where)
  move.put({ ...row, waits_for: `event/${event}`, waits_key, due_at })
  // It may have come while nobody could see that it is waited for.
  move.lookAgain()
}

/**
 * The event that a node waits for and that no other node of the run took: among all that came since the run began where
 * the run is to look for it, and else the one that has just come.
 */
export async function findEventFor(move: Move, row: RunNodeRow): Promise<OpenedEvent | undefined> {
  const { rooms, picture, values, told } = move
  const { run } = picture
  const node = picture.plan.document.nodes[row.node]!
  if (node.type !== 'wait' || !('event' in node.until)) return undefined
  const taken = new Set<string>()
  for (const { event_id } of picture.rows.values()) if (event_id !== null) taken.add(event_id)
  const { event: name, where } = node.until
  const fits = async ({ payload }: OpenedEvent): Promise<boolean> => {
    try {
      return where === undefined || (await values.holds(where, payload))
    } catch {
      // A condition over something that the event does not have does not hold.
      return false
    }
  }
  if (run.look === 1)
    for await (const sealed of findEvents(rooms.state, name, run.id)) {
      if (taken.has(sealed.id)) continue
      const event = await openEvent(rooms, sealed)
      if (event && (await fits(event))) return event
    }
  if (told?.name !== name || taken.has(told.id)) return undefined
  return (await fits(told)) ? told : undefined
}

/** A time that an expression yields: ISO 8601, or milliseconds since 1970 UTC. */
function timeOf(value: unknown): number {
  const time =
    typeof value === 'string' ? Date.parse(value) : value instanceof Date ? value.getTime() : value
  if (typeof time === 'number' && Math.abs(time) <= LAST_DATE) return Math.round(time)
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    'a time to wait for is ISO 8601, or milliseconds since 1970, before the year 275760',
  )
}
