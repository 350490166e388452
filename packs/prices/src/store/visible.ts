// Which prices may be shown: those of versions that passed their checks or were approved, while a directory lists their file.
import { sql, type RawBuilder } from 'kysely'

/** Not checked yet, held or rejected. There are few of them: a version is shown with the first later one that is. */
const HIDDEN = sql`(select version_id from versions where shown_by is null)`

/** Files that a directory has named once, and that none names now. What comes from a folder was never named. */
const UNLISTED = sql`(select s.source_id from sources s
  where exists (select 1 from price_files f where f.source = s.name)
    and not exists (select 1 from price_files f join hospital_files hf on hf.file_id = f.file_id where f.source = s.name))`

/** A condition on a price `p`. */
export function isVisible(): RawBuilder<boolean> {
  return sql<boolean>`(p.opened_by not in ${HIDDEN} and (p.closed_by = 0 or p.closed_by in ${HIDDEN})
    and p.source_id not in ${UNLISTED})`
}

/** Whether a price stands in a version: a condition on its `opened_by` and `closed_by`, whatever has come since. */
export function isOf(source: number, version: number, price = ''): RawBuilder<boolean> {
  const [opened, closed] = [sql.ref(`${price}opened_by`), sql.ref(`${price}closed_by`)]
  const later = after(source, version)
  return sql<boolean>`(${opened} not in ${later} and (${closed} = 0 or ${closed} in ${later}))`
}

/** Versions of a source that came after one of them. */
export function after(source: number, version: number): RawBuilder<number> {
  return sql<number>`(select version_id from versions
    where source_id = ${source} and seq > (select seq from versions where version_id = ${version}))`
}

/** Versions of a source whose changes were not shown before `version` was: itself among them, and those after it. */
export function notShown(source: number, version: number): RawBuilder<number> {
  return sql<number>`(select version_id from versions where source_id = ${source} and (shown_by is null
    or shown_by = ${version} or seq > (select seq from versions where version_id = ${version})))`
}

/** Versions whose changes are shown since `version` is: itself, and those before it that were not. */
export function shownBy(version: number): RawBuilder<number> {
  return sql<number>`(select version_id from versions where shown_by = ${version})`
}

/** Code systems that mean the same in every hospital. */
export const NATIONAL_TYPES = [
  'CPT', 'HCPCS', 'MS-DRG', 'APR-DRG', 'MS-LTC-DRG', 'DRG', 'NDC', 'APC', 'EAPG', 'CDT', 'CMG', 'HIPPS',
] as const // prettier-ignore

export function isNational(): RawBuilder<boolean> {
  return sql<boolean>`i.code_type in (${sql.join([...NATIONAL_TYPES])})`
}
