// Events from outside that runs wait for: taken in once by their id, kept while somebody may still ask, told to who waits.
import { OrderlyError } from '../primitives/errors.ts'
import type { InboundEventRow } from '../state/flow-tables.ts'
import {
  askToLook,
  findOpenEvents,
  findWaitingRuns,
  insertEvent,
  settleEvent,
} from '../state/inbound-events.ts'
import { eventPlace } from '../state/sealed-values.ts'
import { advanceRuns } from './advance-runs.ts'
import { keysOfEvent, openEvent } from './event-keys.ts'
import type { Rooms } from './rooms.ts'

const LONGEST_NAME = 100
const LONGEST_ID = 200
const LARGEST_PAYLOAD = 1024 * 1024

export interface DeliverOptions {
  /**
   * Names the event: the same one is taken in once, however often it comes. It is kept in the clear and holds nothing of a
   * patient.
   */
  readonly id: string
}

export interface Delivery {
  /** False when an event of this id had come before: then nothing was done. */
  readonly accepted: boolean
  /** The runs that went on with it. */
  readonly runs: readonly string[]
}

/**
 * Tells every run that waits for an event of this name, and whose condition holds, that it has come. Runs that began
 * before it came and wait later see it too.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_PAYLOAD_TOO_LARGE`
 */
export async function deliverEvent(
  rooms: Rooms,
  name: string,
  payload: unknown,
  { id }: DeliverOptions,
): Promise<Delivery> {
  for (const [what, text, most] of [
    ['name', name, LONGEST_NAME],
    ['id', id, LONGEST_ID],
  ] as const)
    if (typeof text !== 'string' || text === '' || text.length > most)
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        `the ${what} of an event is a text of 1 to ${most} characters`,
      )
  const json = JSON.stringify(payload ?? null)
  if (json.length > LARGEST_PAYLOAD)
    throw new OrderlyError('ORDERLY_PAYLOAD_TOO_LARGE', 'an event carries 1 MiB at most')
  const sealed = await rooms.vault.seal(json, eventPlace(id), 'encrypted')
  const row = { id, name, at: rooms.clock.now(), payload: sealed, settled: 0 }
  if (!(await insertEvent(rooms.state, row))) return { accepted: false, runs: [] }
  return { accepted: true, runs: await tell(rooms, row) }
}

/**
 * Whoever begins to wait after this has looked who waits sees the event in the store, for it was written before.
 *
 * @returns the runs that went on with it
 */
async function tell(
  rooms: Rooms,
  row: Pick<InboundEventRow, 'id' | 'name' | 'payload'>,
): Promise<string[]> {
  const event = await openEvent(rooms, row)
  if (event) {
    const keys = await keysOfEvent(rooms, event)
    const waiting = await findWaitingRuns(rooms.state, `event/${row.name}`, keys)
    // Those that rest, or cannot be moved on now, look for it when they can.
    await askToLook(rooms.state, await advanceRuns(rooms, waiting, event))
  }
  return settleEvent(rooms.state, row.id)
}

/** Tells of events whose process died before it could. */
export async function settleEvents(rooms: Rooms): Promise<void> {
  let after = ''
  for (;;) {
    const events = await findOpenEvents(rooms.state, after)
    for (const event of events)
      try {
        await tell(rooms, event)
      } catch (error) {
        rooms.log.warn(
          { event: event.id, error: (error as Error).message },
          'those who wait for an event could not be told of it; it is tried again',
        )
      }
    const last = events.at(-1)
    if (!last) return
    after = last.id
  }
}
