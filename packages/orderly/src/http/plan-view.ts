// A plan of a bulk as the API shows it.
import type { BulkPlan } from '../runtime/bulk.ts'

export function shownPlan(plan: BulkPlan): {
  found: number
  byState: Record<string, number>
  byType: Record<string, number>
  skips: { reason: string; count: number }[]
  hasMore: boolean
} {
  return {
    found: plan.found,
    byState: { ...plan.byState },
    byType: { ...plan.byType },
    skips: plan.skips.map((skip) => ({ ...skip })),
    hasMore: plan.hasMore,
  }
}
