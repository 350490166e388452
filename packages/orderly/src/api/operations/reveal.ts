// What is asked of and answered by reveal. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Revealed, RevealedOfPack } from '../schemas/reveal.ts'
export interface RevealApi {
  /** Show fields of a job unmasked; the audit log says so before they leave. */
  'reveal.job': {
    request: {
      params: {
        id: string
      }
      body: {
        /** What the job carries, what an attempt threw, or the lines it wrote to its log. */
        part?: 'input' | 'output' | 'error' | 'log'
        /** Which attempt, for the part `error`; the last one that threw unless told. */
        attempt?: number
        /** JSON pointers (RFC 6901); an empty text is the whole. */
        pointers: string[]
        /** TREAT: treatment of the patient; HPAYMT: payment; HOPERAT: operation of the service; PATRQT: the patient asked; HSYSADMIN: support: finding out what went wrong; ETREAT: emergency treatment */
        purpose: 'TREAT' | 'HPAYMT' | 'HOPERAT' | 'PATRQT' | 'HSYSADMIN' | 'ETREAT'
        /** Why, in words. It is kept under seal in the audit log. */
        text: string
        ticket?: string
        /** The consent of somebody else, as approvals.request named it. */
        approval?: string
      }
    }
    response: Revealed
  }
  /** Show a value that a pack's page has masked; the audit log says so before it is opened. */
  'reveal.pack': {
    request: {
      params: {
        pack: string
      }
      body: {
        record: string
        field: string
        /** TREAT: treatment of the patient; HPAYMT: payment; HOPERAT: operation of the service; PATRQT: the patient asked; HSYSADMIN: support: finding out what went wrong; ETREAT: emergency treatment */
        purpose: 'TREAT' | 'HPAYMT' | 'HOPERAT' | 'PATRQT' | 'HSYSADMIN' | 'ETREAT'
        /** Why, in words. It is kept under seal in the audit log. */
        text: string
        ticket?: string
      }
    }
    response: RevealedOfPack
  }
}
