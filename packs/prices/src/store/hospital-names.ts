// What the hospital of a file is called: as the directory names it, else as the file does, else by the file's address.
import { sql, type RawBuilder } from 'kysely'

/** Of a source `s`. A file of several hospitals is called as it calls itself. */
export function hospitalName(): RawBuilder<string> {
  return sql<string>`coalesce((
    select case when count(distinct h.hospital_id) = 1 then min(h.name) end
    from price_files pf
    join hospital_files hf on hf.file_id = pf.file_id
    join hospitals h on h.hospital_id = hf.hospital_id
    where pf.source = s.name), s.hospital, s.name)`
}

/** Of a source `s`: the hospital it is of, or the first of several. */
export function hospitalId(): RawBuilder<string | null> {
  return sql<string | null>`(
    select min(hf.hospital_id)
    from price_files pf join hospital_files hf on hf.file_id = pf.file_id
    where pf.source = s.name)`
}

/** Joins to statistics `h` of a hospital whatever says what it is called. */
export function namedVoice(): RawBuilder<unknown> {
  return sql`left join hospitals v on v.hospital_id = h.hospital_id
    left join sources s on h.hospital_id = 'source:' || s.source_id`
}

/** What the hospital of statistics `h` is called, beside `namedVoice`. */
export function voiceName(): RawBuilder<string> {
  return sql<string>`coalesce(v.name, s.hospital, s.name)`
}
