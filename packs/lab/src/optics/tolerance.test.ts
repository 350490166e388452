import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prescriptions, SOUND } from '../../fixtures/prescriptions.ts'
import { transpose } from './geometry.ts'
import type { LensType, Prescription, Side } from './prescription.ts'
import { allowed, ANSI_Z80_1_2015, axisDistance, checkPair, type Reading } from './tolerance.ts'

const reading = (rx: Prescription, side: Side): Reading => {
  const { sphere, cylinder, axis, add, prism, segmentHeight } = rx[side]
  return {
    sphere: sphere!,
    cylinder,
    axis,
    add,
    prism,
    segmentHeight,
    segmentTilt: 0,
    segmentWidth: null,
    baseCurve: null,
    centreThickness: null,
  }
}
const exact = (rx: Prescription): Record<Side, Reading> => ({
  od: reading(rx, 'od'),
  os: reading(rx, 'os'),
})
const failed = (rx: Prescription, od: Partial<Reading>): string[] =>
  checkPair(rx, { ...exact(rx), od: { ...reading(rx, 'od'), ...od } })
    .filter(({ passed }) => !passed)
    .map(({ what }) => what)
const of = (
  lensType: LensType,
  sphere: number,
  cylinder = 0,
  axis: number | null = null,
): Prescription => ({
  ...SOUND,
  lensType,
  od: { ...SOUND.od, sphere, cylinder, axis, add: lensType === 'single-vision' ? null : 2 },
})

