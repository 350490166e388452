// What is asked of and answered by roles. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { RoleMatrix } from '../schemas/roles.ts'
export interface RolesApi {
  /** What each role may do. */
  'roles.list': { request: {}; response: RoleMatrix }
}
