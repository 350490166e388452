// Dead letters: jobs that failed for good and whose content is still there, grouped by the place they failed at.
import type { HistoryDatabase } from './record.ts'

export interface DeadLetterGroup {
  readonly name: string
  readonly queue: string
  readonly error_code: string | null
  readonly fingerprint: string | null
  readonly count: number
  /** When the first and the last of them failed. Milliseconds since 1970 UTC. */
  readonly first: number
  readonly last: number
}

export interface DeadLetterFilter {
  readonly queue?: string
  readonly name?: string
  readonly fingerprint?: string
  readonly errorCode?: string
  /** Failed at or after this time. Milliseconds since 1970 UTC. */
  readonly from?: number
  /** Failed before this time. */
  readonly to?: number
}

const MOST_GROUPS = 500

/** The largest groups first. What somebody cancelled is no dead letter. */
export async function groupDeadLetters(
  database: HistoryDatabase,
  filter: DeadLetterFilter,
): Promise<DeadLetterGroup[]> {
  const rows = await dead(database, filter)
    .select(['name', 'queue', 'error_code', 'fingerprint'])
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.min('finished_at').as('first'),
      fn.max('finished_at').as('last'),
    ])
    .groupBy(['name', 'queue', 'error_code', 'fingerprint'])
    .orderBy('count', 'desc')
    .orderBy('name')
    .limit(MOST_GROUPS)
    .execute()
  return rows.map((row) => ({ ...row, first: row.first ?? 0, last: row.last ?? 0 }))
}

/** Recorded ids of dead letters, oldest failure first, `limit` of them after `after`. */
export async function findDeadLetters(
  database: HistoryDatabase,
  filter: DeadLetterFilter,
  after: string,
  limit: number,
): Promise<{ id: string; queue: string; engine: string }[]> {
  return dead(database, filter)
    .select(['id', 'queue', 'engine'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
}

function dead({ query }: HistoryDatabase, filter: DeadLetterFilter) {
  let found = query
    .selectFrom('orderly_jobs')
    .where('state', '=', 'failed')
    .where('expires_at', 'is not', null)
    .where((where) =>
      where.or([where('error_code', 'is', null), where('error_code', '!=', 'ORDERLY_CANCELLED')]),
    )
  if (filter.queue !== undefined) found = found.where('queue', '=', filter.queue)
  if (filter.name !== undefined) found = found.where('name', '=', filter.name)
  if (filter.fingerprint !== undefined) found = found.where('fingerprint', '=', filter.fingerprint)
  if (filter.errorCode !== undefined) found = found.where('error_code', '=', filter.errorCode)
  if (filter.from !== undefined) found = found.where('finished_at', '>=', filter.from)
  if (filter.to !== undefined) found = found.where('finished_at', '<', filter.to)
  return found
}
