// Types of the API's live. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Watching {
  watching: number
}
