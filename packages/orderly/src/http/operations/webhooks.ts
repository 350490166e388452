// Operations on webhooks: subscriptions, secrets, and what became of each delivery.
import { z } from 'zod'
import { OrderlyError } from '../../primitives/errors.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { duration, idParams, time } from '../fields.ts'

const filter = z
  .object({
    types: z.array(z.string().max(100)).min(1).max(50).describe('job.failed, job.*, alert.*, *'),
    jobs: z.array(z.string().max(120)).max(200).optional(),
    queues: z.array(z.string().max(120)).max(200).optional(),
  })
  .meta({ id: 'WebhookFilter' })

const webhook = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    filter,
    state: z.enum(['active', 'paused', 'gone']),
    reason: z.string().nullable(),
    by: z.string(),
    oldSecretUntil: time.nullable().describe('Until when the secret before signs too.'),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Webhook' })

const delivery = z
  .object({
    id: z.string(),
    webhook: z.string(),
    event: z.string(),
    type: z.string(),
    state: z.enum(['due', 'delivered', 'dead']),
    attempts: z.number(),
    dueAt: time,
    status: z.number().nullable(),
    error: z.string().nullable(),
    took: z.number().nullable().describe('Milliseconds of the last attempt.'),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'WebhookDelivery' })

const AT = 1_767_225_600_000
const exampleFilter = { types: ['job.failed'], queues: ['mail'] }
const example = {
  id: EXAMPLE_IDS.webhook,
  name: 'Pager',
  url: 'https://pager.example/hook',
  filter: exampleFilter,
  state: 'active',
  reason: null,
  by: 'Ana',
  oldSecretUntil: null,
  createdAt: AT,
  updatedAt: AT,
} as const
const exampleDelivery = {
  id: EXAMPLE_IDS.delivery,
  webhook: EXAMPLE_IDS.webhook,
  event: `${EXAMPLE_IDS.failedJob}:failed`,
  type: 'job.failed',
  state: 'dead',
  attempts: 11,
  dueAt: AT,
  status: 500,
  error: 'answered 500',
  took: 34,
  createdAt: AT,
  endedAt: AT,
} as const
const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwEXAMPLE='
const name = z.string().min(1).max(100)
const url = z.url().max(2_000)

const byId = { params: { id: EXAMPLE_IDS.webhook } }

