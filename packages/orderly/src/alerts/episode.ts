// How an alert begins, holds and ends: one episode from the first time the limit is passed to the last. Pure.
import { exceeds, type CheckedRule } from './rule.ts'

/** An episode under way, as much as decides what comes next. Times are milliseconds. */
export interface Episode {
  readonly state: 'pending' | 'firing' | 'resolved'
  readonly value: number
  readonly worst: number
  /** Since when the limit is passed. */
  readonly since: number
  readonly firedAt: number | null
  /** Since when it is not passed any more. */
  readonly clearSince: number | null
  readonly resolvedAt: number | null
}

/** So long it must be well again before it is over: what goes to and fro is one episode. */
export const CLEAR_MS = 60_000

/**
 * What becomes of an episode with the next number.
 *
 * @param value the number now; undefined where there is nothing to measure any more
 * @returns undefined where there is none, or where it ended before anybody was told
 */
export function step(
  before: Episode | undefined,
  value: number | undefined,
  at: number,
  rule: CheckedRule,
): Episode | undefined {
  const isOver = value !== undefined && exceeds(rule, value)
  if (!before || before.state === 'resolved') {
    if (!isOver) return undefined
    const begun: Episode = {
      state: 'pending',
      value,
      worst: value,
      since: at,
      firedAt: null,
      clearSince: null,
      resolvedAt: null,
    }
    return fire(begun, at, rule)
  }
  if (isOver) {
    const worst =
      rule.above === undefined ? Math.min(before.worst, value) : Math.max(before.worst, value)
    return fire({ ...before, value, worst, clearSince: null }, at, rule)
  }
  if (before.state === 'pending') return undefined
  const clearSince = before.clearSince ?? at
  const after = { ...before, value: value ?? before.value, clearSince }
  return at - clearSince >= CLEAR_MS ? { ...after, state: 'resolved', resolvedAt: at } : after
}

function fire(episode: Episode, at: number, { hold }: CheckedRule): Episode {
  if (episode.state !== 'pending' || at - episode.since < hold) return episode
  return { ...episode, state: 'firing', firedAt: at }
}
