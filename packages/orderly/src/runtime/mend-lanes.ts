// Puts lanes right that a crash left wrong: places without a run, jobs without a line, lines without a job.
import { marksOf } from '../job/marks.ts'
import { queueIdOf } from '../job/record-id.ts'
import { parkAgain, parkNew } from '../state/lanes.ts'
import {
  dropEndedPlaces,
  dropEndedWaits,
  findIdlePlaces,
  findLost,
  hasPlaces,
  touchPlace,
  type HeldLane,
} from '../state/lane-ends.ts'
import { laneEntry, lanedKinds } from './lanes.ts'
import type { Rooms } from './rooms.ts'

/** A worker that is free takes a promoted job within moments; one that is not leaves it where it is. */
const IDLE_MS = 2_000
/** The news of an end, or of a new start, is on record by then. */
const SETTLED_MS = 10_000
/** An add that met its end takes no longer. */
const NEVER_ADDED_MS = 60_000
const AT_ONCE = 200

/** Looks after those who hold a place. */
export async function mendPlaces(rooms: Rooms): Promise<void> {
  if (!(await hasPlaces(rooms.state))) return
  const engines = rooms.engines.reachable().map(({ name }) => name)
  if (engines.length === 0) return
  const now = rooms.clock.now()
  await dropEndedPlaces(rooms.state, now - SETTLED_MS)
  for (const lane of await findIdlePlaces(rooms.state, engines, now - IDLE_MS, AT_ONCE))
    await mend(rooms, lane)
}

async function mend(rooms: Rooms, lane: HeldLane): Promise<void> {
  const { job_id, queue, state, engine, run_at } = lane
  const raw = rooms.engines
    .reachable()
    .find(({ name }) => name === engine)
    ?.engine.raw(queue)
  const id = queueIdOf(queue, job_id)
  const where = await raw?.state(id)
  // Lost on its way into its queue: until the reconciler has put it back, its place is for others.
  if (where === 'unknown' && state === 'dispatched') {
    const now = rooms.clock.now()
    return parkAgain(rooms.state, lane, { due: now + SETTLED_MS, now })
  }
  if (!raw || where !== 'delayed') return
  // Whoever dispatched it died before the queue knew, or it was put back in its queue as one that waits.
  if (state === 'dispatched') {
    // One process at a time: on PostgreSQL two that promote one job may take it from a worker.
    if (await touchPlace(rooms.state, lane, rooms.clock.now())) await raw.promote(id)
  }
  // Whoever ran it could not say that it was to wait.
  else await parkAgain(rooms.state, lane, { due: run_at, now: rooms.clock.now() })
}

/** Looks after those who wait: it reads every unfinished job of these kinds. */
export async function mendLines(rooms: Rooms): Promise<void> {
  const kinds = lanedKinds(rooms)
  const engines = rooms.engines.reachable()
  if (kinds.length === 0 || engines.length === 0) return
  await rooms.recorder.flush()
  const now = rooms.clock.now()
  await dropEndedWaits(rooms.state, now - NEVER_ADDED_MS)
  const names = engines.map(({ name }) => name)
  for (const job of await findLost(rooms.state, kinds, names, now - SETTLED_MS, AT_ONCE)) {
    const { id, queue, name, priority, run_at } = job
    const { lane } = marksOf(JSON.parse(job.opts))
    const raw = engines.find((engine) => engine.name === job.engine)?.engine.raw(queue)
    if (!lane || !raw || (await raw.state(queueIdOf(queue, id))) !== 'delayed') continue
    await parkNew(
      rooms.state,
      [laneEntry({ id, queue, name }, { priority, due_at: run_at }, lane)],
      now,
    )
  }
}
