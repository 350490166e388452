// What is asked of and answered by session. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  Changed,
  Ended,
  ProviderAddress,
  TotpDropped,
  TotpSecret,
  TotpSet,
  WhoAmI,
} from '../schemas/session.ts'
export interface SessionApi {
  /** Who am I, and what may I do. */
  'session.get': { request: {}; response: WhoAmI }
  /** Sign in. */
  'session.create': {
    request: {
      body: {
        login: string
        password: string
        /** Six digits of an authenticator. */
        code?: string
      }
    }
    response: WhoAmI
  }
  /** Begin to sign in through the identity provider, or to show once more who I am. */
  'session.provider': {
    request: {
      body: {
        /** The page to come back to. */
        to?: string
        /** Ask me again, although I am signed in. */
        stepUp?: boolean
      }
    }
    response: ProviderAddress
  }
  /** Sign out. */
  'session.end': { request: {}; response: Ended }
  /** Show once more who I am, as dangerous operations ask for within five minutes. */
  'session.step-up': {
    request: {
      body: {
        password: string
        /** Six digits of an authenticator. */
        code?: string
      }
    }
    response: WhoAmI
  }
  /** Set another password; every other session of mine ends. */
  'session.password': {
    request: {
      body: {
        password: string
        next: string
      }
    }
    response: Changed
  }
  /** A secret for an authenticator; it counts once a code of it was shown. */
  'session.totp-begin': { request: {}; response: TotpSecret }
  /** Show a code: from now on each sign-in asks for one. */
  'session.totp-confirm': {
    request: {
      body: {
        /** Six digits of an authenticator. */
        code: string
      }
    }
    response: TotpSet
  }
  /** No codes any more. */
  'session.totp-drop': { request: {}; response: TotpDropped }
}
