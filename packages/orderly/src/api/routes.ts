// Where each operation is. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Api } from './operations.ts'
export const ROUTES: Readonly<Record<keyof Api, readonly [method: string, path: string]>> = {
  'jobs.list': ['GET', '/api/v1/jobs'],
  'jobs.search': ['POST', '/api/v1/jobs/search'],
  'jobs.get': ['GET', '/api/v1/jobs/:id'],
  'jobs.create': ['POST', '/api/v1/jobs'],
  'jobs.createMany': ['POST', '/api/v1/jobs/bulk'],
  'jobs.retry': ['POST', '/api/v1/jobs/:id/retry'],
  'jobs.cancel': ['POST', '/api/v1/jobs/:id/cancel'],
  'jobs.promote': ['POST', '/api/v1/jobs/:id/promote'],
  'jobs.delete': ['DELETE', '/api/v1/jobs/:id'],
  'queues.list': ['GET', '/api/v1/queues'],
  'queues.get': ['GET', '/api/v1/queues/:name'],
  'queues.pause': ['POST', '/api/v1/queues/:name/pause'],
  'queues.resume': ['POST', '/api/v1/queues/:name/resume'],
  'queues.drain': ['POST', '/api/v1/queues/:name/drain'],
  'queues.clean': ['POST', '/api/v1/queues/:name/clean'],
  'limits.list': ['GET', '/api/v1/limits'],
  'limits.override': ['PUT', '/api/v1/limits'],
  'limits.reset': ['POST', '/api/v1/limits/reset'],
  'packs.list': ['GET', '/api/v1/packs'],
  'packs.page': ['GET', '/api/v1/packs/:pack/pages/:page'],
}
