// What an event from outside does to workflows: starts one, or is given to the runs that wait for it.
import { createHash } from 'node:crypto'
import type { EventActions } from '../events/sources.ts'
import type { Rooms } from './rooms.ts'
import { deliverEvent } from './run-events.ts'
import { startRun } from './runs.ts'

const ID_DIGITS = 32

export function eventActions(rooms: () => Rooms): EventActions {
  return {
    async start(workflow, input, event) {
      const id = createHash('sha256').update(`run/${event}`).digest('hex').slice(0, ID_DIGITS)
      const source = event.slice(0, event.indexOf('/'))
      return (await startRun(rooms(), workflow, input, { id, by: `source ${source}` })).id
    },
    async deliver(name, payload, id) {
      return (await deliverEvent(rooms(), name, payload, { id })).runs
    },
  }
}
