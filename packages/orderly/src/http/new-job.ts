// A job as a request describes it: checked by its kind's own schema, place by place, before anything is stored.
import { z } from 'zod'
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueueOptions } from '../job/enqueue-options.ts'
import { LOWEST_PRIORITY } from '../job/options.ts'
import type { Schema } from '../job/schema.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { nearest } from '../primitives/known-names.ts'
import type { ApiContext } from './contract.ts'
import { duration } from './fields.ts'
import { misfitsOf, RequestError, type Misfit } from './problem.ts'

export interface NewJobOptions {
  unique?: string | undefined
  idempotencyKey?: string | undefined
  delay?: string | undefined
  at?: string | undefined
  ttl?: string | undefined
  deadline?: string | undefined
  priority?: 'critical' | 'high' | 'normal' | 'low' | number | undefined
  tags?: string[] | undefined
}

export const newJobOptions: z.ZodType<NewJobOptions> = z
  .object({
    unique: z.string().min(1).max(255).optional(),
    idempotencyKey: z.string().min(1).max(255).optional(),
    delay: duration.optional(),
    at: z.iso.datetime({ offset: true }).optional(),
    ttl: duration.optional(),
    deadline: duration.optional(),
    priority: z
      .union([z.enum(['critical', 'high', 'normal', 'low']), z.int().min(1).max(LOWEST_PRIORITY)])
      .optional(),
    tags: z.array(z.string()).max(20).optional(),
  })
  .strict()
  .meta({ id: 'EnqueueOptions' })

export function enqueueOptions(given: NewJobOptions | undefined): EnqueueOptions {
  const { at, ...rest } = given ?? {}
  return { ...rest, ...(at === undefined ? {} : { at: new Date(at) }) } as EnqueueOptions
}

/** The definition of a kind of job within reach, by its name or type. @throws OrderlyError `ORDERLY_JOB_UNKNOWN` */
export function definitionFor(context: ApiContext, type: string): JobDefinition<any> {
  const { registry } = context.rooms
  const job = registry.jobs.get(type) ?? registry.byType.get(type)
  if (job) context.concerns(job.queue)
  if (job && context.reaches(job.queue)) return job
  const within = [...registry.jobs.values()].filter(({ queue }) => context.reaches(queue))
  const near = nearest(
    type,
    within.flatMap((one) => [one.name, one.type]),
  )
  throw new OrderlyError(
    'ORDERLY_JOB_UNKNOWN',
    `no job of this name or type is registered here${near === undefined ? '' : `; did you mean "${near}"?`}`,
  )
}

/** What a schema makes of a body. @throws RequestError `ORDERLY_INPUT_INVALID` naming every place that does not fit */
export async function fitted(schema: Schema, body: unknown, name: string): Promise<unknown> {
  const checked = await schema['~standard'].validate(body)
  if (!checked.issues) return checked.value
  throw new RequestError(
    'ORDERLY_INPUT_INVALID',
    `the input does not fit the schema of "${name}"; "errors" names the places`,
    { misfits: misfitsOf('body/input', checked.issues, schema) },
  )
}

/** Where an input does not fit, none where it does. */
export async function inputMisfits(
  job: JobDefinition,
  input: unknown,
  at: string,
): Promise<readonly Misfit[]> {
  const checked = job.input['~standard'].validate(input)
  const { issues } = checked instanceof Promise ? await checked : checked
  return issues ? misfitsOf(at, issues, job.input) : []
}

/** @throws RequestError `ORDERLY_INPUT_INVALID` naming every place that does not fit */
export async function demandInput(job: JobDefinition, input: unknown, at: string): Promise<void> {
  const misfits = await inputMisfits(job, input, at)
  if (misfits.length === 0) return
  throw new RequestError(
    'ORDERLY_INPUT_INVALID',
    `the input does not fit the schema of "${job.name}"; "errors" names the places`,
    { misfits },
  )
}
