// What is asked of and answered by webhooks. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  Webhook,
  WebhookCreated,
  WebhookDeliveries,
  WebhookFilterInput,
  WebhookRedelivered,
  WebhookRemoved,
  WebhookSecret,
  WebhookTested,
  Webhooks,
} from '../schemas/webhooks.ts'
export interface WebhooksApi {
  /** Every subscription. */
  'webhooks.list': { request: {}; response: Webhooks }
  /** Subscribe a URL to events; the secret is shown this once. */
  'webhooks.create': {
    request: {
      body: {
        name: string
        url: string
        filter: WebhookFilterInput
      }
    }
    response: WebhookCreated
  }
  /** Change, pause or resume a subscription. */
  'webhooks.change': {
    request: {
      params: {
        id: string
      }
      body: {
        name?: string
        url?: string
        filter?: WebhookFilterInput
        state?: 'active' | 'paused'
      }
    }
    response: Webhook
  }
  /** End a subscription and drop its deliveries. */
  'webhooks.remove': {
    request: {
      params: {
        id: string
      }
    }
    response: WebhookRemoved
  }
  /** Give it a new secret; the one before signs too for a while. */
  'webhooks.rotateSecret': {
    request: {
      params: {
        id: string
      }
      body: {
        /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
        overlap?: string
      }
    }
    response: WebhookSecret
  }
  /** Send a webhook.test event. */
  'webhooks.test': {
    request: {
      params: {
        id: string
      }
    }
    response: WebhookTested
  }
  /** What was delivered, what is due, and what is dead; newest first. */
  'webhooks.deliveries': {
    request: {
      params: {
        id: string
      }
      query?: {
        state?: 'due' | 'delivered' | 'dead'
        limit?: number
        before?: string
      }
    }
    response: WebhookDeliveries
  }
  /** Deliver again: one delivery, or all that are dead. */
  'webhooks.redeliver': {
    request: {
      params: {
        id: string
      }
      body: {
        delivery?: string
      }
    }
    response: WebhookRedelivered
  }
}
