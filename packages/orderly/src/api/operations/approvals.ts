// What is asked of and answered by approvals. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { RevealApproval, RevealApprovalReason, RevealApprovals } from '../schemas/approvals.ts'
export interface ApprovalsApi {
  /** Ask somebody else to consent that I see fields of a job. */
  'approvals.request': {
    request: {
      body: {
        job: string
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
      }
    }
    response: RevealApproval
  }
  /** What was asked for, by me or of me, the newest first. */
  'approvals.list': { request: {}; response: RevealApprovals }
  /** One request, and why somebody asks. */
  'approvals.get': {
    request: {
      params: {
        id: string
      }
    }
    response: RevealApprovalReason
  }
  /** Consent to what somebody else asked for, or refuse it. */
  'approvals.decide': {
    request: {
      params: {
        id: string
      }
      body: {
        approve: boolean
        text?: string
      }
    }
    response: RevealApproval
  }
}
