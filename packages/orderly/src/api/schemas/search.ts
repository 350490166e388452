// Types of the API's search. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Completion {
  /** Where what is completed begins in the text. */
  from: number
  items: {
    text: string
    about: string
    count: number | null
  }[]
}