export const webhookOperations: readonly ApiOperation[] = [
  operation({
    id: 'webhooks.list',
    method: 'GET',
    path: '/api/v1/webhooks',
    summary: 'Every subscription',
    permission: 'webhooks:read',
    audit: 'none',
    of: 'installation',
    phi: false,
    etag: true,
    request: {},
    response: z.object({ data: z.array(webhook) }).meta({ id: 'Webhooks' }),
    examples: [{ name: 'one', request: {}, response: { data: [example] } }],
    run: async ({ rooms, actor }) => ({ data: await rooms.webhooks.list(actor.tenant) }),
  }),
  operation({
    id: 'webhooks.create',
    method: 'POST',
    path: '/api/v1/webhooks',
    summary: 'Subscribe a URL to events; the secret is shown this once',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    status: 201,
    // The answer holds the secret, which is kept nowhere.
    forgetful: true,
    request: { body: z.object({ name, url, filter }) },
    response: z.object({ webhook, secret: z.string() }).meta({ id: 'WebhookCreated' }),
    examples: [
      {
        name: 'failures of a queue',
        request: {
          body: { name: 'Pager', url: 'https://pager.example/hook', filter: exampleFilter },
        },
        response: { webhook: example, secret: EXAMPLE_SECRET },
      },
    ],
    run: ({ rooms, actor }, { body }) =>
      rooms.webhooks.create({
        name: body.name,
        url: body.url,
        filter: filterOf(body.filter),
        by: actor.name,
        tenant: actor.tenant,
      }),
  }),
  operation({
    id: 'webhooks.change',
    method: 'PATCH',
    path: '/api/v1/webhooks/:id',
    summary: 'Change, pause or resume a subscription',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: {
      params: idParams,
      body: z.object({
        name: name.optional(),
        url: url.optional(),
        filter: filter.optional(),
        state: z.enum(['active', 'paused']).optional(),
      }),
    },
    response: webhook,
    examples: [
      {
        name: 'rename it',
        request: { ...byId, body: { name: 'Pager' } },
        response: example,
      },
    ],
    async run(context, { params, body }) {
      await demandOwn(context, params.id)
      return context.rooms.webhooks.change(params.id, {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.url === undefined ? {} : { url: body.url }),
        ...(body.filter === undefined ? {} : { filter: filterOf(body.filter) }),
        ...(body.state === undefined ? {} : { state: body.state }),
      })
    },
  }),
  operation({
    id: 'webhooks.remove',
    method: 'DELETE',
    path: '/api/v1/webhooks/:id',
    summary: 'End a subscription and drop its deliveries',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params: idParams },
    response: z.object({ removed: z.boolean() }).meta({ id: 'WebhookRemoved' }),
    examples: [{ name: 'end it', request: byId, response: { removed: true } }],
    async run(context, { params }) {
      await demandOwn(context, params.id)
      await context.rooms.webhooks.remove(params.id)
      return { removed: true }
    },
  }),
  operation({
    id: 'webhooks.rotateSecret',
    method: 'POST',
    path: '/api/v1/webhooks/:id/secret',
    summary: 'Give it a new secret; the one before signs too for a while',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    forgetful: true,
    request: { params: idParams, body: z.object({ overlap: duration.default('24h') }) },
    response: z.object({ secret: z.string(), oldUntil: time }).meta({ id: 'WebhookSecret' }),
    examples: [
      {
        name: 'with an hour of both',
        request: { ...byId, body: { overlap: '1h' } },
        response: { secret: EXAMPLE_SECRET, oldUntil: AT },
      },
    ],
    async run(context, { params, body }) {
      await demandOwn(context, params.id)
      return context.rooms.webhooks.rotateSecret(params.id, body.overlap as '24h')
    },
  }),
  operation({
    id: 'webhooks.test',
    method: 'POST',
    path: '/api/v1/webhooks/:id/test',
    summary: 'Send a webhook.test event',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params: idParams },
    response: z.object({ delivery: z.string() }).meta({ id: 'WebhookTested' }),
    examples: [{ name: 'try it', request: byId, response: { delivery: EXAMPLE_IDS.delivery } }],
    async run(context, { params }) {
      await demandOwn(context, params.id)
      return { delivery: await context.rooms.webhooks.test(params.id) }
    },
  }),
  operation({
    id: 'webhooks.deliveries',
    method: 'GET',
    path: '/api/v1/webhooks/:id/deliveries',
    summary: 'What was delivered, what is due, and what is dead; newest first',
    permission: 'webhooks:read',
    audit: 'none',
    of: 'installation',
    phi: false,
    request: {
      params: idParams,
      query: z.object({
        state: z.enum(['due', 'delivered', 'dead']).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: z.string().max(64).optional(),
      }),
    },
    response: z.object({ data: z.array(delivery) }).meta({ id: 'WebhookDeliveries' }),
    examples: [
      {
        name: 'those that are dead',
        request: { ...byId, query: { state: 'dead' } },
        response: { data: [exampleDelivery] },
      },
    ],
    async run(context, { params, query }) {
      await demandOwn(context, params.id)
      return {
        data: await context.rooms.webhooks.deliveries(params.id, {
          limit: query.limit,
          ...(query.state === undefined ? {} : { state: query.state }),
          ...(query.before === undefined ? {} : { before: query.before }),
        }),
      }
    },
  }),
  operation({
    id: 'webhooks.redeliver',
    method: 'POST',
    path: '/api/v1/webhooks/:id/redeliver',
    summary: 'Deliver again: one delivery, or all that are dead',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params: idParams, body: z.object({ delivery: z.string().max(64).default('dead') }) },
    response: z.object({ count: z.number() }).meta({ id: 'WebhookRedelivered' }),
    examples: [
      {
        name: 'all that are dead',
        request: { ...byId, body: { delivery: 'dead' } },
        response: { count: 1 },
      },
    ],
    async run(context, { params, body }) {
      await demandOwn(context, params.id)
      return { count: await context.rooms.webhooks.redeliver(params.id, body.delivery) }
    },
  }),
]

/** Without the fields that were left out. */
function filterOf({ types, jobs, queues }: z.output<typeof filter>): {
  types: string[]
  jobs?: string[]
  queues?: string[]
} {
  return { types, ...(jobs ? { jobs } : {}), ...(queues ? { queues } : {}) }
}

/** A webhook of another tenant is as one that is not there. */
async function demandOwn({ rooms, actor }: ApiContext, id: string): Promise<void> {
  const { tenant } = await rooms.webhooks.get(id)
  if (tenant !== actor.tenant)
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no webhook of this id')
}
