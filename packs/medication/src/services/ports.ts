// The four services the jobs work with. Each has a default; an application may put its own in its place.
import type { ReadBundle, ReadFill, ReadOrder, ReadPatient } from '../fhir/regimen.ts'
import type { Checked } from '../interactions/check.ts'
import type { Hold } from '../schedule/order.ts'
import type { Refill } from '../supply/refill.ts'
import type { SupplyLevel } from '../supply/days-left.ts'
import type { Channel, Preferences } from './preferences.ts'

/** What is known of a patient. Ids are the pack's own. */
export interface PatientRecord {
  readonly patientId: string
  readonly zone: string
  readonly active: boolean
  readonly identity: ReadPatient
  readonly preferences: Preferences
}

export interface MedicationRecord {
  readonly orderId: string
  readonly order: ReadOrder & { readonly holds: readonly Hold[] }
  readonly stoppedAt: number | undefined
}

export interface Medications {
  readonly patient: PatientRecord
  readonly orders: readonly MedicationRecord[]
  readonly fills: readonly (ReadFill & {
    readonly orderId: string | undefined
    readonly filledAt: number
  })[]
}

/** The seed's record of one check of one medicine. */
export interface SupplyMonitor {
  readonly medication_id: string
  readonly current_supply: number
  readonly daily_usage: number
  /** Null when the supply outlasts the schedule. */
  readonly days_remaining: number | null
  readonly is_critical: boolean
  readonly last_check: string
}

export interface Supply {
  readonly orderId: string
  readonly monitor: SupplyMonitor | undefined
  /** Why there is no figure. */
  readonly unknown: 'no-fill' | 'unit-not-known' | 'no-schedule' | undefined
  readonly level: SupplyLevel
  readonly runOutAt: number | undefined
  readonly refill: Refill
  /** Doses nobody logged, taken for taken. */
  readonly assumed: number
}

export interface MedicationService {
  /** Ids of patients, in order, after the id `after`: those who are cared for now, or all there ever were. */
  patients(after: string, limit: number, which?: 'active' | 'all'): Promise<readonly string[]>
  /** Retrieval: undefined when there is no such patient. */
  medications(patientId: string): Promise<Medications | undefined>
  /** Supply tracking. */
  supply(medications: Medications, now: number): Promise<readonly Supply[]>
  /** Interaction checking. */
  interactions(
    medications: Medications,
    now: number,
  ): Promise<Checked & { readonly version: string }>
  /** Data validation: what of a bundle can be understood. */
  validate(bundle: unknown): Promise<ReadBundle>
}

export type NotificationKind =
  | 'medication-reminder'
  | 'refill-alert'
  | 'interaction-warning'
  | 'caregiver-alert'
  | 'admin-alert'
  | 'error-notification'

export interface Notice {
  readonly id: string
  readonly kind: NotificationKind
  readonly urgent: boolean
  /** Without PHI: what a lock screen may show. */
  readonly title: string
  readonly body: string
  /** For who has signed in: sealed at rest. */
  readonly detail: unknown
  /** The pack's id of the patient; undefined for administrators. */
  readonly patientId: string | undefined
  readonly to: { readonly email?: string | undefined; readonly phone?: string | undefined }
  readonly channels: readonly Channel[]
}

/** What became of each way: `sent`, or the code of the error. `deferred` ones may succeed later. */
export interface Delivery {
  readonly channels: Readonly<Partial<Record<Channel, string>>>
  readonly sent: boolean
  readonly deferred: boolean
}

export interface NotificationService {
  /** Tells by every way of the notice; several notices at a time. What it throws counts as a failed attempt. */
  send(notice: Notice): Promise<Delivery>
}

/** A way out that the application brings: web push, text messages. Throws when it cannot. */
export type SendBy = (
  notice: Pick<Notice, 'id' | 'title' | 'body' | 'patientId' | 'to' | 'urgent'>,
) => Promise<void>

export interface MonitoringService {
  /** Job metrics and performance: one run. */
  run(job: string, milliseconds: number, ok: boolean): Promise<void>
  /** Error tracking: a code, never a message. */
  error(job: string, code: string): Promise<void>
  /** Queue metrics: how many wait, by what the application knows. */
  queue(name: string, waiting: number): Promise<void>
}

export interface LoggingService {
  operation(
    job: string,
    what: string,
    facts: Readonly<Record<string, string | number | boolean>>,
  ): Promise<void>
  error(
    job: string,
    code: string,
    facts: Readonly<Record<string, string | number | boolean>>,
  ): Promise<void>
  /** Who did what to whose data: ids only. */
  audit(what: string, facts: Readonly<Record<string, string | number | boolean>>): Promise<void>
  debug(
    job: string,
    what: string,
    facts: Readonly<Record<string, string | number | boolean>>,
  ): Promise<void>
}

export interface MedicationServices {
  readonly medication: MedicationService
  readonly notification: NotificationService
  readonly monitoring: MonitoringService
  readonly logging: LoggingService
}
