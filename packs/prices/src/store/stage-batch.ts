// One batch of normal rows on its way to the prices table, with what was set aside and the place to go on from.
import type { Database } from 'orderly'
import type { LeftOutValue, RejectedRow } from '../shape/row.ts'
import { isStill, type Intake } from './intake.ts'
import type { PriceTables } from './tables.ts'

type Db = Database<PriceTables>

/** Listing a million bad rows or values helps nobody; they are all counted. */
export const MOST_LISTED = 10_000

export interface StagedBatch {
  /** Of the reader's batches in it, in order. */
  readonly digests: readonly string[]
  /** What `packItems` made of the rows. */
  readonly items: string
  readonly rejected: readonly RejectedRow[]
  readonly leftOut: readonly LeftOutValue[]
  readonly valuesLeftOut: number
  readonly rowsRead: number
  /** Amounts and payer terms in the rows. */
  readonly facts: number
  /** Where the reader goes on after this batch, as JSON text. */
  readonly cursor: string
}

/**
 * Stores one batch of normal rows and the place to go on from, together. Returns the intake as it is now.
 *
 * @throws Error when another reader has gone on with the intake, or begun it anew
 */
export function stageBatch(db: Db, intake: Intake, batch: StagedBatch): Promise<Intake> {
  return db.transaction(async (tx) => {
    const counted = await tx.query
      .updateTable('intakes')
      .set({
        cursor: batch.cursor,
        batches: intake.batches + 1,
        // It goes on, so what began reading has not ended with it.
        begun: 0,
        rows_read: intake.rows_read + batch.rowsRead,
        rows_quarantined: intake.rows_quarantined + batch.rejected.length,
        values_left_out: intake.values_left_out + batch.valuesLeftOut,
        facts_read: intake.facts_read + batch.facts,
      })
      .where(isStill(intake))
      .returningAll()
      .executeTakeFirst()
    if (!counted) throw new Error('another reader has this delivery')
    await tx.query
      .insertInto('staged_batches')
      .values({
        intake_id: intake.intake_id,
        seq: intake.batches,
        digests: batch.digests.join(' '),
        items: batch.items,
      })
      .execute()
    const room = Math.max(0, MOST_LISTED - intake.rows_quarantined)
    await tx.many(
      'insert into quarantined_rows (intake_id, sheet, row_no, byte_offset, code, reason) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
      batch.rejected
        .slice(0, room)
        .map(({ lineage, code, reason }) => [
          intake.intake_id,
          lineage.sheet ?? '',
          lineage.row,
          lineage.byte,
          code,
          reason,
        ]),
    )
    await tx.many(
      'insert into left_out_values (intake_id, sheet, row_no, byte_offset, column_name, code, reason) values (?, ?, ?, ?, ?, ?, ?)',
      batch.leftOut
        .slice(0, Math.max(0, MOST_LISTED - intake.values_left_out))
        .map(({ lineage, column, code, reason }) => [
          intake.intake_id,
          lineage.sheet ?? '',
          lineage.row,
          lineage.byte,
          column,
          code,
          reason,
        ]),
    )
    return counted
  })
}

/** The digests of everything read so far, in order. */
export async function batchDigests(db: Db, intakeId: string): Promise<string[]> {
  const rows = await db.query
    .selectFrom('staged_batches')
    .select('digests')
    .where('intake_id', '=', intakeId)
    .orderBy('seq')
    .execute()
  return rows.flatMap(({ digests }) => digests.split(' '))
}
