// Adds the order of a source's versions, and which of them are shown.
import { sql, type Kysely } from 'kysely'
import { DOLLARS, type Dialect } from './tables.ts'

/**
 * A version is hidden until it has passed its checks or somebody has approved it; then all before it are shown too, since
 * its prices build on theirs. `seq` counts the versions of a source.
 */
export async function showVersions(db: Kysely<any>, dialect: Dialect): Promise<void> {
  for (const statement of [
    `alter table versions add column seq bigint not null default 1`,
    `with recursive chain (version_id, seq) as (
        select version_id, 1 from versions where previous_version is null
        union all
        select v.version_id, c.seq + 1 from versions v join chain c on v.previous_version = c.version_id)
      update versions set seq = (select max(chain.seq) from chain where chain.version_id = versions.version_id)
      where version_id in (select version_id from chain)`,
    `alter table versions add column shown_by bigint`,
    `update versions set shown_by = (
        select p.version_id from publications p join versions v on v.version_id = p.version_id
        where p.source_id = versions.source_id and p.state = 'published' and v.seq >= versions.seq
        order by v.seq limit 1)`,
    `create index versions_source on versions (source_id, seq)`,
    `create index versions_hidden on versions (version_id) where shown_by is null`,
    `create index versions_shown on versions (shown_by)`,
    `alter table publications drop column superseded_by`,
    `drop view price_list`,
    `create view price_list as
      select coalesce(s.hospital, s.name) as hospital, i.description, i.code_type, i.code, i.setting,
        i.billing_class, i.facility, i.modifiers, p.kind, coalesce(c.payer, '') as payer, coalesce(c.plan, '') as plan,
        coalesce(c.methodology, '') as methodology, ${DOLLARS[dialect]} as dollars, p.conflict,
        s.name as source, p.sheet, p.row_no, p.byte_offset, v.valid_from, v.content_digest
      from prices p
      join items i using (source_id, item_id)
      left join contracts c using (source_id, contract_id)
      join sources s using (source_id)
      join versions v on v.version_id = p.opened_by
      where p.opened_by not in (select version_id from versions where shown_by is null)
        and (p.closed_by = 0 or p.closed_by in (select version_id from versions where shown_by is null))`,
  ])
    await sql.raw(statement).execute(db)
}
