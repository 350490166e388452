// What is asked of and answered by alertRules. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  AlertBackTest,
  AlertRule,
  AlertRuleBody,
  AlertRuleRemoved,
  AlertRules,
} from '../schemas/alertRules.ts'
export interface AlertRulesApi {
  /** Every rule of alerts: those of the house and those that people made. */
  'alertRules.list': { request: {}; response: AlertRules }
  /** Make or replace a rule; one of the same name as a rule of the house stands above it. */
  'alertRules.put': {
    request: {
      params: {
        name: string
      }
      body: AlertRuleBody
    }
    response: AlertRule
  }
  /** Drop a rule that somebody made; one of the house is as it came then. */
  'alertRules.remove': {
    request: {
      params: {
        name: string
      }
    }
    response: AlertRuleRemoved
  }
  /** When a rule would have been an alert, without saving it. */
  'alertRules.try': {
    request: {
      params: {
        name: string
      }
      body: {
        rule: AlertRuleBody
        /** 31d at most. */
        last?: string
      }
    }
    response: AlertBackTest
  }
}
