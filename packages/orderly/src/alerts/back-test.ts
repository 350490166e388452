// Tries a rule on what was measured before: when it would have been an alert.
import type { Episode } from './episode.ts'
import { step } from './episode.ts'
import { measurePast, type MeasureParts } from './measure.ts'
import type { CheckedRule } from './rule.ts'

export interface BackTest {
  readonly from: number
  readonly to: number
  /** Minutes that something is known of. */
  readonly minutes: number
  readonly episodes: readonly PastEpisode[]
}

export interface PastEpisode {
  readonly subject: string
  readonly since: number
  readonly firedAt: number
  /** Null where it had not ended. */
  readonly resolvedAt: number | null
  readonly worst: number
}

const MINUTE_MS = 60_000
const MOST_EPISODES = 1_000

/** Plays the minutes from `from` to `to` through the rule as they would have been seen. */
export async function backTest(
  parts: MeasureParts,
  rule: CheckedRule,
  from: number,
  to: number,
): Promise<BackTest> {
  const series = await measurePast(parts, rule, from, to)
  const episodes: PastEpisode[] = []
  const known = new Set<number>()
  for (const [subject, values] of series) {
    for (const minute of values.keys()) known.add(minute)
    let episode: Episode | undefined
    for (let minute = from - (from % MINUTE_MS); minute < to; minute += MINUTE_MS) {
      episode = step(episode, values.get(minute), minute, rule)
      if (episode?.state === 'resolved') episodes.push(past(subject, episode))
    }
    if (episode?.state === 'firing') episodes.push(past(subject, episode))
  }
  return {
    from,
    to,
    minutes: known.size,
    episodes: episodes.toSorted((a, b) => a.firedAt - b.firedAt).slice(0, MOST_EPISODES),
  }
}

function past(subject: string, { since, firedAt, resolvedAt, worst }: Episode): PastEpisode {
  return { subject, since, firedAt: firedAt ?? since, resolvedAt, worst }
}
