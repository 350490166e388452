// Workflow runs: read, and moved on in one transaction with the jobs that a step enqueues.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { RunLogRow } from './flow-tables.ts'
import { enqueueWithin, type OutgoingJob } from './outgoing.ts'
import type { RunNodeRow, RunRow } from './run-tables.ts'
import type { StateDatabase, StateTransaction } from './tables.ts'

export async function findRun({ query }: StateDatabase, id: string): Promise<RunRow | undefined> {
  return query.selectFrom('orderly_runs').selectAll().where('id', '=', id).executeTakeFirst()
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

export interface EndedJob {
  readonly node: string
  readonly item: number
  readonly job_id: string
  readonly queue: string
  readonly state: string
  readonly error_code: string | null
  /** Sealed. */
  readonly output: string | null
}

/** Jobs of a run that have ended since it was last moved on. */
export async function findEndedJobs(
  { query }: StateDatabase,
  id: string,
  most: number,
): Promise<EndedJob[]> {
  const { rows } = await sql<EndedJob>`
    select n.node, n.item, n.job_id, j.queue, j.state, j.error_code, j.output
    from orderly_run_nodes n join orderly_jobs j on j.id = n.job_id
    where n.run_id = ${id} and n.state = 'running' and j.finished_at is not null
    limit ${sql.lit(most)}`.execute(query)
  return rows
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
    readonly limit: number
  },
): Promise<RunRow[]> {
  let found = query.selectFrom('orderly_runs').selectAll()
  if (filter.state !== undefined) found = found.where('state', '=', filter.state)
  if (filter.workflow !== undefined) found = found.where('workflow', '=', filter.workflow)
  if (filter.parent !== undefined) found = found.where('parent', '=', filter.parent)
  return found.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(filter.limit).execute()
}

const MOST_AT_ONCE = 500
/** Who worked on a job moves its run on at once; who looks for runs leaves them that time. */
const SETTLING_MS = 500

