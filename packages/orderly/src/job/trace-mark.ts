// Where a job was asked for, as its record keeps it: the ids of a span in the form of W3C's `traceparent`, and no more.

export interface TracePoint {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

export function formatTrace({ traceId, spanId, traceFlags }: TracePoint): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`
}

/** Undefined for whatever is no such mark: what stands there could have been written by anybody. */
export function readTrace(text: string): (TracePoint & { readonly isRemote: true }) | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const [, traceId, spanId, flags] = match
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return undefined
  return {
    traceId: traceId!,
    spanId: spanId!,
    traceFlags: Number.parseInt(flags!, 16),
    isRemote: true,
  }
}
