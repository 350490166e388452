// Schedules as people handle them: made, changed, paused, looked at, run by hand, filled in for the past.
import { isDeepStrictEqual } from 'node:util'
import type { JobDefinition } from '../job/define-job.ts'
import { checkJson } from '../job/json-value.ts'
import { parseInput } from '../job/payload.ts'
import type { Accepted, Schema } from '../job/schema.ts'
import { OrderlyError } from '../primitives/errors.ts'
import {
  checkPolicy,
  slotsAfter,
  storeSpec,
  type SchedulePolicy,
  type ScheduleSpec,
  type StoredSpec,
} from '../schedule/spec.ts'
import { wallText } from '../schedule/slots.ts'
import { findSchedule, findSchedules, findSlots, insertSlots } from '../state/schedules.ts'
import { schedulePlace } from '../state/sealed-values.ts'
import type { ScheduleRow, SlotRow } from '../state/schedule-tables.ts'
import type { Rooms } from './rooms.ts'
import { unregistered } from './entry.ts'
import { beginningOf, setOff } from './fire.ts'
import { removeSchedule, saveSchedule } from './save-schedule.ts'
import { inputFor } from '../workflow/check-input.ts'
import { findWorkflow } from './workflow-store.ts'

interface AnySchedule {
  /** Unique; the name of the job or workflow unless told. */
  readonly id?: string
  readonly spec: ScheduleSpec
  readonly policy?: Partial<SchedulePolicy>
  /** Who makes or changes it. */
  readonly by?: string
}

/** Enqueues a job at each slot. */
export interface ScheduleRequest<Input extends Schema = Schema> extends AnySchedule {
  readonly job: JobDefinition<Input>
  readonly input: Accepted<Input>
}

/** Begins a run of a workflow at each slot. It overlaps until the run has ended. */
export interface WorkflowScheduleRequest extends AnySchedule {
  readonly workflow: string
  /** The latest at each slot unless told. */
  readonly version?: number
  /** What its runs take. */
  readonly input?: Readonly<Record<string, unknown>>
}

/** A schedule as it can be shown. Times are milliseconds since 1970 UTC. */
export interface Schedule {
  readonly id: string
  /** The kind of job it enqueues; null where it begins a workflow. */
  readonly job: string | null
  /** The workflow it begins runs of, and which version; null for the latest. */
  readonly workflow: string | null
  readonly version: number | null
  readonly spec: StoredSpec
  readonly policy: SchedulePolicy
  /** `person`: somebody has changed it; `declared` is what the definition says instead. */
  readonly source: 'code' | 'person'
  readonly declared: StoredSpec | null
  readonly who: string
  readonly nextAt: number | null
  /** Why it rests, and until when, where it does. */
  readonly paused: {
    readonly reason: string
    readonly who: string
    readonly until: number | null
  } | null
}

/** A slot to come. Times are milliseconds since 1970 UTC. */
export interface UpcomingSlot {
  readonly at: number
  /** What the wall shows then. */
  readonly wall: string
  /** Why it is not where the wall would have it. */
  readonly shift?: 'gap' | 'overlap'
}

const ID = /^[A-Za-z][A-Za-z0-9._-]{0,119}$/
/** Firings by hand that may fall into one millisecond. */
const MOST_BY_HAND = 100

/** Values of runs are sealed whatever the workflow, and so is what its schedule gives them. */
const WORKFLOWS = '#workflows'

/**
 * Makes a schedule, or changes the one of this id.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`, `ORDERLY_INPUT_INVALID`, `ORDERLY_NOT_FOUND` for a workflow that is
 *   not there
 */
export async function schedule<Input extends Schema>(
  rooms: Rooms,
  request: ScheduleRequest<Input> | WorkflowScheduleRequest,
): Promise<Schedule> {
  const id = request.id ?? ('workflow' in request ? request.workflow : request.job?.name)
  const row = await saveSchedule(rooms, id, (before) =>
    'workflow' in request
      ? workflowRow(rooms, request, before)
      : jobRow(rooms, request, 'person', before),
  )
  return shown(rooms, row!)
}

