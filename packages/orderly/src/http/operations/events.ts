// Operations on events: reading the log, who has read how far, and those that come from outside.
import { z } from 'zod'
import type { EventType } from '../../events/event.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { operation, EXAMPLE_IDS, type ApiContext, type ApiOperation } from '../contract.ts'
import { duration, nameParams, time, listed } from '../fields.ts'

const event = z
  .object({
    id: z.string(),
    type: z.string(),
    version: z.literal(1),
    sequence: z.number(),
    at: time,
    job: z.object({
      id: z.string(),
      name: z.string(),
      queue: z.string(),
      parent: z.string().nullable(),
      schedule: z.string().nullable(),
      priority: z.number(),
      createdAt: time,
    }),
    attempt: z.number().nullable(),
    data: z.object({
      code: z.string().optional(),
      fingerprint: z.string().optional(),
      runAt: time.optional(),
      by: z.string().optional(),
      how: z.string().optional(),
      quarantined: z.boolean().optional(),
      state: z.string().optional(),
    }),
  })
  .meta({ id: 'Event' })

const consumer = z
  .object({
    name: z.string(),
    cursor: z.number().describe('The number of the last event that is done with.'),
    last: z.number().describe('The number of the latest event there is.'),
    replaying: z.boolean(),
    failures: z.number(),
    skipped: z.number(),
    errorCode: z.string().nullable(),
    updatedAt: time,
  })
  .meta({ id: 'EventConsumer' })

const source = z
  .object({
    name: z.string(),
    starts: z.record(z.string(), z.string()).describe('Workflows that types of events start.'),
    by: z.string(),
    oldSecretUntil: time.nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'EventSource' })

const AT = 1_767_225_600_000
const exampleSource = {
  name: 'lims',
  starts: { 'order.received': 'welcome' },
  by: 'Ana',
  oldSecretUntil: null,
  createdAt: AT,
  updatedAt: AT,
}
const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwEXAMPLE='

