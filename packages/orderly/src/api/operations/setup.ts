// What is asked of and answered by setup. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { WhoAmI } from '../schemas/session.ts'
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
}
