// Starts a worker for every queue that has jobs, and stops them together.
import { reaches } from '../access/can.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { BEAT_MS, openBeat } from './beat.ts'
import { obeyRequests } from './cancel.ts'
import { keepLimits } from './limits.ts'
import { writeQueuePauses } from './queue-pauses.ts'
import type { Rooms } from './rooms.ts'
import { catchStrayErrors } from './stray-errors.ts'
import { startWorker } from './worker.ts'

/** The workers of a process. */
export interface Work {
  readonly queues: readonly string[]
  /** False while a worker that has gone deaf is being replaced. */
  isReady(): boolean
  /** Calls `listener` whenever a job has left the active state; the returned function ends that. */
  onSettled(listener: () => void): () => void
  /** Takes no more jobs and waits for the running ones; after `grace` ms, or when `hurry` aborts, they are told to stop. */
  close(grace: number, hurry?: AbortSignal): Promise<void>
}

/** How soon a job that runs here hears that somebody elsewhere cancelled it. */
const REQUESTS_MS = 500

/**
 * @param only the queues to work on; all unless told
 * @throws OrderlyError `ORDERLY_HANDLER_MISSING` when a job of these queues has no handler: better now than at its first
 *   job; `ORDERLY_JOB_UNKNOWN` for a queue that nothing waits in; `ORDERLY_FORBIDDEN` for one out of this process's scope
 */
export async function startWork(rooms: Rooms, only?: readonly string[]): Promise<Work> {
  const { jobs, handlers, queues } = rooms.registry
  const unknown = only?.filter((name) => !queues.has(name)) ?? []
  if (unknown.length > 0)
    throw new OrderlyError(
      'ORDERLY_JOB_UNKNOWN',
      `no job waits in ${unknown.join(', ')}; the queues here are ${[...queues.keys()].join(', ')}`,
    )
  const names = only
    ? [...new Set(only)]
    : [...queues.keys()].filter((name) => isInScope(rooms, name))
  await refuseOutOfScope(rooms, names)
  const missing = [...jobs.values()].filter(
    ({ name, queue }) => names.includes(queue) && !handlers.has(name),
  )
  if (missing.length > 0) {
    throw new OrderlyError(
      'ORDERLY_HANDLER_MISSING',
      `no handler for ${missing.map(({ name }) => name).join(', ')}; give createOrderly a handler for each, or do not start workers here`,
    )
  }
  await rooms.pauses.refresh()
  await writeQueuePauses(rooms)
  await keepLimits(rooms)
  const id = newId(rooms.clock.now())
  const workers = rooms.engines
    .all()
    .flatMap((engine) => names.map((name) => startWorker(queues.get(name)!, engine, id, rooms)))
  rooms.log.info(
    { queues: Object.fromEntries(names.map((name) => [name, queues.get(name)!.concurrency])) },
    `workers started for ${names.join(', ')}`,
  )
  const stopping = new AbortController()
  const letStray = catchStrayErrors(rooms.log)
  const beat = openBeat(id, names, rooms.clock.now())
  const loops = [
    every(BEAT_MS, () => beat.write(rooms), rooms, stopping.signal),
    every(REQUESTS_MS, () => obeyRequests(rooms), rooms, stopping.signal),
  ]
  return {
    queues: names,
    isReady: () => workers.every((worker) => worker.isReady()),
    onSettled(listener) {
      const stops = workers.map((worker) => worker.onSettled(listener))
      return () => stops.forEach((stop) => stop())
    },
    async close(grace, hurry) {
      // Until the last job has ended it may be cancelled from elsewhere.
      await Promise.all(workers.map((worker) => worker.close(grace, hurry)))
      stopping.abort()
      letStray()
      await Promise.all(loops)
      await beat.end(rooms).catch(() => undefined)
    },
  }
}

function isInScope({ workerScope }: Rooms, queue: string): boolean {
  return workerScope === undefined || reaches({ queues: workerScope }, queue)
}

/** A queue out of scope is refused before a worker takes a job that it could not open. */
async function refuseOutOfScope(rooms: Rooms, names: readonly string[]): Promise<void> {
  const outside = names.filter((name) => !isInScope(rooms, name))
  if (outside.length === 0 && names.length > 0) return
  for (const queue of outside)
    await rooms.ledger.record({
      op: 'worker.start',
      action: 'E',
      outcome: 'denied',
      code: 'ORDERLY_FORBIDDEN',
      resource: { kind: 'queue', id: queue, queue },
    })
  throw new OrderlyError(
    'ORDERLY_FORBIDDEN',
    `the scope of this process (workerScope, ORDERLY_WORKER_SCOPE) does not reach ${outside.join(', ') || 'any queue here'}; widen it, or work on those elsewhere`,
  )
}

/** A store that is away is asked again; what runs here goes on without it. */
async function every(
  ms: number,
  work: () => Promise<void>,
  { clock, log }: Rooms,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: Error) => log.debug({ error: error.message }, 'a beat was missed'))
    await clock.sleep(ms, signal)
  }
}
