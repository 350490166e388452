// A directory of hospitals and their price files: the port that every source of hospitals answers.
import type { Clock, Logger } from 'orderly'
import type { Web } from '../web/client.ts'

/** A file a hospital publishes. What a directory says of it is a hint, never a fact about its bytes. */
export interface ListedFile {
  readonly url: string
  readonly name: string | null
  /** The page it is offered on. */
  readonly pageUrl: string | null
  /** Bytes, as the directory has it. */
  readonly size: number | null
  /** When the directory last took it, in its own words. */
  readonly retrieved: string | null
}

export interface ListedHospital {
  /** Its id in this directory. */
  readonly externalId: string
  /** CMS certification number: six characters. */
  readonly ccn: string | null
  readonly npi: string | null
  readonly name: string
  readonly address: string | null
  readonly city: string | null
  readonly state: string | null
  readonly zip: string | null
  readonly phone: string | null
  readonly website: string | null
  readonly beds: number | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly files: readonly ListedFile[]
}

export interface DirectoryScan {
  readonly web: Web
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Two-letter codes; every state when undefined. */
  readonly states: readonly string[] | undefined
}

export interface Listing {
  readonly hospital?: ListedHospital
  /** What could not be read: a domain that does not answer, an entry without a name. No content of the directory. */
  readonly problem?: string
  /** A state that has been gone through. */
  readonly state?: string
}

/** Where hospitals come from. */
export interface HospitalDirectory {
  /** Letters, digits and dashes; part of the ids of hospitals that have no number of their own. */
  readonly name: string
  scan(scan: DirectoryScan): AsyncIterable<Listing>
}

/** The states that a scan in test mode goes through. */
export const TEST_STATES: readonly string[] = ['CA', 'FL', 'TX']

/** A cell as text, or nothing. Directories write the same thing as text, number or null. */
export function textOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  return String(value).trim() || null
}

/** A number, or nothing where it is none: sizes and beds come as text, sometimes with commas. */
export function numberOf(value: unknown): number | null {
  const text = textOf(value)?.replaceAll(',', '')
  return text !== undefined && /^-?\d{1,15}(\.\d{1,12})?$/.test(text) ? Number(text) : null
}
