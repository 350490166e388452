// Types of the API's settings. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Settings {
  home: string
  queueUrl: string
  databaseUrl: string
  allowVolatile: boolean
  allowPlaintext: boolean
  production: boolean
  release: string
  /** Milliseconds that history outlives its jobs. */
  historyRetention: number
  queues: string[]
  holdsPhi: boolean
}
