// Fires what is due: each slot has its turn once, whoever ticks and whenever it dies.
import type { Slot } from '../schedule/slots.ts'
import {
  blackoutOf,
  jitterOf,
  slotsAfter,
  type SchedulePolicy,
  type StoredSpec,
} from '../schedule/spec.ts'
import {
  advance,
  findBuffered,
  findDue,
  findOpen,
  fireBuffered,
  MOST_DUE,
  type Begun,
  type NewSlot,
  type Open,
} from '../state/schedules.ts'
import type { ScheduleRow } from '../state/schedule-tables.ts'
import { cancelJob } from './cancel.ts'
import { endRun } from './cancel-run.ts'
import { beginningOf, isKnown, setOff } from './fire.ts'
import type { Rooms } from './rooms.ts'

/** A slot is missed when nobody fired it for this long. */
const MISSED_MS = 60_000
/** Slots of one schedule that have their turn in one step; more follow in the next. */
const AT_ONCE = 1_000

/** Fires every slot that is due. @returns how many jobs and runs were begun */
export async function tick(rooms: Rooms, signal?: AbortSignal): Promise<number> {
  await rooms.recorder.flush()
  const jobs = [...rooms.registry.jobs.keys()]
  const workflows = new Map<string, Promise<boolean>>()
  let count = 0
  // All that are due have their turn: those that cannot fire take no place from the others.
  for (let after: string | undefined = ''; after !== undefined && !signal?.aborted;) {
    const due = await findDue(rooms.state, rooms.clock.now(), jobs, after)
    if (due.length > 0) await rooms.pauses.refresh()
    const begun: Begun[] = []
    for (const schedule of due) {
      if (signal?.aborted) break
      try {
        const what = `${schedule.workflow}@${schedule.version}`
        const known = workflows.get(what) ?? isKnown(rooms, schedule)
        if (schedule.workflow !== null) workflows.set(what, known)
        // What is not known here waits for a process that knows it.
        if (await known) begun.push(...(await fireSchedule(rooms, schedule)).begun)
      } catch (error) {
        rooms.log.warn(
          { schedule: schedule.id, error: (error as Error).message },
          'a schedule could not be moved on; it is tried again',
        )
      }
    }
    await setOff(rooms, begun, signal)
    count += begun.length
    after = due.length < MOST_DUE ? undefined : due.at(-1)!.id
  }
  return count
}

/** Gives slots of a schedule that are due their turn. @returns what they began, and whether there were any */
export async function fireSchedule(
  rooms: Rooms,
  schedule: ScheduleRow,
): Promise<{ readonly begun: Begun[]; readonly hadDue: boolean }> {
  const spec = JSON.parse(schedule.spec) as StoredSpec
  const policy = JSON.parse(schedule.policy) as SchedulePolicy
  const paused = rooms.pauses.ofSchedule(schedule.id)
  const fired = paused ? [] : await fireWaiting(rooms, schedule)
  const now = rooms.clock.now()
  const { due, nextAt, later } = dueSlots(spec, schedule.cursor_at, now, mostCaughtUp(policy))
  const last = due.at(-1)
  if (!last) return { begun: fired, hadDue: false }
  const slots: NewSlot[] = []
  const fate = fates(due, spec, mostCaughtUp(policy) - later, now)
  // What slots began, here and earlier, that has not ended.
  let open = await findOpen(rooms.state, schedule.id, rooms.clock.now())
  let waiting = (await findBuffered(rooms.state, schedule.id)).length
  for (const { at } of due) {
    const skip = paused ? `paused: ${paused.reason}` : fate.get(at)
    const row = { schedule_id: schedule.id, at, fired_at: now }
    if (skip !== undefined) {
      slots.push({ ...row, state: 'skipped', reason: skip })
      continue
    }
    const isBusy = open.length > 0 || waiting > 0
    if (isBusy && policy.overlap === 'skip') {
      slots.push({ ...row, state: 'skipped', reason: 'overlap: an earlier one has not ended' })
      continue
    }
    if (isBusy && policy.overlap === 'buffer-one' && waiting > 0) {
      slots.push({ ...row, state: 'skipped', reason: 'overlap: another slot waits already' })
      continue
    }
    if (isBusy && (policy.overlap === 'buffer-one' || policy.overlap === 'buffer-all')) {
      slots.push({ ...row, state: 'buffered', reason: 'overlap: an earlier one has not ended' })
      waiting++
      continue
    }
    if (isBusy && policy.overlap === 'cancel-other') {
      for (const one of open) await cancelOpen(rooms, one)
      open = []
    }
    const begun = await beginningOf(rooms, schedule, at, jitterOf(spec, schedule.id, at))
    slots.push({ ...row, state: 'fired', reason: null, begun })
    open.push({ job: begun.job?.id ?? null, run: begun.run?.id ?? null })
  }
  const moved = await advance(rooms.state, schedule, slots, { cursor: last.at, nextAt })
  if (moved) fired.push(...slots.flatMap(({ begun }) => begun ?? []))
  return { begun: fired, hadDue: true }
}

