// Every operation of the API, area by area. An area adds its file here.
import type { ApiOperation } from '../contract.ts'
import { jobChanges } from './job-changes.ts'
import { jobReads } from './job-reads.ts'
import { limitOperations } from './limits.ts'
import { packOperations } from './packs.ts'
import { queueOperations } from './queues.ts'
import { eventOperations } from './events.ts'
import { notificationOperations } from './notifications.ts'
import { webhookOperations } from './webhooks.ts'

export const OPERATIONS: readonly ApiOperation[] = [
  ...jobReads,
  ...jobChanges,
  ...queueOperations,
  ...limitOperations,
  ...packOperations,
  ...notificationOperations,
  ...webhookOperations,
  ...eventOperations,
]
