// By what name the ledger is told of something that may not be there: people type anything into an address, and an entry
// is there for good.
import { findSchedule } from '../state/schedules.ts'
import type { Rooms } from './rooms.ts'

/** Ids that the product makes itself. */
const MADE = /^(?:[a-z]{1,3}_)?[0-9a-f]{20,32}$/

/**
 * A name as it may stand on the ledger where nothing came of what was asked: one that leads nowhere is there as a blind
 * index.
 *
 * @param isStranger for whom nothing is looked up, as they may ask as often as they like
 */
export async function toldName(rooms: Rooms, name: string, isStranger = false): Promise<string> {
  if (isDeclared(rooms, name) || (!isStranger && (await isStored(rooms, name)))) return name
  return rooms.vault.blindIndex('ledger/name', name)
}

function isDeclared({ registry, workflows }: Rooms, name: string): boolean {
  return (
    MADE.test(name) ||
    registry.jobs.has(name) ||
    registry.queues.has(name) ||
    workflows.find(name) !== undefined
  )
}

async function isStored({ state, ledger }: Rooms, name: string): Promise<boolean> {
  if (await findSchedule(state, name)) return true
  // What was done to it stands there by this name already.
  const done = await ledger.database.query
    .selectFrom('orderly_ledger')
    .select('i')
    .where('resource', '=', name)
    .where('outcome', '=', 'ok')
    .limit(1)
    .executeTakeFirst()
  return done !== undefined
}
