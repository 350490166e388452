// The roles and what each may do. None inherits from another, and none gets PHI by being powerful.
import type { Permission } from './permissions.ts'

export interface Role {
  readonly title: string
  readonly summary: string
  readonly permissions: readonly Permission[]
  /** Left out where `NODE_ENV` is `production`. */
  readonly outsideProduction?: readonly Permission[]
}

const LOOKING: readonly Permission[] = [
  'jobs:read',
  'queues:read',
  'types:read',
  'schedules:read',
  'workflows:read',
  'workers:read',
  'metrics:read',
  'packs:read',
  'alerts:read',
  'events:read',
  'notifications:read',
  'roles:read',
]

export type RoleName =
  | 'viewer'
  | 'operator'
  | 'developer'
  | 'privacy'
  | 'auditor'
  | 'admin'
  | 'keyAdmin'
  | 'worker'
  | 'producer'

export const ROLES: Readonly<Record<RoleName, Role>> = {
  viewer: {
    title: 'Viewer',
    summary: 'sees what runs, never PHI',
    permissions: LOOKING,
  },
  operator: {
    title: 'Operator',
    summary: 'keeps jobs running: adds, retries, cancels, pauses; sees no PHI',
    permissions: [
      ...LOOKING,
      'jobs:enqueue',
      'jobs:retry',
      'jobs:cancel',
      'jobs:delete',
      'jobs:bulk',
      'jobs:export',
      'queues:control',
      'queues:purge',
      'schedules:run',
      'workflows:run',
      'workflows:approve',
      'packs:act',
      'views:write',
      'alerts:write',
      'webhooks:read',
      'events:send',
      'settings:read',
      'evidence:read',
    ],
  },
  developer: {
    title: 'Developer',
    summary: 'adds jobs and drafts workflows and schedules; operates outside production only',
    permissions: [
      ...LOOKING,
      'jobs:enqueue',
      'schedules:write',
      'workflows:write',
      'views:write',
      'webhooks:read',
      'settings:read',
    ],
    outsideProduction: [
      'jobs:retry',
      'jobs:cancel',
      'jobs:delete',
      'jobs:bulk',
      'queues:control',
      'queues:purge',
      'schedules:run',
      'workflows:run',
      'workflows:deploy',
      'events:send',
    ],
  },
  privacy: {
    title: 'Privacy',
    summary: 'reveals PHI for a purpose, finds jobs by it, answers for emergencies',
    permissions: [
      'jobs:read',
      'queues:read',
      'types:read',
      'packs:read',
      'notifications:read',
      'roles:read',
      'phi:reveal',
      'phi:approve',
      'phi:search',
      'phi:export',
      'breakglass:use',
      'evidence:read',
    ],
  },
  auditor: {
    title: 'Auditor',
    summary: 'reads and checks the audit log, signs evidence off, reviews emergencies',
    permissions: [
      ...LOOKING,
      'audit:read',
      'audit:verify',
      'audit:export',
      'breakglass:review',
      'evidence:read',
      'evidence:signoff',
      'users:read',
      'apikeys:read',
      'settings:read',
    ],
  },
  admin: {
    title: 'Administrator',
    summary: 'runs the installation and says who may what; sees no PHI',
    permissions: [
      ...LOOKING,
      'jobs:enqueue',
      'jobs:retry',
      'jobs:cancel',
      'jobs:delete',
      'jobs:bulk',
      'jobs:export',
      'queues:control',
      'queues:purge',
      'schedules:write',
      'schedules:run',
      'workflows:write',
      'workflows:deploy',
      'workflows:run',
      'workflows:approve',
      'packs:act',
      'views:write',
      'alerts:write',
      'webhooks:read',
      'webhooks:write',
      'events:send',
      'settings:read',
      'settings:write',
      'audit:read',
      'audit:verify',
      'evidence:read',
      'users:read',
      'users:write',
      'apikeys:read',
      'apikeys:write',
    ],
  },
  keyAdmin: {
    title: 'Key administrator',
    summary: 'rotates keys and destroys what is to be forgotten; sees no jobs',
    permissions: [
      'notifications:read',
      'roles:read',
      'keyring:read',
      'keyring:rotate',
      'subjects:shred',
      'audit:prune',
    ],
  },
  worker: {
    title: 'Worker',
    summary: 'a program that works on jobs and reports on them',
    permissions: ['jobs:read', 'queues:read', 'types:read', 'workers:read', 'metrics:read'],
  },
  producer: {
    title: 'Producer',
    summary: 'a program that adds jobs',
    permissions: ['jobs:enqueue', 'types:read', 'events:send'],
  },
}

export const ROLE_NAMES: readonly RoleName[] = Object.keys(ROLES) as RoleName[]

/** The roles that have a permission. */
export function rolesWith(permission: Permission): readonly RoleName[] {
  return ROLE_NAMES.filter((name) => ROLES[name].permissions.includes(permission))
}

/** Roles that may decide what an approval of a workflow asks. */
export const DECIDING_ROLES: readonly RoleName[] = rolesWith('workflows:approve')

/** Whether there is such a role. */
export function isRole(value: unknown): value is RoleName {
  return typeof value === 'string' && Object.hasOwn(ROLES, value)
}

/** All that these roles permit together, in the order of the list of permissions. */
export function permissionsOf(
  roles: readonly RoleName[],
  { production }: { readonly production: boolean },
): Permission[] {
  const all = new Set<Permission>()
  for (const name of roles) {
    const role = ROLES[name]
    for (const permission of role.permissions) all.add(permission)
    if (!production) for (const permission of role.outsideProduction ?? []) all.add(permission)
  }
  return [...all]
}
