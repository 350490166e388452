// Moves what nobody has started from the embedded engine to the main one, once that is back.
import { toStored } from '../engine/raw.ts'
import type { NamedEngine } from '../engine/set.ts'
import { findJob } from '../history/find.ts'
import { recordIdOf } from '../job/record-id.ts'
import { newId } from '../primitives/ids.ts'
import type { Rooms } from './rooms.ts'

const AT_ONCE = 100

/**
 * Moves jobs, oldest first, until none is left or the main engine goes away again.
 *
 * The record decides where a job lives, and changes its mind only about a job that nobody has started. The embedded
 * engine asks it before it runs a job, so a copy that is left there by a crash never runs; the main engine gets the job
 * by its id, and if a crash comes before that, the reconciler puts it there.
 *
 * @returns how many moved
 */
export async function moveOver(rooms: Rooms): Promise<number> {
  const moved = await moveAll(rooms)
  if (moved > 0)
    rooms.log.info({ jobs: moved }, 'jobs moved from the embedded store to the main one')
  return moved
}

async function moveAll(rooms: Rooms): Promise<number> {
  let moved = 0
  for (const queue of rooms.registry.queues.keys()) {
    const passed = new Set<string>()
    for (;;) {
      const ways = rooms.engines.movable()
      if (!ways) return moved
      const ids = await ways.from.engine.raw(queue).idleIds(AT_ONCE + passed.size)
      const fresh = ids.filter((id) => !passed.has(id))
      if (fresh.length === 0) break
      for (const id of fresh) {
        if (await move(rooms, queue, id, ways.from, ways.to)) moved++
        else passed.add(id)
      }
    }
  }
  return moved
}

async function move(
  rooms: Rooms,
  queue: string,
  id: string,
  from: NamedEngine,
  to: NamedEngine,
): Promise<boolean> {
  const jobId = recordIdOf(queue, id)
  const at = rooms.clock.now()
  const marked = await rooms.recorder.recordIf(
    { engine: to.name, event: { id: `${jobId}:moved:${newId(at)}`, jobId, at, type: 'moved' } },
    (row) =>
      row !== undefined &&
      row.engine === from.name &&
      row.started_at === null &&
      row.finished_at === null &&
      // The members of a flow know each other by their places in one store.
      row.parent === null &&
      row.state !== 'waiting-children',
  )
  const job = await findJob(rooms.history, jobId)
  // A copy whose job lives elsewhere was left by a crash.
  if (!marked && (!job || job.engine === from.name)) return false
  await from.engine.raw(queue).remove(id)
  if (!marked || !job) return true
  // The members of a flow do not move, see above.
  const alone = { hasParent: false, waitsForChildren: false }
  const [stored] = await to.engine.raw(queue).add([toStored(job, at, alone)])
  if (stored !== undefined && stored !== id) {
    const by = recordIdOf(queue, stored)
    rooms.recorder.note([
      {
        engine: to.name,
        event: { id: `${jobId}:deduplicated:${newId(at)}`, jobId, at, type: 'deduplicated', by },
      },
    ])
  }
  return true
}
