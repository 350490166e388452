// Types of the API's session. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface WhoAmI {
  /** Null where nobody is signed in. */
  actor: Actor | null
  /** Sent back with each change in the header x-orderly-csrf. A session alone has one. */
  csrf?: string
  /** No user exists yet: the setup link makes the first. */
  setup: boolean
  /** Who else vouches for people: session.provider leads there. */
  provider?: {
    label: string
  }
  /** Milliseconds since 1970 UTC. */
  now: number
}
export interface Actor {
  id: string
  kind: 'user' | 'key' | 'host' | 'system'
  name: string
  roles: Role[]
  permissions: Permission[]
  tenant: string
  queues: string[]
  session: {
    id: string
    /** Milliseconds since 1970 UTC. */
    authenticatedAt: number
    mfa: string | null
  } | null
}
export type Role =
  | 'viewer'
  | 'operator'
  | 'developer'
  | 'privacy'
  | 'auditor'
  | 'admin'
  | 'keyAdmin'
  | 'worker'
  | 'producer'
export type Permission =
  | 'jobs:read'
  | 'jobs:enqueue'
  | 'jobs:retry'
  | 'jobs:cancel'
  | 'jobs:delete'
  | 'jobs:bulk'
  | 'jobs:export'
  | 'queues:read'
  | 'queues:control'
  | 'queues:purge'
  | 'types:read'
  | 'schedules:read'
  | 'schedules:write'
  | 'schedules:run'
  | 'workflows:read'
  | 'workflows:write'
  | 'workflows:deploy'
  | 'workflows:run'
  | 'workflows:approve'
  | 'workers:read'
  | 'metrics:read'
  | 'packs:read'
  | 'packs:act'
  | 'views:write'
  | 'alerts:read'
  | 'alerts:write'
  | 'webhooks:read'
  | 'webhooks:write'
  | 'events:read'
  | 'events:send'
  | 'notifications:read'
  | 'settings:read'
  | 'settings:write'
  | 'phi:reveal'
  | 'phi:approve'
  | 'phi:search'
  | 'phi:export'
  | 'breakglass:use'
  | 'breakglass:review'
  | 'audit:read'
  | 'audit:verify'
  | 'audit:export'
  | 'audit:prune'
  | 'evidence:read'
  | 'evidence:signoff'
  | 'users:read'
  | 'users:write'
  | 'roles:read'
  | 'apikeys:read'
  | 'apikeys:write'
  | 'keyring:read'
  | 'keyring:rotate'
  | 'subjects:shred'
export interface ProviderAddress {
  url: string
}
export interface Ended {
  ended: boolean
}
export interface Changed {
  changed: boolean
}
export interface TotpSecret {
  secret: string
  uri: string
}
export interface TotpSet {
  changed: boolean
}
export interface TotpDropped {
  changed: boolean
}