async function jobRow(
  rooms: Rooms,
  { job, input, id = job?.name, ...request }: ScheduleRequest<any>,
  source: ScheduleRow['source'],
  before: ScheduleRow | undefined,
): Promise<ScheduleRow> {
  if (rooms.registry.jobs.get(job?.name) !== job) throw unregistered(job)
  await parseInput(job, input)
  checkJson(job, input)
  const what = { job: job.name, workflow: null, version: null, queue: job.queue }
  return rowFor(rooms, { ...request, id }, source, what, input, before)
}

async function workflowRow(
  rooms: Rooms,
  { workflow, version, input, id = workflow, ...request }: WorkflowScheduleRequest,
  before: ScheduleRow | undefined,
): Promise<ScheduleRow> {
  inputFor(await findWorkflow(rooms, workflow, version), input)
  if (request.spec?.jitter !== undefined)
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      'a schedule of a workflow has no jitter: let the workflow begin with a node of type "delay"',
    )
  const what = { job: '', workflow, version: version ?? null, queue: WORKFLOWS }
  return rowFor(rooms, { ...request, id }, 'person', what, input, before)
}

async function rowFor(
  rooms: Rooms,
  { id, spec, policy, by = '' }: AnySchedule & { readonly id: string },
  source: ScheduleRow['source'],
  what: Pick<ScheduleRow, 'job' | 'workflow' | 'version' | 'queue'>,
  input: unknown,
  before: ScheduleRow | undefined,
): Promise<ScheduleRow> {
  if (!ID.test(id))
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      'the id of a schedule begins with a letter, then letters, digits, ".", "_" and "-", 120 at most',
    )
  const stored = storeSpec(spec)
  const now = rooms.clock.now()
  const suite = what.workflow === null ? rooms.classes.suiteOf(what.queue) : 'encrypted'
  const place = schedulePlace(what.queue, id)
  const text = JSON.stringify(stored)
  const next_at = firstAfter(stored, now)
  // One that has had its last slot may be written once more as it is: programs do so each time they start.
  if (next_at === null && before?.spec !== text)
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      'this schedule would never fire: its last time is past, or none lies between its start and its end',
    )
  return {
    ...what,
    id,
    spec: text,
    policy: JSON.stringify(checkPolicy(policy)),
    input: await rooms.vault.seal(JSON.stringify(input ?? {}), place, suite),
    source,
    declared:
      source === 'person' && before?.source === 'code' ? before.spec : (before?.declared ?? null),
    who: by,
    revision: (before?.revision ?? 0) + 1,
    cursor_at: now,
    next_at,
    updated_at: now,
  }
}

function firstAfter(spec: StoredSpec, now: number): number | null {
  const { value } = slotsAfter(spec, now).next()
  return value ? value.at : null
}

/** Writes down what definitions say. What a person has changed stays, and what the code says is kept beside it. */
export async function syncSchedules(rooms: Rooms): Promise<void> {
  for (const job of rooms.registry.jobs.values()) {
    const declared = job.options.schedule
    try {
      if (declared) await syncDeclared(rooms, job, declared)
      else await forgetDeclared(rooms, job.name)
    } catch (error) {
      if (!(error instanceof OrderlyError) || error.code !== 'ORDERLY_OVERLOADED') throw error
      rooms.log.warn(
        { schedule: job.name },
        'a schedule catches up with slots that were missed; what its definition says now holds from the next start on',
      )
    }
  }
}

async function syncDeclared(
  rooms: Rooms,
  job: JobDefinition,
  { cron, zone, input = {} }: NonNullable<JobDefinition['options']['schedule']>,
): Promise<void> {
  const spec = { cron, zone }
  const stored = JSON.stringify(storeSpec(spec))
  await saveSchedule(rooms, job.name, async (before) => {
    if (before?.source === 'person')
      return before.declared === stored ? undefined : { ...before, declared: stored }
    if (before && (await isAsDeclared(rooms, before, job, stored))) return undefined
    const row = await jobRow(rooms, { job, input, spec }, 'code', before)
    return { ...row, declared: null }
  })
}

/** A definition that had a schedule and has none any more takes it with it; what a person has made of it stays. */
async function forgetDeclared(rooms: Rooms, id: string): Promise<void> {
  const before = await findSchedule(rooms.state, id)
  if (before?.source === 'code') await removeSchedule(rooms, id)
  else if (before && before.declared !== null)
    await saveSchedule(rooms, id, async (now) => now && { ...now, declared: null })
}

