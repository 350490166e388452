/** Owns where a backend is known to behave otherwise than a case says. */
import type { StoreName } from './bench.ts'

export interface Difference {
  readonly backend: StoreName
  /** Area and title of the case. */
  readonly title: string
  readonly reason: string
  /** A part of the failure the case must end in there. Without it, the case is left out. */
  readonly seen?: string
}

export const differences: readonly Difference[] = []
