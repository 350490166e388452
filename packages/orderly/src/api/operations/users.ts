// What is asked of and answered by users. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { User, UserCreated, UserReset, UserSessions, Users } from '../schemas/users.ts'
import type { Role } from '../schemas/session.ts'
export interface UsersApi {
  /** Every user. */
  'users.list': { request: {}; response: Users }
  /** Make a user, who sets a password through the invitation that comes back. */
  'users.create': {
    request: {
      body: {
        login: string
        name: string
        roles: Role[]
        tenant?: string
        /** Queues by name, or by their beginning and a star. */
        queues?: string[]
        emergency?: boolean
      }
    }
    response: UserCreated
  }
  /** One user. */
  'users.get': {
    request: {
      params: {
        id: string
      }
    }
    response: User
  }
  /** Change, disable or enable a user; it holds at once, for open sessions too. */
  'users.change': {
    request: {
      params: {
        id: string
      }
      body: {
        name?: string
        roles?: Role[]
        /** Queues by name, or by their beginning and a star. */
        queues?: string[]
        emergency?: boolean
        disabled?: boolean
        /** Refuses the change when somebody else was faster. */
        revision?: number
      }
    }
    response: User
  }
  /** Take password and second factor from a user, who sets new ones by invitation. */
  'users.reset': {
    request: {
      params: {
        id: string
      }
    }
    response: UserReset
  }
  /** The open sessions of a user. */
  'users.sessions': {
    request: {
      params: {
        id: string
      }
    }
    response: UserSessions
  }
}
