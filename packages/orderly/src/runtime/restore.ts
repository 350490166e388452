// Puts back what a queue lost: once, with its due time and priority, parents before the children they wait for.
import { parentOf, toStored } from '../engine/raw.ts'
import type { NamedEngine } from '../engine/set.ts'
import { findOpenChildren, type OpenJob } from '../history/open-jobs.ts'
import { marksOf } from '../job/marks.ts'
import { recordIdOf } from '../job/record-id.ts'
import { lowerFences } from '../state/effects.ts'
import { keepPlace } from '../state/lane-ends.ts'
import { parkNew } from '../state/lanes.ts'
import { laneEntry } from './lanes.ts'
import type { Rooms } from './rooms.ts'

const AT_ONCE = 200

/**
 * Puts the jobs of `lost` back that are still missed after `missing` ms and have not been heard of meanwhile.
 *
 * Each is recorded before it is added: of two processes that miss it one adds it, and one that dies in between leaves
 * it as it was, for the next pass.
 *
 * @returns how many were put back
 */
export async function restore(
  rooms: Rooms,
  named: NamedEngine,
  lost: readonly OpenJob[],
  missing: number,
  signal?: AbortSignal,
): Promise<number> {
  if (lost.length === 0) return 0
  rooms.log.info(
    { jobs: lost.length, engine: named.name },
    'jobs of the record are in no queue; they are put there unless they turn up by themselves',
  )
  await rooms.clock.sleep(missing, signal)
  await rooms.recorder.flush()
  let restored = 0
  for (const level of byDepth(lost)) {
    for (let start = 0; start < level.length && !signal?.aborted; start += AT_ONCE)
      restored += await restoreSome(rooms, named, level.slice(start, start + AT_ONCE))
  }
  if (restored > 0)
    rooms.log.info(
      { jobs: restored, engine: named.name },
      'jobs were put into the queue store again',
    )
  return restored
}

async function restoreSome(
  rooms: Rooms,
  named: NamedEngine,
  jobs: readonly OpenJob[],
): Promise<number> {
  const { engine, name } = named
  const states = await Promise.all(
    jobs.map(({ queue, id }) => engine.raw(queue).state(engine.raw(queue).idOf(id))),
  )
  const missed = jobs.filter((_, index) => states[index] === 'unknown')
  const at = rooms.clock.now()
  const fresh = await rooms.recorder.recordNew(
    missed.map(({ id: jobId, updated_at: seen }) => ({
      engine: name,
      event: { id: `${jobId}:restored:${seen}`, jobId, at, type: 'restored', seen },
    })),
  )
  const mine = missed.filter((_, index) => fresh[index])
  // Their queue counts their runs from one again.
  await lowerFences(
    rooms.state,
    mine.map(({ id }) => id),
  )
  // One that cannot be added must not keep the others out; it is missed again in the next pass.
  const added = await Promise.allSettled(mine.map((job) => putBack(rooms, named, job)))
  for (const result of added)
    if (result.status === 'rejected')
      rooms.log.error(
        { error: (result.reason as Error).message },
        'a lost job could not be put back; it is tried again',
      )
  return added.filter(({ status }) => status === 'fulfilled').length
}

/** Adds a recorded job to its queue anew, in place of whatever it left there; unless another of its key is there now. */
export async function putBack(rooms: Rooms, named: NamedEngine, job: OpenJob): Promise<void> {
  const { engine, name } = named
  const raw = engine.raw(job.queue)
  const id = raw.idOf(job.id)
  const children = await findOpenChildren(rooms.history, raw.keyOf(id))
  const parent = parentOf(job)
  const hasParent =
    parent !== undefined && (await engine.raw(parent.queue).state(parent.id)) !== 'unknown'
  const family = { hasParent, waitsForChildren: children.length > 0 }
  const addition = toStored(job, rooms.clock.now(), family)
  await raw.clear(addition)
  await parkLost(rooms, job)
  const [stored] = await raw.add([addition])
  if (stored !== id) {
    const at = rooms.clock.now()
    const by = recordIdOf(job.queue, stored!)
    const event = { id: `${job.id}:deduplicated:${at}`, jobId: job.id, at, by } as const
    await rooms.recorder.record([{ engine: name, event: { ...event, type: 'deduplicated' } }])
    return
  }
  // Children that are lost too come after their parent. Those that are not are told that it waits for them again.
  for (const child of children) {
    const home = engine.raw(child.queue)
    if ((await home.state(home.idOf(child.id))) === 'unknown') continue
    const own = { hasParent: true, waitsForChildren: false }
    await home.add([toStored(child, rooms.clock.now(), own)])
  }
}

/** A lost job waits its turn again. One that had a place keeps it: `mendPlaces` lets it run. */
async function parkLost(
  rooms: Rooms,
  { id, queue, name, priority, run_at, opts }: OpenJob,
): Promise<void> {
  const { lane } = marksOf(JSON.parse(opts))
  if (!lane) return
  const now = rooms.clock.now()
  await parkNew(
    rooms.state,
    [laneEntry({ id, queue, name }, { priority, due_at: run_at }, lane)],
    now,
  )
  await keepPlace(rooms.state, id, now)
}

/** Those whose parent is not lost first, then their children, and so on. */
function byDepth(lost: readonly OpenJob[]): OpenJob[][] {
  const byId = new Map(lost.map((job) => [job.id, job]))
  const depthOf = (job: OpenJob): number => {
    const parent = parentOf(job)
    const above = parent && byId.get(recordIdOf(parent.queue, parent.id))
    return above ? 1 + depthOf(above) : 0
  }
  const levels: OpenJob[][] = []
  for (const job of lost) (levels[depthOf(job)] ??= []).push(job)
  return levels
}
