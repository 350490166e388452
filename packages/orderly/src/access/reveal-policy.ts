// What must be said and left when somebody sees PHI: a purpose, why, and how often at most.
import { sql } from 'kysely'
import type { DatabaseTransaction } from '../database/open.ts'
import type { LedgerTables } from '../ledger/tables.ts'
import { OrderlyError } from '../primitives/errors.ts'

/** Purposes of use, as HL7 v3 PurposeOfUse names them. */
export const PURPOSES = {
  TREAT: 'treatment of the patient',
  HPAYMT: 'payment',
  HOPERAT: 'operation of the service',
  PATRQT: 'the patient asked',
  HSYSADMIN: 'support: finding out what went wrong',
  ETREAT: 'emergency treatment',
} as const

export type Purpose = keyof typeof PURPOSES

export const SHORTEST_TEXT = 15
const PER_HOUR = 30
const PER_DAY = 100
const HOUR_MS = 3_600_000

/**
 * Refuses what is beyond somebody's budget: as a rule nobody needs to see so much, and whoever does asks for an export.
 *
 * @throws OrderlyError `ORDERLY_TOO_MANY_REQUESTS`
 */
export async function demandBudget(
  { query }: DatabaseTransaction<LedgerTables>,
  actor: string,
  now: number,
): Promise<void> {
  const row = await query
    .selectFrom('orderly_ledger')
    .select([
      sql<number>`sum(case when at > ${now - HOUR_MS} then 1 else 0 end)`.as('hour'),
      (count) => count.fn.countAll<number>().as('day'),
    ])
    .where('actor', '=', actor)
    .where('op', '=', 'phi.reveal')
    .where('outcome', '=', 'ok')
    .where('at', '>', now - 24 * HOUR_MS)
    .executeTakeFirst()
  if ((row?.hour ?? 0) < PER_HOUR && (row?.day ?? 0) < PER_DAY) return
  throw new OrderlyError(
    'ORDERLY_TOO_MANY_REQUESTS',
    `nobody sees more than ${PER_HOUR} values in an hour and ${PER_DAY} in a day; ask for the consent of somebody else (POST /api/v1/reveal-approvals)`,
  )
}