/** Runs of which something has happened: a job or a sub-workflow has ended, or a time has come. */
export async function findMovable({ query }: StateDatabase, now: number): Promise<string[]> {
  const { rows } = await sql<{ run_id: string }>`
    select run_id from (
      select run_id from orderly_run_nodes n where state = 'running' and job_id is not null and exists (
        select 1 from orderly_jobs where orderly_jobs.id = n.job_id and finished_at <= ${now - SETTLING_MS})
      union select run_id from orderly_run_nodes where state = 'running' and due_at <= ${now}
      union select run_id from orderly_run_nodes n where state = 'running' and child is not null and exists (
        select 1 from orderly_runs where orderly_runs.id = n.child and finished_at is not null)
      union select id as run_id from orderly_runs
        where state = 'running' and revision = 0 and created_at <= ${now - SETTLING_MS}
    ) as moved where exists (
      select 1 from orderly_runs where orderly_runs.id = run_id and state = 'running')
    limit ${sql.lit(MOST_AT_ONCE)}`.execute(query)
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

export type LogEntry = Pick<RunLogRow, 'what' | 'node' | 'who' | 'detail'>

export interface Transition {
  readonly nodes: readonly RunNodeRow[]
  readonly jobs: readonly OutgoingJob[]
  readonly children: readonly RunRow[]
  readonly log: readonly LogEntry[]
  /** Set when the state of the run changes. */
  readonly to?: { readonly state: RunRow['state']; readonly output: string | null }
}

export async function insertRuns(database: StateDatabase, runs: readonly RunRow[]): Promise<void> {
  if (runs.length === 0) return
  await database.transaction(async ({ query }) => {
    for (const run of runs) await query.insertInto('orderly_runs').values(run).execute()
  })
}

const PUT_NODE = `insert into orderly_run_nodes
  (run_id, node, item, state, job_id, child, waits_for, due_at, output, error, started_at, ended_at, total, attempt, event_id)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (run_id, node, item) do update set state = excluded.state, job_id = excluded.job_id, child = excluded.child,
    waits_for = excluded.waits_for, due_at = excluded.due_at, output = excluded.output, error = excluded.error,
    started_at = excluded.started_at, ended_at = excluded.ended_at, total = excluded.total, attempt = excluded.attempt,
    event_id = excluded.event_id`

const PUT_LOG = `insert into orderly_run_log (run_id, revision, place, at, what, node, who, detail)
  values (?, ?, ?, ?, ?, ?, ?, ?)`

const FINAL: ReadonlySet<RunRow['state']> = new Set(['completed', 'failed', 'cancelled'])

export interface MoveRequest {
  /** As it was when the transition was worked out. */
  readonly run: Pick<RunRow, 'id' | 'revision' | 'state'>
  readonly transition: Transition
}

/**
 * Moves runs on: of each its nodes, the jobs they enqueue, its log and its state, all of it or none.
 *
 * @returns for each false when somebody else has moved it since it was read, and nothing of it was done
 */
export async function moveRuns(
  database: StateDatabase,
  moves: readonly MoveRequest[],
  now: number,
): Promise<boolean[]> {
  return database.transaction(async (tx) => {
    const done: boolean[] = []
    for (const move of moves) done.push(await moveWithin(tx, move, now))
    return done
  })
}

/** @returns false when somebody else has moved it since it was read, and nothing was done */
export async function moveRun(
  database: StateDatabase,
  run: MoveRequest['run'],
  transition: Transition,
  now: number,
): Promise<boolean> {
  const [moved] = await moveRuns(database, [{ run, transition }], now)
  return moved!
}

async function moveWithin(
  { query, many }: StateTransaction,
  { run, transition: { nodes, jobs, children, log, to } }: MoveRequest,
  now: number,
): Promise<boolean> {
  const revision = run.revision + 1
  const moved = await query
    .updateTable('orderly_runs')
    .set({
      revision,
      ...(to
        ? { state: to.state, output: to.output, finished_at: FINAL.has(to.state) ? now : null }
        : {}),
    })
    .where('id', '=', run.id)
    .where('revision', '=', run.revision)
    .where('state', '=', run.state)
    .executeTakeFirst()
  if (moved.numUpdatedRows === 0n) return false
  await many(PUT_NODE, nodes.map(valuesOf))
  await many(
    PUT_LOG,
    log.map(({ what, node, who, detail }, place) => [
      run.id,
      revision,
      place,
      now,
      what,
      node,
      who,
      detail,
    ]),
  )
  for (const job of jobs) await enqueueWithin({ query }, job, now)
  for (const child of children) await query.insertInto('orderly_runs').values(child).execute()
  return true
}

function valuesOf(node: RunNodeRow): (string | number | null)[] {
  return [
    node.run_id,
    node.node,
    node.item,
    node.state,
    node.job_id,
    node.child,
    node.waits_for,
    node.due_at,
    node.output,
    node.error,
    node.started_at,
    node.ended_at,
    node.total,
    node.attempt,
    node.event_id,
  ]
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

/** Begins a run with nodes behind it. */
export async function forkRunRows(
  database: StateDatabase,
  run: RunRow,
  nodes: readonly RunNodeRow[],
  now: number,
): Promise<void> {
  await database.transaction(async ({ query, many }) => {
    await query.insertInto('orderly_runs').values(run).execute()
    await many(PUT_NODE, nodes.map(valuesOf))
    await many(PUT_LOG, [[run.id, 0, 0, now, 'forked', run.forked_at, run.who, run.forked_from]])
  })
}

/** Nodes that ask somebody, with their runs, the longest first. */
export async function findApprovals(
  database: StateDatabase,
): Promise<{ run: RunRow; row: RunNodeRow }[]> {
  const rows = await database.query
    .selectFrom('orderly_run_nodes')
    .selectAll()
    .where('state', '=', 'running')
    .where('waits_for', 'in', ['approval', 'escalation'])
    .orderBy('started_at')
    .limit(1_000)
    .execute()
  const found: { run: RunRow; row: RunNodeRow }[] = []
  for (const row of rows) {
    const run = await findRun(database, row.run_id)
    if (run) found.push({ run, row })
  }
  return found
}
