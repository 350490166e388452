// The evidence of runs: one row a run, never changed.
import type { Insertable, Selectable } from 'kysely'
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

export interface EvidenceFilter {
  readonly type?: string | undefined
  /** Milliseconds since 1970 UTC; `from` counts, `to` does not. */
  readonly from: number
  readonly to: number
  /** The queues that are looked at; all of them unless told. */
  readonly queues?: readonly string[] | undefined
}

/** The evidence of a period, the newest first. @param before where the page before ended */
export async function listEvidence(
  { query }: StateDatabase,
  filter: EvidenceFilter,
  { limit, before }: { readonly limit: number; readonly before?: EvidenceEnd | undefined },
): Promise<Pick<Selectable<EvidenceRow>, 'n' | 'at' | 'queue' | 'body' | 'attached'>[]> {
  if (filter.queues?.length === 0) return []
  let rows = query
    .selectFrom('orderly_evidence')
    .select(['n', 'at', 'queue', 'body', 'attached'])
    .where('at', '>=', filter.from)
    .where('at', '<', filter.to)
  if (filter.type !== undefined) rows = rows.where('type', '=', filter.type)
  if (filter.queues) rows = rows.where('queue', 'in', filter.queues)
  if (before)
    rows = rows.where((where) =>
      where.or([
        where('at', '<', before.at),
        where.and([where('at', '=', before.at), where('n', '<', before.n)]),
      ]),
    )
  return rows.orderBy('at', 'desc').orderBy('n', 'desc').limit(limit).execute()
}

/** How much evidence is older than a time, in milliseconds since 1970 UTC. */
export async function countEvidenceBefore({ query }: StateDatabase, at: number): Promise<number> {
  const row = await query
    .selectFrom('orderly_evidence')
    .select(({ fn }) => fn.countAll<number>().as('runs'))
    .where('at', '<', at)
    .executeTakeFirstOrThrow()
  return row.runs
}

export interface EvidenceEnd {
  readonly at: number
  readonly n: number
}

export interface EvidenceCount {
  readonly type: string
  readonly runs: number
  readonly jobs: number
  readonly first: number
  readonly last: number
}

/** How much evidence each type of job left in a period, by name. */
export async function countEvidence(
  { query }: StateDatabase,
  filter: EvidenceFilter,
): Promise<EvidenceCount[]> {
  if (filter.queues?.length === 0) return []
  let rows = query
    .selectFrom('orderly_evidence')
    .select(({ fn }) => [
      'type',
      fn.countAll<number>().as('runs'),
      fn.count<number>('job_id').distinct().as('jobs'),
      fn.min<number>('at').as('first'),
      fn.max<number>('at').as('last'),
    ])
    .where('at', '>=', filter.from)
    .where('at', '<', filter.to)
  if (filter.type !== undefined) rows = rows.where('type', '=', filter.type)
  if (filter.queues) rows = rows.where('queue', 'in', filter.queues)
  return rows.groupBy('type').orderBy('type').execute()
}
