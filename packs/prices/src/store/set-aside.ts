// Adds the values that good rows are without, readings begun in vain, files that have left, and names in price_list.
import { sql, type Kysely } from 'kysely'
import { DOLLARS, type Dialect } from './tables.ts'

/**
 * `price_list` shows what is published and listed, under the name the file gives its hospital; else the directory's, if it
 * names one hospital for the file; else the address.
 */
export async function listLeftOut(db: Kysely<any>, dialect: Dialect): Promise<void> {
  for (const statement of [
    `alter table intakes add column values_left_out bigint not null default 0`,
    `alter table intakes add column begun bigint not null default 0`,
    `create table left_out_values (
      intake_id text not null references intakes,
      sheet text not null,
      row_no bigint not null,
      byte_offset bigint,
      column_name text not null,
      code text not null,
      reason text not null
    )`,
    `create index left_out_values_intake on left_out_values (intake_id, row_no)`,
    `create table departed_files (
      hospital_id text not null references hospitals,
      file_id text not null references price_files,
      directory text not null,
      primary key (hospital_id, file_id, directory)
    )`,
    `drop view price_list`,
    `create view price_list as
      select coalesce(s.hospital, named.hospital, s.name) as hospital, i.description, i.code_type, i.code, i.setting,
        i.billing_class, i.facility, i.modifiers, p.kind, coalesce(c.payer, '') as payer, coalesce(c.plan, '') as plan,
        coalesce(c.methodology, '') as methodology, ${DOLLARS[dialect]} as dollars, p.conflict,
        s.name as source, p.sheet, p.row_no, p.byte_offset, v.valid_from, v.content_digest
      from prices p
      join items i using (source_id, item_id)
      left join contracts c using (source_id, contract_id)
      join sources s using (source_id)
      join versions v on v.version_id = p.opened_by
      left join (
        select f.source, case when count(distinct h.hospital_id) = 1 then min(h.name) end as hospital, count(hf.file_id) as listed
        from price_files f
        left join hospital_files hf on hf.file_id = f.file_id
        left join hospitals h on h.hospital_id = hf.hospital_id
        group by f.source) as named on named.source = s.name
      where p.opened_by not in (select version_id from versions where shown_by is null)
        and (p.closed_by = 0 or p.closed_by in (select version_id from versions where shown_by is null))
        and coalesce(named.listed, 1) > 0`,
  ])
    await sql.raw(statement).execute(db)
}
