// Starts a worker for every queue that has jobs, and stops them together.
import { OrderlyError } from '../primitives/errors.ts'
import type { Rooms } from './rooms.ts'
import { startWorker, type QueueWorker } from './worker.ts'

/**
 * @throws OrderlyError `ORDERLY_HANDLER_MISSING` when a registered job has no handler: better now than at its first job
 */
export function startWorkers(rooms: Rooms): QueueWorker[] {
  const { jobs, handlers, queues } = rooms.registry
  const missing = [...jobs.keys()].filter((name) => !handlers.has(name))
  if (missing.length > 0) {
    throw new OrderlyError(
      'ORDERLY_HANDLER_MISSING',
      `no handler for ${missing.join(', ')}; give createOrderly a handler for each, or do not start workers here`,
    )
  }
  return rooms.engines
    .all()
    .flatMap((engine) => [...queues.values()].map((queue) => startWorker(queue, engine, rooms)))
}
