// What is asked of and answered by setup. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { WhoAmI } from '../schemas/session.ts'
import type { InviteWorks } from '../schemas/setup.ts'
export interface SetupApi {
  /** Take an invitation: set a password, or make the first user. */
  'setup.accept': {
    request: {
      body: {
        token: string
        password: string
        /** For the first user. */
        login?: string
        /** For the first user. */
        name?: string
      }
    }
    response: WhoAmI
  }
  /** Say whether an invitation still works, before a form is filled in; it is not used up. */
  'setup.check': {
    request: {
      body: {
        token: string
      }
    }
    response: InviteWorks
  }
}
