// Types of the API's webhooks. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Webhooks {
  data: Webhook[]
}
export interface Webhook {
  id: string
  name: string
  url: string
  filter: WebhookFilter
  state: 'active' | 'paused' | 'gone'
  reason: string | null
  by: string
  /** Until when the secret before signs too. */
  oldSecretUntil: number | null
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Milliseconds since 1970 UTC. */
  updatedAt: number
}
export interface WebhookFilter {
  /** job.failed, job.*, alert.*, * */
  types: string[]
  jobs?: string[]
  queues?: string[]
}
export interface WebhookFilterInput {
  /** job.failed, job.*, alert.*, * */
  types: string[]
  jobs?: string[]
  queues?: string[]
}
export interface WebhookCreated {
  webhook: Webhook
  secret: string
}
export interface WebhookRemoved {
  removed: boolean
}
export interface WebhookSecret {
  secret: string
  /** Milliseconds since 1970 UTC. */
  oldUntil: number
}
export interface WebhookTested {
  delivery: string
}
export interface WebhookDeliveries {
  data: WebhookDelivery[]
}
export interface WebhookDelivery {
  id: string
  webhook: string
  event: string
  type: string
  state: 'due' | 'delivered' | 'dead'
  attempts: number
  /** Milliseconds since 1970 UTC. */
  dueAt: number
  status: number | null
  error: string | null
  /** Milliseconds of the last attempt. */
  took: number | null
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  endedAt: number | null
}
export interface WebhookRedelivered {
  count: number
}