async function isAsDeclared(
  rooms: Rooms,
  before: ScheduleRow,
  job: JobDefinition,
  spec: string,
): Promise<boolean> {
  if (before.spec !== spec || before.job !== job.name || before.queue !== job.queue) return false
  const input: unknown = JSON.parse(
    await rooms.vault.open(before.input, schedulePlace(before.queue, before.id)),
  )
  return isDeepStrictEqual(input, JSON.parse(JSON.stringify(job.options.schedule?.input ?? {})))
}

/** Takes back what people have changed, or removes a schedule that no definition declares. */
export async function unschedule(rooms: Rooms, id: string): Promise<boolean> {
  const dropped = await removeSchedule(rooms, id)
  await syncSchedules(rooms)
  return dropped
}

export async function readSchedules(rooms: Rooms): Promise<Schedule[]> {
  return (await findSchedules(rooms.state)).map((row) => shown(rooms, row))
}

function shown(rooms: Rooms, row: ScheduleRow): Schedule {
  const pause = rooms.pauses.ofSchedule(row.id)
  return {
    id: row.id,
    job: row.workflow === null ? row.job : null,
    workflow: row.workflow,
    version: row.version,
    spec: JSON.parse(row.spec) as StoredSpec,
    policy: JSON.parse(row.policy) as SchedulePolicy,
    source: row.source,
    declared: row.declared === null ? null : (JSON.parse(row.declared) as StoredSpec),
    who: row.who,
    nextAt: row.next_at,
    paused: pause ? { reason: pause.reason, who: pause.who, until: pause.until } : null,
  }
}

/** The slots to come. @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function upcoming(rooms: Rooms, id: string, count = 10): Promise<UpcomingSlot[]> {
  const row = await scheduleRow(rooms, id)
  const slots: UpcomingSlot[] = []
  for (const slot of slotsAfter(JSON.parse(row.spec) as StoredSpec, rooms.clock.now())) {
    if (slots.length >= Math.min(count, 1_000)) break
    slots.push({ at: slot.at, wall: wallText(slot), ...(slot.shift ? { shift: slot.shift } : {}) })
  }
  return slots
}

/** A slot that has had its turn. Times are milliseconds since 1970 UTC. */
export interface PastSlot {
  readonly at: number
  readonly state: SlotRow['state']
  /** Why it was left out, or fired beside its time. */
  readonly reason: string | null
  readonly firedAt: number
  /** The job that it enqueued. */
  readonly job: string | null
  /** The run that it began. */
  readonly run: string | null
}

/** The slots that have had their turn, newest first. */
export async function pastSlots(
  rooms: Rooms,
  id: string,
  {
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
    limit = 100,
  }: { from?: number; to?: number; limit?: number } = {},
): Promise<PastSlot[]> {
  const rows = await findSlots(rooms.state, id, { from, to, limit })
  return rows.map(({ at, state, reason, fired_at: firedAt, job_id: job, run_id: run }) => ({
    at,
    state,
    reason,
    firedAt,
    job,
    run,
  }))
}

/** Fires a schedule now, beside its slots. @returns the id of the job, or of the run */
export async function runNow(rooms: Rooms, id: string, by = ''): Promise<string> {
  const row = await scheduleRow(rooms, id)
  const now = rooms.clock.now()
  const reason = by === '' ? 'by hand' : `by hand: ${by}`
  // A millisecond has one slot: who comes second in it takes the next.
  for (let at = now; at < now + MOST_BY_HAND; at++) {
    const begun = await beginningOf(rooms, row, at, 0)
    const isNew = await insertSlots(rooms.state, [
      { schedule_id: id, at, state: 'fired', reason, fired_at: now, begun },
    ])
    if (isNew === 0) continue
    await setOff(rooms, [begun])
    return (begun.job ?? begun.run!).id
  }
  throw new OrderlyError('ORDERLY_TOO_MANY_REQUESTS', 'the schedule was fired too often at once')
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function scheduleRow(rooms: Rooms, id: string): Promise<ScheduleRow> {
  const row = await findSchedule(rooms.state, id)
  if (row) return row
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no schedule of this id')
}

/** What a schedule's jobs are given, opened. @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function scheduleInput(rooms: Rooms, id: string): Promise<unknown> {
  const row = await scheduleRow(rooms, id)
  return JSON.parse(await rooms.vault.open(row.input, schedulePlace(row.queue, row.id)))
}
