// Which prices may be shown: those of published versions. A held version leaves what was shown before in its place, until
// a later one of its source is published.
import { sql, type RawBuilder } from 'kysely'

const HELD = sql`select version_id from publications where state in ('held', 'rejected') and superseded_by is null`

/** A condition on a price `p`. */
export function isVisible(): RawBuilder<boolean> {
  return sql<boolean>`(p.opened_by not in (${HELD}) and (p.closed_by = 0 or p.closed_by in (${HELD})))`
}

/** Versions of a source whose changes have not been shown when `version` is checked, itself among them. */
export function notShown(source: number, version: number): RawBuilder<number> {
  return sql<number>`(select version_id from versions where version_id = ${version}
    union all select version_id from publications where source_id = ${source} and version_id <> ${version}
      and state in ('held', 'rejected') and superseded_by is null)`
}

/** Versions whose changes are shown since `version` is: itself, and those it has superseded. */
export function shownBy(version: number): RawBuilder<number> {
  return sql<number>`(select version_id from versions where version_id = ${version}
    union all select version_id from publications where superseded_by = ${version})`
}

/** Code systems that mean the same in every hospital. */
export const NATIONAL_TYPES = [
  'CPT', 'HCPCS', 'MS-DRG', 'APR-DRG', 'MS-LTC-DRG', 'DRG', 'NDC', 'APC', 'EAPG', 'CDT', 'CMG', 'HIPPS',
] as const // prettier-ignore

export function isNational(): RawBuilder<boolean> {
  return sql<boolean>`i.code_type in (${sql.join([...NATIONAL_TYPES])})`
}
