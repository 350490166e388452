// Who asks: a person, an API key, an account of the host's application, or the system itself.
import type { Permission } from './permissions.ts'
import { permissionsOf, type RoleName } from './roles.ts'

export type ActorKind = 'user' | 'key' | 'host' | 'system'

export interface Actor {
  /** `u_…` for users, `k_…` for keys, `host:…` for accounts of the host, `system`. Opaque, and stored in the clear. */
  readonly id: string
  readonly kind: ActorKind
  /** For people to read. It is stored in the clear wherever somebody did something. */
  readonly name: string
  readonly roles: readonly RoleName[]
  /** All that it may do, narrowed already where a key has less than its roles. */
  readonly permissions: readonly Permission[]
  readonly tenant: string
  /** Globs of the queues it may see and act on, such as `lab.*`. `['*']` is all of them. */
  readonly queues: readonly string[]
  /** How and when it signed in; only users have one. */
  readonly session?: ActorSession
}

export interface ActorSession {
  /** Names the session in the audit log and in lists; the token it is held by cannot be had from it. */
  readonly id: string
  /** When a factor was last shown, in milliseconds since 1970 UTC: a step-up makes it new. */
  readonly authenticatedAt: number
  /** What was shown beside the password, if anything: `totp`, or what an identity provider says. */
  readonly mfa: string | null
}

export const DEFAULT_TENANT = 'default'
export const ALL_QUEUES: readonly string[] = ['*']

export interface ActorSpec {
  readonly id: string
  readonly kind: ActorKind
  readonly name: string
  readonly roles: readonly RoleName[]
  readonly tenant?: string
  readonly queues?: readonly string[]
  /** Of what the roles permit, only this much. */
  readonly only?: readonly Permission[]
  readonly session?: ActorSession
}

/** An actor with all that its roles permit here. */
export function actorOf(spec: ActorSpec, surroundings: { readonly production: boolean }): Actor {
  const { only, session } = spec
  const permissions = permissionsOf(spec.roles, surroundings)
  return {
    id: spec.id,
    kind: spec.kind,
    name: spec.name,
    roles: spec.roles,
    permissions: only ? permissions.filter((permission) => only.includes(permission)) : permissions,
    tenant: spec.tenant ?? DEFAULT_TENANT,
    queues: spec.queues ?? ALL_QUEUES,
    ...(session ? { session } : {}),
  }
}

/** The process itself, for what happens by the clock. It holds no permission: nobody can act through it. */
export const SYSTEM: Actor = {
  id: 'system',
  kind: 'system',
  name: 'system',
  roles: [],
  permissions: [],
  tenant: DEFAULT_TENANT,
  queues: [],
}
