// Types of the API's reveal. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Revealed {
  /** The entry of the audit log. */
  entry: string
  values: {
    pointer: string
    found: boolean
    value: unknown
  }[]
}
export interface RevealedOfPack {
  /** The entry of the audit log. */
  entry: string
  value: unknown
}
