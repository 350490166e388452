// Fires what is due: each slot has its turn once, whoever ticks and whenever it dies.
import type { JobDefinition } from '../job/define-job.ts'
import { recordIdOf } from '../job/record-id.ts'
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
  findOpenJobs,
  fireBuffered,
  type NewSlot,
} from '../state/schedules.ts'
import type { OutgoingJob } from '../state/outgoing.ts'
import { schedulePlace } from '../state/sealed-values.ts'
import type { ScheduleRow } from '../state/schedule-tables.ts'
import { cancelJob } from './cancel.ts'
import { entryFor } from './entry.ts'
import { sealOutgoing, withoutKey } from './outgoing.ts'
import { relay } from './relay.ts'
import type { Rooms } from './rooms.ts'

/** A slot is missed when nobody fired it for this long. */
const MISSED_MS = 60_000
/** Slots of one schedule that have their turn in one step; more follow in the next. */
const AT_ONCE = 1_000

/** Fires every slot that is due. @returns how many jobs were enqueued */
export async function tick(rooms: Rooms, signal?: AbortSignal): Promise<number> {
  await rooms.recorder.flush()
  let fired = 0
  for (const schedule of await findDue(rooms.state, rooms.clock.now())) {
    if (signal?.aborted) break
    // A schedule of a job that is not known here waits for a process that knows it.
    const job = rooms.registry.jobs.get(schedule.job)
    if (!job) continue
    try {
      fired += await fireSchedule(rooms, schedule, job)
    } catch (error) {
      rooms.log.warn(
        { schedule: schedule.id, error: (error as Error).message },
        'a schedule could not be moved on; it is tried again',
      )
    }
  }
  if (fired > 0) await relay(rooms, signal)
  return fired
}

async function fireSchedule(
  rooms: Rooms,
  schedule: ScheduleRow,
  job: JobDefinition,
): Promise<number> {
  const spec = JSON.parse(schedule.spec) as StoredSpec
  const policy = JSON.parse(schedule.policy) as SchedulePolicy
  let fired = await fireWaiting(rooms, schedule, job, policy)
  const now = rooms.clock.now()
  const { due, nextAt, later } = dueSlots(spec, schedule.cursor_at, now, mostCaughtUp(policy))
  const last = due.at(-1)
  if (!last) return fired
  const paused = rooms.pauses.ofSchedule(schedule.id)
  const slots: NewSlot[] = []
  const fate = fates(due, spec, mostCaughtUp(policy) - later, now)
  // Jobs of slots fired here and of earlier ones that have not ended.
  let open = await findOpenJobs(rooms.state, schedule.id)
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
      slots.push({ ...row, state: 'skipped', reason: 'overlap: an earlier job has not ended' })
      continue
    }
    if (isBusy && policy.overlap === 'buffer-one' && waiting > 0) {
      slots.push({ ...row, state: 'skipped', reason: 'overlap: another slot waits already' })
      continue
    }
    if (isBusy && (policy.overlap === 'buffer-one' || policy.overlap === 'buffer-all')) {
      slots.push({ ...row, state: 'buffered', reason: 'overlap: an earlier job has not ended' })
      waiting++
      continue
    }
    if (isBusy && policy.overlap === 'cancel-other') {
      for (const id of open)
        await cancelJob(rooms, id, {
          reason: 'a later slot of its schedule',
          by: 'schedule',
          wait: 0,
        })
      open = []
    }
    const made = await jobFor(rooms, schedule, job, at, jitterOf(spec, schedule.id, at))
    slots.push({ ...row, state: 'fired', reason: null, job: made })
    open.push(recordIdOf(job.queue, made.id))
  }
  const moved = await advance(rooms.state, schedule, slots, { cursor: last.at, nextAt })
  if (moved) fired += slots.filter(({ job: made }) => made).length
  return fired
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

/** Fires the slots that waited for an earlier job to end, one for each job that has ended. */
async function fireWaiting(
  rooms: Rooms,
  schedule: ScheduleRow,
  job: JobDefinition,
  { overlap }: SchedulePolicy,
): Promise<number> {
  if (overlap !== 'buffer-one' && overlap !== 'buffer-all') return 0
  const [next] = await findBuffered(rooms.state, schedule.id)
  if (!next || (await findOpenJobs(rooms.state, schedule.id)).length > 0) return 0
  const made = await jobFor(rooms, schedule, job, next.at, 0)
  return (await fireBuffered(rooms.state, next, made, rooms.clock.now())) ? 1 : 0
}

/** The job of a slot, as the outbox holds it. */
export async function jobFor(
  rooms: Rooms,
  schedule: ScheduleRow,
  job: JobDefinition,
  at: number,
  delay: number,
): Promise<OutgoingJob> {
  const place = schedulePlace(job.queue, schedule.id)
  const input: unknown = JSON.parse(await rooms.vault.open(schedule.input, place))
  const options = delay > 0 ? { delay: `${delay}ms` as const } : {}
  const marks = { slot: { schedule: schedule.id, at } }
  const entry = await entryFor(rooms, job, input, options, marks)
  return sealOutgoing(rooms, job.queue, withoutKey(entry))
}
