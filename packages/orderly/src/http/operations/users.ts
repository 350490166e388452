// Operations on users and on what each role may do.
import { z } from 'zod'
import type { Actor } from '../../access/actor.ts'
import { covers } from '../../access/can.ts'
import { PERMISSIONS } from '../../access/permissions.ts'
import { ROLE_NAMES, ROLES, type RoleName } from '../../access/roles.ts'
import { demandFresh } from '../../access/fresh.ts'
import { listSessions } from '../../access/sessions.ts'
import {
  changeUser,
  createUser,
  listUsers,
  mustFind,
  resetUser,
  type User,
} from '../../access/users.ts'
import { queueGlobs, role } from '../actor-view.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { sessionView } from '../session-view.ts'

const user: z.ZodType<User> = z
  .object({
    id: z.string(),
    login: z.string(),
    name: z.string(),
    roles: z.array(role).readonly(),
    tenant: z.string(),
    queues: z.array(z.string()).readonly(),
    emergency: z.boolean().describe('May begin an emergency access.'),
    hasPassword: z.boolean(),
    hasTotp: z.boolean(),
    issuer: z.string().nullable().describe('The identity provider that vouches for them.'),
    disabledAt: time.nullable(),
    createdAt: time,
    signedInAt: time.nullable(),
    revision: z.int(),
  })
  .meta({ id: 'User' })

const EXAMPLE_USER = {
  id: 'u_0199c5f0c2b07a4e8f00',
  login: 'bo',
  name: 'Bo',
  roles: ['viewer'] as RoleName[],
  tenant: 'default',
  queues: ['*'],
  emergency: false,
  hasPassword: true,
  hasTotp: false,
  issuer: null,
  disabledAt: null,
  createdAt: 1_767_225_600_000,
  signedInAt: null,
  revision: 1,
}

const rights = {
  roles: z.array(role).max(9),
  tenant: z.string().max(60).optional(),
  queues: queueGlobs.optional(),
  emergency: z.boolean().optional(),
}

const invite = z
  .string()
  .describe('For the link /setup#token=…, within 72 hours. It is shown once.')

/** A person decides on people; and one that was here just now. */
function demandPerson({ actor, rooms }: ApiContext): void {
  demandFresh(actor, rooms.clock.now())
}

