import { describe, expect, it } from 'vitest'
import { normal, seeded } from '../../fixtures/random.ts'
import { readRetail } from '../../fixtures/retail.ts'
import { mean, type DailySeries } from '../forecast/series.ts'
import { decompose } from './decompose.ts'
import { findAnomalies, type Incident } from './detect.ts'

const SIGMAS = 6

const SMOOTH_DAYS = 29

/** What a series is by its weekdays and its slow changes: its own steps are smoothed away. */
function shapeOf(values: readonly number[]): { shape: number[]; sigma: number } {
  const { expected, level, residual, sigma } = decompose(values, 1)
  const trend = level.map((value, at) => value - residual[at]!)
  const half = Math.floor(SMOOTH_DAYS / 2)
  const shape = expected.map((value, at) => {
    const around = trend.slice(Math.max(0, at - half), at + half + 1)
    return value - trend[at]! + mean(around)
  })
  // At both ends there is no other side to smooth with.
  return { shape: shape.slice(SMOOTH_DAYS, -SMOOTH_DAYS), sigma }
}

/** The weekdays and slow trend of each retail series with even noise in the place of its own: clean, of known sigma. */
const clean = [...readRetail().values()].flatMap(({ firstDay, values }, n) =>
  [0, 1, 2].map((copy) => {
    const chance = seeded(1_000 * n + copy)
    const { shape, sigma } = shapeOf(values)
    const noisy = shape.map((value) => value + sigma * normal(chance))
    return { series: { firstDay: firstDay + SMOOTH_DAYS, values: noisy }, sigma, chance }
  }),
)

interface Plant {
  readonly kind: Incident['kind']
  readonly at: number
}

function plant(
  values: readonly number[],
  sigma: number,
  chance: () => number,
): { values: number[]; plants: Plant[] } {
  const changed = [...values]
  const plants: Plant[] = []
  for (const [slot, kind] of (
    ['spike', 'drop', 'shift-up', 'spike', 'drop', 'shift-down'] as const
  ).entries()) {
    const at = 30 + slot * 42 + Math.floor(chance() * 12)
    const by = kind === 'spike' || kind === 'shift-up' ? SIGMAS * sigma : -SIGMAS * sigma
    const until = kind.startsWith('shift') ? changed.length : at + 1
    for (let day = at; day < until; day++) changed[day]! += by
    plants.push({ kind, at })
  }
  return { values: changed, plants }
}

function matches(
  { firstDay }: DailySeries,
  { kind, from, to }: Incident,
  { at, kind: planted }: Plant,
): boolean {
  const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000 - firstDay
  const slack = kind.startsWith('shift') ? 2 : 0
  return kind === planted && day(from) - slack <= at && day(to) + slack >= at
}

describe('anomaly detection', () => {
  it('finds nine of ten planted spikes, drops and shifts of 6 sigma, and nine of ten it finds were planted', () => {
    let found = 0
    let planted = 0
    let told = 0
    let right = 0
    for (const { series, sigma, chance } of clean) {
      const { values, plants } = plant(series.values, sigma, chance)
      const { incidents } = findAnomalies({ ...series, values }, { kind: 'amounts' })
      planted += plants.length
      found += plants.filter((each) =>
        incidents.some((incident) => matches(series, incident, each)),
      ).length
      told += incidents.length
      right += incidents.filter((incident) =>
        plants.some((each) => matches(series, incident, each)),
      ).length
    }
    expect(planted).toBe(57 * 6)
    expect(found / planted).toBeGreaterThanOrEqual(0.9)
    expect(right / told).toBeGreaterThanOrEqual(0.9)
  })
  it('raises less than one false alarm in a hundred clean days', () => {
    const alarms = clean.reduce(
      (sum, { series }) => sum + findAnomalies(series, { kind: 'amounts' }).incidents.length,
      0,
    )
    const days = clean.reduce((sum, { series }) => sum + series.values.length, 0)
    expect(alarms / days).toBeLessThan(0.01)
  })
  it('takes small counts for the chance they are', () => {
    const chance = seeded(7)
    const poisson = (rate: number): number => {
      let count = -1
      for (let product = 1; product > Math.exp(-rate); product *= chance()) count++
      return count
    }
    let alarms = 0
    for (let series = 0; series < 30; series++) {
      const values = Array.from({ length: 200 }, (_, at) => poisson(at % 7 === 6 ? 0.2 : 4))
      alarms += findAnomalies({ firstDay: 20_000, values }).incidents.length
    }
    expect(alarms / (30 * 200)).toBeLessThan(0.01)
  })
  it('makes one incident of days in a row, and says what was expected', () => {
    const chance = seeded(3)
    const values = Array.from(
      { length: 90 },
      (_, at) => 1_000 + (at % 7 === 0 ? -400 : 0) + 20 * normal(chance),
    )
    for (const at of [60, 61, 62]) values[at] = 1_600
    const { incidents } = findAnomalies({ firstDay: 20_454, values }, { kind: 'amounts' })
    expect(incidents).toHaveLength(1)
    expect(incidents[0]).toMatchObject({
      kind: 'spike',
      severity: 'critical',
      from: '2026-03-02',
      to: '2026-03-04',
      peak: 1_600,
    })
    expect(incidents[0]!.expected.high).toBeLessThan(1_200)
    expect(incidents[0]!.explanation).toMatch(/^1600 on \w+day 2026-03-0\d, where \d+/)
  })
  it('is not deaf to a second outlier because of the first', () => {
    const chance = seeded(4)
    const values = Array.from({ length: 120 }, () => 500 + 10 * normal(chance))
    values[50] = 50_000
    values[80] = 600
    const days = findAnomalies({ firstDay: 0, values }, { kind: 'amounts' }).incidents.map(
      ({ kind }) => kind,
    )
    expect(days).toEqual(['spike', 'spike'])
  })
  it('takes weeks as weeks: they have no weekdays, and seven days each', () => {
    const chance = seeded(5)
    const values = Array.from({ length: 60 }, () => 7_000 + 40 * normal(chance))
    values[50] = 9_000
    const { incidents } = findAnomalies({ firstDay: 20_454, values }, { kind: 'amounts', span: 7 })
    expect(incidents).toHaveLength(1)
    expect(incidents[0]).toMatchObject({ kind: 'spike', from: '2026-12-17', to: '2026-12-23' })
    expect(incidents[0]!.explanation).toMatch(/^9000 in the week from 2026-12-17, where \d+ to \d+/)
  })
  it('says that a short history says nothing', () => {
    expect(findAnomalies({ firstDay: 0, values: [1, 2, 3] })).toMatchObject({
      incidents: [],
      reason: 'at least 35 days are needed',
    })
  })
})
