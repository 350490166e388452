// Pausing and resuming queues and kinds of job, with a reason and an end; draining and cleaning.
import { dropPause, findEndedPauses, findPauses, putPause } from '../state/pauses.ts'
import { findSchedule } from '../state/schedules.ts'
import type { PauseRow } from '../state/tables.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { holdOf } from './hold.ts'
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

const LONGEST_REASON = 500

/**
 * Lets no more jobs of a queue or of a kind begin. Those that run go on.
 *
 * @throws OrderlyError `ORDERLY_JOB_UNKNOWN`, `ORDERLY_INPUT_INVALID`
 */
export async function pause(rooms: Rooms, target: Target, options: PauseOptions): Promise<Pause> {
  const { kind, name } = await nameOf(rooms, target)
  const reason = options.reason.trim()
  if (reason === '' || reason.length > LONGEST_REASON)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      `say why it is paused, in 1 to ${LONGEST_REASON} characters`,
    )
  const at = rooms.clock.now()
  const until = options.for === undefined ? null : at + milliseconds(options.for)
  const row: PauseRow = { kind, name, reason, who: options.by ?? '', at, until }
  await putPause(rooms.state, row)
  if (kind === 'queue')
    await Promise.all(rooms.engines.reachable().map(({ engine }) => engine.queue(name).pause()))
  else await rooms.pauses.refresh()
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
  for (const { kind, name } of await findEndedPauses(rooms.state, now))
    if (await dropPause(rooms.state, kind, name, now)) await wake(rooms, kind, name)
  await rooms.pauses.refresh()
  await wakeAside(rooms)
}

async function wake(rooms: Rooms, kind: PauseRow['kind'], name: string): Promise<void> {
  if (kind === 'queue') {
    const engines = rooms.engines.reachable()
    await Promise.all(engines.map(({ engine }) => engine.queue(name).resume()))
    return
  }
  await rooms.pauses.refresh()
  await wakeAside(rooms)
}

/** Jobs that this process put aside and that may run now need not wait out their time. */
async function wakeAside(rooms: Rooms): Promise<void> {
  for (const name of rooms.running.kindsAside()) {
    const queue = rooms.registry.jobs.get(name)?.queue
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
    drained += before - (await engine.raw(queue).waitingCount())
  }
  return drained
}

/** Takes finished jobs out of a queue that ended longer ago than `olderThan`. Their history stays. @returns how many */
export async function clean(
  rooms: Rooms,
  queue: string,
  { state, olderThan = '0ms' }: { state: 'completed' | 'failed'; olderThan?: Duration },
): Promise<number> {
  checkQueue(rooms, queue)
  let cleaned = 0
  for (const { engine } of rooms.engines.reachable())
    for (;;) {
      const ids = await engine.queue(queue).clean(milliseconds(olderThan), 1_000, state)
      cleaned += ids.length
      if (ids.length < 1_000) break
    }
  return cleaned
}

async function nameOf(
  rooms: Rooms,
  target: Target,
): Promise<{ kind: PauseRow['kind']; name: string }> {
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