export const userOperations: readonly ApiOperation[] = [
  operation({
    id: 'users.list',
    method: 'GET',
    path: '/api/v1/users',
    summary: 'Every user',
    permission: 'users:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: {},
    response: z.object({ data: z.array(user) }).meta({ id: 'Users' }),
    examples: [{ name: 'one', request: {}, response: { data: [EXAMPLE_USER] } }],
    run: async ({ rooms, actor }) => ({
      data: (await listUsers(rooms.access)).filter((one) => isOwn(actor, one)),
    }),
  }),
  operation({
    id: 'users.create',
    method: 'POST',
    path: '/api/v1/users',
    summary: 'Make a user, who sets a password through the invitation that comes back',
    permission: 'users:write',
    audit: 'write',
    phi: false,
    forgetful: true,
    status: 201,
    request: {
      body: z.object({
        login: z.string().min(1).max(120),
        name: z.string().min(1).max(120),
        ...rights,
      }),
    },
    response: z.object({ user, invite }).meta({ id: 'UserCreated' }),
    examples: [
      {
        name: 'a viewer',
        request: { body: { login: 'bo', name: 'Bo', roles: ['viewer'] } },
        response: { user: EXAMPLE_USER, invite: 'fQ0…' },
      },
    ],
    async run(context, { body }) {
      demandPerson(context)
      const { rooms, actor } = context
      return createUser(rooms.access, actor, { ...defined(body), tenant: actor.tenant })
    },
  }),
  operation({
    id: 'users.get',
    method: 'GET',
    path: '/api/v1/users/:id',
    summary: 'One user',
    permission: 'users:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: { params: idParams },
    response: user,
    examples: [
      { name: 'one', request: { params: { id: EXAMPLE_USER.id } }, response: EXAMPLE_USER },
    ],
    run: (context, { params }) => ofTenant(context, params.id),
  }),
  operation({
    id: 'users.change',
    method: 'PATCH',
    path: '/api/v1/users/:id',
    summary: 'Change, disable or enable a user; it holds at once, for open sessions too',
    permission: 'users:write',
    audit: 'write',
    phi: false,
    request: {
      params: idParams,
      body: z.object({
        name: z.string().min(1).max(120).optional(),
        roles: rights.roles.optional(),
        queues: rights.queues,
        emergency: rights.emergency,
        disabled: z.boolean().optional(),
        revision: z.int().optional().describe('Refuses the change when somebody else was faster.'),
      }),
    },
    response: user,
    examples: [
      {
        name: 'disabled',
        request: { params: { id: EXAMPLE_USER.id }, body: { disabled: true } },
        response: { ...EXAMPLE_USER, disabledAt: 1_767_225_600_000, revision: 2 },
      },
    ],
    async run(context, { params, body: { revision, ...change } }) {
      demandPerson(context)
      const { id } = await ofTenant(context, params.id)
      return changeUser(context.rooms.access, context.actor, id, defined(change), revision)
    },
  }),
  operation({
    id: 'users.reset',
    method: 'POST',
    path: '/api/v1/users/:id/reset',
    summary: 'Take password and second factor from a user, who sets new ones by invitation',
    permission: 'users:write',
    audit: 'write',
    phi: false,
    forgetful: true,
    request: { params: idParams },
    response: z.object({ invite }).meta({ id: 'UserReset' }),
    examples: [
      { name: 'reset', request: { params: { id: EXAMPLE_USER.id } }, response: { invite: 'fQ0…' } },
    ],
    async run(context, { params }) {
      demandPerson(context)
      const { id } = await ofTenant(context, params.id)
      return resetUser(context.rooms.access, context.actor, id)
    },
  }),
  operation({
    id: 'users.sessions',
    method: 'GET',
    path: '/api/v1/users/:id/sessions',
    summary: 'The open sessions of a user',
    permission: 'users:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: z.object({ data: z.array(sessionView) }).meta({ id: 'UserSessions' }),
    examples: [
      { name: 'none', request: { params: { id: EXAMPLE_USER.id } }, response: { data: [] } },
    ],
    async run(context, { params }) {
      const { id } = await ofTenant(context, params.id)
      return { data: await listSessions(context.rooms.access, id) }
    },
  }),
  operation({
    id: 'roles.list',
    method: 'GET',
    path: '/api/v1/roles',
    summary: 'What each role may do',
    permission: 'roles:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: {},
    response: z
      .object({
        permissions: z.array(z.object({ id: z.string(), summary: z.string() })),
        roles: z.array(
          z.object({
            id: role,
            title: z.string(),
            summary: z.string(),
            permissions: z.array(z.string()),
            outsideProduction: z.array(z.string()),
          }),
        ),
      })
      .meta({ id: 'RoleMatrix' }),
    examples: [
      {
        name: 'a part of it',
        request: {},
        response: {
          permissions: [{ id: 'jobs:read', summary: PERMISSIONS['jobs:read'] }],
          roles: [
            {
              id: 'viewer',
              title: 'Viewer',
              summary: 'sees what runs, never PHI',
              permissions: ['jobs:read'],
              outsideProduction: [],
            },
          ],
        },
      },
    ],
    run: async () => ({
      permissions: Object.entries(PERMISSIONS).map(([id, summary]) => ({ id, summary })),
      roles: ROLE_NAMES.map((id) => {
        const { title, summary, permissions, outsideProduction = [] } = ROLES[id]
        return { id, title, summary, permissions, outsideProduction }
      }),
    }),
  }),
]

/** Of one's tenant, and with no queues beyond one's own. */
function isOwn(actor: Actor, { tenant, queues }: User): boolean {
  return tenant === actor.tenant && covers(actor, queues)
}

/** Another tenant's user, or one who reaches further, is as one that is not there. */
async function ofTenant({ rooms, actor }: ApiContext, id: string): Promise<User> {
  const found = await mustFind(rooms.access, id)
  return isOwn(actor, found) ? found : mustFind(rooms.access, '')
}

/** Without what was left out. */
function defined<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
