// A moment: short to read, exact to the second when asked for.
import { useFormats } from '../app/format.ts'
import { useNow } from '../app/now.ts'

export interface InstantProps {
  /** Milliseconds since 1970 UTC. */
  readonly at: number | null | undefined
  readonly as?: 'relative' | 'time' | 'full'
}

export function Instant({ at, as = 'relative' }: InstantProps) {
  const format = useFormats()
  const now = useNow()
  if (at === null || at === undefined) return <span className="quiet">–</span>
  const shown =
    as === 'relative'
      ? format.relative(at, now)
      : as === 'time'
        ? format.time(at, now)
        : format.fullTime(at)
  return (
    <time dateTime={new Date(at).toISOString()} title={format.fullTime(at)}>
      {shown}
    </time>
  )
}

export function Span({ ms }: { readonly ms: number | null | undefined }) {
  const format = useFormats()
  return ms === null || ms === undefined ? (
    <span className="quiet">–</span>
  ) : (
    <span className="number">{format.span(ms)}</span>
  )
}
