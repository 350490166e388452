// Types of the API's users. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Role } from './session.ts'

export interface Users {
  data: User[]
}
export interface User {
  id: string
  login: string
  name: string
  roles: Role[]
  tenant: string
  queues: string[]
  /** May begin an emergency access. */
  emergency: boolean
  hasPassword: boolean
  hasTotp: boolean
  /** The identity provider that vouches for them. */
  issuer: string | null
  disabledAt: number | null
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  signedInAt: number | null
  revision: number
}
export interface UserCreated {
  user: User
  /** For the link /setup#token=…, within 72 hours. It is shown once. */
  invite: string
}
export interface UserReset {
  /** For the link /setup#token=…, within 72 hours. It is shown once. */
  invite: string
}
export interface UserSessions {
  data: Session[]
}
export interface Session {
  id: string
  userId: string
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Milliseconds since 1970 UTC. */
  seenAt: number
  address: string
  agent: string
  mfa: string | null
}
