// Every sealed value beside the record, with the place it is tied to.
import { sql } from 'kysely'
import { isEnvelope } from '../vault/envelope.ts'
import { inputPlace, type SealedPlace } from '../vault/vault.ts'
import { readPackSeals } from './pack-seals.ts'
import { readSealedMessages } from './sealed-messages.ts'
import { AT_ONCE, type StoredSeal } from './stored-seal.ts'
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
  yield* effects(database)
  yield* requests(database)
  yield* evidence(database)
  yield* callbacks(database)
  yield* schedules(database)
  yield* runs(database)
  yield* readSealedMessages(database)
  yield* events(database)
  yield* readPackSeals(database)
}

async function* effects({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  for (let [scope, key] = ['', '']; ;) {
    const rows = await query
      .selectFrom('orderly_effects')
      .select(['scope', 'key', 'queue', 'job_id', 'value'])
      .where(sql<boolean>`(scope, key) > (${scope}, ${key})`)
      .orderBy('scope')
      .orderBy('key')
      .limit(AT_ONCE)
      .execute()
    for (const row of rows)
      if (row.value !== null)
        yield {
          envelope: row.value,
          place: effectPlace(row.queue, row.scope, row.key),
          job: row.job_id,
          write: async (value) => {
            const done = await query
              .updateTable('orderly_effects')
              .set({ value })
              .where('scope', '=', row.scope)
              .where('key', '=', row.key)
              .where('value', '=', row.value)
              .executeTakeFirst()
            return done.numUpdatedRows > 0n
          },
        }
    const last = rows.at(-1)
    if (!last || rows.length < AT_ONCE) return
    ;[scope, key] = [last.scope, last.key]
  }
}

async function* requests({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  for (let after = ''; ;) {
    const rows = await query
      .selectFrom('orderly_requests')
      .select(['job_id', 'queue', 'reason'])
      .where('job_id', '>', after)
      .orderBy('job_id')
      .limit(AT_ONCE)
      .execute()
    for (const { job_id: job, queue, reason: envelope } of rows)
      yield {
        envelope,
        place: requestPlace(queue, job),
        job,
        write: async (reason) => {
          const done = await query
            .updateTable('orderly_requests')
            .set({ reason })
            .where('job_id', '=', job)
            .where('reason', '=', envelope)
            .executeTakeFirst()
          return done.numUpdatedRows > 0n
        },
      }
    if (rows.length < AT_ONCE) return
    after = rows.at(-1)!.job_id
  }
}

async function* evidence({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  for (let after = 0; ;) {
    const rows = await query
      .selectFrom('orderly_evidence')
      .select(['n', 'job_id', 'queue', 'run', 'attached'])
      .where('n', '>', after)
      .orderBy('n')
      .limit(AT_ONCE)
      .execute()
    for (const { n, job_id: job, queue, run, attached: envelope } of rows)
      if (envelope !== null)
        yield {
          envelope,
          place: evidencePlace(queue, job, run),
          job,
          write: async (attached) => {
            const done = await query
              .updateTable('orderly_evidence')
              .set({ attached })
              .where('n', '=', n)
              .where('attached', '=', envelope)
              .executeTakeFirst()
            return done.numUpdatedRows > 0n
          },
        }
    if (rows.length < AT_ONCE) return
    after = rows.at(-1)!.n
  }
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

async function* schedules({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  const rows = await query
    .selectFrom('orderly_schedules')
    .select(['id', 'queue', 'input'])
    .execute()
  for (const { id, queue, input: envelope } of rows)
    yield {
      envelope,
      place: schedulePlace(queue, id),
      job: id,
      write: async (input) => {
        const done = await query
          .updateTable('orderly_schedules')
          .set({ input })
          .where('id', '=', id)
          .where('input', '=', envelope)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      },
    }
}

/** What workflow runs took and yielded, and what their nodes returned. */
async function* runs({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  for (let after = ''; ;) {
    const rows = await query
      .selectFrom('orderly_runs')
      .select(['id', 'input', 'output'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(AT_ONCE)
      .execute()
    for (const row of rows)
      for (const what of ['input', 'output'] as const) {
        const envelope = row[what]
        if (envelope === null) continue
        yield {
          envelope,
          place: runPlace(row.id, what),
          job: row.id,
          write: async (value) => {
            const done = await query
              .updateTable('orderly_runs')
              .set({ [what]: value })
              .where('id', '=', row.id)
              .where(what, '=', envelope)
              .executeTakeFirst()
            return done.numUpdatedRows > 0n
          },
        }
      }
    for (const { id } of rows) yield* runNodes(query, id)
    if (rows.length < AT_ONCE) return
    after = rows.at(-1)!.id
  }
}

async function* runNodes(query: StateDatabase['query'], runId: string): AsyncGenerator<StoredSeal> {
  const nodes = await query
    .selectFrom('orderly_run_nodes')
    .select(['node', 'item', 'output'])
    .where('run_id', '=', runId)
    .where('output', 'is not', null)
    .execute()
  for (const { node, item, output } of nodes) {
    const envelope = output!
    yield {
      envelope,
      place: runPlace(runId, item < 0 ? `node/${node}` : `node/${node}/${item}`),
      job: runId,
      write: async (value) => {
        const done = await query
          .updateTable('orderly_run_nodes')
          .set({ output: value })
          .where('run_id', '=', runId)
          .where('node', '=', node)
          .where('item', '=', item)
          .where('output', '=', envelope)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      },
    }
  }
}

async function* events({ query }: StateDatabase): AsyncGenerator<StoredSeal> {
  for (let after = ''; ;) {
    const rows = await query
      .selectFrom('orderly_inbound_events')
      .select(['id', 'payload'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(AT_ONCE)
      .execute()
    for (const { id, payload: envelope } of rows)
      yield {
        envelope,
        place: eventPlace(id),
        job: id,
        write: async (payload) => {
          const done = await query
            .updateTable('orderly_inbound_events')
            .set({ payload })
            .where('id', '=', id)
            .where('payload', '=', envelope)
            .executeTakeFirst()
          return done.numUpdatedRows > 0n
        },
      }
    if (rows.length < AT_ONCE) return
    after = rows.at(-1)!.id
  }
}
