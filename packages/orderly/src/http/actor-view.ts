// Actors, roles and permissions as the API shows them.
import { z } from 'zod'
import type { ActorKind } from '../access/actor.ts'
import { PERMISSIONS, type Permission } from '../access/permissions.ts'
import { ROLE_NAMES, type RoleName } from '../access/roles.ts'
import { time } from './fields.ts'

export interface ActorView {
  id: string
  kind: ActorKind
  name: string
  roles: RoleName[]
  permissions: Permission[]
  tenant: string
  queues: string[]
  session: { id: string; authenticatedAt: number; mfa: string | null } | null
}

export const role: z.ZodType<RoleName, RoleName> = z
  .enum(ROLE_NAMES as [RoleName, ...RoleName[]])
  .meta({ id: 'Role' })

export const permission: z.ZodType<Permission, Permission> = z
  .enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])
  .meta({ id: 'Permission' })

export const queueGlobs: z.ZodArray<z.ZodString> = z
  .array(z.string().max(121))
  .max(50)
  .describe('Queues by name, or by their beginning and a star.')

export const actorView: z.ZodType<ActorView, ActorView> = z
  .object({
    id: z.string(),
    kind: z.enum(['user', 'key', 'host', 'system']),
    name: z.string(),
    roles: z.array(role),
    permissions: z.array(permission),
    tenant: z.string(),
    queues: z.array(z.string()),
    session: z
      .object({ id: z.string(), authenticatedAt: time, mfa: z.string().nullable() })
      .nullable(),
  })
  .meta({ id: 'Actor' })

export const EXAMPLE_ACTOR: ActorView = {
  id: 'u_0199c5f0c2b07a4e8f00',
  kind: 'user',
  name: 'Ana',
  roles: ['viewer'],
  permissions: ['jobs:read'],
  tenant: 'default',
  queues: ['*'],
  session: { id: 's_0199c5f0c2b07a4e8f00', authenticatedAt: 1_767_225_600_000, mfa: null },
}
