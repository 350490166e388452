// Hands over what transactions put into the outbox: first to the record, then to a queue, then out of the outbox.
import type { JobJson } from '../engine/dialect.ts'
import type { RawQueue } from '../engine/raw.ts'
import { acceptance, withoutRecorded } from '../engine/recorded.ts'
import { findJob } from '../history/find.ts'
import { clearOutbox, readOutbox } from '../history/outbox.ts'
import type { Rooms } from './rooms.ts'

/** A job as the outbox holds it: sealed, with the id it has had since it was enqueued. */
export interface OutboxJob {
  readonly name: string
  readonly data: string
  readonly opts: JobJson['opts']
  readonly timestamp: number
}

/**
 * Hands over the oldest jobs of the outbox. A crash between any two steps repeats some of them: the record knows a job
 * it has seen, and a queue one that it holds, so none is ever there twice.
 *
 * @returns how many were handed over
 */
export async function relay(rooms: Rooms): Promise<number> {
  const rows = await readOutbox(rooms.history)
  const { name: engineName, engine } = rooms.engines.current()
  for (const row of rows) {
    const job = JSON.parse(row.job) as OutboxJob
    const json = { ...job, id: row.id } as unknown as JobJson
    const fresh = await rooms.recorder.recordNew({
      ...acceptance(json, row.id, row.queue, rooms.clock),
      engine: engineName,
    })
    const raw = fresh ? engine.raw(row.queue) : await placeOfLeft(rooms, row.queue, row.id)
    if (raw) await raw.add({ json: withoutRecorded(json), parent: {} }, row.id)
    await clearOutbox(rooms.history, [row.id])
  }
  return rows.length
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
