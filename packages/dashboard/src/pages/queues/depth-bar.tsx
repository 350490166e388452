// How full a queue is beside the fullest, and of what: one bar, its parts in the colours of the states and named for who
// cannot see them.
import type { QueueCounts } from 'orderly/api'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { STATE_TEXTS } from '../../parts/state-badge.tsx'
import { QUEUE_TEXTS } from './texts.ts'

/** What failed for good waits for nobody: it is counted beside the bar. */
const PARTS = ['active', 'waiting', 'prioritized', 'delayed', 'waiting-children'] as const

/** @param most the open jobs of the fullest queue of the list, which has the whole bar */
export function DepthBar({
  counts,
  most,
}: {
  readonly counts: QueueCounts
  readonly most: number
}) {
  const say = useTexts(QUEUE_TEXTS)
  const name = useTexts(STATE_TEXTS)
  const format = useFormats()
  const parts = PARTS.map((state) => ({ state, n: counts[state] ?? 0 })).filter(({ n }) => n > 0)
  const total = parts.reduce((sum, { n }) => sum + n, 0)
  const list = parts.map(({ state, n }) => `${format.number(n)} ${name(state)}`).join(', ')
  return (
    <div className="depth" role="img" aria-label={say('depth', { n: total, list })} title={list}>
      {total === 0 ? null : (
        <div style={{ width: `${(100 * total) / Math.max(most, total)}%` }}>
          {parts.map(({ state, n }) => (
            <span key={state} data-state={state} style={{ flexGrow: n }} />
          ))}
        </div>
      )}
    </div>
  )
}

/** The open jobs of the fullest of some queues. */
export function mostOpen(queues: readonly { readonly counts: QueueCounts }[]): number {
  return Math.max(
    0,
    ...queues.map(({ counts }) => PARTS.reduce((sum, state) => sum + (counts[state] ?? 0), 0)),
  )
}
