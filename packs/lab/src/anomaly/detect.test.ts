import { describe, expect, it } from 'vitest'
import { poisson, WEEKLY } from '../../fixtures/processes.ts'
import { normal, seeded } from '../../fixtures/random.ts'
import { dayNumber } from '../forecast/series.ts'
import { findAnomalies } from './detect.ts'
import { newsOf, toldWith, type Told } from './news.ts'

/** `SEEDS=30` tries more. */
const SEEDS = Number(process.env['SEEDS'] ?? 8)

describe('anomaly detection', () => {
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
