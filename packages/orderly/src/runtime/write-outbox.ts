// Puts a job into the outbox inside a caller's own transaction.
import { insertOutbox } from '../history/outbox.ts'
import type { CallerTransaction, EnqueuedJob } from '../job/enqueue-options.ts'
import type { Entry } from './entry.ts'
import { sealOutgoing } from './outgoing.ts'
import type { Rooms } from './rooms.ts'

/** Writes the job, sealed as its queue would hold it, through the caller's transaction. */
export async function writeOutbox(
  rooms: Rooms,
  queue: string,
  entry: Entry,
  transaction: CallerTransaction,
): Promise<EnqueuedJob> {
  const { id, json } = await sealOutgoing(rooms, queue, entry)
  await insertOutbox(transaction, { id, queue, job: json, created_at: rooms.clock.now() })
  return { id }
}
