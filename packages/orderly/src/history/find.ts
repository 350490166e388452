// Finding jobs in the record, newest first, a page at a time.
import {
  sql,
  type ComparisonOperatorExpression,
  type Expression,
  type ExpressionBuilder,
  type RawBuilder,
  type Selectable,
  type SqlBool,
} from 'kysely'
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
  /** What else must hold. Each is looked at on the way, so that it narrows a search and never leads it. */
  readonly also?: readonly Condition[]
  /** The order, newest first unless told. */
  readonly order?: Order
  /** Where the page before ended. */
  readonly before?: PageEnd
  /** 100 unless told, 1,000 at most. */
  readonly limit?: number
}

export interface PageEnd {
  /** When its last job was created; its duration where that is what they are in the order of. */
  readonly createdAt: number
  readonly id: string
}

export interface Order {
  readonly by: 'created' | 'duration'
  readonly ascending: boolean
}

/** One more condition on a job: a column that has, or has not, one of some values, or lies in a range; or its terms. */
export type Condition =
  | {
      readonly column:
        'state' | 'queue' | 'name' | 'schedule' | 'worker' | 'error_code' | 'fingerprint' | 'id'
      readonly values: readonly string[]
      /** The values are how it begins. */
      readonly prefix?: boolean
      readonly not?: boolean
    }
  | {
      readonly column: 'attempts' | 'duration' | 'created_at' | 'priority'
      readonly operator: '<' | '<=' | '>' | '>=' | '=' | '!='
      readonly value: number
    }
  | { readonly field: string; readonly terms: readonly string[]; readonly not?: boolean }
  /** The id begins so, or ends so: lists show its end. */
  | { readonly idParts: readonly string[]; readonly not?: boolean }
  /** Part of a run of one of these workflows. */
  | { readonly workflows: readonly string[]; readonly not?: boolean }

const MOST_PER_PAGE = 1_000
/** Fewer characters are the end of too many ids. */
const SHORTEST_END = 6

/** A job without what is sealed in it. */
export type FoundJob = Omit<JobRow, 'input' | 'output' | 'progress' | 'opts'>

export const FOUND = [
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
  const limit = Math.min(Math.max(1, Math.floor(query.limit ?? 100) || 1), MOST_PER_PAGE)
  const [first, ...others] = query.terms ?? []
  if (first) return findByTerm(database, first, others, query, limit)
  const way = await chooseWay(database, query)
  if (way === 'nothing') return []
  const column = columnsFor(database, way)
  return database.query
    .selectFrom('orderly_jobs')
    .select(FOUND)
    .where((where) => where.and(conditions(where, query, column)))
    .orderBy(column(sortColumn(query)), query.order?.ascending ? 'asc' : 'desc')
    .orderBy(column('id'), query.order?.ascending ? 'asc' : 'desc')
    .limit(limit)
    .execute()
}

function sortColumn({ order }: JobQuery): 'created_at' | 'duration' {
  return order?.by === 'duration' ? 'duration' : 'created_at'
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
      const column = (name: string): RawBuilder<any> =>
        name === 'created_at' || name === 'id'
          ? sql.ref(name === 'id' ? 'found.job_id' : 'found.created_at')
          : sql.ref(`orderly_jobs.${name}`)
      const all = conditions(where, query, column)
      for (const [otherField, otherTerm] of others)
        all.push(
          where.exists(
            where
              .selectFrom('orderly_terms as other')
              .select('other.job_id')
              .whereRef('other.job_id', '=', 'orderly_jobs.id')
              .where('other.field', '=', otherField)
              .where('other.term', '=', otherTerm),
          ),
        )
      return where.and(all)
    })
    .orderBy(
      query.order?.by === 'duration' ? 'orderly_jobs.duration' : 'found.created_at',
      query.order?.ascending ? 'asc' : 'desc',
    )
    .orderBy('found.job_id', query.order?.ascending ? 'asc' : 'desc')
    .limit(limit)
    .execute()
}

/** The index a search goes along; what else it asks for is looked at on the way. */
type Way = 'time' | 'state' | 'queue' | 'name' | 'error' | 'fingerprint' | 'duration'

/** More jobs than this are not gathered and sorted; a search then goes along another index. */
const MOST_SORTED = 5_000

/** Takes the way with the fewest jobs on it: the counts are known, so no planner has to guess. */
async function chooseWay(database: HistoryDatabase, query: JobQuery): Promise<Way | 'nothing'> {
  // Only its own index has them in this order; jobs without a duration are not in it, and not asked for.
  if (query.order?.by === 'duration') return 'duration'
  if (query.fingerprint !== undefined) return 'fingerprint'
  if (query.errorCode !== undefined) return 'error'
  const counts = await countJobs(database)
  const count = (fits: (row: JobCount) => boolean): number =>
    counts.reduce((sum, row) => (fits(row) ? sum + row.n : sum), 0)
  const states = typeof query.state === 'string' ? [query.state] : query.state
  const fitsState = (row: JobCount): boolean => !states || states.includes(row.state)
  const fitsQueue = (row: JobCount): boolean => row.queue === (query.queue ?? row.queue)
  const fitsName = (row: JobCount): boolean => row.name === (query.name ?? row.name)
  if (count((row) => fitsState(row) && fitsQueue(row) && fitsName(row)) === 0) return 'nothing'
  const ways: [Way, number][] = [['time', count(() => true)]]
  if (states?.length === 1) ways.push(['state', count(fitsState)])
  if (query.queue !== undefined) ways.push(['queue', count(fitsQueue)])
  if (query.name !== undefined) ways.push(['name', count(fitsName)])
  if (query.durationFrom !== undefined || query.durationTo !== undefined) {
    const lasting = await countDurations(database, query)
    if (lasting < MOST_SORTED) ways.push(['duration', lasting])
  }
  return ways.reduce((best, way) => (way[1] < best[1] ? way : best))[0]
}

