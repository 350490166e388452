import { describe, expect, it } from 'vitest'
import { normal, seeded } from '../../fixtures/random.ts'
import { readRetail } from '../../fixtures/retail.ts'
import { dayNumber, mean } from '../forecast/series.ts'
import { decompose } from './decompose.ts'
import { findAnomalies, type Incident } from './detect.ts'
import { newsOf, toldWith, type Told } from './news.ts'

const SIGMAS = 6
/** `SEEDS=30` measures at length. */
const SEEDS = Number(process.env['SEEDS'] ?? 8)

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

/** A process without anomalies: what each day is expected to be, chance about it, and how far chance goes. */
interface Process {
  readonly firstDay: number
  readonly shape: readonly number[]
  draw(expected: number): number
  sigmaOf(expected: number): number
  readonly chance: () => number
  readonly kinds: readonly Incident['kind'][]
  readonly kind: 'counts' | 'amounts'
}

const PLANTED = ['spike', 'drop', 'shift-up', 'spike', 'drop', 'shift-down'] as const

/** The weekdays and slow trend of each retail series with even noise in the place of its own: clean, of known sigma. */
const retail = [...readRetail().values()].flatMap(({ firstDay, values }, n) =>
  Array.from({ length: SEEDS < 30 ? 3 : 6 }, (_, copy): Process => {
    const chance = seeded(1_000 * n + copy)
    const { shape, sigma } = shapeOf(values)
    return {
      firstDay: firstDay + SMOOTH_DAYS,
      shape,
      draw: (expected) => expected + sigma * normal(chance),
      sigmaOf: () => sigma,
      chance,
      // Each kind once at each season.
      kinds: PLANTED.map(
        (_, at) => PLANTED[(at + 2 * copy + Math.floor(copy / 3)) % PLANTED.length]!,
      ),
      kind: 'amounts',
    }
  }),
)

function poisson(rate: number, chance: () => number): number {
  if (rate > 60) return Math.max(0, Math.round(rate + Math.sqrt(rate) * normal(chance)))
  let count = -1
  for (let product = 1; product > Math.exp(-rate); product *= chance()) count++
  return count
}

const WEEKLY = [1, 1.1, 1.05, 1, 0.9, 0.6, 0.5] as const

/** Counts that come by chance, fewer at weekends and with a slow wave. */
const counts = [60, 100, 200, 400].flatMap((rate) =>
  Array.from({ length: SEEDS }, (_, seed): Process => {
    const chance = seeded(99 + seed)
    return {
      firstDay: 0,
      shape: Array.from(
        { length: 300 },
        (_, day) => rate * WEEKLY[day % 7]! * (1 + 0.1 * Math.sin(day / 50)),
      ),
      draw: (expected) => poisson(Math.max(0, expected), chance),
      sigmaOf: Math.sqrt,
      chance,
      // A level that falls first would have nothing left to fall from.
      kinds: PLANTED,
      kind: 'counts',
    }
  }),
)

interface Plant {
  readonly kind: Incident['kind']
  readonly at: number
}

/** Days as chance makes them, with levels moved and days put off by six sigma of what they would have been. */
function plant(process: Process): { values: number[]; plants: Plant[] } {
  const { chance, draw, kinds, shape, sigmaOf } = process
  const plants = kinds.map((kind, slot) => ({
    kind,
    at: 30 + slot * 42 + Math.floor(chance() * 12),
  }))
  const signOf = (kind: string): number =>
    kind === 'spike' || kind === 'shift-up' ? SIGMAS : -SIGMAS
  const level = [...shape]
  for (const { at, kind } of plants)
    if (kind.startsWith('shift'))
      for (let day = at; day < level.length; day++)
        level[day]! += signOf(kind) * sigmaOf(shape[day]!)
  const values = level.map(draw)
  for (const { at, kind } of plants)
    if (!kind.startsWith('shift')) values[at]! += signOf(kind) * sigmaOf(level[at]!)
  if (process.kind === 'amounts') return { values, plants }
  return { values: values.map((value) => Math.max(0, Math.round(value))), plants }
}

function matches(
  firstDay: number,
  { kind, from, to }: Incident,
  { at, kind: planted }: Plant,
): boolean {
  const slack = kind.startsWith('shift') ? 2 : 0
  const [first, last] = [dayNumber(from) - firstDay - slack, dayNumber(to) - firstDay + slack]
  return kind === planted && first <= at && last >= at
}

