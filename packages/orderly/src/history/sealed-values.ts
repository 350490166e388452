// Every sealed value the record holds, with the place it is tied to.
import type { Selectable } from 'kysely'
import { queueIdOf } from '../job/record-id.ts'
import { isEnvelope } from '../vault/envelope.ts'
import { inputPlace, templatePlace, type SealedPlace } from '../vault/vault.ts'
import type { HistoryDatabase } from './record.ts'
import type { EventRow, JobRow } from './tables.ts'

export interface SealedValue {
  readonly envelope: string
  readonly place: SealedPlace
  /** Puts another envelope in its place. */
  replace(envelope: string): void
}

/** A job and its events, with whatever was replaced in them. */
export interface SealedJob {
  readonly job: JobRow
  readonly events: readonly Selectable<EventRow>[]
  readonly values: readonly SealedValue[]
}

type Columns = 'input' | 'output' | 'progress'

/** Jobs with sealed values, `limit` of them after the id `after`. */
export async function readSealedJobs(
  database: HistoryDatabase,
  after: string,
  limit: number,
): Promise<SealedJob[]> {
  const jobs = await database.query
    .selectFrom('orderly_jobs')
    .selectAll()
    .where('id', '>', after)
    .where((where) => where.or([where('input', 'is not', null), where('output', 'is not', null)]))
    .orderBy('id')
    .limit(limit)
    .execute()
  if (jobs.length === 0) return []
  const ids = jobs.map(({ id }) => id)
  const events = await database.query
    .selectFrom('orderly_events')
    .selectAll()
    .where('job_id', 'in', ids)
    .orderBy('n')
    .execute()
  return jobs.map((job) => {
    const own = events.filter(({ job_id: jobId }) => jobId === job.id)
    return { job, events: own, values: valuesOf(job, own) }
  })
}

/** Writes back what was replaced, unless the job has changed since it was read. */
export async function writeSealedJob(
  database: HistoryDatabase,
  { job, events }: SealedJob,
  before: Pick<JobRow, Columns>,
): Promise<boolean> {
  return database.transaction(async ({ query }) => {
    let update = query
      .updateTable('orderly_jobs')
      .set({ input: job.input, output: job.output, progress: job.progress })
      .where('id', '=', job.id)
    for (const column of ['input', 'output', 'progress'] as const)
      update =
        before[column] === null
          ? update.where(column, 'is', null)
          : update.where(column, '=', before[column])
    const done = await update.executeTakeFirst()
    if (done.numUpdatedRows === 0n) return false
    for (const { n, detail } of events)
      await query.updateTable('orderly_events').set({ detail }).where('n', '=', n).execute()
    return true
  })
}

function valuesOf(job: JobRow, events: Selectable<EventRow>[]): SealedValue[] {
  const anchor = queueIdOf(job.queue, job.id)
  const place = (slot: SealedPlace['slot']): SealedPlace => ({
    queue: job.queue,
    slot,
    anchor,
    seq: 0,
  })
  const values: SealedValue[] = []
  const input = parse(job.input)
  if (isEnvelope(input?.$o))
    values.push({
      envelope: input.$o,
      // A scheduler's jobs carry its template.
      place:
        job.schedule === null
          ? inputPlace(job.queue, anchor, job.name)
          : templatePlace(job.queue, job.schedule, job.name),
      replace: (envelope) => (job.input = JSON.stringify({ $o: envelope })),
    })
  if (isEnvelope(job.output))
    values.push({
      envelope: job.output,
      place: place('output'),
      replace: (envelope) => (job.output = envelope),
    })
  const progress = parse(job.progress)
  if (isEnvelope(progress))
    values.push({
      envelope: progress,
      place: place('progress'),
      replace: (envelope) => (job.progress = JSON.stringify(envelope)),
    })
  for (const event of events) values.push(...valuesOfEvent(event, place))
  return values
}

function valuesOfEvent(
  event: Selectable<EventRow>,
  place: (slot: SealedPlace['slot']) => SealedPlace,
): SealedValue[] {
  const detail = parse(event.detail) as Record<string, unknown>
  const set = (name: string, value: string): void => {
    detail[name] = value
    event.detail = JSON.stringify(detail)
  }
  const values: SealedValue[] = []
  const { error, output, progress, run } = detail
  if (isEnvelope(error))
    values.push({
      envelope: error,
      place: { ...place('error'), seq: Number(run), of: event.key },
      replace: (envelope) => set('error', envelope),
    })
  if (isEnvelope(output))
    values.push({
      envelope: output,
      place: place('output'),
      replace: (envelope) => set('output', envelope),
    })
  const inside = typeof progress === 'string' ? parse(progress) : undefined
  if (isEnvelope(inside))
    values.push({
      envelope: inside,
      place: place('progress'),
      replace: (envelope) => set('progress', JSON.stringify(envelope)),
    })
  return values
}

function parse(text: string | null): any {
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
