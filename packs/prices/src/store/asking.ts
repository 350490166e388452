// Makes hospitals, not files, those whose prices are compared, and lets a file take the place of another.
import { sql, type Kysely } from 'kysely'
import { payerOf } from '../shape/payer-names.ts'
import type { Dialect } from './tables.ts'

/**
 * `sources.placed` is empty afterwards, so that the next scan has all statistics worked out anew. Payers get the names
 * that are known by now.
 */
export async function nameHospitals(db: Kysely<any>, dialect: Dialect): Promise<void> {
  for (const statement of [
    `alter table sources add column placed text`,
    `alter table price_files add column source text not null default ''`,
    `update price_files set source = url`,
    `create index price_files_source on price_files (source)`,
    `create table listed_files (
      hospital_id text not null references hospitals,
      file_id text not null references price_files,
      directory text not null,
      primary key (hospital_id, file_id, directory)
    )`,
    `insert into listed_files select hf.hospital_id, hf.file_id, h.directory
      from hospital_files hf join hospitals h on h.hospital_id = hf.hospital_id`,
    `drop table hospital_files`,
    `alter table listed_files rename to hospital_files`,
    `create index hospital_files_file on hospital_files (file_id)`,
    `drop table hospital_stats`,
    `create table hospital_stats (
      hospital_id text not null,
      code_type text not null, code text not null, setting text not null, billing_class text not null,
      modifiers text not null, drug_unit text not null, methodology text not null, kind text not null,
      payer_id text not null,
      prices integer not null,
      min bigint not null, p25 bigint not null, median bigint not null, p75 bigint not null, max bigint not null,
      primary key (code_type, code, setting, billing_class, modifiers, drug_unit, methodology, kind, payer_id, hospital_id)
    )${dialect === 'sqlite' ? ' without rowid' : ''}`,
  ])
    await sql.raw(statement).execute(db)
  const { rows } = await sql<{ payer: string }>`select distinct payer from contracts`.execute(db)
  for (const { payer } of rows)
    await sql`update contracts set payer_id = ${payerOf(payer)?.id ?? null} where payer = ${payer}`.execute(
      db,
    )
}