export const eventOperations: readonly ApiOperation[] = [
  operation({
    id: 'events.list',
    method: 'GET',
    path: '/api/v1/events',
    summary: 'Events of the record after a number, in order, without PHI',
    permission: 'events:read',
    audit: 'none',
    phi: false,
    request: {
      query: z.object({
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
        type: z.string().max(100).optional().describe('job.failed, or job.* for all.'),
      }),
    },
    response: z
      .object({ data: z.array(event), next: z.number().describe('To go on after.') })
      .meta({ id: 'Events' }),
    examples: [
      {
        name: 'from the beginning',
        request: { query: { after: '0', limit: '1' } },
        response: {
          data: [
            {
              id: `${EXAMPLE_IDS.job}:accepted`,
              type: 'job.accepted',
              version: 1,
              sequence: 1,
              at: AT,
              job: {
                id: EXAMPLE_IDS.job,
                name: 'mail.send',
                queue: 'mail',
                parent: null,
                schedule: null,
                priority: 0,
                createdAt: AT,
              },
              attempt: null,
              data: {},
            },
          ],
          next: 1,
        },
      },
    ],
    async run({ rooms, reaches }, { query }) {
      const { after, limit, type } = query
      const read = await rooms.events.read(after, limit)
      return {
        data: read.filter(
          (one) => reaches(one.job.queue) && (type === undefined || fitsType(type, one.type)),
        ),
        next: read.at(-1)?.sequence ?? after,
      }
    },
  }),
  operation({
    id: 'events.consumers',
    method: 'GET',
    path: '/api/v1/event-consumers',
    summary: 'Who reads the record in order, and how far they are',
    permission: 'events:read',
    audit: 'none',
    of: 'installation',
    phi: false,
    request: {},
    response: z.object({ data: z.array(consumer) }).meta({ id: 'EventConsumers' }),
    examples: [
      {
        name: 'one that is up to date',
        request: {},
        response: {
          data: [
            {
              name: 'webhooks',
              cursor: 120,
              last: 120,
              replaying: false,
              failures: 0,
              skipped: 0,
              errorCode: null,
              updatedAt: AT,
            },
          ],
        },
      },
    ],
    run: async ({ rooms }) => ({ data: await rooms.events.consumers() }),
  }),
  operation({
    id: 'events.replay',
    method: 'POST',
    path: '/api/v1/event-consumers/:name/replay',
    summary: 'Tell one consumer of a part of the record once more',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: {
      params: nameParams,
      body: z.object({
        after: z.number().int().min(0).optional(),
        upTo: z.number().int().min(0).optional(),
        since: time.optional(),
        until: time.optional(),
      }),
    },
    response: z.object({ after: z.number(), upTo: z.number() }).meta({ id: 'EventReplay' }),
    examples: [
      {
        name: 'the first hundred',
        request: { params: { name: 'webhooks' }, body: { after: 0, upTo: 100 } },
        response: { after: 0, upTo: 100 },
      },
    ],
    run: ({ rooms }, { params, body }) =>
      rooms.events.replay(
        params.name,
        Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
      ),
  }),
  operation({
    id: 'events.receive',
    method: 'POST',
    path: '/api/v1/events/:name',
    summary: 'Take in an event that a source outside has signed',
    description:
      'Signed as Standard Webhooks says: `webhook-id`, `webhook-timestamp` and `webhook-signature` over the bytes as sent. An event of one id is taken in once.',
    // The signature says who it is.
    permission: 'anyone',
    audit: 'none',
    phi: true,
    forgetful: true,
    status: 202,
    request: {
      params: nameParams,
      body: z.looseObject({ type: z.string().max(100), data: z.unknown() }),
    },
    response: z
      .object({ accepted: z.boolean(), runs: z.array(z.string()) })
      .meta({ id: 'EventReceived' }),
    examples: [
      {
        name: 'an order came in',
        request: {
          params: { name: 'lims' },
          body: { type: 'order.received', data: { orderId: 17 } },
        },
        response: { accepted: true, runs: [EXAMPLE_IDS.run] },
      },
    ],
    run: ({ rooms, rawBody, headers }, { params }) =>
      rooms.eventSources.receive(params.name, rawBody, headers),
  }),
  operation({
    id: 'eventSources.list',
    method: 'GET',
    path: '/api/v1/event-sources',
    summary: 'Who outside may send events',
    permission: 'webhooks:read',
    audit: 'none',
    of: 'installation',
    phi: false,
    request: {},
    response: z.object({ data: z.array(source) }).meta({ id: 'EventSources' }),
    examples: [{ name: 'one', request: {}, response: { data: [exampleSource] } }],
    run: async ({ rooms, actor }) => ({ data: await rooms.eventSources.list(actor.tenant) }),
  }),
  operation({
    id: 'eventSources.put',
    method: 'PUT',
    path: '/api/v1/event-sources/:name',
    summary: 'Let somebody outside send events; the secret of a new one is shown this once',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: {
      params: nameParams,
      body: z.object({ starts: z.record(z.string().max(100), z.string().max(200)).default({}) }),
    },
    response: z.object({ source, secret: z.string().optional() }).meta({ id: 'EventSourcePut' }),
    examples: [
      {
        name: 'a LIMS whose orders start a workflow',
        request: { params: { name: 'lims' }, body: { starts: { 'order.received': 'welcome' } } },
        response: { source: exampleSource, secret: EXAMPLE_SECRET },
      },
    ],
    async run(context, { params, body }) {
      const { rooms, actor } = context
      await demandFree(context, params.name)
      context.note({ starts: listed(Object.values(body.starts)) })
      return rooms.eventSources.put({
        name: params.name,
        starts: body.starts,
        by: actor.name,
        tenant: actor.tenant,
      })
    },
  }),
  operation({
    id: 'eventSources.rotateSecret',
    method: 'POST',
    path: '/api/v1/event-sources/:name/secret',
    summary: 'Give it a new secret; the one before holds too for a while',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    forgetful: true,
    request: { params: nameParams, body: z.object({ overlap: duration.default('24h') }) },
    response: z.object({ secret: z.string(), oldUntil: time }).meta({ id: 'EventSourceSecret' }),
    examples: [
      {
        name: 'with an hour of both',
        request: { params: { name: 'lims' }, body: { overlap: '1h' } },
        response: { secret: EXAMPLE_SECRET, oldUntil: AT },
      },
    ],
    async run(context, { params, body }) {
      await demandFree(context, params.name)
      return context.rooms.eventSources.rotateSecret(params.name, body.overlap as '24h')
    },
  }),
  operation({
    id: 'eventSources.remove',
    method: 'DELETE',
    path: '/api/v1/event-sources/:name',
    summary: 'Take no more events from it',
    permission: 'webhooks:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params: nameParams },
    response: z.object({ removed: z.boolean() }).meta({ id: 'EventSourceRemoved' }),
    examples: [
      { name: 'end it', request: { params: { name: 'lims' } }, response: { removed: true } },
    ],
    async run(context, { params }) {
      await demandFree(context, params.name)
      await context.rooms.eventSources.remove(params.name)
      return { removed: true }
    },
  }),
]

function fitsType(glob: string, type: EventType): boolean {
  return glob.endsWith('*') ? type.startsWith(glob.slice(0, -1)) : glob === type
}

/** A source of another tenant is nobody else's business. */
async function demandFree({ rooms, actor }: ApiContext, name: string): Promise<void> {
  const source = await rooms.eventSources.get(name)
  if (source && source.tenant !== actor.tenant)
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no source of events of this name')
}
