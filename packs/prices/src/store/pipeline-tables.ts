// The tables of the pipeline around the prices: hospitals, their files, reports, what is published, statistics.
import { sql, type Kysely } from 'kysely'

export interface HospitalsTable {
  hospital_id: string
  directory: string
  external_id: string
  ccn: string | null
  npi: string | null
  name: string
  address: string | null
  city: string | null
  state: string | null
  zip: string | null
  phone: string | null
  website: string | null
  beds: number | null
  /** Of what the directory says, so that a change shows. */
  listed_digest: string
  listed_latitude: number | null
  listed_longitude: number | null
  first_seen_at: number
  seen_at: number
  changed_at: number
  /** What hospital-import made of it. */
  street: string | null
  place: string | null
  county: string | null
  county_fips: string | null
  latitude: number | null
  longitude: number | null
  /** `valid`, `corrected`, `doubtful` or `unknown`. */
  address_state: string | null
  /** JSON list of sentences on what does not fit. */
  problems: string | null
  imported_at: number | null
}

export type FileState = 'listed' | 'stored' | 'refused'

export interface PriceFilesTable {
  file_id: string
  url: string
  host: string
  name: string
  page_url: string | null
  listed_size: number | null
  listed_at: string | null
  state: FileState
  /** What the server last said, to ask whether it has changed. */
  etag: string | null
  last_modified: string | null
  length: number | null
  content_type: string | null
  bytes: number | null
  bytes_digest: string | null
  object_key: string | null
  code: string | null
  reason: string | null
  first_seen_at: number
  seen_at: number
  checked_at: number | null
  stored_at: number | null
  /** What its deliveries are called: its own address, or that of the file it took the place of. */
  source: string
}

export interface HospitalFilesTable {
  hospital_id: string
  file_id: string
  /** The directory that says so. */
  directory: string
}

/** Files that a directory has ceased to name for a hospital, until it is known which new ones follow them. */
export interface DepartedFilesTable {
  hospital_id: string
  file_id: string
  directory: string
}

export interface PublicationsTable {
  version_id: number
  source_id: number
  state: 'published' | 'held' | 'rejected'
  /** JSON list of sentences on why it was held. */
  reasons: string
  score: number | null
  verdict: string | null
  report_key: string | null
  decided_by: string | null
  decided_at: number
}

export interface PriceStatsTable {
  code_type: string
  code: string
  setting: string
  billing_class: string
  modifiers: string
  drug_unit: string
  methodology: string
  kind: string
  /** Canonical payer; `''` is all payers together. */
  payer_id: string
  /** `us`, a state `CA`, or a county by its FIPS number. */
  market: string
  hospitals: number
  prices: number
  min: number
  p10: number
  p25: number
  median: number
  p75: number
  p90: number
  max: number
  inputs_digest: string
  refreshed_at: number
}

export interface HospitalStatsTable {
  /** Of a hospital, or `source:` and the number of a source that no directory names. */
  hospital_id: string
  code_type: string
  code: string
  setting: string
  billing_class: string
  modifiers: string
  drug_unit: string
  methodology: string
  kind: string
  payer_id: string
  prices: number
  min: number
  p25: number
  median: number
  p75: number
  max: number
}

export interface PriceTrendsTable {
  source_id: number
  version_id: number
  code_type: string
  code: string
  setting: string
  billing_class: string
  modifiers: string
  drug_unit: string
  methodology: string
  kind: string
  valid_from: string | null
  seen_at: number
  prices: number
  median: number
}

/** Codes that have statistics. */
export interface PricedCodesTable {
  code_type: string
  code: string
  /** Of one of the items that have the code. */
  description: string
  hospitals: number
  prices: number
}

export interface PipelineTables {
  hospitals: HospitalsTable
  price_files: PriceFilesTable
  hospital_files: HospitalFilesTable
  departed_files: DepartedFilesTable
  publications: PublicationsTable
  price_stats: PriceStatsTable
  hospital_stats: HospitalStatsTable
  price_trends: PriceTrendsTable
  priced_codes: PricedCodesTable
}

