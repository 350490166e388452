// Moves workflow runs on as far as they go now, many in one transaction.
import { insertRuns, moveRuns, type Transition } from '../state/move-runs.ts'
import type { RunRow } from '../state/run-tables.ts'
import { findEndedJobs, type EndedJob } from '../state/runs.ts'
import { cancelJob } from './cancel.ts'
import { endRun } from './cancel-run.ts'
import type { OpenedEvent } from './event-keys.ts'
import { LeftToOthers, Move } from './move-run.ts'
import { relay } from './relay.ts'
import type { Rooms } from './rooms.ts'
import { runningJobs, type Picture } from './run-picture.ts'
import { SubRuns } from './sub-runs.ts'

const MOST_ROUNDS = 10_000
/** Runs that share a transaction. */
const AT_ONCE = 200
/** Jobs that have ended and are taken in with one transaction; more come with the next. */
const MOST_ENDED = 2_000

interface Prepared {
  readonly move: Move
  readonly transition: Transition
}

/**
 * Moves these runs on, and those that wait for them.
 *
 * @param told an event that has just come, which they may wait for
 * @returns those that could not be moved on now, or do not run
 */
export async function advanceRuns(
  rooms: Rooms,
  ids: Iterable<string>,
  told?: OpenedEvent,
): Promise<string[]> {
  const asked = new Set(ids)
  const left = new Set(asked)
  let open = [...asked]
  for (let round = 0; open.length > 0 && round < MOST_ROUNDS; round++) {
    const next = new Set<string>(open.slice(AT_ONCE))
    // In one order, so that two processes that move the same runs wait for each other and not both.
    const pictures = await rooms.runs.take(rooms, open.slice(0, AT_ONCE).toSorted())
    const ended = await endedJobs(rooms, pictures)
    const prepared: Prepared[] = []
    const subRuns = new SubRuns(rooms.state)
    for (const picture of pictures) {
      // What begins with it came after it, and is not told of it.
      const tells = asked.has(picture.run.id) ? told : undefined
      const ready = await prepare(rooms, new Move(rooms, picture, subRuns, tells), ended)
      if (ready === 'nothing') left.delete(picture.run.id)
      else if (ready !== 'not now') prepared.push(ready)
      if (ended.size === MOST_ENDED) next.add(picture.run.id)
    }
    const done = await commit(rooms, prepared)
    for (const [index, { move, transition }] of prepared.entries()) {
      const { run } = move.picture
      if (done[index] === 'refused') continue
      // Somebody else was faster: what they left is looked at anew.
      if (done[index] === 'outrun') next.add(run.id)
      else {
        left.delete(run.id)
        for (const id of await settle(rooms, move, transition)) next.add(id)
      }
    }
    if (prepared.some(({ transition }) => transition.jobs.length > 0)) await relay(rooms)
    open = [...next]
  }
  return [...left]
}

/** The jobs of these runs that have ended, by id. */
async function endedJobs(
  rooms: Rooms,
  pictures: readonly Picture[],
): Promise<ReadonlyMap<string, EndedJob>> {
  const ids = pictures.flatMap((picture) => runningJobs(picture).map(({ job_id }) => job_id!))
  const ended = await findEndedJobs(rooms.state, ids, MOST_ENDED)
  return new Map(ended.map((job) => [job.job_id, job]))
}

async function prepare(
  rooms: Rooms,
  move: Move,
  ended: ReadonlyMap<string, EndedJob>,
): Promise<Prepared | 'nothing' | 'not now'> {
  const { id } = move.picture.run
  try {
    const transition = await move.prepare(ended)
    if (transition) return { move, transition }
    rooms.runs.keep(move.picture)
    return 'nothing'
  } catch (error) {
    if (error instanceof LeftToOthers) return 'not now'
    rooms.log.warn(
      { run: id, error: (error as Error).message },
      'a workflow run could not be moved on; it is tried again',
    )
    return 'not now'
  }
}

type Fate = 'moved' | 'outrun' | 'refused'

/** @throws what the store said when it took none of them */
async function commit(rooms: Rooms, prepared: readonly Prepared[]): Promise<Fate[]> {
  if (prepared.length === 0) return []
  try {
    return await commitAll(rooms, prepared)
  } catch (error) {
    if (prepared.length === 1) throw error
    const fates = await commitEach(rooms, prepared)
    if (fates.every((fate) => fate === 'refused')) throw error
    return fates
  }
}

async function commitAll(rooms: Rooms, prepared: readonly Prepared[]): Promise<Fate[]> {
  const moves = prepared.map(({ move, transition }) => ({ run: move.picture.run, transition }))
  const done = await moveRuns(rooms.state, moves, rooms.clock.now())
  return done.map((isDone) => (isDone ? 'moved' : 'outrun'))
}

/** One run that the store refuses holds up none of the others. */
async function commitEach(rooms: Rooms, prepared: readonly Prepared[]): Promise<Fate[]> {
  const fates: Fate[] = []
  for (const one of prepared)
    try {
      fates.push(...(await commitAll(rooms, [one])))
    } catch (error) {
      fates.push('refused')
      rooms.log.warn(
        { run: one.move.picture.run.id, error: (error as Error).message },
        'a workflow run could not be moved on; it is tried again',
      )
    }
  return fates
}

/** @returns the runs that are to be looked at next */
async function settle(rooms: Rooms, move: Move, transition: Transition): Promise<string[]> {
  const { picture, stops } = move
  move.settle(transition)
  rooms.runs.keep(picture)
  const { run } = picture
  for (const id of stops.jobs)
    await cancelJob(rooms, id, { reason: 'its run goes on without it', by: 'workflow', wait: 0 })
  for (const id of stops.runs) await endRun(rooms, id, 'workflow')
  return [
    ...(move.isToBeSeenAgain ? [run.id] : []),
    ...move.children.map(({ id }) => id),
    ...move.wound,
    ...(hasEnded(run) && run.parent !== null ? [run.parent] : []),
  ]
}

function hasEnded({ state }: RunRow): boolean {
  return state !== 'running' && state !== 'paused'
}

/**
 * Moves a run on soon, together with others that something has happened to.
 *
 * @param row a run that is to begin
 * @returns a promise that resolves when that was done, or this process closes
 */
export function kickRun(rooms: Rooms, id: string, row?: RunRow): Promise<void> {
  return new Promise((resolve, reject) => {
    const { moved } = rooms.runs
    const before = moved.get(id)
    const done = (error?: unknown): void => (error === undefined ? resolve() : reject(error))
    moved.set(id, { row: row ?? before?.row, done: [...(before?.done ?? []), done] })
    if (!rooms.turns.ask('runs', () => advanceMoved(rooms))) resolve()
  })
}

async function advanceMoved(rooms: Rooms): Promise<void> {
  const asked = new Map(rooms.runs.moved)
  rooms.runs.moved.clear()
  let failure: unknown
  try {
    const rows = [...asked.values()].flatMap(({ row }) => (row ? [row] : []))
    const isNew = await insertRuns(rooms.state, rows)
    for (const [index, row] of rows.entries()) if (isNew[index]) await rooms.runs.begin(rooms, row)
    await rooms.recorder.flush()
    await advanceRuns(rooms, asked.keys())
  } catch (error) {
    failure = error
    throw error
  } finally {
    // Whoever only said that something has happened is not told: it is found again.
    for (const { row, done } of asked.values())
      for (const one of done) one(row ? failure : undefined)
  }
}
