// Operations on API keys.
import { z } from 'zod'
import type { Actor } from '../../access/actor.ts'
import {
  createApiKey,
  KEY_ROLES,
  listApiKeys,
  revokeApiKey,
  type ApiKey,
} from '../../access/api-keys.ts'
import { covers } from '../../access/can.ts'
import type { RoleName } from '../../access/roles.ts'
import { demandFresh } from '../../access/fresh.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { permission, queueGlobs, role } from '../actor-view.ts'
import { operation, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'

const apiKey: z.ZodType<ApiKey> = z
  .object({
    id: z.string(),
    name: z.string(),
    roles: z.array(role).readonly(),
    only: z.array(permission).readonly().nullable(),
    queues: z.array(z.string()).readonly(),
    tenant: z.string(),
    networks: z.array(z.string()).readonly().nullable(),
    owner: z.string(),
    createdAt: time,
    expiresAt: time,
    usedAt: time.nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' })

const EXAMPLE_KEY = {
  id: 'Ab3dEf9h',
  name: 'clinic importer',
  roles: ['producer'] as RoleName[],
  only: null,
  queues: ['mail*'],
  tenant: 'default',
  networks: ['10.0.0.0/8'],
  owner: 'u_0199c5f0c2b07a4e8f00',
  createdAt: 1_767_225_600_000,
  expiresAt: 1_798_761_600_000,
  usedAt: null,
  revokedAt: null,
}

export const apiKeyOperations: readonly ApiOperation[] = [
  operation({
    id: 'apikeys.list',
    method: 'GET',
    path: '/api/v1/apikeys',
    summary: 'Every API key, without its secret',
    permission: 'apikeys:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: {},
    response: z.object({ data: z.array(apiKey) }).meta({ id: 'ApiKeys' }),
    examples: [{ name: 'one', request: {}, response: { data: [EXAMPLE_KEY] } }],
    run: async ({ rooms, actor }) => ({
      data: (await listApiKeys(rooms.access)).filter((one) => isOwn(actor, one)),
    }),
  }),
  operation({
    id: 'apikeys.create',
    method: 'POST',
    path: '/api/v1/apikeys',
    summary: 'Make an API key; its text is shown once',
    permission: 'apikeys:write',
    audit: 'write',
    phi: false,
    forgetful: true,
    status: 201,
    request: {
      body: z.object({
        name: z.string().min(1).max(120),
        roles: z.array(role).min(1).max(KEY_ROLES.length),
        only: z.array(permission).max(60).optional(),
        queues: queueGlobs.optional(),
        networks: z.array(z.string().max(50)).min(1).max(50).optional(),
        expiresAt: time.describe('Milliseconds since 1970 UTC, a year ahead at most.'),
      }),
    },
    response: z
      .object({ key: apiKey, text: z.string().describe('For the header Authorization: Bearer …') })
      .meta({ id: 'ApiKeyCreated' }),
    examples: [
      {
        name: 'a producer',
        request: {
          body: {
            name: 'clinic importer',
            roles: ['producer'],
            queues: ['mail*'],
            networks: ['10.0.0.0/8'],
            expiresAt: 1_798_761_600_000,
          },
        },
        response: { key: EXAMPLE_KEY, text: 'ord_Ab3dEf9h_…' },
      },
    ],
    async run({ rooms, actor }, { body }) {
      demandFresh(actor, rooms.clock.now())
      return createApiKey(rooms.access, actor, body)
    },
  }),
  operation({
    id: 'apikeys.revoke',
    method: 'DELETE',
    path: '/api/v1/apikeys/:id',
    summary: 'Revoke an API key; it is refused from now on',
    permission: 'apikeys:write',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: z.object({ revoked: z.boolean() }).meta({ id: 'ApiKeyRevoked' }),
    examples: [
      { name: 'revoked', request: { params: { id: 'Ab3dEf9h' } }, response: { revoked: true } },
    ],
    async run({ rooms, actor }, { params }) {
      const own = (await listApiKeys(rooms.access)).find(
        (one) => one.id === params.id && isOwn(actor, one),
      )
      if (!own) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such key')
      await revokeApiKey(rooms.access, own.id)
      return { revoked: true }
    },
  }),
]

/** Of one's tenant, and with no queues beyond one's own. */
function isOwn(actor: Actor, { tenant, queues }: ApiKey): boolean {
  return tenant === actor.tenant && covers(actor, queues)
}
