// What is asked of and answered by emergency. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Emergencies, Emergency, EmergencyEnded } from '../schemas/emergency.ts'
export interface EmergencyApi {
  /** Begin an emergency access of an hour; somebody else reviews it within three days. */
  'emergency.begin': {
    request: {
      body: {
        /** TREAT: treatment of the patient; HPAYMT: payment; HOPERAT: operation of the service; PATRQT: the patient asked; HSYSADMIN: support: finding out what went wrong; ETREAT: emergency treatment */
        purpose: 'TREAT' | 'HPAYMT' | 'HOPERAT' | 'PATRQT' | 'HSYSADMIN' | 'ETREAT'
        /** Why, in words. It is kept under seal in the audit log. */
        text: string
      }
    }
    response: Emergency
  }
  /** Emergency accesses, newest first. */
  'emergency.list': { request: {}; response: Emergencies }
  /** End my emergency access before its hour is over. */
  'emergency.end': {
    request: {
      params: {
        id: string
      }
    }
    response: EmergencyEnded
  }
  /** Review an emergency access of somebody else. */
  'emergency.review': {
    request: {
      params: {
        id: string
      }
      body: {
        verdict: 'justified' | 'not-justified'
        /** Why, in words. It is kept under seal in the audit log. */
        text: string
      }
    }
    response: Emergency
  }
}
