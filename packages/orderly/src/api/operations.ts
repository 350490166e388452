// Every operation with its request and its answer. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { JobsApi } from './operations/jobs.ts'
import type { QueuesApi } from './operations/queues.ts'
import type { LimitsApi } from './operations/limits.ts'
import type { PacksApi } from './operations/packs.ts'
import type { NotificationsApi } from './operations/notifications.ts'
import type { WebhooksApi } from './operations/webhooks.ts'
import type { EventsApi } from './operations/events.ts'
import type { EventSourcesApi } from './operations/eventSources.ts'
export interface Api
  extends
    JobsApi,
    QueuesApi,
    LimitsApi,
    PacksApi,
    NotificationsApi,
    WebhooksApi,
    EventsApi,
    EventSourcesApi {}
