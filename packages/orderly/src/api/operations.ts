// Every operation with its request and its answer. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { JobsApi } from './operations/jobs.ts'
import type { QueuesApi } from './operations/queues.ts'
import type { LimitsApi } from './operations/limits.ts'
import type { PacksApi } from './operations/packs.ts'
export interface Api extends JobsApi, QueuesApi, LimitsApi, PacksApi {}
