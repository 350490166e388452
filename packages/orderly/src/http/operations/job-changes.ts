// Operations that change jobs: create, retry, cancel, promote, delete.
import { z } from 'zod'
import { OrderlyError } from '../../primitives/errors.ts'
import type { EnqueuedJob } from '../../job/enqueue-options.ts'
import { promoteJob, removeJob } from '../../runtime/queued-job.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, listed, reason } from '../fields.ts'
import { jobFor } from '../find-page.ts'
import { definitionFor, demandInput, enqueueOptions, newJobOptions } from '../new-job.ts'

const type = z.string().min(1).max(100).describe('The name or the type of its kind.')

export const acceptedJob: z.ZodObject<{ id: z.ZodString; duplicate: z.ZodBoolean }> = z
  .object({
    id: z.string(),
    duplicate: z
      .boolean()
      .describe('Whether a job of the same key, or of the same request, was there already.'),
  })
  .meta({ id: 'AcceptedJob' })

export function showAccepted({ id, duplicate }: EnqueuedJob): z.input<typeof acceptedJob> {
  return { id, duplicate: duplicate ?? false }
}

const AS_SEED = 'As the plan of a price pipeline writes it.'

export const jobChanges: readonly ApiOperation[] = [
  operation({
    id: 'jobs.create',
    method: 'POST',
    path: '/api/v1/jobs',
    summary: 'Add a job',
    description: 'When it is answered the job is on disk.',
    permission: 'jobs:enqueue',
    audit: 'write',
    phi: true,
    status: 201,
    request: {
      body: z
        .object({ type, input: z.unknown(), options: newJobOptions.optional() })
        .meta({ id: 'NewJob' }),
    },
    response: acceptedJob,
    examples: [
      {
        name: 'a mail',
        request: {
          body: { type: 'mail.send', input: { patient: 'Jane Roe', clinicId: 'north' } },
        },
        response: { id: EXAMPLE_IDS.job, duplicate: false },
      },
    ],
    aliases: [{ method: 'POST', path: '/jobs/create', note: AS_SEED }],
    async run(context, { body }) {
      const job = definitionFor(context, body.type)
      context.demand(job.queue)
      await demandInput(job, body.input, 'body/input')
      const added = await context.orderly.enqueue(job, body.input, enqueueOptions(body.options))
      context.note({ job: added.id, type: job.name })
      return showAccepted(added)
    },
  }),
  operation({
    id: 'jobs.createMany',
    method: 'POST',
    path: '/api/v1/jobs/bulk',
    summary: 'Add many jobs of one kind: all of them, or none',
    permission: 'jobs:enqueue',
    audit: 'write',
    phi: true,
    status: 201,
    request: {
      body: z
        .object({
          type,
          items: z
            .array(z.object({ input: z.unknown(), options: newJobOptions.optional() }).strict())
            .min(1)
            .max(1_000),
        })
        .meta({ id: 'NewJobs' }),
    },
    response: z.object({ jobs: z.array(acceptedJob) }).meta({ id: 'AcceptedJobs' }),
    examples: [
      {
        name: 'two mails',
        request: {
          body: {
            type: 'mail.send',
            items: [
              { input: { patient: 'Jane Roe', clinicId: 'north' } },
              { input: { patient: 'John Doe', clinicId: 'south' } },
            ],
          },
        },
        response: { jobs: [{ id: EXAMPLE_IDS.job, duplicate: false }] },
      },
    ],
    aliases: [{ method: 'POST', path: '/jobs/bulk', note: AS_SEED }],
    async run(context, { body }) {
      const job = definitionFor(context, body.type)
      context.demand(job.queue)
      for (const [index, { input }] of body.items.entries())
        await demandInput(job, input, `body/items/${index}/input`)
      const added = await context.orderly.enqueueMany(
        job,
        body.items.map(({ input, options }) => ({ input, options: enqueueOptions(options) })),
      )
      context.note({ jobs: added.length, type: job.name, ids: listed(added.map(({ id }) => id)) })
      return { jobs: added.map(showAccepted) }
    },
  }),
  operation({
    id: 'jobs.retry',
    method: 'POST',
    path: '/api/v1/jobs/:id/retry',
    summary: 'Run a finished job again as a new one, with the same or another input',
    permission: 'jobs:retry',
    audit: 'write',
    phi: true,
    status: 201,
    request: {
      params: idParams,
      body: z
        .object({
          input: z.unknown().optional(),
          afterStep: z
            .string()
            .min(1)
            .max(200)
            .optional()
            .describe(
              'Takes over what the job recorded up to this step and goes on after it; see `jobs.steps`. Not together with `input`.',
            ),
          reason: reason.optional(),
        })
        .optional(),
    },
    response: acceptedJob,
    examples: [
      {
        name: 'again as it was',
        request: {
          params: { id: EXAMPLE_IDS.failedJob },
          body: { reason: 'the mail server is back' },
        },
        response: { id: EXAMPLE_IDS.job, duplicate: false },
      },
    ],
    aliases: [
      { method: 'POST', path: '/jobs/:id/retry', note: AS_SEED },
      {
        method: 'GET',
        path: '/jobs/:id/retry',
        note: 'As one plan writes it. Any page can make a browser send a GET, so this one is off unless it is asked for.',
        compatibility: true,
      },
    ],
    async run(context, { params, body }) {
      const found = await jobFor(context, params.id)
      context.demand(found.queue)
      const definition = context.rooms.registry.jobs.get(found.name)
      if (definition && body?.input !== undefined)
        await demandInput(definition, body.input, 'body/input')
      const added = await context.orderly.replay(params.id, {
        by: context.actor.name,
        ...(body?.input === undefined ? {} : { input: body.input }),
        ...(body?.afterStep === undefined ? {} : { afterStep: body.afterStep }),
        ...(body?.reason === undefined ? {} : { reason: body.reason }),
      })
      context.note({
        replay: added.id,
        edited: body?.input !== undefined,
        ...(body?.afterStep === undefined ? {} : { afterStep: body.afterStep }),
      })
      return showAccepted(added)
    },
  }),
  operation({
    id: 'jobs.cancel',
    method: 'POST',
    path: '/api/v1/jobs/:id/cancel',
    summary: 'Cancel a job that waits or runs, wherever it is',
    permission: 'jobs:cancel',
    audit: 'write',
    phi: false,
    request: { params: idParams, body: z.object({ reason: reason.optional() }).optional() },
    response: z
      .object({
        outcome: z
          .enum(['cancelled', 'finished', 'cancelling', 'unknown'])
          .describe(
            '`finished`: it ended before it could be cancelled. `cancelling`: it was told and had not stopped yet.',
          ),
      })
      .meta({ id: 'Cancellation' }),
    examples: [
      {
        name: 'not wanted any more',
        request: { params: { id: EXAMPLE_IDS.job }, body: { reason: 'sent by hand' } },
        response: { outcome: 'cancelled' },
      },
    ],
    aliases: [{ method: 'DELETE', path: '/jobs/:id', note: AS_SEED }],
    async run(context, { params, body }) {
      const { queue } = await jobFor(context, params.id)
      context.demand(queue)
      const outcome = await context.orderly.cancel(params.id, {
        by: context.actor.name,
        ...(body?.reason === undefined ? {} : { reason: body.reason }),
      })
      context.note({ outcome })
      return { outcome }
    },
  }),
  operation({
    id: 'jobs.promote',
    method: 'POST',
    path: '/api/v1/jobs/:id/promote',
    summary: 'Let a delayed job run now',
    permission: 'jobs:cancel',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: z.object({ promoted: z.boolean() }).meta({ id: 'Promotion' }),
    examples: [
      {
        name: 'now',
        request: { params: { id: EXAMPLE_IDS.delayedJob } },
        response: { promoted: true },
      },
    ],
    async run(context, { params }) {
      const { queue, state } = await jobFor(context, params.id)
      context.demand(queue)
      if (state !== 'delayed')
        throw new OrderlyError('ORDERLY_CONFLICT', 'only a delayed job can be let run now')
      return { promoted: await promoteJob(context.rooms, queue, params.id) }
    },
  }),
  operation({
    id: 'jobs.delete',
    method: 'DELETE',
    path: '/api/v1/jobs/:id',
    summary: 'Take a finished job out of its queue; the record keeps its history',
    permission: 'jobs:delete',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: z.object({ deleted: z.boolean() }).meta({ id: 'Deletion' }),
    examples: [
      {
        name: 'a failed job',
        request: { params: { id: EXAMPLE_IDS.failedJob } },
        response: { deleted: true },
      },
    ],
    async run(context, { params }) {
      const { queue, state } = await jobFor(context, params.id)
      context.demand(queue)
      if (state !== 'completed' && state !== 'failed')
        throw new OrderlyError(
          'ORDERLY_CONFLICT',
          'only a finished job can be deleted; cancel one that waits or runs',
        )
      return { deleted: await removeJob(context.rooms, queue, params.id) }
    },
  }),
]
