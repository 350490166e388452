// The evidence of runs: one row a run, never changed.
import type { Insertable } from 'kysely'
import type { EvidenceRow, StateDatabase } from './tables.ts'

/** Writes the evidence of a run. What was written for it before stays as it is. */
export async function writeEvidence(
  { query }: StateDatabase,
  row: Insertable<EvidenceRow>,
): Promise<void> {
  await query
    .insertInto('orderly_evidence')
    .values(row)
    .onConflict((conflict) => conflict.columns(['job_id', 'run']).doNothing())
    .execute()
}

/** The evidence of a job's runs, the first one first. */
export async function findEvidence(
  { query }: StateDatabase,
  jobId: string,
): Promise<Pick<EvidenceRow, 'run' | 'body' | 'attached'>[]> {
  return query
    .selectFrom('orderly_evidence')
    .select(['run', 'body', 'attached'])
    .where('job_id', '=', jobId)
    .orderBy('n')
    .execute()
}
