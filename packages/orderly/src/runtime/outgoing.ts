// A job as the outbox holds it: sealed for its queue before the transaction that enqueues it begins.
import type { OutgoingJob } from '../state/outgoing.ts'
import type { Entry } from './entry.ts'
import type { OutboxJob } from './relay.ts'
import type { Rooms } from './rooms.ts'

export async function sealOutgoing(
  rooms: Rooms,
  queue: string,
  { name, data, opts }: Entry,
): Promise<OutgoingJob> {
  const id = opts.jobId
  const timestamp = rooms.clock.now()
  const { engine } = rooms.engines.current()
  const draft = { id, name, data: JSON.stringify(data ?? {}), opts, timestamp }
  const sealed = await engine.seal(queue, draft)
  const job: OutboxJob = { name, data: sealed.data, opts: sealed.opts, timestamp }
  return { id, queue, json: JSON.stringify(job) }
}

/** The entry without a key: what is one by itself, such as a slot, would be joined by it with others. */
export function withoutKey(entry: Entry): Entry {
  const { deduplication: _key, ...opts } = entry.opts
  return { ...entry, opts, duplicate: undefined }
}
