// Writes one batch of rows into the prices table: all of it with its lineage, or nothing.
import type { Database } from 'orderly'
import { unpackItems } from './packed-items.ts'
import { ITEM_SQL, PRICE_SQL, TERM_SQL, priceFacts } from '../update/price-facts.ts'
import type { PriceTables } from './tables.ts'

/**
 * Applies batch `seq` of an intake, once: a batch that is no longer staged has been applied.
 *
 * @returns whether that was the last batch of the intake
 */
export function applyBatch(
  db: Database<PriceTables>,
  intakeId: string,
  seq: number,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const staged = await tx.query
      .deleteFrom('staged_batches')
      .where('intake_id', '=', intakeId)
      .where('seq', '=', seq)
      .returning('items')
      .executeTakeFirst()
    if (staged) {
      const intake = await tx.query
        .selectFrom('intakes')
        .select(['source_id', 'version_id'])
        .where('intake_id', '=', intakeId)
        .executeTakeFirstOrThrow()
      const items = unpackItems(staged.items)
      const facts = priceFacts(intake.source_id, intake.version_id!, items)
      tx.many(ITEM_SQL, facts.items)
      tx.many(PRICE_SQL, facts.prices)
      tx.many(TERM_SQL, facts.terms)
    }
    const next = await tx.query
      .selectFrom('staged_batches')
      .select('seq')
      .where('intake_id', '=', intakeId)
      .limit(1)
      .executeTakeFirst()
    return next === undefined
  })
}
