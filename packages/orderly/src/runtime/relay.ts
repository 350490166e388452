// Hands over what transactions put into the outbox: first to the record, then to a queue, then out of the outbox.
import type { JobJson } from '../engine/dialect.ts'
import { addition, type RawQueue } from '../engine/raw.ts'
import { acceptance } from '../engine/recorded.ts'
import { findJob } from '../history/find.ts'
import { clearOutbox, readOutbox } from '../history/outbox.ts'
import { recordIdOf } from '../job/record-id.ts'
import { newId } from '../primitives/ids.ts'
import { kick, park } from './lanes.ts'
import type { Rooms } from './rooms.ts'

/** A job as the outbox holds it: sealed, with the id it has had since it was enqueued. */
export interface OutboxJob {
  readonly name: string
  readonly data: string
  readonly opts: JobJson['opts']
  readonly timestamp: number
}

interface Waiting {
  readonly queue: string
  readonly json: JobJson
}

/**
 * Hands over all jobs of the outbox, the oldest first, many at a time. A crash between any two steps repeats some of
 * them: the record knows a job it has seen, even if that has finished and is gone from its queue, and a queue one that
 * it holds; so none is ever there twice.
 *
 * @returns how many were handed over
 */
export function relay(rooms: Rooms, signal?: AbortSignal): Promise<number> {
  const turn = turns.get(rooms)
  // Two at a time in one process would hand over the same jobs; whoever comes meanwhile shares the next turn.
  if (turn) return (turn.next ??= turn.now.catch(() => 0).then(() => begin(rooms, signal)))
  return begin(rooms, signal)
}

interface Turn {
  readonly now: Promise<number>
  next?: Promise<number>
}

const turns = new WeakMap<Rooms, Turn>()

function begin(rooms: Rooms, signal: AbortSignal | undefined): Promise<number> {
  const now = relayAll(rooms, signal)
  const turn: Turn = { now }
  turns.set(rooms, turn)
  const end = (): void => {
    if (!turn.next) turns.delete(rooms)
  }
  now.then(end, end)
  return now
}

async function relayAll(rooms: Rooms, signal: AbortSignal | undefined): Promise<number> {
  let count = 0
  while (!signal?.aborted) {
    const rows = await readOutbox(rooms.history)
    if (rows.length === 0) break
    await handOver(
      rooms,
      rows.map(({ id, queue, job }) => ({
        queue,
        json: { ...(JSON.parse(job) as OutboxJob), id } as unknown as JobJson,
      })),
    )
    await clearOutbox(
      rooms.history,
      rows.map(({ id }) => id),
    )
    count += rows.length
  }
  return count
}

async function handOver(rooms: Rooms, jobs: readonly Waiting[]): Promise<void> {
  const { name: engineName, engine } = rooms.engines.current()
  await park(
    rooms,
    jobs.map(({ queue, json: { id, name, opts, timestamp: at } }) => ({
      id,
      queue,
      name,
      at,
      // Sealing leaves marks and times as they are.
      opts,
    })),
  )
  const fresh = await rooms.recorder.recordNew(
    jobs.map(({ json, queue }) => ({
      ...acceptance(json, json.id, queue, rooms.clock),
      engine: engineName,
    })),
  )
  const owed = new Map<RawQueue, { queue: string; queued: JobJson[] }>()
  for (const [index, { queue, json }] of jobs.entries()) {
    const raw = fresh[index] ? engine.raw(queue) : await placeOfLeft(rooms, queue, json.id)
    if (!raw) continue
    const others = owed.get(raw)
    if (others) others.queued.push(json)
    else owed.set(raw, { queue, queued: [json] })
  }
  for (const [raw, { queue, queued }] of owed) {
    const stored = await raw.add(queued.map((json) => addition(json)))
    for (const name of new Set(queued.map((json) => json.name))) kick(rooms, name)
    const at = rooms.clock.now()
    const doubles = queued.flatMap(({ id: jobId }, index) =>
      stored[index] === jobId
        ? []
        : [
            {
              engine: engineName,
              event: {
                id: `${jobId}:deduplicated:${newId(at)}`,
                jobId,
                at,
                type: 'deduplicated' as const,
                by: recordIdOf(queue, stored[index]!),
              },
            },
          ],
    )
    if (doubles.length > 0) await rooms.recorder.record(doubles)
  }
}

/**
 * Where a job belongs that a relay recorded and did not put into its queue, because it died or the queue was away. One
 * whose queue is still away is left to the reconciler: it is on record.
 */
async function placeOfLeft(rooms: Rooms, queue: string, id: string): Promise<RawQueue | undefined> {
  const job = await findJob(rooms.history, id)
  if (!job || job.finished_at !== null) return undefined
  const home = rooms.engines.reachable().find(({ name }) => name === job.engine)
  const raw = home?.engine.raw(queue)
  return raw && (await raw.state(id)) === 'unknown' ? raw : undefined
}
