// A sealed value beside the record, and how another envelope is put in its place.
import type { SealedPlace } from '../vault/vault.ts'

/** How many rows are read at a time. */
export const AT_ONCE = 200

export interface StoredSeal {
  readonly envelope: string
  readonly place: SealedPlace
  /** The job it belongs to. */
  readonly job: string
  /** Puts another envelope in its place, unless it has changed since it was read. @returns whether it did */
  write(envelope: string): Promise<boolean>
}
