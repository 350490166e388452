// Operations on kinds of job: what they are, what fits them, where PHI is in them.
import { z } from 'zod'
import type { JobDefinition } from '../../job/define-job.ts'
import type { Duration } from '../../primitives/duration.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { exampleOf } from '../example-of.ts'
import { duration, nameParams, reason } from '../fields.ts'
import { phiField } from '../job-view.ts'
import { definitionFor, inputMisfits } from '../new-job.ts'
import { phiMap } from '../phi-map.ts'
import type { JsonSchema } from '../schemas.ts'

const summaryFields = {
  name: z.string(),
  type: z.string().describe('As reports and configurations name it.'),
  queue: z.string(),
  version: z.number(),
  phi: z.boolean(),
  handled: z.boolean().describe('Whether this process has a handler for it.'),
  critical: z.boolean(),
  schedule: z.string().nullable().describe('The cron expression its definition declares.'),
}

const detail = z
  .object({
    ...summaryFields,
    attempts: z.number(),
    timeout: z.number().describe('Milliseconds.'),
    priority: z.number(),
    retention: z.object({ completed: z.number(), failed: z.number() }),
    searchable: z.array(z.string()),
    paused: z.string().nullable().describe('Why it rests, where it does.'),
    inputSchema: z
      .unknown()
      .describe('JSON Schema; null where the definition’s schema cannot be looked into.'),
    outputSchema: z.unknown(),
    inputFields: z.array(phiField),
    outputFields: z.array(phiField),
    example: z.unknown().describe('An input that was made up to fit.'),
  })
  .meta({ id: 'JobTypeDetail' })

const example = {
  name: 'mail.send',
  type: 'mail_send',
  queue: 'mail',
  version: 1,
  phi: true,
  handled: true,
  critical: false,
  schedule: null,
}

function summary(
  { rooms }: ApiContext,
  job: JobDefinition,
): z.input<z.ZodObject<typeof summaryFields>> {
  return {
    name: job.name,
    type: job.type,
    queue: job.queue,
    version: job.version,
    phi: rooms.classes.of(job.name)?.holdsPhi ?? true,
    handled: rooms.registry.handlers.has(job.name),
    critical: job.options.critical,
    schedule: job.options.schedule?.cron ?? null,
  }
}

const schemasByJob = new WeakMap<object, JsonSchema | null>()

/** Only Zod's schemas can be written as JSON Schema here. */
function jsonSchemaOf(schema: object | undefined): JsonSchema | null {
  if (schema === undefined || !('_zod' in schema)) return null
  const known = schemasByJob.get(schema)
  if (known !== undefined) return known
  let made: JsonSchema | null
  try {
    made = z.toJSONSchema(schema as z.ZodType, {
      io: 'input',
      unrepresentable: 'any',
    }) as JsonSchema
  } catch {
    made = null
  }
  schemasByJob.set(schema, made)
  return made
}

