// Types of the API's roles. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Role } from './session.ts'

export interface RoleMatrix {
  permissions: {
    id: string
    summary: string
  }[]
  roles: {
    id: Role
    title: string
    summary: string
    permissions: string[]
    outsideProduction: string[]
  }[]
}
