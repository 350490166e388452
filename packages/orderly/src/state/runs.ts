// Workflow runs as they are read.
import { createHash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import type { RunLogRow } from './flow-tables.ts'
import type { RunNodeRow, RunRow } from './run-tables.ts'
import type { StateDatabase } from './tables.ts'

export async function findRun({ query }: StateDatabase, id: string): Promise<RunRow | undefined> {
  return query.selectFrom('orderly_runs').selectAll().where('id', '=', id).executeTakeFirst()
}

/** How many runs there are from this one up to the outermost, itself too, counted up to `most`. */
export async function depthOfRun(
  { query }: StateDatabase,
  id: string,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ depth: number }>`with recursive above (parent, depth) as (
      select parent, 1 from orderly_runs where id = ${id}
      union all
      select orderly_runs.parent, above.depth + 1 from orderly_runs
        join above on orderly_runs.id = above.parent where above.depth < ${most})
    select max(depth) as depth from above`.execute(query)
  return rows[0]?.depth ?? 0
}

/** How many runs there are within this one. */
export async function countRunsWithin({ query }: StateDatabase, root: string): Promise<number> {
  const row = await query
    .selectFrom('orderly_runs')
    .select(({ fn }) => fn.countAll<number | string>().as('n'))
    .where('root', '=', root)
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}

/** The nodes of a run in the order they ended, without what they returned. */
export async function findRunNodes(
  { query }: StateDatabase,
  id: string,
  only: { readonly items?: boolean } = {},
): Promise<RunNodeRow[]> {
  let found = query
    .selectFrom('orderly_run_nodes')
    .select(NODE_COLUMNS)
    .select(sql<string | null>`null`.as('output'))
    .where('run_id', '=', id)
  if (only.items === false) found = found.where('item', '=', -1)
  return found.orderBy('ended_at').orderBy('item').execute()
}

const NODE_COLUMNS = [
  'run_id',
  'node',
  'item',
  'state',
  'job_id',
  'child',
  'waits_for',
  'due_at',
  'error',
  'started_at',
  'ended_at',
  'total',
  'attempt',
  'event_id',
  'waits_key',
] as const

/** What nodes of a run returned, sealed. */
export async function findOutputs(
  { query }: StateDatabase,
  id: string,
  nodes: readonly string[],
): Promise<Map<string, string | null>> {
  const rows =
    nodes.length === 0
      ? []
      : await query
          .selectFrom('orderly_run_nodes')
          .select(['node', 'output'])
          .where('run_id', '=', id)
          .where('node', 'in', [...nodes])
          .where('item', '=', -1)
          .execute()
  return new Map(rows.map(({ node, output }) => [node, output]))
}

/** What the items of a for-each returned, sealed, in their order. */
export async function findItemOutputs(
  { query }: StateDatabase,
  id: string,
  node: string,
): Promise<{ item: number; output: string | null }[]> {
  return query
    .selectFrom('orderly_run_nodes')
    .select(['item', 'output'])
    .where('run_id', '=', id)
    .where('node', '=', node)
    .where('item', '>=', 0)
    .orderBy('item')
    .execute()
}

export interface ItemCount {
  readonly node: string
  readonly state: RunNodeRow['state']
  readonly n: number
  readonly last: number
}

/** How the items of a run's for-each nodes stand. */
export async function countItems({ query }: StateDatabase, id: string): Promise<ItemCount[]> {
  const rows = await query
    .selectFrom('orderly_run_nodes')
    .select(['node', 'state'])
    .select(({ fn }) => [
      fn.countAll<number | string>().as('n'),
      fn.max<number | string>('item').as('last'),
    ])
    .where('run_id', '=', id)
    .where('item', '>=', 0)
    .groupBy(['node', 'state'])
    .execute()
  return rows.map((row) => ({ ...row, n: Number(row.n), last: Number(row.last) }))
}

/** Items that run, or are to begin anew. */
export async function findOpenItems({ query }: StateDatabase, id: string): Promise<RunNodeRow[]> {
  return query
    .selectFrom('orderly_run_nodes')
    .selectAll()
    .where('run_id', '=', id)
    .where('item', '>=', 0)
    .where('ended_at', 'is', null)
    .orderBy('item')
    .execute()
}

/** How far a run is: what tells whether a picture of it still holds. */
export async function findRunStates(
  database: StateDatabase,
  ids: readonly string[],
): Promise<Pick<RunRow, 'id' | 'revision' | 'state'>[]> {
  return database.query
    .selectFrom('orderly_runs')
    .select(['id', 'revision', 'state'])
    .where('id', 'in', listOf(database, ids))
    .execute()
}

export interface EndedJob {
  readonly job_id: string
  readonly queue: string
  readonly state: string
  readonly error_code: string | null
  /** Sealed. */
  readonly output: string | null
}

/** Those of `ids` that have ended, `most` at most. */
export async function findEndedJobs(
  database: StateDatabase,
  ids: readonly string[],
  most: number,
): Promise<EndedJob[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<EndedJob>`
    select id as job_id, queue, state, error_code, output from orderly_jobs
    where finished_at is not null and id in ${listOf(database, ids)}
    limit ${sql.lit(most)}`.execute(database.query)
  return rows
}

/** A list of any length as one value to bind. */
export function listOf({ dialect }: StateDatabase, ids: readonly string[]): RawBuilder<string> {
  const json = JSON.stringify(ids)
  return dialect === 'sqlite'
    ? sql<string>`(select value from json_each(${json}))`
    : sql<string>`(select json_array_elements_text(${json}::json))`
}

