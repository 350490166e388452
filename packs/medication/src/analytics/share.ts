// Figures as they may leave the house: nothing by which one of a few patients could be told.
import type { Metrics } from './measure.ts'

/** A count of fewer could be traced to a person (as CMS has it for its cells). */
const SMALL_CELL = 11

type Shared<T> = {
  readonly [K in keyof T]: T[K] extends number | null | undefined
    ? T[K] | null
    : Readonly<Record<string, number | null>>
}

export type Shareable =
  | { readonly suppressed: true; readonly performance: Metrics['performance'] }
  | {
      readonly suppressed: false
      readonly patients: number
      readonly adherence: Shared<Metrics['adherence']>
      readonly supply: Shared<Metrics['supply']>
      readonly safety: Shared<Metrics['safety']>
      readonly performance: Metrics['performance']
    }

/** Small counts are null, and so is what they could be worked out from. Zero tells of nobody. */
export function shareable({
  adherence,
  patients,
  performance,
  safety,
  supply,
}: Metrics): Shareable {
  if (patients < SMALL_CELL) return { suppressed: true, performance }
  const {
    adherent,
    daysCovered,
    measured,
    possession,
    share,
    treatments,
    due: _sum,
    ...log
  } = adherence
  const parts = withoutSmall(log)
  const isWhole = Object.values(parts).every((each) => each !== null)
  const isTold = treatments >= SMALL_CELL
  return {
    suppressed: false,
    patients,
    adherence: {
      ...parts,
      due: isWhole ? adherence.due : null,
      share: isWhole ? (share ?? null) : null,
      treatments: treatments === 0 || isTold ? treatments : null,
      measured: measured === 0 || measured >= SMALL_CELL ? measured : null,
      daysCovered: isTold ? daysCovered : null,
      possession: isTold ? possession : null,
      adherent: isLarge(adherent, measured) ? adherent : null,
    },
    supply: withoutSmall(supply),
    safety: {
      open: withoutSmall(safety.open),
      ...withoutSmall({ found: safety.found, acknowledged: safety.acknowledged }),
    },
    performance,
  }
}

/** Neither those who are nor those who are not may be few. */
function isLarge(share: number | null, of: number): boolean {
  if (share === null || of < SMALL_CELL) return false
  const counts = [share * of, (1 - share) * of].map(Math.round)
  return counts.every((count) => count === 0 || count >= SMALL_CELL)
}

function withoutSmall<K extends string>(
  counts: Readonly<Record<K, number>>,
): Readonly<Record<K, number | null>> {
  const shown = Object.entries<number>(counts).map(([name, count]) => [
    name,
    count > 0 && count < SMALL_CELL ? null : count,
  ])
  return Object.fromEntries(shown) as Record<K, number | null>
}
