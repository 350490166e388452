// How jobs are named in the record.
import { isOwnId } from '../primitives/ids.ts'

/** The name of a job in the record: its id, with its queue in front where the id is the caller's own. */
export function recordIdOf(queue: string, id: string): string {
  return isOwnId(id) ? id : `${queue}/${id}`
}

/** The id a job of the record has in its queue. */
export function queueIdOf(queue: string, recordId: string): string {
  return recordId.startsWith(`${queue}/`) ? recordId.slice(queue.length + 1) : recordId
}
