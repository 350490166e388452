// What is asked of and answered by signoffs. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Signoff, SignoffCheck, Signoffs } from '../schemas/signoffs.ts'
export interface SignoffsApi {
  /** What people have signed off, newest first. */
  'signoffs.list': { request: {}; response: Signoffs }
  /** Sign the evidence of a period off, as it is now. */
  'signoffs.create': {
    request: {
      body: {
        kind: 'technical' | 'security' | 'compliance' | 'qa'
        type?: string
        /** Milliseconds since 1970 UTC. */
        from: number
        /** Milliseconds since 1970 UTC. */
        to: number
        /** Why, for everybody to read. It holds nothing of a patient. */
        statement: string
      }
    }
    response: Signoff
  }
  /** Whether the evidence of a signed period is as it was signed. */
  'signoffs.check': {
    request: {
      params: {
        id: string
      }
    }
    response: SignoffCheck
  }
}
