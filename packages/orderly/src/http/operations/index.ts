// Every operation of the API, area by area. An area adds its file here.
import type { ApiOperation } from '../contract.ts'
import { alertRouteOperations } from './alert-routes.ts'
import { alertRuleOperations } from './alert-rules.ts'
import { alertOperations } from './alerts.ts'
import { apiKeyOperations } from './api-keys.ts'
import { auditOperations } from './audit.ts'
import { approvalOperations } from './approvals.ts'
import { bulkOperations } from './bulk.ts'
import { deployOperations } from './deploys.ts'
import { evidenceOperations } from './evidence.ts'
import { explainOperations } from './explain.ts'
import { failureOperations } from './failures.ts'
import { jobChanges } from './job-changes.ts'
import { jobExports } from './job-export.ts'
import { jobParts } from './job-parts.ts'
import { jobReads } from './job-reads.ts'
import { typeOperations } from './job-types.ts'
import { limitOperations } from './limits.ts'
import { liveOperations } from './live.ts'
import { monitorOperations } from './monitor.ts'
import { packOperations } from './packs.ts'
import { queueOperations } from './queues.ts'
import { revealOperations } from './reveal.ts'
import { sessionOperations } from './session.ts'
import { userOperations } from './users.ts'
import { runLifeOperations } from './run-life.ts'
import { runRepairs } from './run-repairs.ts'
import { runOperations } from './runs.ts'
import { slotOperations } from './schedule-slots.ts'
import { scheduleOperations } from './schedules.ts'
import { searchOperations } from './search.ts'
import { signoffOperations } from './signoffs.ts'
import { templateOperations } from './templates.ts'
import { viewOperations } from './views.ts'
import { workflowSourceOperations } from './workflow-source.ts'
import { workflowOperations } from './workflows.ts'
import { eventOperations } from './events.ts'
import { notificationOperations } from './notifications.ts'
import { webhookOperations } from './webhooks.ts'

export const OPERATIONS: readonly ApiOperation[] = [
  ...monitorOperations,
  ...deployOperations,
  ...jobReads,
  ...jobParts,
  ...jobExports,
  ...jobChanges,
  ...explainOperations,
  ...searchOperations,
  ...bulkOperations,
  ...queueOperations,
  ...limitOperations,
  ...typeOperations,
  ...scheduleOperations,
  ...slotOperations,
  ...workflowOperations,
  ...workflowSourceOperations,
  ...runOperations,
  ...runLifeOperations,
  ...runRepairs,
  ...templateOperations,
  ...failureOperations,
  ...packOperations,
  ...sessionOperations,
  ...userOperations,
  ...apiKeyOperations,
  ...auditOperations,
  ...evidenceOperations,
  ...signoffOperations,
  ...revealOperations,
  ...approvalOperations,
  ...viewOperations,
  ...liveOperations,
  ...notificationOperations,
  ...webhookOperations,
  ...eventOperations,
  ...alertOperations,
  ...alertRuleOperations,
  ...alertRouteOperations,
]
