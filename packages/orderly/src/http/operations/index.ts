// Every operation of the API, area by area. An area adds its file here.
import type { ApiOperation } from '../contract.ts'
import { apiKeyOperations } from './api-keys.ts'
import { auditOperations } from './audit.ts'
import { jobChanges } from './job-changes.ts'
import { jobReads } from './job-reads.ts'
import { limitOperations } from './limits.ts'
import { packOperations } from './packs.ts'
import { queueOperations } from './queues.ts'
import { revealOperations } from './reveal.ts'
import { sessionOperations } from './session.ts'
import { userOperations } from './users.ts'

export const OPERATIONS: readonly ApiOperation[] = [
  ...jobReads,
  ...jobChanges,
  ...queueOperations,
  ...limitOperations,
  ...packOperations,
  ...sessionOperations,
  ...userOperations,
  ...apiKeyOperations,
  ...auditOperations,
  ...revealOperations,
]
