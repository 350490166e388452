// A budget that fills by the clock: so many units in each span, and no more than one span's worth saved up.

export interface Rate {
  /** Units in each span, and the most that can be saved up. */
  readonly limit: number
  /** Milliseconds. */
  readonly per: number
}

export interface Bucket {
  readonly tokens: number
  /** When it held them. Milliseconds since 1970 UTC. */
  readonly at: number
}

export interface Take {
  readonly bucket: Bucket
  /** Milliseconds until the units will be there; 0 when they were taken. */
  readonly wait: number
}

/** Sums of shares of tokens end a hair below the whole they stand for. */
const HAIR = 1e-9

/**
 * Takes `units` if they are there. What weighs more than a whole bucket takes all of a full one.
 *
 * @param bucket undefined where nobody has taken anything yet: it is full
 */
export function takeTokens(
  bucket: Bucket | undefined,
  { limit, per }: Rate,
  units: number,
  now: number,
): Take {
  // A clock that runs behind another one fills nothing, and takes nothing back.
  const at = Math.max(now, bucket?.at ?? now)
  const filled = bucket ? bucket.tokens + ((at - bucket.at) * limit) / per : limit
  const tokens = Math.min(limit, filled)
  const need = Math.min(units, limit)
  if (tokens + HAIR >= need) return { bucket: { tokens: Math.max(0, tokens - need), at }, wait: 0 }
  return { bucket: { tokens, at }, wait: Math.max(1, Math.ceil(((need - tokens) * per) / limit)) }
}
