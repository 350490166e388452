// The tables of the lab pack. Every row belongs to a company, and every query names one.
import type { Generated } from 'kysely'
import type { DocumentKind } from '../pdf/documents.ts'
import type { OrderStatus } from '../orders/status.ts'

export interface CompanyRow {
  company_id: string
  kind: 'practice' | 'lab' | 'supplier'
  name: string
  /** JSON list of lines. */
  address: string
  email: string
  currency: string
}

export interface UserRow {
  user_id: string
  company_id: string
  name: string
  email: string
  /** 0 once they have left. */
  active: number
}

export interface OrderRow {
  order_id: string
  /** The practice that ordered. */
  company_id: string
  /** The laboratory that makes it. */
  lab_id: string
  number: string
  status: OrderStatus
  status_at: number
  /** What it was when it was laid aside. */
  held_from: OrderStatus | null
  /** The instant of the newest word about its status, whether somebody moved it here or a LIMS told of it. */
  told_at: number
  /** Sealed JSON: patient, prescription, material, coating, tint, frame, notes. */
  sealed: string
  /** JSON of `MoneyLine`s. */
  lines: string
  net_cents: number
  ordered_on: string
  due_on: string | null
  carrier: string | null
  tracking: string | null
  /** The id of the LIMS for it. */
  lims_job: string | null
  remakes: number
  /** When it was last sent back to production: what a LIMS said before is of a lens that is thrown away. */
  remade_at: number | null
  /** What the LIMS last said of it, and since when it has been saying so, as far as is known. */
  lims_status: OrderStatus | null
  lims_since: number | null
  /** When the LIMS was last asked of it; 0 for never. */
  lims_asked_at: number
  created_at: number
  finished_at: number | null
}

export interface ExaminationRow {
  examination_id: string
  company_id: string
  patient_id: string
  examined_at: number
  /** Sealed JSON of an `ExaminationForm` without what every document has. */
  sealed: string
}

export interface PurchaseOrderRow {
  po_id: string
  company_id: string
  supplier_id: string
  number: string
  lines: string
  created_at: number
}

export interface ConnectionRow {
  connection_id: string
  /** The company that asked. */
  company_id: string
  target_id: string
  state: 'requested' | 'accepted' | 'rejected'
  at: number
}

export interface PaymentRow {
  payment_id: string
  company_id: string
  order_id: string
  paid_on: string
  method: string
  cents: number
}

/** A number given out once, in a row without gaps: of an invoice, a receipt. */
export interface NumberRow {
  company_id: string
  series: string
  /** What the number was given to. */
  subject: string
  n: number
}

export interface DocumentRow {
  document_id: string
  company_id: string
  kind: DocumentKind
  /** The order or examination it is about. */
  subject: string
  /** Of the object store. */
  object_key: string
  /** Of the PDF itself, sealed or not. */
  sha256: string
  bytes: number
  sealed: number
  made_at: number
}

export type MailState =
  | 'waiting'
  /** A run has it, and the line that ends it was not sent: whatever happens, no server delivers it. */
  | 'sending'
  /** The line that ends it may have been sent, and no answer is on record. */
  | 'ending'
  | 'sent'
  | 'refused'
  | 'suppressed'
  | 'unsure'

export interface MailRow {
  /** What the mail is about; it is sent once. */
  mail_key: string
  company_id: string
  kind: string
  user_id: string | null
  state: MailState
  /** The job and run that is sending it. */
  holder: string
  message_id: string
  reason: string | null
  at: number
  /** Since when a server puts it off. */
  deferred_at: number | null
  /** Of the address it was last tried at: a refusal is of that one. Null where a person left the mail, whatever the address. */
  address_digest: string | null
}

export interface SuppressionRow {
  /** Of the address, lower case. */
  address_digest: string
  reason: string
  at: number
}

/** When the next mail may go to a domain: what it may have at once is already taken off. */
export interface MailDomainRow {
  domain: string
  free_at: number
}

/** A figure of a company on a day; `sku:<code>` are pieces sold. */
export interface DailyRow {
  company_id: string
  metric: string
  day: number
  value: number
}

export interface StockRow {
  company_id: string
  sku: string
  name: string
  on_hand: number
  on_order: number
  lead_days: number
  pack_size: number
}

/** What a task found out: a forecast, anomalies, insights, a briefing. Without PHI. */
export interface FindingRow {
  company_id: string
  kind: 'forecast' | 'anomalies' | 'insights' | 'briefing'
  /** What it is about: a SKU, a metric, an area, a day. */
  subject: string
  body: string
  made_at: number
}

export interface ChatRow {
  n: Generated<number>
  conversation_id: string
  company_id: string
  user_id: string
  role: 'user' | 'assistant'
  /** The job and the role: a job that runs again says nothing twice. */
  message_id: string
  sealed: string
  at: number
}

/** News of a LIMS: each is taken once, and what nobody understands waits for a person. */
export interface LimsNewsRow {
  digest: string
  company_id: string | null
  lims_job: string
  state: 'taken' | 'same' | 'refused' | 'quarantined'
  reason: string | null
  at: number
}

export interface UsageRow {
  day: number
  company_id: string
  tokens: number
}

export interface LabTables {
  lab_companies: CompanyRow
  lab_users: UserRow
  lab_orders: OrderRow
  lab_examinations: ExaminationRow
  lab_purchase_orders: PurchaseOrderRow
  lab_connections: ConnectionRow
  lab_payments: PaymentRow
  lab_numbers: NumberRow
  lab_documents: DocumentRow
  lab_mails: MailRow
  lab_suppressions: SuppressionRow
  lab_mail_domains: MailDomainRow
  lab_daily: DailyRow
  lab_stock: StockRow
  lab_findings: FindingRow
  lab_chat: ChatRow
  lab_lims_news: LimsNewsRow
  lab_usage: UsageRow
}
