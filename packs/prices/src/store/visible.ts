// Which prices may be shown: those of published versions. A held version leaves what was shown before in its place.
import { sql, type RawBuilder } from 'kysely'

const HELD = sql`select version_id from publications where state in ('held', 'rejected')`

/** A condition on a price `p`. */
export function isVisible(): RawBuilder<boolean> {
  return sql<boolean>`(p.opened_by not in (${HELD}) and (p.closed_by = 0 or p.closed_by in (${HELD})))`
}

/** Code systems that mean the same in every hospital. */
export const NATIONAL_TYPES = [
  'CPT', 'HCPCS', 'MS-DRG', 'APR-DRG', 'MS-LTC-DRG', 'DRG', 'NDC', 'APC', 'EAPG', 'CDT', 'CMG', 'HIPPS',
] as const // prettier-ignore

export function isNational(): RawBuilder<boolean> {
  return sql<boolean>`i.code_type in (${sql.join([...NATIONAL_TYPES])})`
}
