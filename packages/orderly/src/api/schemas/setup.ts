// Types of the API's setup. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface InviteWorks {
  works: true
}