export const typeOperations: readonly ApiOperation[] = [
  operation({
    id: 'types.list',
    method: 'GET',
    path: '/api/v1/types',
    summary: 'Every kind of job',
    permission: 'types:read',
    audit: 'none',
    phi: false,
    shared: true,
    etag: true,
    request: {},
    response: z
      .object({ data: z.array(z.object(summaryFields).meta({ id: 'JobType' })) })
      .meta({ id: 'JobTypes' }),
    examples: [{ name: 'one kind', request: {}, response: { data: [example] } }],
    async run(context) {
      const jobs = [...context.rooms.registry.jobs.values()]
      return Promise.resolve({
        data: jobs
          .filter(({ queue }) => context.reaches(queue))
          .map((job) => summary(context, job)),
      })
    },
  }),
  operation({
    id: 'types.get',
    method: 'GET',
    path: '/api/v1/types/:name',
    summary: 'One kind of job: schemas, PHI field by field, limits of its runs, an example',
    permission: 'types:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: { params: nameParams },
    response: detail,
    examples: [
      {
        name: 'a kind with PHI',
        request: { params: { name: 'mail.send' } },
        response: {
          ...example,
          attempts: 3,
          timeout: 300_000,
          priority: 10,
          retention: { completed: 86_400_000, failed: 604_800_000 },
          searchable: ['mrn'],
          paused: null,
          inputSchema: { type: 'object' },
          outputSchema: null,
          inputFields: [{ path: 'patient', kind: 'name' }],
          outputFields: [],
          example: { patient: 'Jane Roe' },
        },
      },
    ],
    async run(context, { params }) {
      const job = definitionFor(context, params.name)
      const { classes, pauses } = context.rooms
      const known = classes.of(job.name)
      const inputSchema = jsonSchemaOf(job.input)
      const { retry, timeout, priority, retention } = job.options
      return Promise.resolve({
        ...summary(context, job),
        attempts: retry.attempts,
        timeout,
        priority,
        retention,
        searchable: job.searchable,
        paused: pauses.ofJob(job.name)?.reason ?? null,
        inputSchema,
        outputSchema: jsonSchemaOf(job.output),
        inputFields: phiMap(known, 'input'),
        outputFields: phiMap(known, 'output'),
        example: inputSchema ? exampleOf(inputSchema) : null,
      })
    },
  }),
  operation({
    id: 'types.pause',
    method: 'POST',
    path: '/api/v1/types/:name/pause',
    summary: 'Let no more jobs of a kind begin, in whatever queue they wait',
    permission: 'queues:control',
    audit: 'write',
    phi: false,
    request: { params: nameParams, body: z.object({ reason, for: duration.optional() }) },
    response: z.object({ paused: z.boolean() }).meta({ id: 'TypePaused' }),
    examples: [
      {
        name: 'for an hour',
        request: { params: { name: 'mail.send' }, body: { reason: 'a wrong letter', for: '1h' } },
        response: { paused: true },
      },
    ],
    async run(context, { params, body }) {
      const job = definitionFor(context, params.name)
      context.demand(job.queue)
      await context.orderly.pause(
        { job: job.name },
        {
          reason: body.reason,
          by: context.actor.name,
          ...(body.for === undefined ? {} : { for: body.for as Duration }),
        },
      )
      context.note({ reason: body.reason })
      return { paused: true }
    },
  }),
  operation({
    id: 'types.resume',
    method: 'POST',
    path: '/api/v1/types/:name/resume',
    summary: 'Let the jobs of a kind begin again',
    permission: 'queues:control',
    audit: 'write',
    phi: false,
    request: { params: nameParams },
    response: z.object({ wasPaused: z.boolean() }).meta({ id: 'TypeResumed' }),
    examples: [
      {
        name: 'go on',
        request: { params: { name: 'mail.send' } },
        response: { wasPaused: true },
      },
    ],
    async run(context, { params }) {
      const job = definitionFor(context, params.name)
      context.demand(job.queue)
      return { wasPaused: await context.orderly.resume({ job: job.name }) }
    },
  }),
  operation({
    id: 'types.validate',
    method: 'POST',
    path: '/api/v1/types/:name/validate',
    summary: 'Say where an input would not fit, and store nothing',
    permission: 'types:read',
    audit: 'none',
    phi: true,
    forgetful: true,
    request: { params: nameParams, body: z.object({ input: z.unknown() }) },
    response: z
      .object({
        valid: z.boolean(),
        errors: z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() })),
      })
      .meta({ id: 'Validity' }),
    examples: [
      {
        name: 'a field is missing',
        request: { params: { name: 'mail.send' }, body: { input: { patient: 'Jane Roe' } } },
        response: {
          valid: false,
          errors: [
            { pointer: '/input/clinicId', code: 'invalid_type', message: 'must be of type string' },
          ],
        },
      },
    ],
    async run(context, { params, body }) {
      const job = definitionFor(context, params.name)
      const errors = await inputMisfits(job, body.input, 'input')
      return { valid: errors.length === 0, errors }
    },
  }),
]
