// The life of a job as spans on one line: what it did, from when to when.
import type { LifeEvent } from 'orderly/api'

export type SpanKind = 'queued' | 'running' | 'backoff' | 'waitsChildren'

export interface LifeSpan {
  readonly kind: SpanKind
  readonly from: number
  /** Where it goes on: now. */
  readonly to: number
  readonly isOpen: boolean
  readonly attempt: number | null
  /** How a run ended. */
  readonly end?: 'completed' | 'failed' | 'interrupted'
  readonly code?: string
}

const ENDS_A_RUN = new Set([
  'completed',
  'failed',
  'attempt-failed',
  'crashed',
  'stalled',
  'interrupted',
  'snoozed',
])

/** @param now where a span that has not ended is drawn to */
export function spansOf(life: readonly LifeEvent[], now: number): LifeSpan[] {
  const spans: LifeSpan[] = []
  let open: { kind: SpanKind; from: number; attempt: number | null } | undefined
  /** Whether it was told that it is to be tried again: a failure alone may be the last. */
  let isPutBack = false
  const close = (at: number, extra: Partial<LifeSpan> = {}): void => {
    if (open) spans.push({ ...open, to: Math.max(at, open.from), isOpen: false, ...extra })
    open = undefined
  }
  const begin = (kind: SpanKind, from: number, attempt: number | null = null): void => {
    open = { kind, from, attempt }
    isPutBack = false
  }
  for (const { at, type, attempt, code } of life) {
    if (type === 'accepted') begin('queued', at)
    else if (type === 'started') {
      close(at)
      begin('running', at, attempt)
    } else if (type === 'waiting-children') {
      close(at)
      begin('waitsChildren', at)
    } else if (ENDS_A_RUN.has(type)) {
      const end =
        type === 'completed'
          ? 'completed'
          : type === 'interrupted' || type === 'snoozed'
            ? 'interrupted'
            : 'failed'
      if (open?.kind === 'running') close(at, { end, ...(code === undefined ? {} : { code }) })
      // The last attempt's failure is followed by the job's own: nobody waited between the two.
      else if (type === 'failed' && open?.kind === 'backoff' && !isPutBack) open = undefined
      else if (type === 'failed' || type === 'completed') close(at)
      if (type !== 'completed' && type !== 'failed' && !open) begin('backoff', at)
      isPutBack ||= type !== 'attempt-failed'
    } else if (type === 'removed') close(at)
    else if (type === 'promoted' || type === 'redriven' || type === 'restored') {
      close(at)
      begin('queued', at)
    } else if (type === 'retried') {
      if (!open) begin('backoff', at)
      isPutBack = true
    }
  }
  if (open) {
    const { kind, from, attempt } = open
    spans.push({ kind, from, attempt, to: Math.max(now, from), isOpen: true })
  }
  return spans
}