const GROUP = `code_type text not null, code text not null, setting text not null, billing_class text not null,
  modifiers text not null, drug_unit text not null, methodology text not null, kind text not null`
const GROUP_KEY = 'code_type, code, setting, billing_class, modifiers, drug_unit, methodology, kind'

/** Hospitals and files have ids made from what they stand for, so that a scan that is run again finds them. */
export async function createPipeline(db: Kysely<any>): Promise<void> {
  for (const statement of [
    `create table hospitals (
      hospital_id text primary key,
      directory text not null,
      external_id text not null,
      ccn text, npi text,
      name text not null,
      address text, city text, state text, zip text, phone text, website text,
      beds integer,
      listed_digest text not null,
      listed_latitude double precision, listed_longitude double precision,
      first_seen_at bigint not null,
      seen_at bigint not null,
      changed_at bigint not null,
      street text, place text, county text, county_fips text,
      latitude double precision, longitude double precision,
      address_state text,
      problems text,
      imported_at bigint
    )`,
    `create index hospitals_place on hospitals (state, county_fips)`,
    // One address a file is published at. bytes, bytes_digest and object_key are of what was stored last.
    `create table price_files (
      file_id text primary key,
      url text not null unique,
      host text not null,
      name text not null,
      page_url text,
      listed_size bigint, listed_at text,
      state text not null check (state in ('listed', 'stored', 'refused')),
      etag text, last_modified text, length bigint, content_type text,
      bytes bigint, bytes_digest text, object_key text,
      code text, reason text,
      first_seen_at bigint not null,
      seen_at bigint not null,
      checked_at bigint,
      stored_at bigint
    )`,
    `create table hospital_files (
      hospital_id text not null references hospitals,
      file_id text not null references price_files,
      primary key (hospital_id, file_id)
    )`,
    `create index hospital_files_file on hospital_files (file_id)`,
    // Where an intake took its file from, so that it can be looked at again.
    `alter table intakes add column location text`,
    `create index intakes_version on intakes (version_id) where version_id is not null`,
    // Whether a version may be shown, and who said so. One that is held leaves what was shown before in its place.
    `create table publications (
      version_id bigint primary key,
      source_id bigint not null,
      state text not null check (state in ('published', 'held', 'rejected')),
      reasons text not null,
      score double precision,
      verdict text,
      report_key text,
      decided_by text,
      decided_at bigint not null
    )`,
    `create index publications_source on publications (source_id)`,
    // Canonical payers, worked out when a contract is first seen.
    `alter table contracts add column payer_id text`,
    `create index items_code on items (code_type, code)`,
    // Materialised: what one code costs in a market, hospitals weighing the same; and in each hospital.
    `create table price_stats (
      ${GROUP},
      payer_id text not null,
      market text not null,
      hospitals integer not null,
      prices integer not null,
      min bigint not null, p10 bigint not null, p25 bigint not null, median bigint not null,
      p75 bigint not null, p90 bigint not null, max bigint not null,
      inputs_digest text not null,
      refreshed_at bigint not null,
      primary key (${GROUP_KEY}, payer_id, market)
    )`,
    `create table hospital_stats (
      source_id bigint not null,
      ${GROUP},
      payer_id text not null,
      prices integer not null,
      min bigint not null, p25 bigint not null, median bigint not null, p75 bigint not null, max bigint not null,
      primary key (${GROUP_KEY}, payer_id, source_id)
    )`,
    `create index hospital_stats_source on hospital_stats (source_id)`,
    `create table price_trends (
      source_id bigint not null,
      version_id bigint not null,
      ${GROUP},
      valid_from text,
      seen_at bigint not null,
      prices integer not null,
      median bigint not null,
      primary key (${GROUP_KEY}, source_id, version_id)
    )`,
  ]) {
    await sql.raw(statement).execute(db)
  }
}
