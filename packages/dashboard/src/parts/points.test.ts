import { expect, it } from 'vitest'
import type { AnswerOf } from '../api/call.ts'
import { seriesOf } from './points.ts'

const MINUTE = 60_000
const NOW = 1_767_225_600_000

const answer = (
  since: number | null,
  minutes: readonly number[] = [],
): AnswerOf<'metrics.points'> => ({
  to: NOW,
  since,
  data: minutes.map((minute) => ({
    minute,
    queue: 'lab',
    type: 'lab.import-order',
    started: 2,
    completed: 2,
    failed: 0,
    external: 0,
    retried: 0,
    timedOut: 0,
    cancelled: 0,
    runMean: 10,
    waitMean: 5,
    longest: 12,
  })),
})

it('begins a young installation’s chart with its first minute, after a place of nothing', () => {
  const since = NOW - 9 * MINUTE
  const points = seriesOf(answer(since, [since]), '1h', 1)
  expect(points.map(({ completed }) => completed)).toEqual([0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  expect(points[1]!.at).toBe(since)
})

it('draws an idle hour of an older installation whole', () => {
  expect(seriesOf(answer(NOW - 86_400_000), '1h', 1)).toHaveLength(60)
  expect(seriesOf(answer(null), '1h', 1)).toHaveLength(60)
})

it('shows no fewer steps than make a course', () => {
  expect(seriesOf(answer(NOW), '1h', 1)).toHaveLength(6)
  expect(seriesOf(answer(NOW), '24h', 15)).toHaveLength(6)
})