/** The document of a run; runs of the first days hold it themselves. */
export async function findRunDocument(
  { query }: StateDatabase,
  { document }: Pick<RunRow, 'document'>,
): Promise<string> {
  if (document.startsWith('{')) return document
  const row = await query
    .selectFrom('orderly_run_documents')
    .select('document')
    .where('digest', '=', document)
    .executeTakeFirstOrThrow()
  return row.document
}

/** The name under which a document is kept. */
export function digestOf(document: string): string {
  return createHash('sha256').update(document).digest('hex')
}

/** Keeps a document for runs to begin with. @returns its digest */
export async function keepRunDocument(
  { query }: StateDatabase,
  document: string,
  now: number,
): Promise<string> {
  const digest = digestOf(document)
  await query
    .insertInto('orderly_run_documents')
    .values({ digest, document, created_at: now })
    // Its time begins anew: a run is about to need it.
    .onConflict((conflict) => conflict.column('digest').doUpdateSet({ created_at: now }))
    .execute()
  return digest
}

export async function findRuns(
  { query }: StateDatabase,
  filter: {
    readonly state?: RunRow['state'] | undefined
    readonly workflow?: string | undefined
    readonly parent?: string | undefined
    /** Only older ones than this. */
    readonly before?: Pick<RunRow, 'created_at' | 'id'> | undefined
    readonly limit: number
  },
): Promise<RunRow[]> {
  let found = query.selectFrom('orderly_runs').selectAll()
  if (filter.state !== undefined) found = found.where('state', '=', filter.state)
  if (filter.workflow !== undefined) found = found.where('workflow', '=', filter.workflow)
  if (filter.parent !== undefined) found = found.where('parent', '=', filter.parent)
  const { before } = filter
  if (before !== undefined)
    found = found.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'id'), '<', tuple(before.created_at, before.id)),
    )
  return found.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(filter.limit).execute()
}

export const MOST_MOVABLE = 500
/** Who worked on a job moves its run on at once; who looks for runs leaves them that time. */
const SETTLING_MS = 500

/**
 * Runs of which something has happened: a job or a sub-workflow has ended, a time has come, or they are to be looked at.
 *
 * @param after only those with a higher id
 */
export async function findMovable(
  { query }: StateDatabase,
  now: number,
  after: string,
): Promise<string[]> {
  const { rows } = await sql<{ run_id: string }>`
    select run_id from (
      select run_id from orderly_run_nodes n where state = 'running' and job_id is not null and exists (
        select 1 from orderly_jobs where orderly_jobs.id = n.job_id and finished_at <= ${now - SETTLING_MS})
      union select run_id from orderly_run_nodes where state = 'running' and due_at <= ${now}
      union select run_id from orderly_run_nodes n where state = 'running' and child is not null and exists (
        select 1 from orderly_runs where orderly_runs.id = n.child and finished_at is not null)
      union select id as run_id from orderly_runs
        where state = 'running' and revision = 0 and created_at <= ${now - SETTLING_MS}
      union select id as run_id from orderly_runs where look = 1
    ) as moved where run_id > ${after} and exists (
      select 1 from orderly_runs where orderly_runs.id = run_id and state = 'running')
    order by run_id limit ${sql.lit(MOST_MOVABLE)}`.execute(query)
  return rows.map(({ run_id }) => run_id)
}

/** Jobs and runs that go on although the node they belong to was cancelled: whoever was to stop them died. */
export async function findOrphans(
  { query }: StateDatabase,
  since: number,
): Promise<{ jobs: string[]; runs: string[] }> {
  const { rows: jobs } = await sql<{ id: string }>`select job_id as id from orderly_run_nodes n
    where state in ('skipped', 'bypassed') and ended_at >= ${since} and job_id is not null and exists (
      select 1 from orderly_jobs where orderly_jobs.id = n.job_id and finished_at is null) limit 500`.execute(
    query,
  )
  const { rows: runs } = await sql<{ id: string }>`select child as id from orderly_run_nodes n
    where state in ('skipped', 'bypassed') and ended_at >= ${since} and child is not null and exists (
      select 1 from orderly_runs where orderly_runs.id = n.child and finished_at is null) limit 500`.execute(
    query,
  )
  return { jobs: jobs.map(({ id }) => id), runs: runs.map(({ id }) => id) }
}

/** What happened to a run, in order. */
export async function findRunLog({ query }: StateDatabase, id: string): Promise<RunLogRow[]> {
  return query
    .selectFrom('orderly_run_log')
    .selectAll()
    .where('run_id', '=', id)
    .orderBy('revision')
    .orderBy('place')
    .limit(20_000)
    .execute()
}

/** Nodes that ask somebody, with their runs, the longest first. */
export async function findApprovals(
  database: StateDatabase,
  after: Pick<RunNodeRow, 'started_at' | 'run_id' | 'node'> | undefined,
  limit: number,
): Promise<{ run: RunRow; row: RunNodeRow }[]> {
  let waiting = database.query
    .selectFrom('orderly_run_nodes')
    .selectAll()
    .where('state', '=', 'running')
    .where('waits_for', 'in', ['approval', 'escalation'])
  if (after !== undefined)
    waiting = waiting.where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('started_at', 'run_id', 'node'),
        '>',
        tuple(after.started_at, after.run_id, after.node),
      ),
    )
  const rows = await waiting
    .orderBy('started_at')
    .orderBy('run_id')
    .orderBy('node')
    .limit(limit)
    .execute()
  const found: { run: RunRow; row: RunNodeRow }[] = []
  for (const row of rows) {
    const run = await findRun(database, row.run_id)
    if (run) found.push({ run, row })
  }
  return found
}
