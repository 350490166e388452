// The tables of the prices pack, step by step. A released step never changes.
import { sql, type Kysely } from 'kysely'
import type { MigrationStep } from 'orderly'
import { createPipeline } from './pipeline-tables.ts'
import { listCodes } from './priced-codes.ts'
import { nameHospitals } from './asking.ts'
import { listLeftOut } from './set-aside.ts'
import { showVersions } from './shown.ts'
import { supersede } from './superseded.ts'
import { DOLLARS, type Dialect } from './tables.ts'

export const MIGRATIONS: readonly MigrationStep[] = [
  { name: '0001-prices', up: createPrices },
  { name: '0002-pipeline', up: createPipeline },
  { name: '0003-codes-of-a-source', up: indexCodes },
  { name: '0004-superseded', up: supersede },
  { name: '0005-codes-described', up: listCodes },
  { name: '0006-shown', up: showVersions },
  { name: '0007-asking-hospitals', up: nameHospitals },
  { name: '0008-set-aside', up: listLeftOut },
]

/**
 * Sources and versions have ids made from what they stand for (see `identity.ts`), items and contracts are numbered
 * within their source in the order they first came. So the same files give the same rows, however often loading was interrupted.
 * Money is a whole number of ten-thousandths of a dollar.
 */
async function createPrices(db: Kysely<any>, dialect: Dialect): Promise<void> {
  for (const statement of [
    // A place files come from again and again: a path under the input folder, or a URL.
    `create table sources (
      source_id integer primary key,
      name text not null unique,
      hospital text,
      current_version integer
    )`,
    // One delivery of a file, from its first byte to its end state.
    `create table intakes (
      intake_id text primary key,
      source_id integer not null references sources,
      state text not null check (state in ('reading', 'updating', 'loaded', 'unchanged', 'quarantined')),
      bytes integer not null,
      bytes_digest text,
      format text,
      encoding text,
      cursor text,
      rows_read integer not null default 0,
      rows_quarantined integer not null default 0,
      facts_read integer not null default 0,
      prices_loaded integer not null default 0,
      duplicates integer not null default 0,
      conflicts integer not null default 0,
      batches integer not null default 0,
      version_id integer,
      code text,
      reason text,
      started_at integer not null,
      finished_at integer
    )`,
    `create unique index intakes_open on intakes (source_id) where state in ('reading', 'updating')`,
    `create index intakes_bytes on intakes (bytes_digest) where bytes_digest is not null`,
    `create index intakes_source on intakes (source_id, started_at)`,
    // Normal rows, gathered by item, on their way from the reader to the prices table; a batch is deleted as it is applied.
    `create table staged_batches (
      intake_id text not null references intakes,
      seq integer not null,
      digests text not null,
      items text not null,
      primary key (intake_id, seq)
    )`,
    `create table quarantined_rows (
      intake_id text not null references intakes,
      sheet text not null,
      row_no integer not null,
      byte_offset integer,
      code text not null,
      reason text not null,
      primary key (intake_id, sheet, row_no)
    ) without rowid`,
    // One content a source has had. valid_from is the date the file gives itself.
    `create table versions (
      version_id integer primary key,
      source_id integer not null references sources,
      previous_version integer,
      content_digest text not null,
      hospital text,
      valid_from text,
      details text not null
    )`,
    `create index versions_digest on versions (content_digest)`,
    // What is priced. key_hash stands for its natural key; sheet and row_no are where described_by, a version,
    // describes it. Numbers in order of appearance keep the prices of a file together as they are written.
    `create table items (
      source_id integer not null,
      item_id integer not null,
      key_hash integer not null,
      description text not null,
      code_type text not null,
      code text not null,
      codes text not null,
      setting text not null,
      billing_class text not null,
      facility text not null,
      modifiers text not null,
      drug_unit text not null,
      drug_type text not null,
      described_by integer not null,
      sheet text not null,
      row_no integer not null,
      primary key (source_id, item_id)
    ) without rowid`,
    `create unique index items_key on items (source_id, key_hash)`,
    // Who pays under which plan and by which method; 0 stands for nobody in particular (gross, cash, min, max).
    `create table contracts (
      source_id integer not null,
      contract_id integer not null,
      payer text not null,
      plan text not null,
      methodology text not null,
      primary key (source_id, contract_id)
    ) without rowid`,
    `create unique index contracts_key on contracts (source_id, payer, plan, methodology)`,
    // One price. The natural key is (source, item, contract, kind); two amounts under one key are a conflict, and both
    // stay. A price is current while closed_by is 0; opened_by, seen_by and closed_by are versions. sheet, row_no and
    // byte_offset say where in version opened_by it stands.
    `create table prices (
      source_id integer not null,
      item_id integer not null,
      contract_id integer not null,
      kind text not null check (kind in ('gross', 'cash', 'negotiated', 'min', 'max')),
      amount integer not null,
      closed_by integer not null default 0,
      opened_by integer not null,
      seen_by integer not null,
      copies integer not null,
      conflict integer not null default 0,
      sheet text not null,
      row_no integer not null,
      byte_offset integer,
      primary key (source_id, item_id, contract_id, kind, amount, closed_by)
    ) without rowid`,
    // What a payer pays where that is no plain dollar price: percentages, algorithms, observed amounts.
    `create table payer_terms (
      source_id integer not null,
      item_id integer not null,
      contract_id integer not null,
      version_id integer not null,
      sheet text not null,
      row_no integer not null,
      percent text,
      algorithm text,
      estimated integer,
      median integer,
      p10 integer,
      p90 integer,
      count text,
      notes text,
      primary key (source_id, item_id, contract_id, version_id, sheet, row_no)
    ) without rowid`,
    // For people and reports: current prices in words and dollars.
    `create view price_list as
      select coalesce(s.hospital, s.name) as hospital, i.description, i.code_type, i.code, i.setting,
        i.billing_class, i.facility, i.modifiers, p.kind, coalesce(c.payer, '') as payer, coalesce(c.plan, '') as plan,
        coalesce(c.methodology, '') as methodology,
        ${DOLLARS[dialect]} as dollars, p.conflict,
        s.name as source, p.sheet, p.row_no, p.byte_offset, v.valid_from, v.content_digest
      from prices p
      join items i using (source_id, item_id)
      left join contracts c using (source_id, contract_id)
      join sources s using (source_id)
      join versions v on v.version_id = p.opened_by
      where p.closed_by = 0`,
  ]) {
    await sql.raw(inDialect(statement, dialect)).execute(db)
  }
}

/** Written for SQLite, where an integer is as large as it must be and a key may be the table. */
function inDialect(statement: string, dialect: Dialect): string {
  if (dialect === 'sqlite') return statement
  return statement.replaceAll(/\binteger\b/g, 'bigint').replaceAll(' without rowid', '')
}

/** The checks and statistics of one version go through the codes of its source in order. */
async function indexCodes(db: Kysely<any>): Promise<void> {
  await sql`create index items_source_code on items (source_id, code_type, code)`.execute(db)
}