describe('tolerances', () => {
  it('pass every lens that is exactly as ordered, however its cylinder is written', () => {
    fc.assert(
      fc.property(prescriptions(), (rx) => {
        expect(checkPair(rx, exact(rx)).filter(({ passed }) => !passed)).toEqual([])
        const { sphere, cylinder, axis } = rx.od
        const turned = transpose({ sphere: sphere!, cylinder, axis })
        expect(failed(rx, turned)).toEqual([])
      }),
    )
  })

  // Power ordered, what is off, by how much it may be, and what is too much by a hundredth.
  it.each([
    ['single-vision', 'sphere', 6.5, 0.13],
    ['single-vision', 'sphere', 10, 0.2],
    ['progressive', 'sphere', 8, 0.16],
    ['progressive', 'sphere', 10, 0.2],
  ] as const)('of a %s lens: %s of %s D may be %s off', (type, what, power, limit) => {
    expect(failed(of(type, power), { sphere: power + limit })).toEqual([])
    expect(failed(of(type, power), { sphere: power - limit - 0.01 })).toEqual([what])
  })
  it.each([
    ['single-vision', 2, 0.13],
    ['single-vision', 4.5, 0.15],
    ['single-vision', 6, 0.24],
    ['progressive', 2, 0.16],
    ['progressive', 3.5, 0.18],
    ['progressive', 4, 0.2],
  ] as const)('of a %s lens: a cylinder of %s D may be %s off', (type, cylinder, limit) => {
    // With a sphere that is higher than the other meridian, only the cylinder is off.
    const rx = of(type, -1, -cylinder, 90)
    const off = (by: number): Partial<Reading> => ({ sphere: -1 + by, cylinder: -cylinder - by })
    expect(failed(rx, off(limit))).toEqual([])
    expect(failed(rx, off(limit + 0.01))).toEqual(['cylinder'])
  })
  it.each([
    [0.25, 14],
    [0.5, 7],
    [0.75, 5],
    [1.5, 3],
    [1.75, 2],
  ])('let the axis of a cylinder of %s D turn by %s degrees', (cylinder, limit) => {
    const rx = of('single-vision', -1, -cylinder, 178)
    expect(failed(rx, { axis: ((178 + limit - 1) % 180) + 1 })).toEqual([])
    expect(failed(rx, { axis: (178 + limit + 1) % 180 || 180 })).toEqual(['axis'])
  })
  it('count the axis around the circle', () => {
    expect(axisDistance(178, 2)).toBe(4)
    expect(axisDistance(90, 180)).toBe(90)
  })
  it('judge add, heights, tilt and prism', () => {
    const rx = SOUND
    expect(failed(rx, { add: 1.62 })).toEqual([])
    expect(failed(rx, { add: 1.63 })).toEqual(['add'])
    expect(failed(rx, { segmentHeight: 19.1 })).toEqual(['segment-height', 'segment-pair'])
    expect(failed(rx, { segmentTilt: 2.5 })).toEqual(['segment-tilt'])
    expect(failed(rx, { prism: [{ amount: 0.33, base: 90 }] })).toEqual([])
    expect(failed(rx, { prism: [{ amount: 0.4, base: 90 }] })).toEqual(['prism', 'vertical-prism'])
    expect(failed(rx, { prism: [{ amount: 0.7, base: 0 }] })).toEqual(['prism', 'horizontal-prism'])
    // Each lens by itself may be off by less than both together.
    expect(failed(rx, { prism: [{ amount: 0.5, base: 0 }] })).toEqual(['prism'])
  })
  // Type, power of both lenses, direction of the base, how much both together may have, and what is too much.
  it.each([
    ['single-vision', -3, 90, 'vertical-prism', 0.33],
    ['single-vision', -6, 90, 'vertical-prism', 0.6],
    ['single-vision', -2.5, 0, 'horizontal-prism', 0.67],
    ['single-vision', -4, 0, 'horizontal-prism', 1],
    ['progressive', -3.5, 0, 'horizontal-prism', 0.67],
    ['progressive', -8, 0, 'horizontal-prism', 1.6],
  ] as const)(
    'of %s lenses of %s D: prism towards %s, %s up to %s',
    (type, power, base, what, limit) => {
      const one = of(type, power)
      const rx = { ...one, os: one.od }
      const half = (amount: number) => ({
        od: { ...reading(rx, 'od'), prism: [{ amount: amount / 2, base }] },
        os: { ...reading(rx, 'os'), prism: [{ amount: amount / 2, base: base + 180 }] },
      })
      const passes = (amount: number): boolean | undefined =>
        checkPair(rx, half(amount)).find((check) => check.what === what)?.passed
      expect(passes(limit)).toBe(true)
      expect(passes(limit + 0.01)).toBe(false)
    },
  )
  it('judge prism by the meridian the lens moves in', () => {
    // -1.00 upright, -7.00 level: too high a centre does little, one too far out much.
    const one = of('single-vision', -1, -6, 90)
    const rx = { ...one, os: one.od }
    const limits = new Map(checkPair(rx, exact(rx)).map(({ what, allowed }) => [what, allowed]))
    expect(limits.get('vertical-prism')).toBe(0.33)
    expect(limits.get('horizontal-prism')).toBeCloseTo(1.75)
  })
  it('pass nothing that was ordered and nobody has measured', () => {
    const nothing = {
      add: null,
      prism: null,
      segmentHeight: null,
      segmentTilt: null,
    }
    const checks = checkPair(SOUND, {
      ...exact(SOUND),
      od: { ...reading(SOUND, 'od'), ...nothing },
    })
    expect(checks.filter(({ off }) => off === null).map(({ what }) => what)).toEqual([
      'prism',
      'add',
      'segment-height',
      'segment-tilt',
      'vertical-prism',
      'horizontal-prism',
      'segment-pair',
    ])
    expect(checks.filter(({ off, passed }) => off === null && passed)).toEqual([])
    const single = of('single-vision', -2)
    const plain = { ...single, od: { ...single.od, segmentHeight: null } }
    expect(failed(plain, { add: null, segmentHeight: null, segmentTilt: null })).toEqual([])
  })
  it('judge base curve, thickness and width of the segment where they were ordered', () => {
    const read = { ...reading(SOUND, 'od'), baseCurve: 5, centreThickness: 2.4, segmentWidth: 28.6 }
    const checks = checkPair(
      SOUND,
      { ...exact(SOUND), od: read },
      { od: { baseCurve: 4, centreThickness: 2, segmentWidth: 28 } },
    )
    expect(checks.filter(({ passed }) => !passed).map(({ what }) => what)).toEqual([
      'segment-width',
      'base-curve',
      'centre-thickness',
    ])
  })
  it('take another table', () => {
    const strict = { ...ANSI_Z80_1_2015, add: [{ upTo: Infinity, limit: 0.05 }] }
    const checks = checkPair(
      SOUND,
      { ...exact(SOUND), od: { ...reading(SOUND, 'od'), add: 1.6 } },
      {},
      strict,
    )
    expect(checks.find(({ what, side }) => what === 'add' && side === 'od')?.passed).toBe(false)
    expect(allowed([{ upTo: 1, limit: 2 }], 9)).toBe(2)
  })
})
