// Keeps queues paused in their stores as the record has them: a store that was emptied, or stands in, does not know of it.
import { isAway, type NamedEngine } from '../engine/set.ts'
import type { Rooms } from './rooms.ts'

/** Whether this process last left a queue paused, by engine and queue. */
export type WrittenPauses = Map<string, boolean>

/**
 * Pauses the queues that rest by the record as it was last read, in every store that does not have them so, and lets
 * those go on that rest no longer. A store that does not take it gets it the next time.
 */
export async function writeQueuePauses(rooms: Rooms): Promise<void> {
  for (const queue of rooms.registry.queues.keys())
    for (const named of rooms.engines.all()) {
      const wanted = rooms.pauses.ofQueue(queue) !== undefined
      const place = placeOf(named, queue)
      // What was paused while its store was away has to go on once that is back.
      if (wanted) rooms.writtenPauses.set(place, true)
      else if (!isToBeLookedAt(named, rooms.writtenPauses.get(place))) continue
      if (!isReachable(rooms, named)) continue
      try {
        await keep(rooms, named, queue, wanted)
      } catch (error) {
        rooms.log.warn(
          { queue, engine: named.name, error: (error as Error).message },
          'whether a queue rests could not be written to its store; it is tried again',
        )
      }
    }
}

/**
 * Somebody else may have paused a queue of the main store with BullMQ's own words; that is theirs to end. The embedded
 * one is ours alone, and an earlier process may have left it paused.
 */
function isToBeLookedAt({ name }: NamedEngine, written: boolean | undefined): boolean {
  return written === true || (written === undefined && name !== 'main')
}

async function keep(
  { writtenPauses }: Rooms,
  named: NamedEngine,
  name: string,
  wanted: boolean,
): Promise<void> {
  const queue = named.engine.queue(name)
  if ((await queue.isPaused()) !== wanted) await (wanted ? queue.pause() : queue.resume())
  writtenPauses.set(placeOf(named, name), wanted)
}

/**
 * Pauses a queue or lets it go on in every store that answers now; `writeQueuePauses` brings it to the others.
 *
 * @throws what a store says that answers and does not take it
 */
export async function setQueuePaused(rooms: Rooms, queue: string, paused: boolean): Promise<void> {
  for (const named of rooms.engines.all()) rooms.writtenPauses.set(placeOf(named, queue), true)
  await Promise.all(
    rooms.engines.reachable().map(async (named) => {
      try {
        await keep(rooms, named, queue, paused)
      } catch (error) {
        if (!isAway(error)) throw error
      }
    }),
  )
}

function placeOf({ name }: NamedEngine, queue: string): string {
  return `${name}/${queue}`
}

function isReachable({ engines }: Rooms, { name }: NamedEngine): boolean {
  return engines.reachable().some((reachable) => reachable.name === name)
}

const ASK_AGAIN_MS = 1_000

/**
 * Whether a job that a worker has just taken must go back because its queue rests. Its store has forgotten that, so it
 * is told again.
 */
export async function isTakenFromPaused(rooms: Rooms, queue: string): Promise<boolean> {
  const { pauses } = rooms
  if (!pauses.ofQueue(queue)) return false
  try {
    // Somebody may have let it go on a moment ago.
    await pauses.refresh()
    if (!pauses.ofQueue(queue)) return false
    await setQueuePaused(rooms, queue, true)
  } catch {
    // Without an answer it rests, and is not asked about again at once.
    await rooms.clock.sleep(ASK_AGAIN_MS)
  }
  return true
}
