// Types of every request and answer. Made from the operations of the API by test/http/client.test.ts; not written by hand.
export type * from './jobs.ts'
export type * from './queues.ts'
export type * from './limits.ts'
export type * from './packs.ts'
export type * from './problem.ts'
