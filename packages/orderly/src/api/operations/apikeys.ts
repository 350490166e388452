// What is asked of and answered by apikeys. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { ApiKeyCreated, ApiKeyRevoked, ApiKeys } from '../schemas/apikeys.ts'
import type { Permission, Role } from '../schemas/session.ts'
export interface ApikeysApi {
  /** Every API key, without its secret. */
  'apikeys.list': { request: {}; response: ApiKeys }
  /** Make an API key; its text is shown once. */
  'apikeys.create': {
    request: {
      body: {
        name: string
        roles: Role[]
        only?: Permission[]
        /** Queues by name, or by their beginning and a star. */
        queues?: string[]
        networks?: string[]
        /** Milliseconds since 1970 UTC, a year ahead at most. */
        expiresAt: number
      }
    }
    response: ApiKeyCreated
  }
  /** Revoke an API key; it is refused from now on. */
  'apikeys.revoke': {
    request: {
      params: {
        id: string
      }
    }
    response: ApiKeyRevoked
  }
}
