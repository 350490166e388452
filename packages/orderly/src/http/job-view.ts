// Jobs as the API shows them: what is PHI in them masked, with its kind.
import { z } from 'zod'
import type { FoundJob } from '../history/find.ts'
import type { RecordedState } from '../history/tables.ts'
import type { InspectedJob, LifeEvent } from '../runtime/inspect.ts'
import type { Rooms } from '../runtime/rooms.ts'
import { phiMap, type PhiPlace } from './phi-map.ts'

export const time: z.ZodNumber = z.number().describe('Milliseconds since 1970 UTC.')

/** A job in a list. Times are milliseconds since 1970 UTC. */
export interface JobView {
  id: string
  queue: string
  type: string
  state: RecordedState
  priority: number
  attempts: number
  createdAt: number
  runAt: number
  startedAt: number | null
  finishedAt: number | null
  duration: number | null
  errorCode: string | null
  fingerprint: string | null
  worker: string | null
  parent: string | null
  schedule: string | null
  engine: string
  expiresAt: number | null
  updatedAt: number
}

/** As it leaves: what may be left out may be undefined. */
type Shown<T> = { [Key in keyof T]: T[Key] | (undefined extends T[Key] ? undefined : never) }

export interface JobDetailView extends JobView {
  version: number
  phi: boolean
  input?: unknown
  output?: unknown
  inputFields: PhiPlace[]
  outputFields: PhiPlace[]
  life: Shown<LifeEvent>[]
  message?: string | undefined
  replayOf?: string | undefined
  set?: string | undefined
  actions: JobAction[]
}

const STATES = [
  'waiting',
  'prioritized',
  'delayed',
  'waiting-children',
  'active',
  'completed',
  'failed',
  'removed',
] as const

export const jobState: z.ZodEnum<{ [State in RecordedState]: State }> = z
  .enum(STATES)
  .meta({ id: 'JobState' })

const rowFields = {
  id: z.string(),
  queue: z.string(),
  type: z.string().describe('The name of its kind.'),
  state: jobState,
  priority: z.number(),
  attempts: z.number().describe('How often it was begun.'),
  createdAt: time,
  runAt: time.describe('When it is due. Milliseconds since 1970 UTC.'),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  duration: z.number().nullable().describe('Milliseconds of its last attempt.'),
  errorCode: z.string().nullable(),
  fingerprint: z
    .string()
    .nullable()
    .describe('Errors of one fingerprint were thrown at one place.'),
  worker: z.string().nullable(),
  parent: z.string().nullable(),
  schedule: z.string().nullable(),
  engine: z.string(),
  expiresAt: time.nullable().describe('When its content goes.'),
  updatedAt: time,
}

export const jobRow: z.ZodType<JobView> = z.object(rowFields).meta({ id: 'Job' })

export const phiField: z.ZodType<PhiPlace> = z
  .object({
    path: z.string().describe('Names with dots; `[]` stands for each item of a list.'),
    kind: z.string().describe('A kind of PHI, `clear`, or `unmarked`, which is treated as PHI.'),
  })
  .meta({ id: 'PhiField' })

const lifeEvent = z
  .object({
    at: time,
    type: z.string(),
    attempt: z.number().nullable(),
    code: z.string().optional(),
    fingerprint: z.string().optional(),
  })
  .meta({ id: 'LifeEvent' })

export const masked: z.ZodType<unknown> = z
  .unknown()
  .describe('A value; what is PHI in it is masked.')

export const jobDetail: z.ZodType<JobDetailView> = z
  .object({
    ...rowFields,
    version: z.number().describe('The version of its input’s shape.'),
    phi: z.boolean().describe('Whether its kind holds PHI.'),
    input: masked,
    output: masked,
    inputFields: z.array(phiField),
    outputFields: z.array(phiField),
    life: z.array(lifeEvent),
    message: z
      .string()
      .optional()
      .describe(
        'What it threw last: outside production, where neither its kind nor its queue holds PHI.',
      ),
    replayOf: z.string().optional(),
    set: z.string().optional(),
    actions: z
      .array(z.enum(['retry', 'cancel', 'promote', 'delete']))
      .describe('What the caller may do with it as it stands.'),
  })
  .meta({ id: 'JobDetail' })

export function showRow(row: FoundJob): JobView {
  return {
    id: row.id,
    queue: row.queue,
    type: row.name,
    state: row.state,
    priority: row.priority,
    attempts: row.attempts,
    createdAt: row.created_at,
    runAt: row.run_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    duration: row.duration,
    errorCode: row.error_code,
    fingerprint: row.fingerprint,
    worker: row.worker,
    parent: row.parent,
    schedule: row.schedule,
    engine: row.engine,
    expiresAt: row.expires_at,
    updatedAt: row.updated_at,
  }
}

export type JobAction = 'retry' | 'cancel' | 'promote' | 'delete'

/** What can be done with a job in a state. */
export function actionsFor(state: FoundJob['state']): readonly JobAction[] {
  if (state === 'completed' || state === 'failed') return ['retry', 'delete']
  if (state === 'delayed') return ['promote', 'cancel']
  return state === 'removed' ? ['retry'] : ['cancel']
}

export function showDetail(
  rooms: Rooms,
  job: InspectedJob,
  actions: readonly JobAction[],
): JobDetailView {
  const known = rooms.classes.of(job.name)
  const { version, replayOf, set, input, output, life, message } = job
  return {
    ...showRow(job),
    version,
    phi: known?.holdsPhi ?? true,
    input,
    output,
    inputFields: phiMap(known, 'input'),
    outputFields: phiMap(known, 'output'),
    life: [...life],
    ...(message === undefined ? {} : { message }),
    ...(replayOf === undefined ? {} : { replayOf }),
    ...(set === undefined ? {} : { set }),
    actions: [...actions],
  }
}
