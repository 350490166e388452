// Makes the tables of the lab pack, on SQLite and PostgreSQL. A released step never changes.
import { sql, type Kysely } from 'kysely'
import type { MigrationStep } from 'orderly'

export const MIGRATIONS: readonly MigrationStep[] = [
  { name: '0001-lab', up: createLab },
  { name: '0002-mail-domains', up: createMailDomains },
  { name: '0003-rests-and-deferrals', up: addRestsAndDeferrals },
  { name: '0004-remakes-and-words', up: addRemakesAndWords },
  { name: '0005-addresses-and-asked', up: addAddressesAndAsked },
]

async function createMailDomains(db: Kysely<any>): Promise<void> {
  await sql
    .raw(`create table lab_mail_domains (domain text primary key, free_at bigint not null)`)
    .execute(db)
}

async function addRestsAndDeferrals(db: Kysely<any>): Promise<void> {
  for (const statement of [
    `alter table lab_orders add column held_from text`,
    `alter table lab_orders add column told_at bigint not null default 0`,
    `update lab_orders set told_at = status_at`,
    `alter table lab_mails add column deferred_at bigint`,
  ])
    await sql.raw(statement).execute(db)
}

async function addRemakesAndWords(db: Kysely<any>): Promise<void> {
  for (const statement of [
    `alter table lab_orders add column remade_at bigint`,
    `alter table lab_orders add column lims_status text`,
    `alter table lab_orders add column lims_since bigint`,
  ])
    await sql.raw(statement).execute(db)
}

async function addAddressesAndAsked(db: Kysely<any>): Promise<void> {
  for (const statement of [
    `alter table lab_mails add column address_digest text`,
    `alter table lab_orders add column lims_asked_at bigint not null default 0`,
  ])
    await sql.raw(statement).execute(db)
}

async function createLab(db: Kysely<any>, dialect: 'sqlite' | 'postgres'): Promise<void> {
  const serial =
    dialect === 'sqlite' ? 'integer primary key autoincrement' : 'bigserial primary key'
  for (const statement of [
    `create table lab_companies (company_id text primary key, kind text not null, name text not null,
      address text not null, email text not null, currency text not null)`,
    `create table lab_users (user_id text primary key, company_id text not null, name text not null,
      email text not null, active integer not null)`,
    `create index lab_users_company on lab_users (company_id)`,
    `create table lab_orders (order_id text primary key, company_id text not null, lab_id text not null,
      number text not null, status text not null, status_at bigint not null, sealed text not null,
      lines text not null, net_cents bigint not null, ordered_on text not null, due_on text, carrier text,
      tracking text, lims_job text, remakes integer not null, created_at bigint not null, finished_at bigint,
      unique (lab_id, number))`,
    `create index lab_orders_company on lab_orders (company_id, created_at)`,
    `create index lab_orders_lab on lab_orders (lab_id, status, created_at)`,
    `create index lab_orders_lims on lab_orders (lims_job)`,
    `create table lab_examinations (examination_id text primary key, company_id text not null,
      patient_id text not null, examined_at bigint not null, sealed text not null)`,
    `create index lab_examinations_patient on lab_examinations (company_id, patient_id, examined_at)`,
    `create table lab_purchase_orders (po_id text primary key, company_id text not null, supplier_id text not null,
      number text not null, lines text not null, created_at bigint not null)`,
    `create table lab_connections (connection_id text primary key, company_id text not null, target_id text not null,
      state text not null, at bigint not null)`,
    `create table lab_payments (payment_id text primary key, company_id text not null, order_id text not null,
      paid_on text not null, method text not null, cents bigint not null)`,
    `create index lab_payments_order on lab_payments (company_id, order_id)`,
    `create table lab_numbers (company_id text not null, series text not null, subject text not null,
      n integer not null, primary key (company_id, series, subject), unique (company_id, series, n))`,
    `create table lab_documents (document_id text primary key, company_id text not null, kind text not null,
      subject text not null, object_key text not null, sha256 text not null, bytes integer not null,
      sealed integer not null, made_at bigint not null)`,
    `create index lab_documents_company on lab_documents (company_id, made_at)`,
    `create table lab_mails (mail_key text primary key, company_id text not null, kind text not null, user_id text,
      state text not null, holder text not null, message_id text not null, reason text, at bigint not null)`,
    `create index lab_mails_company on lab_mails (company_id, at)`,
    `create table lab_suppressions (address_digest text primary key, reason text not null, at bigint not null)`,
    `create table lab_daily (company_id text not null, metric text not null, day integer not null,
      value double precision not null, primary key (company_id, metric, day))`,
    `create table lab_stock (company_id text not null, sku text not null, name text not null, on_hand integer not null,
      on_order integer not null, lead_days integer not null, pack_size integer not null,
      primary key (company_id, sku))`,
    `create table lab_findings (company_id text not null, kind text not null, subject text not null,
      body text not null, made_at bigint not null, primary key (company_id, kind, subject))`,
    `create table lab_chat (n ${serial}, conversation_id text not null, company_id text not null,
      user_id text not null, role text not null, message_id text not null unique, sealed text not null,
      at bigint not null)`,
    `create index lab_chat_conversation on lab_chat (company_id, user_id, conversation_id, n)`,
    `create table lab_lims_news (digest text primary key, company_id text, lims_job text not null,
      state text not null, reason text, at bigint not null)`,
    `create table lab_usage (day integer not null, company_id text not null, tokens bigint not null,
      primary key (day, company_id))`,
  ])
    await sql.raw(statement).execute(db)
}
