// Types of the API's problem. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Problem {
  /** Where the error is described, by its code. */
  type: string
  title: string
  status: number
  /** A code of the table of errors. */
  code: string
  /** What to do next; never a value of the request. */
  detail?: string
  /** The id of the request, as the log has it. */
  instance: string
  /** The places of the request that do not fit. */
  errors?: {
    pointer: string
    code: string
    message: string
  }[]
  fix?: string
}
