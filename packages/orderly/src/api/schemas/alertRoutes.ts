// Types of the API's alertRoutes. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface AlertRoutes {
  data: AlertRoute[]
}
export interface AlertRoute {
  name: string
  kind: 'mail' | 'slack' | 'webhook' | 'in-app'
  /** Addresses of mail, or recipients of notifications such as #role/operator. */
  to?: string[]
  /** The id of a webhook. */
  webhook?: string
}
export interface AlertRouteSaved {
  saved: boolean
}
export interface AlertRouteRemoved {
  removed: boolean
}
export interface AlertRouteTested {
  queued: boolean
}
