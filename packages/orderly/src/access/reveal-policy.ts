// What must be said and left when somebody sees PHI: a purpose, why, and how often at most.
import type { DatabaseTransaction } from '../database/open.ts'
import { readEntry, type LedgerEntry } from '../ledger/entry.ts'
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
 * @param wanted how many values are asked for now
 * @throws OrderlyError `ORDERLY_TOO_MANY_REQUESTS`
 */
export async function demandBudget(
  { query }: DatabaseTransaction<LedgerTables>,
  actor: string,
  now: number,
  wanted: number,
): Promise<void> {
  const rows = await query
    .selectFrom('orderly_ledger')
    .select(['at', 'body'])
    .where('actor', '=', actor)
    .where('op', '=', 'phi.reveal')
    .where('outcome', '=', 'ok')
    .where('at', '>', now - 24 * HOUR_MS)
    .execute()
  let hour = wanted
  let day = wanted
  for (const { at, body } of rows) {
    const values = valuesOf(body)
    day += values
    if (at > now - HOUR_MS) hour += values
  }
  if (hour <= PER_HOUR && day <= PER_DAY) return
  throw new OrderlyError(
    'ORDERLY_TOO_MANY_REQUESTS',
    `nobody sees more than ${PER_HOUR} values in an hour and ${PER_DAY} in a day; ask for the consent of somebody else (POST /api/v1/reveal-approvals)`,
  )
}

/** How many values somebody saw alone by an entry. */
function valuesOf(body: string | null): number {
  if (body === null) return 1
  const entry = readEntry(0, body)
  return entry.detail?.['approval'] === undefined ? valuesIn(entry) : 0
}

/** How many values an entry says were seen; where it does not say so, each field it names is one. */
export function valuesIn({ resource, detail }: Pick<LedgerEntry, 'resource' | 'detail'>): number {
  const values = detail?.['values']
  return typeof values === 'number' ? values : (resource?.fields?.length ?? 1)
}
