// What a bundle says, typed: patients, what was ordered for them, and what they were given.
import type { Amount, Order } from '../schedule/order.ts'
import type { DateText } from '../schedule/timing.ts'
import type { Issue } from './issue.ts'

export interface Coding {
  readonly system: string
  readonly code: string
}

/** A medicine as an order names it. */
export interface Drug {
  readonly name: string
  /** RxNorm concepts, clinical drugs as a rule. */
  readonly rxcuis: readonly string[]
  readonly codes: readonly Coding[]
}

export interface ReadPatient {
  /** The id of the resource: PHI. */
  readonly id: string
  readonly name?: string | undefined
  readonly birthDate?: DateText | undefined
  readonly deceasedOn?: DateText | undefined
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly language?: string | undefined
  readonly active: boolean
}

export interface Dispense {
  /** Refills after the first fill. */
  readonly repeats?: number | undefined
  readonly quantity?: Amount | undefined
  readonly days?: number | undefined
  readonly validUntil?: DateText | undefined
}

export interface ReadOrder extends Order {
  readonly patient: string
  readonly source: 'request' | 'statement'
  readonly drug: Drug
  readonly dispense?: Dispense | undefined
  /** When this version of the resource was written, where it tells: milliseconds since 1970. */
  readonly versionAt?: number | undefined
  /** When it ended, where the resource tells. */
  readonly stoppedOn?: DateText | undefined
}

export interface ReadFill {
  readonly id: string
  readonly patient: string
  readonly order?: string | undefined
  readonly drug: Drug
  readonly on: DateText
  readonly quantity: Amount
  readonly days?: number | undefined
}

/** A dispense that was entered in error, declined or cancelled: it is no fill, whatever was said of it before. */
export interface WithdrawnFill {
  readonly id: string
  readonly patient: string
}

export interface ReadBundle {
  readonly patients: readonly ReadPatient[]
  readonly orders: readonly ReadOrder[]
  readonly fills: readonly ReadFill[]
  readonly withdrawn: readonly WithdrawnFill[]
  readonly issues: readonly Issue[]
}
