// Pausing and resuming queues and kinds of job, with a reason and an end; draining and cleaning.
import type { Engine } from '../engine/open.ts'
import { dropPause, findEndedPauses, findPauses, putPause, putPauseBack } from '../state/pauses.ts'
import { findSchedule } from '../state/schedules.ts'
import type { PauseRow } from '../state/tables.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { queueIdOf } from '../job/record-id.ts'
import { dropEndedPlaces, findDue } from '../state/lane-ends.ts'
import { holdOf } from './hold.ts'
import { isLaned, kick } from './lanes.ts'
import { setQueuePaused, writeQueuePauses } from './queue-pauses.ts'
import { reasonOf } from './reason.ts'
import type { Rooms } from './rooms.ts'

/** What is paused or resumed: a queue, one kind of job in whatever queue it waits, or a schedule. */
export type Target =
  { readonly queue: string } | { readonly job: string } | { readonly schedule: string }

export interface PauseOptions {
  /** Why, for everybody to read. It is stored in the clear and holds nothing of a patient. */
  readonly reason: string
  readonly by?: string
  /** It goes on by itself after this long. */
  readonly for?: Duration
}

export type Pause = PauseRow

/**
 * Lets no more jobs of a queue or of a kind begin. Those that run go on.
 *
 * @throws OrderlyError `ORDERLY_JOB_UNKNOWN`, `ORDERLY_INPUT_INVALID`
 */
export async function pause(rooms: Rooms, target: Target, options: PauseOptions): Promise<Pause> {
  const { kind, name } = await nameOf(rooms, target)
  const reason = reasonOf(options, 'it is paused')
  const at = rooms.clock.now()
  const until =
    options.for === undefined ? null : at + milliseconds(options.for, 'ORDERLY_INPUT_INVALID')
  const row: PauseRow = { kind, name, reason, who: options.by ?? '', at, until }
  await putPause(rooms.state, row)
  await rooms.pauses.refresh()
  if (kind === 'queue') await setQueuePaused(rooms, name, true)
  return row
}

/**
 * Lets them begin again.
 *
 * @returns whether it was paused
 */
export async function resume(rooms: Rooms, target: Target): Promise<boolean> {
  const { kind, name } = await nameOf(rooms, target)
  const was = await dropPause(rooms.state, kind, name)
  await wake(rooms, kind, name)
  return was
}

export function readPauses(rooms: Rooms): Promise<Pause[]> {
  return findPauses(rooms.state)
}

/** Resumes what was paused for a time that is over. A pause that was set anew meanwhile stays. */
export async function endPauses(rooms: Rooms): Promise<void> {
  const now = rooms.clock.now()
  for (const pause of await findEndedPauses(rooms.state, now)) {
    if (!(await dropPause(rooms.state, pause.kind, pause.name, now))) continue
    try {
      await wake(rooms, pause.kind, pause.name)
    } catch (error) {
      // Its store is away: it is resumed at the next look, unless somebody has paused it anew by then.
      await putPauseBack(rooms.state, pause)
      throw error
    }
  }
  await rooms.pauses.refresh()
  await writeQueuePauses(rooms)
  await wakeAside(rooms)
}

async function wake(rooms: Rooms, kind: PauseRow['kind'], name: string): Promise<void> {
  await rooms.pauses.refresh()
  if (kind === 'queue') return setQueuePaused(rooms, name, false)
  await wakeAside(rooms)
}

/** Jobs that this process put aside and that may run now need not wait out their time. */
async function wakeAside(rooms: Rooms): Promise<void> {
  for (const name of rooms.running.kindsAside()) {
    const queue = rooms.registry.jobs.get(name)?.queue
    if (isLaned(rooms, name) && !rooms.pauses.ofJob(name)) {
      rooms.running.takeAside(name)
      kick(rooms, name)
      continue
    }
    if (queue === undefined || holdOf(name, {}, rooms)) continue
    for (const id of rooms.running.takeAside(name))
      for (const { engine } of rooms.engines.reachable()) {
        const job = await engine.queue(queue).getJob(id)
        // One that is not delayed any more was faster.
        await job?.promote().catch(() => undefined)
      }
  }
}

/** Takes all waiting jobs out of a queue, delayed ones too if asked. @returns how many */
export async function drain(
  rooms: Rooms,
  queue: string,
  { delayed = false }: { delayed?: boolean } = {},
): Promise<number> {
  checkQueue(rooms, queue)
  let drained = 0
  for (const { engine } of rooms.engines.reachable()) {
    const before = await engine.raw(queue).waitingCount()
    await engine.queue(queue).drain(delayed)
    await drainTurns(rooms, engine, queue)
    drained += before - (await engine.raw(queue).waitingCount())
  }
  await rooms.recorder.flush()
  await dropEndedPlaces(rooms.state, 0)
  return drained
}

/** Those that wait their turn are waiting jobs, whatever their queue calls them. */
async function drainTurns(rooms: Rooms, engine: Engine, queue: string): Promise<void> {
  for (let after = ''; ;) {
    const ids = await findDue(rooms.state, queue, rooms.clock.now(), after, 500)
    if (ids.length === 0) break
    for (const id of ids) {
      const job = await engine.queue(queue).getJob(queueIdOf(queue, id))
      // One that is not there is in another engine; one that cannot be removed has just begun to run.
      await job?.remove().catch(() => undefined)
    }
    after = ids.at(-1)!
  }
}

/** Takes finished jobs out of a queue that ended longer ago than `olderThan`. Their history stays. @returns how many */
export async function clean(
  rooms: Rooms,
  queue: string,
  { state, olderThan = '0ms' }: { state: 'completed' | 'failed'; olderThan?: Duration },
): Promise<number> {
  checkQueue(rooms, queue)
  const age = milliseconds(olderThan, 'ORDERLY_INPUT_INVALID')
  let cleaned = 0
  for (const { engine } of rooms.engines.reachable())
    for (;;) {
      const ids = await engine.queue(queue).clean(age, 1_000, state)
      cleaned += ids.length
      if (ids.length < 1_000) break
    }
  return cleaned
}

async function nameOf(
  rooms: Rooms,
  target: Target,
): Promise<{ kind: PauseRow['kind']; name: string }> {
  if (typeof target !== 'object' || target === null)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      "say what is meant: { queue: '…' }, { job: '…' } or { schedule: '…' }",
    )
  if ('schedule' in target) {
    if (await findSchedule(rooms.state, target.schedule))
      return { kind: 'schedule', name: target.schedule }
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no schedule of this id')
  }
  if ('queue' in target) {
    checkQueue(rooms, target.queue)
    return { kind: 'queue', name: target.queue }
  }
  if (rooms.registry.jobs.has(target.job)) return { kind: 'job', name: target.job }
  throw new OrderlyError('ORDERLY_JOB_UNKNOWN', 'no job of this name is registered here')
}

function checkQueue(rooms: Rooms, queue: string): void {
  if (rooms.registry.queues.has(queue)) return
  throw new OrderlyError('ORDERLY_JOB_UNKNOWN', 'no queue of this name is registered here')
}
