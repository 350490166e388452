// What the hospital of a file is called: as the directory names it, else as the file does, else by the file's address.
import { sql, type RawBuilder } from 'kysely'

/** Of a source `s`. A file of several hospitals is called as it calls itself. */
export function hospitalName(): RawBuilder<string> {
  return sql<string>`coalesce((
    select case when count(*) = 1 then min(h.name) end
    from price_files pf
    join hospital_files hf on hf.file_id = pf.file_id
    join hospitals h on h.hospital_id = hf.hospital_id
    where pf.url = s.name), s.hospital, s.name)`
}

/** Of a source `s`: the hospital it is of, or the first of several. */
export function hospitalId(): RawBuilder<string | null> {
  return sql<string | null>`(
    select min(hf.hospital_id)
    from price_files pf join hospital_files hf on hf.file_id = pf.file_id
    where pf.url = s.name)`
}
