// What a slot of a schedule begins: a job, or a run of a workflow.
import type { JobDefinition } from '../job/define-job.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { OutgoingJob } from '../state/outgoing.ts'
import type { RunRow } from '../state/run-tables.ts'
import type { ScheduleRow } from '../state/schedule-tables.ts'
import { BY_SCHEDULE, type Begun } from '../state/schedules.ts'
import { schedulePlace } from '../state/sealed-values.ts'
import { kickRun } from './advance-runs.ts'
import { entryFor } from './entry.ts'
import { newRunRow } from './new-run.ts'
import { sealOutgoing, withoutKey } from './outgoing.ts'
import { relay } from './relay.ts'
import type { Rooms } from './rooms.ts'
import { findWorkflow } from './workflow-store.ts'

/** Whether this process can begin what a schedule begins; one that cannot leaves it to those that can. */
export async function isKnown(
  rooms: Rooms,
  { job, workflow, version }: ScheduleRow,
): Promise<boolean> {
  if (workflow === null) return rooms.registry.jobs.has(job)
  try {
    await findWorkflow(rooms, workflow, version ?? undefined)
    return true
  } catch (error) {
    if (error instanceof OrderlyError && error.code === 'ORDERLY_NOT_FOUND') return false
    throw error
  }
}

/**
 * What a slot begins, ready to be written with it.
 *
 * @param delay milliseconds
 * @throws OrderlyError `ORDERLY_JOB_UNKNOWN`, `ORDERLY_NOT_FOUND` for a workflow that is not there
 */
export async function beginningOf(
  rooms: Rooms,
  schedule: ScheduleRow,
  at: number,
  delay: number,
): Promise<Begun> {
  const place = schedulePlace(schedule.queue, schedule.id)
  const input: unknown = JSON.parse(await rooms.vault.open(schedule.input, place))
  if (schedule.workflow === null)
    return { job: await jobOf(rooms, schedule, definitionOf(rooms, schedule), input, at, delay) }
  return { run: await runOf(rooms, schedule, schedule.workflow, input) }
}

function definitionOf(rooms: Rooms, { job: name }: ScheduleRow): JobDefinition {
  const job = rooms.registry.jobs.get(name)
  if (job) return job
  throw new OrderlyError('ORDERLY_JOB_UNKNOWN', `job "${name}" is not registered here`)
}

async function jobOf(
  rooms: Rooms,
  schedule: ScheduleRow,
  job: JobDefinition,
  input: unknown,
  at: number,
  delay: number,
): Promise<OutgoingJob> {
  const options = delay > 0 ? { delay: `${delay}ms` as const } : {}
  const marks = { slot: { schedule: schedule.id, at } }
  const entry = await entryFor(rooms, job, input, options, marks)
  return sealOutgoing(rooms, job.queue, withoutKey(entry))
}

function runOf(
  rooms: Rooms,
  { id, version }: ScheduleRow,
  workflow: string,
  input: unknown,
): Promise<RunRow> {
  return newRunRow(rooms, workflow, input, {
    by: `${BY_SCHEDULE}${id}`,
    ...(version === null ? {} : { version }),
  })
}

/** Lets what slots have begun go on, once they are written. */
export async function setOff(
  rooms: Rooms,
  begun: readonly Begun[],
  signal?: AbortSignal,
): Promise<void> {
  if (begun.some(({ job }) => job)) await relay(rooms, signal)
  for (const { run } of begun) if (run) await kickRun(rooms, run.id)
}
