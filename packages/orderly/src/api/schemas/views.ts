// Types of the API's views. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Views {
  data: View[]
}
export interface View {
  id: string
  page: 'jobs' | 'runs' | 'failures' | 'schedules'
  name: string
  query: string
  columns: string[]
  own: boolean
  /** A role. */
  sharedWith: string | null
  pinned: boolean
  /** Milliseconds since 1970 UTC. */
  updatedAt: number
}
export interface ViewRequest {
  page: 'jobs' | 'runs' | 'failures' | 'schedules'
  name: string
  query: string
  columns?: string[]
  sharedWith?:
    | (
        | 'viewer'
        | 'operator'
        | 'developer'
        | 'privacy'
        | 'auditor'
        | 'admin'
        | 'keyAdmin'
        | 'worker'
        | 'producer'
      )
    | null
  pinned?: boolean
}
export interface ViewDeletion {
  deleted: boolean
}
