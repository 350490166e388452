// Schedules as the API writes and reads them: times as ISO texts on the way in, milliseconds on the way out.
import { z } from 'zod'
import type { Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Schedule } from '../runtime/schedules.ts'
import type { ScheduleSpec, StoredSpec, When } from '../schedule/spec.ts'
import type { ApiContext } from './contract.ts'
import { duration, time } from './fields.ts'
import { isWorkflowWithinReach } from './reach.ts'

const instant = z.iso.datetime({ offset: true })
const cron = z.string().max(200)
const zone = z.string().max(64).optional().describe('An IANA name; UTC unless told.')

const whenFields = {
  cron: z
    .union([cron, z.array(cron).min(1).max(96)])
    .optional()
    .describe('One expression, or several of which each fires.'),
  every: duration.optional().describe('Every so long, whatever the clocks do.'),
  anchor: instant.optional(),
  times: z.array(z.string()).max(96).optional().describe('Times of the day, HH:MM.'),
  weekdays: z.array(z.enum(['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'])).optional(),
  days: z.array(z.int().min(1).max(31)).optional(),
  months: z.array(z.int().min(1).max(12)).optional(),
  at: instant.optional().describe('Once.'),
  zone,
  start: instant.optional(),
  end: instant.optional(),
  jitter: duration.optional(),
  blackouts: z
    .array(z.object({ from: instant, to: instant, reason: z.string().max(200) }).strict())
    .max(100)
    .optional(),
}

export interface SpecRequest {
  cron?: string | string[] | undefined
  every?: string | undefined
  anchor?: string | undefined
  times?: string[] | undefined
  weekdays?: ('MON' | 'TUE' | 'WED' | 'THU' | 'FRI' | 'SAT' | 'SUN')[] | undefined
  days?: number[] | undefined
  months?: number[] | undefined
  at?: string | undefined
  zone?: string | undefined
  start?: string | undefined
  end?: string | undefined
  jitter?: string | undefined
  blackouts?: { from: string; to: string; reason: string }[] | undefined
}

export const specRequest: z.ZodType<SpecRequest> = z
  .object(whenFields)
  .strict()
  .refine(
    ({ cron, every, times, at }) =>
      [cron, every, times, at].filter((one) => one !== undefined).length === 1,
    'exactly one of cron, every, times and at says when',
  )
  .describe('Exactly one of `cron`, `every`, `times` and `at` says when.')
  .meta({ id: 'ScheduleSpecRequest' })

/** The specification that a request describes. */
export function specOf(request: SpecRequest): ScheduleSpec {
  const { start, end, jitter, blackouts = [] } = request
  return {
    ...whenOf(request),
    ...(start === undefined ? {} : { start: new Date(start) }),
    ...(end === undefined ? {} : { end: new Date(end) }),
    ...(jitter === undefined ? {} : { jitter: jitter as Duration }),
    blackouts: blackouts.map(({ from, to, reason }) => ({
      from: new Date(from),
      to: new Date(to),
      reason,
    })),
  }
}

function whenOf({
  cron,
  every,
  anchor,
  times,
  weekdays,
  days,
  months,
  at,
  zone: name,
}: SpecRequest): When {
  const inZone = name === undefined ? {} : { zone: name }
  if (cron !== undefined) return { cron, ...inZone }
  if (every !== undefined)
    return {
      every: every as Duration,
      ...(anchor === undefined ? {} : { anchor: new Date(anchor) }),
    }
  if (times !== undefined)
    return {
      times,
      ...(weekdays === undefined ? {} : { weekdays }),
      ...(days === undefined ? {} : { days }),
      ...(months === undefined ? {} : { months }),
      ...inZone,
    }
  return { at: new Date(at ?? NaN) }
}

const storedSpec = z
  .object({
    crons: z.array(z.string()).optional(),
    zone: z.string().optional(),
    every: z.number().optional(),
    anchor: time.optional(),
    at: time.optional(),
    start: time.optional(),
    end: time.optional(),
    jitter: z.number().optional(),
    blackouts: z.array(z.object({ from: time, to: time, reason: z.string() })).optional(),
  })
  .meta({ id: 'ScheduleSpec' })

export const policy: z.ZodType<Schedule['policy']> = z
  .object({
    overlap: z.enum(['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow']),
    catchUp: z.union([z.enum(['skip', 'one']), z.object({ all: z.int().min(1) })]),
  })
  .meta({ id: 'SchedulePolicy' })

/** A schedule as it is shown. */
export interface ScheduleView {
  id: string
  job: string | null
  workflow: string | null
  version: number | null
  spec: unknown
  policy: Schedule['policy']
  source: 'code' | 'person'
  declared?: unknown
  by: string
  nextAt: number | null
  paused: { reason: string; by: string; until: number | null } | null
}

export const scheduleView: z.ZodType<ScheduleView> = z
  .object({
    id: z.string(),
    job: z
      .string()
      .nullable()
      .describe('The kind of job it adds; null where it begins a workflow.'),
    workflow: z.string().nullable().describe('The workflow it begins.'),
    version: z.int().nullable().describe('The version it begins; null for the latest.'),
    spec: storedSpec,
    policy,
    source: z.enum(['code', 'person']).describe('`person`: somebody has made or changed it.'),
    declared: storedSpec.nullable().describe('What the definition says instead, where it does.'),
    by: z.string(),
    nextAt: time.nullable(),
    paused: z.object({ reason: z.string(), by: z.string(), until: time.nullable() }).nullable(),
  })
  .meta({ id: 'Schedule' })

export function showSchedule({ who, paused, ...row }: Schedule): ScheduleView {
  return {
    ...row,
    by: who,
    paused: paused ? { reason: paused.reason, by: paused.who, until: paused.until } : null,
  }
}

export const EXAMPLE_SPEC: StoredSpec = { crons: ['0 2 * * *'], zone: 'America/New_York' }

/** A schedule is within reach where what it does at its slots is: a job by its queue, a workflow by its jobs. */
export async function isWithinReach(
  context: ApiContext,
  { job, workflow }: Pick<Schedule, 'job' | 'workflow'>,
): Promise<boolean> {
  if (job !== null) return context.reaches(context.rooms.registry.jobs.get(job)?.queue ?? job)
  return isWorkflowWithinReach(context, workflow ?? '')
}

/** A schedule within reach. @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function scheduleFor(context: ApiContext, id: string): Promise<Schedule> {
  const found = (await context.orderly.schedules()).find((one) => one.id === id)
  const queue = found?.job ? context.rooms.registry.jobs.get(found.job)?.queue : undefined
  if (queue !== undefined) context.concerns(queue)
  if (found && (await isWithinReach(context, found))) return found
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no schedule of this id')
}
