// Writes staged batches into the prices table: each with its lineage, or not at all.
import { sql } from 'kysely'
import type { Database, DatabaseTransaction } from 'orderly'
import {
  CONTRACT_SQL,
  contractKey,
  contractRow,
  contractsOf,
  ITEM_SQL,
  itemRow,
  keyItems,
  PRICE_SQL,
  priceRows,
  TERM_SQL,
  termRows,
  type ContractNumbers,
  type KeyedItem,
} from './price-facts.ts'
import { unpackItems } from './packed-items.ts'
import { mayWrite } from './unwritten.ts'
import type { Dialect, PriceTables } from './tables.ts'

type Tx = DatabaseTransaction<PriceTables>

/**
 * Applies the batches of an intake up to number `seq` that are still staged: that one, and any before it whose job is
 * late. So batches are always applied in the order of the file, each once, whatever happens to their jobs.
 *
 * @returns whether nothing of the intake is staged any more; false too where it may not be written
 */
export function applyBatches(
  db: Database<PriceTables>,
  intakeId: string,
  seq: number,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    // One at a time, also where several processes write: SQLite lets only one, PostgreSQL is asked to.
    if (db.dialect === 'postgres')
      await sql`select 1 from intakes where intake_id = ${intakeId} for update`.execute(tx.query)
    if (!(await mayWrite(tx, intakeId))) return isLoaded(tx, intakeId)
    const staged = await tx.query
      .selectFrom('staged_batches')
      .innerJoin('intakes', 'intakes.intake_id', 'staged_batches.intake_id')
      .select(['seq', 'items', 'source_id', 'version_id'])
      .where('staged_batches.intake_id', '=', intakeId)
      .where('seq', '<=', seq)
      .orderBy('seq')
      .execute()
    for (const batch of staged) {
      await write(
        tx,
        db.dialect,
        keyItems(batch.source_id, batch.version_id!, unpackItems(batch.items)),
      )
    }
    await tx.query
      .deleteFrom('staged_batches')
      .where('intake_id', '=', intakeId)
      .where('seq', '<=', seq)
      .execute()
    const next = await tx.query
      .selectFrom('staged_batches')
      .select('seq')
      .where('intake_id', '=', intakeId)
      .limit(1)
      .executeTakeFirst()
    return next === undefined
  })
}

/** A job that comes late to a version that is finished has nothing to do, and says so. */
async function isLoaded({ query }: Tx, intakeId: string): Promise<boolean> {
  const loaded = await query
    .selectFrom('intakes')
    .select('intake_id')
    .where('intake_id', '=', intakeId)
    .where('state', '=', 'loaded')
    .executeTakeFirst()
  return loaded !== undefined
}

async function write(tx: Tx, dialect: Dialect, items: readonly KeyedItem[]): Promise<void> {
  const source = items[0]?.source
  if (source === undefined) return
  await tx.many(ITEM_SQL, items.map(itemRow))
  await tx.many(
    CONTRACT_SQL,
    contractsOf(items).map((key) => contractRow(source, key)),
  )
  const ids = await itemNumbers(tx, dialect, source, items)
  const contracts = await contractNumbers(tx, source)
  for (const item of items) {
    const id = ids.get(String(item.hash))!
    await tx.many(PRICE_SQL, priceRows(item, id, contracts))
    await tx.many(TERM_SQL, termRows(item, id, contracts))
  }
}

/** The numbers of items in their source, by key hash. Hashes have more bits than a number holds: they travel as text. */
async function itemNumbers(
  tx: Tx,
  dialect: Dialect,
  source: number,
  items: readonly KeyedItem[],
): Promise<Map<string, number>> {
  const hashes = JSON.stringify(items.map(({ hash }) => String(hash)))
  const wanted =
    dialect === 'sqlite'
      ? sql`select cast(value as integer) from json_each(${hashes})`
      : sql`select cast(value as bigint) from json_array_elements_text(cast(${hashes} as json)) as each(value)`
  const { rows } = await sql<{ hash: string; item_id: number }>`
    select cast(key_hash as text) as hash, item_id from items
    where source_id = ${source}
      and key_hash in (${wanted})`.execute(tx.query)
  return new Map(rows.map(({ hash, item_id }) => [hash, item_id]))
}

async function contractNumbers(tx: Tx, source: number): Promise<ContractNumbers> {
  const rows = await tx.query
    .selectFrom('contracts')
    .select(['contract_id', 'payer', 'plan', 'methodology'])
    .where('source_id', '=', source)
    .execute()
  return new Map(rows.map((row) => [contractKey(row), row.contract_id]))
}
