// Precision and recall: spikes, drops and shifts of known size in series that have no others.
import { describe, expect, it } from 'vitest'
import {
  chanceCounts,
  evenRetail,
  productsOwn,
  shopsOwn,
  type Process,
} from '../../fixtures/processes.ts'
import { dayNumber } from '../forecast/series.ts'
import { findAnomalies, type Incident } from './detect.ts'

const SIGMAS = 6
/** `SEEDS=30` measures at length. */
const SEEDS = Number(process.env['SEEDS'] ?? 8)
const SHOPS = SEEDS < 30 ? 20 : 90
/** `SEED=70000` makes other days and other shops. */
const SEED = Number(process.env['SEED'] ?? 4_000)
/** Each kind comes at each season once in six. */
const COPIES = 6

const PLANTED = ['spike', 'drop', 'shift-up', 'spike', 'drop', 'shift-down'] as const

interface Plant {
  readonly kind: Incident['kind']
  readonly at: number
}

function drawn({ draw, isOpen }: Process, level: readonly number[]): number[] {
  return level.map((expected, at) => (isOpen[at] ? draw(expected) : expected))
}

/** Days as chance makes them, with levels moved and days put off by six sigma of what they would have been. */
function plant(made: Process, turn: number): { values: number[]; plants: Plant[] } {
  const { chance, isOpen, shape, sigmaOf } = made
  // A count that falls first would have nothing left to fall from; of amounts each kind comes once at each season.
  const first = made.kind === 'counts' ? 0 : 2 * turn + Math.floor(turn / 3)
  const plants = PLANTED.map((_, slot) => {
    const wanted = 30 + slot * 42 + Math.floor(chance() * 12)
    return {
      kind: PLANTED[(slot + first) % PLANTED.length]!,
      at: isOpen.indexOf(true, wanted),
    }
  })
  const signOf = (kind: string): number =>
    kind === 'spike' || kind === 'shift-up' ? SIGMAS : -SIGMAS
  const level = [...shape]
  for (const { at, kind } of plants)
    if (kind.startsWith('shift'))
      for (let day = at; day < level.length; day++)
        if (isOpen[day]) level[day]! += signOf(kind) * sigmaOf(shape[day]!)
  const values = drawn(made, level)
  for (const { at, kind } of plants)
    if (!kind.startsWith('shift')) values[at]! += signOf(kind) * sigmaOf(level[at]!)
  if (made.kind === 'amounts') return { values, plants }
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
  for (const [n, made] of processes.entries()) {
    const { values, plants } = plant(made, n)
    const { firstDay, kind } = made
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
  for (const made of processes) {
    const { firstDay, kind, shape } = made
    alarms += findAnomalies({ firstDay, values: drawn(made, shape) }, { kind }).incidents.length
    days += shape.length
  }
  return (100 * alarms) / days
}

/** What is wanted beside less than one false alarm in a hundred days: nine of ten of each kind found, and nine of ten right. */
type Wanted = 'found and right' | 'found' | 'quiet'

const SERIES: readonly (readonly [name: string, wanted: Wanted, processes: () => Process[]])[] = [
  ['retail with even noise', 'found and right', () => evenRetail(SEEDS < 30 ? 3 : COPIES)],
  ['counts by chance', 'found and right', () => chanceCounts(SEEDS)],
  ['counts that vary three times as much', 'found and right', () => chanceCounts(2 * SEEDS, 3)],
  ['counts that vary nine times as much', 'quiet', () => chanceCounts(SEEDS, 9)],
  ['takings of shops, with their noise', 'found and right', () => shopsOwn(SHOPS, 15, SEED)],
  ['takings of small shops', 'found and right', () => shopsOwn(SHOPS, 8, SEED + 1)],
  // A wholesaler's order of a product is farther off than six of its standard deviations: whoever finds those tells of it too.
  ['single products, with their noise', 'found', () => productsOwn(SEEDS < 30 ? 3 : COPIES)],
]

describe.each(SERIES)('anomalies of 6 sigma: %s', (name, wanted, processes) => {
  const all = processes()

  if (wanted !== 'quiet')
    it(`are ${wanted}, nine of ten of each kind`, () => {
      const { precision, ...recall } = measure(all)
      if (process.env['SEEDS'] !== undefined)
        process.stderr.write(`${name}: ${JSON.stringify(recall)}, ${precision} of those told\n`)
      expect(Object.keys(recall).toSorted()).toEqual(['drop', 'shift-down', 'shift-up', 'spike'])
      for (const share of Object.values(recall)) expect(share).toBeGreaterThanOrEqual(0.9)
      if (wanted === 'found and right') expect(precision).toBeGreaterThanOrEqual(0.9)
    })
  it('are seen where there are none less than once in a hundred days', () => {
    const alarms = alarmsOf(all)
    if (process.env['SEEDS'] !== undefined)
      process.stderr.write(`${name}: ${alarms} false alarms in 100 days\n`)
    expect(alarms).toBeLessThan(1)
  })
})
