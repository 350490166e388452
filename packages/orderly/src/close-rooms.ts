// Closes the rooms of an instance in reverse, and waits for none of them for ever.
import { keepCheckpoint } from './ledger/anchor.ts'
import type { ObjectStore } from './objects/object-store.ts'
import type { Databases } from './open-rooms.ts'
import { within } from './primitives/within.ts'
import { tellAudit } from './runtime/audit-lines.ts'
import type { Chores } from './runtime/chores.ts'
import type { Rooms } from './runtime/rooms.ts'

export interface Closing extends Databases {
  readonly objects: ObjectStore
  readonly chores: Chores
  stopPublishing(): Promise<void>
}

/** How long closing waits for each of its parts. */
export const LONGEST_STEP_MS = 10_000

export async function closeRooms(
  rooms: Rooms,
  { database, keys, objects, chores, stopPublishing }: Closing,
): Promise<void> {
  const { ledger, anchors, clock, log } = rooms
  /** A store that is away keeps nobody from closing. */
  const step = async (what: string, work: Promise<unknown>): Promise<void> => {
    if (await within(clock, LONGEST_STEP_MS, work)) return
    log.warn({ step: what }, 'closing goes on without what has not ended')
  }
  await step('publishers', stopPublishing())
  await step('events', rooms.events.close())
  await step('chores', chores.stop())
  await step('audit log', ledger.settled())
  const kept = keepCheckpoint(ledger.database, anchors, clock)
  await step(
    'checkpoint',
    kept.catch(() => undefined),
  )
  await step('webhooks', rooms.deliverer.close())
  const told = tellAudit(rooms)
  await step(
    'audit lines',
    told.catch(() => undefined),
  )
  rooms.telemetry.close()
  await step('turns', rooms.turns.close())
  await step('isolation', rooms.isolation.close())
  await step('queues', rooms.engines.close())
  await step('record', rooms.recorder.close())
  await step(
    'stores',
    Promise.all([rooms.mailer?.close(), database.close(), keys.close(), objects.close()]),
  )
}