async function countDurations(database: HistoryDatabase, query: JobQuery): Promise<number> {
  const { durationFrom = 0, durationTo = Number.MAX_SAFE_INTEGER } = query
  const { rows } = await sql<{ n: number }>`select count(*) as n from (select 1 from orderly_jobs
    where duration >= ${durationFrom} and duration < ${durationTo} limit ${MOST_SORTED}) as lasting`.execute(
    database.query,
  )
  return rows[0]!.n
}

const COLUMNS_OF: Readonly<Record<Way, readonly string[]>> = {
  time: ['created_at', 'id'],
  state: ['state', 'created_at', 'id'],
  queue: ['queue', 'created_at', 'id'],
  name: ['name', 'created_at', 'id'],
  error: ['error_code', 'created_at', 'id'],
  fingerprint: ['fingerprint', 'created_at', 'id'],
  duration: ['duration'],
}

/** Keeps SQLite on the way: a column with a plus before it is read, but no index is used for it. */
function columnsFor({ dialect }: HistoryDatabase, way: Way): (name: string) => RawBuilder<any> {
  return (name) => {
    const column = sql.ref(`orderly_jobs.${name}`)
    return dialect === 'postgres' || COLUMNS_OF[way].includes(name) ? column : sql`+${column}`
  }
}

type Where = ExpressionBuilder<any, any>

function conditions(
  where: Where,
  query: JobQuery,
  column: (name: string) => RawBuilder<any>,
): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = []
  const compare = (name: string, operator: ComparisonOperatorExpression, value: unknown): void => {
    if (value !== undefined) all.push(where(column(name), operator, value))
  }
  const { state, before } = query
  if (typeof state === 'string') compare('state', '=', state)
  else if (state !== undefined) compare('state', 'in', [...state])
  compare('queue', '=', query.queue)
  compare('name', '=', query.name)
  compare('error_code', '=', query.errorCode)
  compare('fingerprint', '=', query.fingerprint)
  compare('duration', '>=', query.durationFrom)
  compare('duration', '<', query.durationTo)
  compare('created_at', '>=', query.createdFrom)
  compare('created_at', '<', query.createdTo)
  for (const condition of query.also ?? []) all.push(conditionOf(where, condition, column))
  const sort = sortColumn(query)
  if (sort === 'duration') all.push(where(column(sort), 'is not', null))
  if (before) {
    const [beyond, level] = query.order?.ascending ? (['>', '>='] as const) : (['<', '<='] as const)
    compare(sort, level, before.createdAt)
    all.push(
      where.or([
        where(column(sort), beyond, before.createdAt),
        where(column('id'), beyond, before.id),
      ]),
    )
  }
  return all
}

/** Exactly so on every database: `like` takes capitals for small letters on one of them. */
function beginsWith(column: Expression<any>, text: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`substr(${column}, 1, ${sql.lit(lengthOf(text))}) = ${text}`
}

function endsWith(column: Expression<any>, text: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`substr(${column}, length(${column}) - ${sql.lit(lengthOf(text) - 1)}) = ${text}`
}

/** In characters, as databases count. */
function lengthOf(text: string): number {
  return Array.from(text).length
}

function conditionOf(
  where: Where,
  condition: Condition,
  column: (name: string) => RawBuilder<any>,
): Expression<SqlBool> {
  if ('operator' in condition)
    return where(column(condition.column), condition.operator, condition.value)
  if ('workflows' in condition) {
    const part = sql<SqlBool>`exists (select 1 from orderly_run_nodes as node join orderly_runs as run on run.id = node.run_id
      where node.job_id = orderly_jobs.id and run.workflow in (${sql.join(condition.workflows)}))`
    return condition.not ? where.not(part) : part
  }
  if ('field' in condition) {
    const part = where.exists(
      where
        .selectFrom('orderly_terms as also')
        .select('also.job_id')
        .whereRef('also.job_id', '=', 'orderly_jobs.id')
        .where('also.field', '=', condition.field)
        .where('also.term', 'in', [...condition.terms]),
    )
    return condition.not ? where.not(part) : part
  }
  if ('idParts' in condition) {
    const id = sql.ref('orderly_jobs.id')
    const part = where.or(
      condition.idParts.flatMap((text) => [
        beginsWith(id, text),
        ...(text.length < SHORTEST_END ? [] : [endsWith(id, text)]),
      ]),
    )
    return condition.not ? where.not(part) : part
  }
  const { values, prefix = false, not = false } = condition
  const one = prefix
    ? where.or(values.map((value) => beginsWith(column(condition.column), value)))
    : where(column(condition.column), 'in', [...values])
  // A column without a value has none of them.
  return not ? where.or([where(column(condition.column), 'is', null), where.not(one)]) : one
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
