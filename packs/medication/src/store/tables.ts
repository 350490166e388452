// The tables of the medication pack. Times are milliseconds since 1970 UTC; columns that may hold PHI are sealed.
import type { DatabaseTransaction } from 'orderly'
import type { Unplanned } from '../schedule/compile.ts'

export interface PatientRow {
  /** A blind index of the id the patient came with. */
  patient_id: string
  zone: string
  active: number
  /** Sealed: name, birth, addresses. */
  identity: string
  /** Sealed. */
  preferences: string | null
  updated_at: number
}

export interface OrderRow {
  order_id: string
  patient_id: string
  status: string
  /** Sealed: the order as it was read. */
  detail: string
  stopped_at: number | null
  updated_at: number
}

/** One dosage of an order that is scheduled, and the first dose no run has dealt with. */
export interface DosageRow {
  dosage_id: string
  order_id: string
  patient_id: string
  no: number
  next_due_at: number | null
}

/** A dosage of an active order that has no times, and why. Nobody is reminded of it. */
export interface UnplannedRow {
  dosage_id: string
  order_id: string
  patient_id: string
  no: number
  why: Unplanned | 'no-dosage'
  seen_at: number
}

/** States of doses that were due. */
export const DUE_STATES = [
  'due',
  'reminded',
  'missed-window',
  'suppressed',
  'snoozed',
  'taken',
  'skipped',
] as const

/** `as-needed`: taken when it was needed: never due, and no part of adherence. */
export type DoseState = (typeof DUE_STATES)[number] | 'as-needed'

export interface DoseRow {
  /** Of order, dosage and time: the same however often it is worked out. */
  dose_id: string
  patient_id: string
  order_id: string
  no: number
  due_at: number
  state: DoseState
  remind_at: number | null
  reminded_at: number | null
  taken_at: number | null
  escalated_at: number | null
  /** Sealed: why it was skipped. */
  note: string | null
}

export interface FillRow {
  fill_id: string
  patient_id: string
  order_id: string | null
  filled_at: number
  /** Sealed. */
  detail: string
}

export interface SupplyRow {
  order_id: string
  patient_id: string
  /** Sealed: the figures of the last check. */
  detail: string | null
  counted_at: number | null
  counted: number | null
  /** The worst level that was told since the last fill or count. */
  alerted: string | null
  /** Grows with each fill and each count: an alert is told once an episode. */
  episode: number
  checked_at: number | null
}

export interface FindingRow {
  finding_id: string
  patient_id: string
  severity: string
  rules_version: string
  state: 'open' | 'acknowledged' | 'gone'
  /** Sealed: the drugs and what to do. */
  detail: string
  found_at: number
  gone_at: number | null
  /** Sealed: who and why. */
  acknowledgement: string | null
}

export type NotificationState = 'pending' | 'sent' | 'failed' | 'suppressed'

export interface NotificationRow {
  notification_id: string
  patient_id: string | null
  kind: string
  urgent: number
  state: NotificationState
  /** Sealed: what it is about, for who is signed in. */
  detail: string | null
  created_at: number
  due_at: number
  attempts: number
  sent_at: number | null
  /** By which ways it went, and what became of each: codes only. */
  channels: string
}

export interface IssueRow {
  issue_id: string
  patient_id: string
  code: string
  severity: string
  place: string
  seen_at: number
}

export interface RollupRow {
  /** `daily/2026-03-08` */
  rollup_id: string
  time_range: string
  /** The first day of the bucket, of the UTC calendar. */
  day: string
  metrics: string
  data_points: number
  /** 1 when something came in late that belongs to it, 2 while it is summed up anew. */
  reopened: number
  computed_at: number
}

/** One run of a job: what metrics are rolled up from. */
export interface PointRow {
  point_id: string
  job: string
  at: number
  ms: number
  ok: number
}

export interface HourRow {
  hour_id: string
  job: string
  at: number
  runs: number
  failed: number
  total_ms: number
  most_ms: number
}

export interface LogRow {
  log_id: string
  at: number
  kind: 'operation' | 'error' | 'audit' | 'debug'
  job: string
  what: string
  /** Numbers and opaque ids, as JSON. */
  facts: string
}

export interface BackupRow {
  backup_id: string
  kind: 'full' | 'incremental'
  at: number
  since: number
  bytes: number
  key: string
  validation: string
}

/** Values of the pack itself. */
export interface MetaRow {
  name: string
  /** Sealed. */
  value: string
}

export interface MedicationTables {
  med_meta: MetaRow
  med_patients: PatientRow
  med_orders: OrderRow
  med_dosages: DosageRow
  med_unplanned: UnplannedRow
  med_doses: DoseRow
  med_fills: FillRow
  med_supply: SupplyRow
  med_findings: FindingRow
  med_notifications: NotificationRow
  med_issues: IssueRow
  med_rollups: RollupRow
  med_points: PointRow
  med_hours: HourRow
  med_log: LogRow
  med_backups: BackupRow
}

export type Tx = DatabaseTransaction<MedicationTables>
