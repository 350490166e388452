// The five documents: what each needs to know.
import type { Prescription } from '../optics/prescription.ts'
import type { MoneyLine, TaxRounding } from './money.ts'

export const DOCUMENT_KINDS = [
  'order-sheet',
  'invoice',
  'receipt',
  'lab-work-ticket',
  'examination-form',
] as const
export type DocumentKind = (typeof DOCUMENT_KINDS)[number]

/** Which of them tell something of a patient's health: they are sealed where they are stored. */
export const CLINICAL: readonly DocumentKind[] = [
  'order-sheet',
  'lab-work-ticket',
  'examination-form',
]

export interface Party {
  readonly name: string
  readonly address: readonly string[]
  readonly email?: string
}

/** What every document has. */
interface Made {
  /** Milliseconds; from the job, so that the same job makes the same bytes. */
  readonly created: number
  readonly from: Party
}

export interface OrderFacts {
  readonly number: string
  /** `YYYY-MM-DD` */
  readonly orderedOn: string
  readonly dueOn: string | null
  /** Initials, or whatever the practice lets the laboratory see. */
  readonly patient: string
  readonly prescription: Prescription
  readonly material: string
  readonly coating: string
  readonly tint: string
  readonly frame: string
  readonly notes: string
}

export interface OrderSheet extends Made {
  readonly kind: 'order-sheet'
  readonly to: Party
  readonly order: OrderFacts
}

export interface WorkTicket extends Made {
  readonly kind: 'lab-work-ticket'
  readonly order: OrderFacts
  readonly tray: string
  readonly steps: readonly string[]
}

export interface Invoice extends Made {
  readonly kind: 'invoice'
  readonly to: Party
  readonly number: string
  readonly issuedOn: string
  readonly dueOn: string | null
  readonly currency: string
  readonly lines: readonly MoneyLine[]
  readonly rounding: TaxRounding
  /** The invoice a credit note takes back; its lines are given as they were. */
  readonly credits?: string
}

export interface Receipt extends Made {
  readonly kind: 'receipt'
  readonly to: Party
  readonly number: string
  readonly invoice: string
  readonly currency: string
  readonly total: number
  readonly payments: readonly {
    readonly on: string
    readonly method: string
    readonly cents: number
  }[]
}

export interface ExaminationForm extends Made {
  readonly kind: 'examination-form'
  readonly patient: { readonly name: string; readonly bornOn: string; readonly number: string }
  readonly examinedOn: string | null
  readonly examiner: string
  readonly reason: string
  readonly history: string
  readonly acuity: readonly { readonly what: string; readonly od: string; readonly os: string }[]
  readonly pressure: { readonly od: string; readonly os: string } | null
  readonly prescription: Prescription | null
  readonly plan: string
}

export type LabDocument = OrderSheet | WorkTicket | Invoice | Receipt | ExaminationForm
