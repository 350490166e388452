// How much a patient has left: what came in, less what was taken or, where nobody wrote it down, should have been.

export interface Count {
  readonly at: number
  readonly value: number
}

export interface DoseOut {
  readonly dueAt: number
  readonly amount: number
  readonly takenAt?: number | undefined
  readonly skipped?: boolean | undefined
}

export interface OnHandInput {
  /** The last time somebody counted. */
  readonly count?: Count | undefined
  readonly fills: readonly Count[]
  /** Every dose that was due, and those taken as needed, with what is known of it. */
  readonly doses: readonly DoseOut[]
  readonly now: number
}

export interface OnHand {
  /** Never below 0. */
  readonly value: number
  readonly basis: 'counted' | 'filled'
  /** Doses that nobody logged and that were taken for taken. */
  readonly assumed: number
  /** More was taken than ever came in: something was not written down. */
  readonly overdrawn: boolean
}

/** @returns undefined when nothing is known of what came in */
export function onHand({ count, doses, fills, now }: OnHandInput): OnHand | undefined {
  const known = fills.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
  const since = count?.at ?? known[0]?.at
  if (since === undefined) return undefined
  let value = count?.value ?? 0
  for (const fill of known) if (!count || fill.at > count.at) value += fill.value
  let assumed = 0
  for (const { amount, dueAt, skipped, takenAt } of doses) {
    if (skipped) continue
    const at = takenAt ?? dueAt
    if (at <= since && (count !== undefined || at < since)) continue
    if (at > now) continue
    if (takenAt === undefined) assumed++
    value -= amount
  }
  const rounded = Math.round(value * 1e6) / 1e6
  return {
    value: Math.max(0, rounded),
    basis: count ? 'counted' : 'filled',
    assumed,
    overdrawn: rounded < 0,
  }
}
