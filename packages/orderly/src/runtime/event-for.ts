// Finds the event that a node of a run waits for, among those that have come.
import { findEvents } from '../state/inbound-events.ts'
import type { RunNodeRow } from '../state/run-tables.ts'
import { eventPlace } from '../state/sealed-values.ts'
import type { Move } from './move-run.ts'

/** The first event that came since the run began, that the node waits for, and that no other node of the run took. */
export async function findEventFor(
  { rooms, picture, values }: Move,
  row: RunNodeRow,
): Promise<{ readonly id: string; readonly payload: unknown } | undefined> {
  const node = picture.plan.document.nodes[row.node]!
  if (node.type !== 'wait' || !('event' in node.until)) return undefined
  const taken = new Set<string>()
  for (const { event_id } of picture.rows.values()) if (event_id !== null) taken.add(event_id)
  const { event: name, where } = node.until
  for (const event of await findEvents(rooms.state, name, picture.run.created_at)) {
    if (taken.has(event.id)) continue
    const payload: unknown = JSON.parse(await rooms.vault.open(event.payload, eventPlace(event.id)))
    try {
      if (where === undefined || (await values.holds(where, payload)))
        return { id: event.id, payload }
    } catch {
      // A condition over something that the event does not have does not hold.
    }
  }
  return undefined
}
