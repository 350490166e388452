// Workflow runs: read, and moved on in one transaction with the jobs that a step enqueues.
import { sql } from 'kysely'
import { enqueueWithin, type OutgoingJob } from './outgoing.ts'
import type { RunNodeRow, RunRow } from './run-tables.ts'
import type { StateDatabase } from './tables.ts'

export async function findRun({ query }: StateDatabase, id: string): Promise<RunRow | undefined> {
  return query.selectFrom('orderly_runs').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findRunNodes({ query }: StateDatabase, id: string): Promise<RunNodeRow[]> {
  return query
    .selectFrom('orderly_run_nodes')
    .selectAll()
    .where('run_id', '=', id)
    .orderBy('ended_at')
    .orderBy('item')
    .execute()
}

export async function findRuns(
  { query }: StateDatabase,
  filter: {
    readonly state?: RunRow['state'] | undefined
    readonly workflow?: string | undefined
    readonly limit: number
  },
): Promise<RunRow[]> {
  let found = query.selectFrom('orderly_runs').selectAll()
  if (filter.state !== undefined) found = found.where('state', '=', filter.state)
  if (filter.workflow !== undefined) found = found.where('workflow', '=', filter.workflow)
  return found.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(filter.limit).execute()
}

const MOST_AT_ONCE = 500

/** Runs of which something has happened: a job or a sub-workflow has ended, or a time has come. */
export async function findMovable({ query }: StateDatabase, now: number): Promise<string[]> {
  const { rows } = await sql<{ run_id: string }>`
    select run_id from orderly_run_nodes n where state = 'running' and job_id is not null and exists (
      select 1 from orderly_jobs where orderly_jobs.id = n.job_id and finished_at is not null)
    union select run_id from orderly_run_nodes where state = 'running' and due_at <= ${now}
    union select run_id from orderly_run_nodes n where state = 'running' and child is not null and exists (
      select 1 from orderly_runs where orderly_runs.id = n.child and finished_at is not null)
    union select id as run_id from orderly_runs where state = 'running' and revision = 0
    limit ${sql.lit(MOST_AT_ONCE)}`.execute(query)
  return rows.map(({ run_id }) => run_id)
}

export interface Transition {
  readonly nodes: readonly RunNodeRow[]
  readonly jobs: readonly OutgoingJob[]
  readonly children: readonly RunRow[]
  /** Set when the run comes to its end. */
  readonly end?: { readonly state: RunRow['state']; readonly output: string | null }
}

export async function insertRun({ query }: StateDatabase, run: RunRow): Promise<void> {
  await query
    .insertInto('orderly_runs')
    .values(run)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

const PUT_NODE = `insert into orderly_run_nodes
  (run_id, node, item, state, job_id, child, waits_for, due_at, output, error, started_at, ended_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (run_id, node, item) do update set state = excluded.state, job_id = excluded.job_id, child = excluded.child,
    waits_for = excluded.waits_for, due_at = excluded.due_at, output = excluded.output, error = excluded.error,
    ended_at = excluded.ended_at`

/**
 * Moves a run on: its nodes, the jobs they enqueue and its end, all of it or none.
 *
 * @returns false when somebody else has moved it since it was read
 */
export async function moveRun(
  database: StateDatabase,
  run: RunRow,
  { nodes, jobs, children, end }: Transition,
  now: number,
): Promise<boolean> {
  return database.transaction(async ({ query, many }) => {
    const moved = await query
      .updateTable('orderly_runs')
      .set({
        revision: run.revision + 1,
        ...(end ? { state: end.state, output: end.output, finished_at: now } : {}),
      })
      .where('id', '=', run.id)
      .where('revision', '=', run.revision)
      .where('state', '=', 'running')
      .executeTakeFirst()
    if (moved.numUpdatedRows === 0n) return false
    await many(
      PUT_NODE,
      nodes.map((node) => [
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
      ]),
    )
    for (const job of jobs) await enqueueWithin({ query }, job, now)
    for (const child of children) await query.insertInto('orderly_runs').values(child).execute()
    return true
  })
}
