// Operations on the routes of alerts: where notices go.
import { z } from 'zod'
import { operation, type ApiOperation } from '../contract.ts'

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
const params = z.object({ name })
const kind = z.enum(['mail', 'slack', 'webhook', 'in-app'])
const to = z
  .array(z.string().min(1).max(320))
  .max(50)
  .exactOptional()
  .describe('Addresses of mail, or recipients of notifications such as #role/operator.')
const webhook = z.string().max(64).exactOptional().describe('The id of a webhook.')

const route = z.object({ name, kind, to, webhook }).meta({ id: 'AlertRoute' })

const example = { name: 'on-call', kind: 'mail', to: ['on-call@clinic.example'] } as const

export const alertRouteOperations: readonly ApiOperation[] = [
  operation({
    id: 'alertRoutes.list',
    method: 'GET',
    path: '/api/v1/alert-routes',
    summary: 'Where notices of alerts go; the URL of a chat program is never shown',
    permission: 'alerts:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(route) }).meta({ id: 'AlertRoutes' }),
    examples: [{ name: 'one', request: {}, response: { data: [example] } }],
    run: async ({ rooms }) => ({ data: await rooms.alerts.routes() }),
  }),
  operation({
    id: 'alertRoutes.put',
    method: 'PUT',
    path: '/api/v1/alert-routes/:name',
    summary: 'Make or replace a route',
    permission: 'alerts:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: {
      params,
      body: z.object({
        kind,
        to,
        webhook,
        url: z
          .url()
          .max(2_000)
          .exactOptional()
          .describe('The URL that a chat program gave. It is kept sealed and never shown.'),
      }),
    },
    response: z.object({ saved: z.boolean() }).meta({ id: 'AlertRouteSaved' }),
    examples: [
      {
        name: 'by mail',
        request: {
          params: { name: 'on-call' },
          body: { kind: 'mail', to: ['on-call@clinic.example'] },
        },
        response: { saved: true },
      },
    ],
    async run({ rooms, actor }, request) {
      await rooms.alerts.putRoute({ name: request.params.name, ...request.body }, actor.name)
      return { saved: true }
    },
  }),
  operation({
    id: 'alertRoutes.remove',
    method: 'DELETE',
    path: '/api/v1/alert-routes/:name',
    summary: 'Drop a route that no rule tells by',
    permission: 'alerts:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params },
    response: z.object({ removed: z.boolean() }).meta({ id: 'AlertRouteRemoved' }),
    examples: [
      { name: 'drop it', request: { params: { name: 'on-call' } }, response: { removed: true } },
    ],
    async run({ rooms }, request) {
      await rooms.alerts.removeRoute(request.params.name)
      return { removed: true }
    },
  }),
  operation({
    id: 'alertRoutes.test',
    method: 'POST',
    path: '/api/v1/alert-routes/:name/test',
    summary: 'Send a test by a route; it goes out within seconds',
    permission: 'alerts:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params },
    response: z.object({ queued: z.boolean() }).meta({ id: 'AlertRouteTested' }),
    examples: [
      { name: 'try it', request: { params: { name: 'on-call' } }, response: { queued: true } },
    ],
    async run({ rooms }, request) {
      await rooms.alerts.testRoute(request.params.name)
      return { queued: true }
    },
  }),
]
