// Actions over many jobs: kept as they were planned, moved on item by item.
import type { BulkItemRow, BulkRow } from './bulk-tables.ts'
import type { StateDatabase } from './tables.ts'

const INSERT_ITEMS = 'insert into orderly_bulk_items (bulk_id, n, job_id, state, reason)'

export async function insertBulk(
  database: StateDatabase,
  row: BulkRow,
  jobs: readonly string[],
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query.insertInto('orderly_bulk').values(row).execute()
    await tx.insertAll(
      INSERT_ITEMS,
      jobs.map((job, n) => [row.id, n, job, 'todo', '']),
      'on conflict do nothing',
    )
  })
}

export async function findBulk({ query }: StateDatabase, id: string): Promise<BulkRow | undefined> {
  return query.selectFrom('orderly_bulk').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findBulks(
  { query }: StateDatabase,
  filter: {
    readonly state?: BulkRow['state']
    readonly owner?: string
    /** Only older ones than this. */
    readonly before?: Pick<BulkRow, 'created_at' | 'id'> | undefined
    readonly limit: number
  },
): Promise<BulkRow[]> {
  let found = query.selectFrom('orderly_bulk').selectAll()
  if (filter.state !== undefined) found = found.where('state', '=', filter.state)
  if (filter.owner !== undefined) found = found.where('owner', '=', filter.owner)
  const { before } = filter
  if (before !== undefined)
    found = found.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'id'), '<', tuple(before.created_at, before.id)),
    )
  return found.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(filter.limit).execute()
}

/** Moves a bulk from one of some states to another. @returns whether it stood in one of them */
export async function moveBulk(
  { query }: StateDatabase,
  id: string,
  from: readonly BulkRow['state'][],
  change: Partial<Pick<BulkRow, 'state' | 'started_at' | 'finished_at'>>,
): Promise<boolean> {
  const moved = await query
    .updateTable('orderly_bulk')
    .set(change)
    .where('id', '=', id)
    .where('state', 'in', [...from])
    .executeTakeFirst()
  return moved.numUpdatedRows > 0n
}

export async function countItems(
  { query }: StateDatabase,
  id: string,
): Promise<Record<BulkItemRow['state'], number>> {
  const rows = await query
    .selectFrom('orderly_bulk_items')
    .select('state')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('bulk_id', '=', id)
    .groupBy('state')
    .execute()
  const counts = { todo: 0, begun: 0, done: 0, failed: 0, skipped: 0 }
  for (const { state, n } of rows) counts[state] = n
  return counts
}

export async function findItems(
  { query }: StateDatabase,
  id: string,
  filter: {
    readonly state?: BulkItemRow['state']
    readonly after?: number
    readonly limit: number
  },
): Promise<BulkItemRow[]> {
  let found = query
    .selectFrom('orderly_bulk_items')
    .selectAll()
    .where('bulk_id', '=', id)
    .where('n', '>', filter.after ?? -1)
  if (filter.state !== undefined) found = found.where('state', '=', filter.state)
  return found.orderBy('n').limit(filter.limit).execute()
}

/** Moves an item on. @returns whether it stood in `from` */
export async function moveItem(
  { query }: StateDatabase,
  { bulk_id, n }: Pick<BulkItemRow, 'bulk_id' | 'n'>,
  from: BulkItemRow['state'],
  to: BulkItemRow['state'],
  reason = '',
): Promise<boolean> {
  const moved = await query
    .updateTable('orderly_bulk_items')
    .set({ state: to, reason })
    .where('bulk_id', '=', bulk_id)
    .where('n', '=', n)
    .where('state', '=', from)
    .executeTakeFirst()
  return moved.numUpdatedRows > 0n
}

/** Drops what was planned and never run, and what ended before `before`. */
export async function dropBulks(
  { query }: StateDatabase,
  now: number,
  before: number,
): Promise<void> {
  const old = query
    .selectFrom('orderly_bulk')
    .select('id')
    .where((where) =>
      where.or([
        where.and([where('state', '=', 'planned'), where('expires_at', '<=', now)]),
        where('finished_at', '<', before),
      ]),
    )
  await query.deleteFrom('orderly_bulk_items').where('bulk_id', 'in', old).execute()
  await query
    .deleteFrom('orderly_bulk')
    .where((where) =>
      where.or([
        where.and([where('state', '=', 'planned'), where('expires_at', '<=', now)]),
        where('finished_at', '<', before),
      ]),
    )
    .execute()
}
