// Deliveries that were read and could not be written: ended with their reason, and taken up again if their job is.
import { sql } from 'kysely'
import type { Database, DatabaseTransaction } from 'orderly'
import type { PriceFileErrorCode } from '../read/error.ts'
import { findIntake, type Intake } from './intake.ts'
import type { PriceTables } from './tables.ts'

type Db = Database<PriceTables>

const CODE = 'UPDATE_FAILED' satisfies PriceFileErrorCode

/** Ends a delivery whose rows could not be written. They stay staged, for a retry. */
export async function endUnwritten(
  db: Db,
  intakeId: string,
  reason: string,
  now: number,
): Promise<void> {
  await db.query
    .updateTable('intakes')
    .set({ state: 'quarantined', code: CODE, reason, finished_at: now })
    .where('intake_id', '=', intakeId)
    .where('state', '=', 'updating')
    .execute()
}

/** Whether a delivery is one that ended so. */
export function isUnwritten(intake: Intake): boolean {
  return intake.state === 'quarantined' && intake.code === CODE && intake.version_id !== null
}

/**
 * Whether the rows of a delivery may be written: it is open, or it ended unwritten and nothing of its source has come since.
 * The intake is open afterwards, if the transaction commits.
 */
export async function mayWrite(
  { query }: DatabaseTransaction<PriceTables>,
  intakeId: string,
): Promise<boolean> {
  const { rows } = await sql<{ state: string }>`
    update intakes set state = 'updating', code = null, reason = null, finished_at = null
    where intake_id = ${intakeId} and version_id is not null and (state = 'updating' or (code = ${CODE} and not exists (
      select 1 from intakes later where later.source_id = intakes.source_id and later.started_at > intakes.started_at
        and later.intake_id <> intakes.intake_id and later.state <> 'quarantined')))
    returning state`.execute(query)
  return rows.length > 0
}

/** The delivery, open, if its rows may be written or made current. */
export async function takeUp(db: Db, intakeId: string): Promise<Intake | undefined> {
  return (await db.transaction((tx) => mayWrite(tx, intakeId)))
    ? findIntake(db, intakeId)
    : undefined
}
