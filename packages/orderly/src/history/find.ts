// Finding jobs in the record, newest first, a page at a time.
import type { Expression, Selectable, SqlBool } from 'kysely'
import type { HistoryDatabase } from './record.ts'
import type { EventRow, JobRow, RecordedState } from './tables.ts'

export interface JobQuery {
  readonly state?: RecordedState | readonly RecordedState[]
  readonly queue?: string
  readonly name?: string
  /** Milliseconds since 1970 UTC, inclusive. */
  readonly createdFrom?: number
  /** Milliseconds since 1970 UTC, exclusive. */
  readonly createdTo?: number
  /** Milliseconds. */
  readonly durationFrom?: number
  readonly durationTo?: number
  readonly errorCode?: string
  readonly fingerprint?: string
  /** Field and term as they were recorded: clear, or a blind index. All of them must hold. */
  readonly terms?: readonly (readonly [field: string, term: string])[]
  /** Where the page before ended. */
  readonly before?: PageEnd
  /** 100 unless told, 1,000 at most. */
  readonly limit?: number
}

export interface PageEnd {
  readonly createdAt: number
  readonly id: string
}

const MOST_PER_PAGE = 1_000

/** A job without what is sealed in it. */
export type FoundJob = Omit<JobRow, 'input' | 'output' | 'progress' | 'opts'>

const FOUND = [
  'orderly_jobs.id',
  'orderly_jobs.queue',
  'orderly_jobs.name',
  'orderly_jobs.engine',
  'orderly_jobs.state',
  'orderly_jobs.priority',
  'orderly_jobs.attempts',
  'orderly_jobs.created_at',
  'orderly_jobs.run_at',
  'orderly_jobs.started_at',
  'orderly_jobs.finished_at',
  'orderly_jobs.duration',
  'orderly_jobs.error_code',
  'orderly_jobs.fingerprint',
  'orderly_jobs.worker',
  'orderly_jobs.parent',
  'orderly_jobs.schedule',
  'orderly_jobs.expires_at',
  'orderly_jobs.updated_at',
] as const

/** The jobs that fit, newest first. */
export async function findJobs(database: HistoryDatabase, query: JobQuery): Promise<FoundJob[]> {
  const limit = Math.min(Math.max(1, query.limit ?? 100), MOST_PER_PAGE)
  const [first, ...others] = query.terms ?? []
  if (first) return findByTerm(database, first, others, query, limit)
  return database.query
    .selectFrom('orderly_jobs')
    .select(FOUND)
    .where((where) => {
      const { before } = query
      const conditions: Expression<SqlBool>[] = columnConditions(where, query)
      if (query.createdFrom !== undefined)
        conditions.push(where('orderly_jobs.created_at', '>=', query.createdFrom))
      if (query.createdTo !== undefined)
        conditions.push(where('orderly_jobs.created_at', '<', query.createdTo))
      if (before)
        conditions.push(
          where.and([
            where('orderly_jobs.created_at', '<=', before.createdAt),
            where.or([
              where('orderly_jobs.created_at', '<', before.createdAt),
              where('orderly_jobs.id', '<', before.id),
            ]),
          ]),
        )
      return where.and(conditions)
    })
    .orderBy('orderly_jobs.created_at', 'desc')
    .orderBy('orderly_jobs.id', 'desc')
    .limit(limit)
    .execute()
}

/** Starts from the term, which few jobs share, and looks at those jobs only. */
function findByTerm(
  database: HistoryDatabase,
  [field, term]: readonly [string, string],
  others: readonly (readonly [string, string])[],
  query: JobQuery,
  limit: number,
): Promise<FoundJob[]> {
  return database.query
    .selectFrom('orderly_terms as found')
    .innerJoin('orderly_jobs', 'orderly_jobs.id', 'found.job_id')
    .select(FOUND)
    .where('found.field', '=', field)
    .where('found.term', '=', term)
    .where((where) => {
      const { before } = query
      const conditions: Expression<SqlBool>[] = columnConditions(where, query)
      for (const [otherField, otherTerm] of others)
        conditions.push(
          where.exists(
            where
              .selectFrom('orderly_terms as other')
              .select('other.job_id')
              .whereRef('other.job_id', '=', 'orderly_jobs.id')
              .where('other.field', '=', otherField)
              .where('other.term', '=', otherTerm),
          ),
        )
      if (query.createdFrom !== undefined)
        conditions.push(where('found.created_at', '>=', query.createdFrom))
      if (query.createdTo !== undefined)
        conditions.push(where('found.created_at', '<', query.createdTo))
      if (before)
        conditions.push(
          where('found.created_at', '<=', before.createdAt),
          where.or([
            where('found.created_at', '<', before.createdAt),
            where('found.job_id', '<', before.id),
          ]),
        )
      return where.and(conditions)
    })
    .orderBy('found.created_at', 'desc')
    .orderBy('found.job_id', 'desc')
    .limit(limit)
    .execute()
}

function columnConditions(where: any, query: JobQuery): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = []
  const { state } = query
  if (typeof state === 'string') conditions.push(where('orderly_jobs.state', '=', state))
  else if (state !== undefined) conditions.push(where('orderly_jobs.state', 'in', [...state]))
  if (query.queue !== undefined) conditions.push(where('orderly_jobs.queue', '=', query.queue))
  if (query.name !== undefined) conditions.push(where('orderly_jobs.name', '=', query.name))
  if (query.errorCode !== undefined)
    conditions.push(where('orderly_jobs.error_code', '=', query.errorCode))
  if (query.fingerprint !== undefined)
    conditions.push(where('orderly_jobs.fingerprint', '=', query.fingerprint))
  if (query.durationFrom !== undefined)
    conditions.push(where('orderly_jobs.duration', '>=', query.durationFrom))
  if (query.durationTo !== undefined)
    conditions.push(where('orderly_jobs.duration', '<', query.durationTo))
  return conditions
}

/** One job as it stands in the record, sealed values included. */
export async function findJob(database: HistoryDatabase, id: string): Promise<JobRow | undefined> {
  return database.query
    .selectFrom('orderly_jobs')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
}

/** What happened to a job, in order. */
export async function findEvents(
  database: HistoryDatabase,
  jobId: string,
): Promise<Selectable<EventRow>[]> {
  return database.query
    .selectFrom('orderly_events')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('n')
    .execute()
}

export interface JobCount {
  readonly queue: string
  readonly name: string
  readonly state: RecordedState
  readonly n: number
}

/** How many jobs stand in each state, from counts that are kept as jobs move. */
export async function countJobs(database: HistoryDatabase): Promise<JobCount[]> {
  return database.query.selectFrom('orderly_counts').selectAll().where('n', '<>', 0).execute()
}

/** Every queue the record has heard of. */
export async function listQueues(database: HistoryDatabase): Promise<string[]> {
  const rows = await database.query
    .selectFrom('orderly_counts')
    .select('queue')
    .distinct()
    .orderBy('queue')
    .execute()
  return rows.map(({ queue }) => queue)
}
