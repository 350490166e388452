// Which node of a workflow run a job works on.
import type { RunNodeRow } from './run-tables.ts'
import type { StateDatabase } from './tables.ts'

/** The node of a run that a job works on. */
export async function findNodeOfJob(
  { query }: StateDatabase,
  run: string,
  jobId: string,
): Promise<Pick<RunNodeRow, 'node' | 'item'> | undefined> {
  return query
    .selectFrom('orderly_run_nodes')
    .select(['node', 'item'])
    .where('run_id', '=', run)
    .where('job_id', '=', jobId)
    .executeTakeFirst()
}
