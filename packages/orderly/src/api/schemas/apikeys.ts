// Types of the API's apikeys. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Permission, Role } from './session.ts'

export interface ApiKeys {
  data: ApiKey[]
}
export interface ApiKey {
  id: string
  name: string
  roles: Role[]
  only: Permission[] | null
  queues: string[]
  tenant: string
  networks: string[] | null
  owner: string
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Milliseconds since 1970 UTC. */
  expiresAt: number
  usedAt: number | null
  revokedAt: number | null
}
export interface ApiKeyCreated {
  key: ApiKey
  /** For the header Authorization: Bearer … */
  text: string
}
export interface ApiKeyRevoked {
  revoked: boolean
}
