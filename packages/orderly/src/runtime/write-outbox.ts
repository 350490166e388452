// Puts a job into the outbox inside a caller's own transaction.
import { insertOutbox } from '../history/outbox.ts'
import type { CallerTransaction } from '../job/enqueue-options.ts'
import type { EnqueuedJob } from './enqueue.ts'
import type { Entry } from './entry.ts'
import type { OutboxJob } from './relay.ts'
import type { Rooms } from './rooms.ts'

/** Writes the job, sealed as its queue would hold it, through the caller's transaction. */
export async function writeOutbox(
  rooms: Rooms,
  queue: string,
  { name, data, opts }: Entry,
  transaction: CallerTransaction,
): Promise<EnqueuedJob> {
  const id = opts.jobId
  const timestamp = rooms.clock.now()
  const sealed = await rooms.engines
    .current()
    .engine.seal(queue, { id, name, data: JSON.stringify(data ?? {}), opts, timestamp })
  const job: OutboxJob = { name, data: sealed.data, opts: sealed.opts, timestamp }
  await insertOutbox(transaction, {
    id,
    queue,
    job: JSON.stringify(job),
    created_at: timestamp,
  })
  return { id }
}
