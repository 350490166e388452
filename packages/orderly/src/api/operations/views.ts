// What is asked of and answered by views. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { View, ViewDeletion, ViewRequest, Views } from '../schemas/views.ts'
export interface ViewsApi {
  /** One’s own views, and those shared with one’s roles. */
  'views.list': { request: {}; response: Views }
  /** Keep a view. */
  'views.create': { request: { body: ViewRequest }; response: View }
  /** Change a view of one’s own. */
  'views.change': {
    request: {
      params: {
        id: string
      }
      body: ViewRequest
    }
    response: View
  }
  /** Drop a view of one’s own. */
  'views.delete': {
    request: {
      params: {
        id: string
      }
    }
    response: ViewDeletion
  }
}