/** The share found of each kind, and of what was told the share that was planted. */
function measure(processes: readonly Process[]): Record<string, number> {
  const kinds = new Map<string, { found: number; planted: number }>()
  let told = 0
  let right = 0
  for (const process of processes) {
    const { values, plants } = plant(process)
    const { firstDay, kind } = process
    const { incidents } = findAnomalies({ firstDay, values }, { kind })
    for (const each of plants) {
      const isFound = incidents.some((incident) => matches(firstDay, incident, each))
      const { found, planted } = kinds.get(each.kind) ?? { found: 0, planted: 0 }
      kinds.set(each.kind, { found: found + Number(isFound), planted: planted + 1 })
    }
    told += incidents.length
    right += incidents.filter((incident) =>
      plants.some((each) => matches(firstDay, incident, each)),
    ).length
  }
  const shares = [...kinds].map(([kind, { found, planted }]) => [kind, found / planted] as const)
  return { ...Object.fromEntries(shares), precision: right / told }
}

/** False alarms in a hundred days of the processes as they are. */
function alarmsOf(processes: readonly Process[]): number {
  let alarms = 0
  let days = 0
  for (const { draw, firstDay, kind, shape } of processes) {
    alarms += findAnomalies({ firstDay, values: shape.map(draw) }, { kind }).incidents.length
    days += shape.length
  }
  return (100 * alarms) / days
}

describe('anomaly detection', () => {
  it.each([
    ['amounts of retail', retail],
    ['counts by chance', counts],
  ] as const)(
    'finds nine of ten planted spikes, drops and shifts of 6 sigma each, and nine of ten it finds were planted: %s',
    (name, processes) => {
      const shares = measure(processes)
      if (process.env['SEEDS'] !== undefined)
        process.stderr.write(`${name}: ${JSON.stringify(shares)}, ${alarmsOf(processes)} alarms\n`)
      expect(Object.keys(shares).toSorted()).toEqual([
        'drop',
        'precision',
        'shift-down',
        'shift-up',
        'spike',
      ])
      for (const share of Object.values(shares)) expect(share).toBeGreaterThanOrEqual(0.9)
    },
  )
  it('raises less than one false alarm in a hundred clean days', () => {
    expect(alarmsOf(retail)).toBeLessThan(1)
    expect(alarmsOf(counts)).toBeLessThan(1)
  })
  it('takes small counts for the chance they are', () => {
    const chance = seeded(7)
    let alarms = 0
    const rates = [0.3, 1, 4, 10]
    for (const rate of rates)
      for (let series = 0; series < SEEDS; series++) {
        const values = Array.from({ length: 200 }, (_, at) =>
          poisson(at % 7 === 6 ? rate / 20 : rate, chance),
        )
        alarms += findAnomalies({ firstDay: 20_000, values }, { kind: 'counts' }).incidents.length
      }
    expect(alarms / (rates.length * SEEDS * 200)).toBeLessThan(0.01)
  })
  it('says the bounds that it judges by', () => {
    const chance = seeded(11)
    const values = Array.from({ length: 120 }, (_, at) => poisson(at % 7 === 6 ? 2 : 30, chance))
    values[80] = 70
    values[89] = 0
    const { high, incidents, low } = findAnomalies({ firstDay: 0, values }, { kind: 'counts' })
    const outside = new Set(
      incidents.flatMap(({ from, to }) => {
        const days = []
        for (let day = dayNumber(from); day <= dayNumber(to); day++) days.push(day)
        return days
      }),
    )
    expect([...outside]).toEqual(expect.arrayContaining([80, 89]))
    for (const [day, value] of values.entries())
      expect([day, value < low[day]! - 1e-6 || value > high[day]! + 1e-6]).toEqual([
        day,
        outside.has(day),
      ])
  })
  it('tells of a new level within a week, and once, however the days after it move its edge', () => {
    for (let seed = 0; seed < SEEDS / 3; seed++) {
      const chance = seeded(seed)
      const rate = (day: number): number => 80 * WEEKLY[day % 7]! + (day >= 100 ? 55 : 0)
      const values = Array.from({ length: 140 }, (_, day) => poisson(rate(day), chance))
      let told: Told[] = []
      const announced: { kind: string; today: number }[] = []
      for (let today = 95; today <= values.length; today++) {
        const known = { firstDay: 0, values: values.slice(0, today) }
        const news = newsOf(findAnomalies(known, { kind: 'counts' }).incidents, told, today)
        told = toldWith(told, news, today)
        for (const { kind } of news) announced.push({ kind, today })
      }
      const shifts = announced.filter(({ kind }) => kind.startsWith('shift'))
      expect(shifts.map(({ kind }) => kind)).toEqual(['shift-up'])
      expect(shifts[0]!.today - 100).toBeLessThanOrEqual(7)
    }
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