/**
 * Leaves slots of a schedule out that are due.
 *
 * @param reason for everybody to read
 * @returns whether there were any
 */
export async function skipDue(
  rooms: Rooms,
  schedule: ScheduleRow,
  reason: string,
): Promise<boolean> {
  const now = rooms.clock.now()
  const { due, nextAt } = dueSlots(
    JSON.parse(schedule.spec) as StoredSpec,
    schedule.cursor_at,
    now,
    0,
  )
  const last = due.at(-1)
  if (!last) return false
  const what = { schedule_id: schedule.id, state: 'skipped' as const, reason, fired_at: now }
  const slots = due.map(({ at }) => ({ ...what, at }))
  await advance(rooms.state, schedule, slots, { cursor: last.at, nextAt })
  return true
}

async function cancelOpen(rooms: Rooms, { job, run }: Open): Promise<void> {
  const why = { reason: 'a later slot of its schedule', by: 'schedule', wait: 0 }
  if (job !== null) await cancelJob(rooms, job, why)
  if (run !== null) await endRun(rooms, run, 'schedule')
}

interface Due {
  readonly due: readonly Slot[]
  /** The slot after them. */
  readonly nextAt: number | null
  /** How many slots after them have been missed too, counted up to `most`. */
  readonly later: number
}

function dueSlots(spec: StoredSpec, cursor: number, now: number, most: number): Due {
  const due: Slot[] = []
  let nextAt: number | null = null
  let later = 0
  for (const slot of slotsAfter(spec, cursor)) {
    if (due.length < AT_ONCE && slot.at <= now) {
      due.push(slot)
      continue
    }
    nextAt ??= slot.at
    if (slot.at > now - MISSED_MS || later >= most) break
    later++
  }
  return { due, nextAt, later }
}

function mostCaughtUp({ catchUp }: SchedulePolicy): number {
  return catchUp === 'skip' ? 0 : catchUp === 'one' ? 1 : catchUp.all
}

/** Why slots are left out that are not to fire, by their times. */
function fates(
  due: readonly Slot[],
  spec: StoredSpec,
  most: number,
  now: number,
): Map<number, string> {
  const fate = new Map<number, string>()
  for (const { at } of due) {
    const blackout = blackoutOf(spec, at)
    if (blackout !== undefined) fate.set(at, `blackout: ${blackout}`)
  }
  const missed = due.filter(({ at }) => at <= now - MISSED_MS && !fate.has(at))
  for (const { at } of missed.slice(0, Math.max(0, missed.length - Math.max(0, most))))
    fate.set(at, 'missed: nobody could fire it in time')
  return fate
}

/** Fires the first slot that waited, once what was begun before it has ended. */
async function fireWaiting(rooms: Rooms, schedule: ScheduleRow): Promise<Begun[]> {
  // Whatever the policy is now: what waits from an earlier one would hold up all that comes.
  const [next] = await findBuffered(rooms.state, schedule.id)
  if (!next || (await findOpen(rooms.state, schedule.id, rooms.clock.now())).length > 0) return []
  const begun = await beginningOf(rooms, schedule, next.at, 0)
  return (await fireBuffered(rooms.state, next, begun, rooms.clock.now())) ? [begun] : []
}
