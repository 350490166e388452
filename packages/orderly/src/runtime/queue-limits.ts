// Keeps the limits of whole queues in their stores as code and people want them, for BullMQ to keep to.
import type { EngineQueue } from '../engine/open.ts'
import type { QueueDefinition } from '../job/define-queue.ts'
import type { LimitRow } from '../state/limit-tables.ts'
import type { Rooms } from './rooms.ts'

interface Wanted {
  readonly concurrency: number | undefined
  readonly rate: { readonly limit: number; readonly per: number } | undefined
}

/** What this process last wrote, by engine and queue. */
export type WrittenLimits = Map<string, string>

/**
 * Writes the limits that are in force where they have changed, or are gone from a store that was emptied. A store that
 * does not take them gets them the next time.
 *
 * @param limits what people have set
 */
export async function writeQueueLimits(rooms: Rooms, limits: readonly LimitRow[]): Promise<void> {
  const now = rooms.clock.now()
  for (const definition of rooms.registry.queues.values()) {
    const wanted = wantedFor(definition, limits, now)
    for (const { name, engine } of rooms.engines.reachable()) {
      const place = `${name}/${definition.name}`
      try {
        await keep(engine.queue(definition.name), wanted, place, rooms.writtenLimits)
      } catch (error) {
        // What it holds now is not known.
        rooms.writtenLimits.delete(place)
        rooms.log.warn(
          { queue: definition.name, engine: name, error: (error as Error).message },
          'the limits of a queue could not be written; they are tried again',
        )
      }
    }
  }
}

async function keep(
  queue: EngineQueue,
  wanted: Wanted,
  place: string,
  written: WrittenLimits,
): Promise<void> {
  const text = JSON.stringify(wanted)
  if (written.get(place) === text && !(await isGone(queue, wanted))) return
  await write(queue, wanted)
  written.set(place, text)
}

function wantedFor(
  { name, globalConcurrency, rateLimit }: QueueDefinition,
  limits: readonly LimitRow[],
  now: number,
): Wanted {
  const set = (what: LimitRow['what']): number | undefined =>
    limits.find(
      (row) =>
        row.kind === 'queue' &&
        row.name === name &&
        row.what === what &&
        (row.until === null || row.until > now),
    )?.value
  return {
    concurrency: set('concurrency') ?? globalConcurrency,
    rate: rateLimit && { limit: set('rate') ?? rateLimit.limit, per: rateLimit.per },
  }
}

async function isGone(queue: EngineQueue, { concurrency, rate }: Wanted): Promise<boolean> {
  if (concurrency !== undefined && (await queue.getGlobalConcurrency()) === null) return true
  return rate !== undefined && (await queue.getGlobalRateLimit()) === null
}

async function write(queue: EngineQueue, { concurrency, rate }: Wanted): Promise<void> {
  await (concurrency === undefined
    ? queue.removeGlobalConcurrency()
    : queue.setGlobalConcurrency(concurrency))
  await (rate ? queue.setGlobalRateLimit(rate.limit, rate.per) : queue.removeGlobalRateLimit())
}
