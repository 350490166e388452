// Every sealed value beside the record, with the place it is tied to.
import { isEnvelope } from '../vault/envelope.ts'
import { inputPlace, type SealedPlace } from '../vault/vault.ts'
import { readPackSeals } from './pack-seals.ts'
import { readSealedMessages } from './sealed-messages.ts'
import { sealsIn, type StoredSeal } from './stored-seal.ts'
import type { OutgoingJob } from './outgoing.ts'
import type { StateDatabase } from './tables.ts'

/** Where the result of an effect is sealed. */
export function effectPlace(queue: string, scope: string, key: string): SealedPlace {
  return { queue, slot: 'state', anchor: `${scope}:${key}`, seq: 0 }
}

/** Where the reason of a request about a job is sealed. */
export function requestPlace(queue: string, jobId: string): SealedPlace {
  return { queue, slot: 'state', anchor: `request/${jobId}`, seq: 0 }
}

/** Where the attachments of a run's evidence are sealed. */
export function evidencePlace(queue: string, jobId: string, run: number): SealedPlace {
  return { queue, slot: 'state', anchor: `evidence/${jobId}`, seq: run }
}

/** Where the input of a schedule's jobs is sealed. */
export function schedulePlace(queue: string, scheduleId: string): SealedPlace {
  return { queue, slot: 'state', anchor: `schedule/${scheduleId}`, seq: 0 }
}

/** Where a value of a workflow run is sealed: its input, its output, or the output of a node. */
export function runPlace(runId: string, what: string): SealedPlace {
  return { queue: '#workflows', slot: 'state', anchor: `run/${runId}/${what}`, seq: 0 }
}

/** Where the content of an event from outside is sealed. */
export function eventPlace(id: string): SealedPlace {
  return { queue: '#workflows', slot: 'state', anchor: `event/${id}`, seq: 0 }
}

export async function* readSealedState(database: StateDatabase): AsyncGenerator<StoredSeal> {
  yield* sealsIn<{ scope: string; key: string; queue: string; job_id: string }>(database, {
    table: 'orderly_effects',
    key: ['scope', 'key'],
    column: 'value',
    also: ['queue', 'job_id'],
    at: ({ scope, key, queue, job_id: job }) => ({ place: effectPlace(queue, scope, key), job }),
  })
  yield* sealsIn<{ job_id: string; queue: string }>(database, {
    table: 'orderly_requests',
    key: ['job_id'],
    column: 'reason',
    also: ['queue'],
    at: ({ job_id: job, queue }) => ({ place: requestPlace(queue, job), job }),
  })
  yield* sealsIn<{ n: number; job_id: string; queue: string; run: number }>(database, {
    table: 'orderly_evidence',
    key: ['n'],
    column: 'attached',
    also: ['job_id', 'queue', 'run'],
    at: ({ job_id: job, queue, run }) => ({ place: evidencePlace(queue, job, run), job }),
  })
  yield* callbacks(database)
  yield* sealsIn<{ id: string; queue: string }>(database, {
    table: 'orderly_schedules',
    key: ['id'],
    column: 'input',
    also: ['queue'],
    at: ({ id, queue }) => ({ place: schedulePlace(queue, id), job: id }),
  })
  yield* runs(database)
  yield* readSealedMessages(database)
  yield* sealsIn<{ id: string }>(database, {
    table: 'orderly_inbound_events',
    key: ['id'],
    column: 'payload',
    at: ({ id }) => ({ place: eventPlace(id), job: id }),
  })
  yield* readPackSeals(database)
}

/** The jobs that follow sets which are not done: sealed as their queues will hold them. */
async function* callbacks({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  const rows = await query
    .selectFrom('orderly_sets')
    .select(['id', 'callback'])
    .where('done_at', 'is', null)
    .where('callback', 'is not', null)
    .execute()
  for (const { id, callback } of rows) {
    const follow = JSON.parse(callback!) as OutgoingJob
    const job = JSON.parse(follow.json) as { name: string; data: string }
    const { $o: envelope } = JSON.parse(job.data) as { $o?: unknown }
    if (!isEnvelope(envelope)) continue
    yield {
      envelope,
      place: inputPlace(follow.queue, follow.id, job.name),
      job: follow.id,
      write: async ($o) => {
        const data = JSON.stringify({ $o })
        const changed = JSON.stringify({ ...follow, json: JSON.stringify({ ...job, data }) })
        const done = await query
          .updateTable('orderly_sets')
          .set({ callback: changed })
          .where('id', '=', id)
          .where('callback', '=', callback)
          .where('done_at', 'is', null)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      },
    }
  }
}

/** What workflow runs took and yielded, and what their nodes returned. */
async function* runs(database: StateDatabase): AsyncGenerator<StoredSeal> {
  for (const column of ['input', 'output'])
    yield* sealsIn<{ id: string }>(database, {
      table: 'orderly_runs',
      key: ['id'],
      column,
      at: ({ id }) => ({ place: runPlace(id, column), job: id }),
    })
  yield* sealsIn<{ run_id: string; node: string; item: number }>(database, {
    table: 'orderly_run_nodes',
    key: ['run_id', 'node', 'item'],
    column: 'output',
    at: ({ run_id: run, node, item }) => ({
      place: runPlace(run, item < 0 ? `node/${node}` : `node/${node}/${item}`),
      job: run,
    }),
  })
}
