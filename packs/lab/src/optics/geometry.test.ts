import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { powers, SOUND } from '../../fixtures/prescriptions.ts'
import {
  decentration,
  minusForm,
  normalAxis,
  powerInMeridian,
  prismOfDecentration,
  smallestBlank,
  sphericalEquivalent,
  transpose,
  vertexPower,
} from './geometry.ts'
import { formatAxis, formatEye, formatPower, formatPrism, readPower } from './notation.ts'
import { baseDegrees, prismParts } from './prescription.ts'

describe('transposition', () => {
  it('gives back the same lens when done twice', () => {
    fc.assert(
      fc.property(powers(), (power) => {
        expect(transpose(transpose(power))).toEqual(power)
      }),
    )
  })
  it('leaves the power in every meridian and the spherical equivalent as they were', () => {
    fc.assert(
      fc.property(powers(), fc.integer({ min: 0, max: 180 }), (power, meridian) => {
        const turned = transpose(power)
        expect(powerInMeridian(turned, meridian)).toBeCloseTo(powerInMeridian(power, meridian), 9)
        expect(sphericalEquivalent(turned)).toBe(sphericalEquivalent(power))
      }),
    )
  })
  it('keeps the axis within 1 to 180', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1_000 }), (axis) => {
        const normal = normalAxis(axis)
        expect(normal).toBeGreaterThanOrEqual(1)
        expect(normal).toBeLessThanOrEqual(180)
      }),
    )
  })
  it('does what opticians do by hand', () => {
    expect(transpose({ sphere: 2, cylinder: -1.5, axis: 90 })).toEqual({
      sphere: 0.5,
      cylinder: 1.5,
      axis: 180,
    })
    expect(minusForm({ sphere: 1, cylinder: 0.75, axis: 5 })).toEqual({
      sphere: 1.75,
      cylinder: -0.75,
      axis: 95,
    })
  })
})

describe('lens arithmetic', () => {
  it('knows Prentice, decentration, blanks and vertex distance by worked examples', () => {
    expect(prismOfDecentration(-4, 5)).toBeCloseTo(2)
    expect(decentration({ a: 52, dbl: 18 }, 64)).toBe(3)
    expect(smallestBlank(SOUND.frame!, 64)).toBe(62)
    expect(smallestBlank({ ...SOUND.frame!, ed: null }, 64)).toBeNull()
    expect(vertexPower(-10, 12, 0)).toBeCloseTo(-8.93, 2)
    expect(vertexPower(10, 12, 0)).toBeCloseTo(11.36, 2)
  })
  it('points prism in by the side of the nose', () => {
    expect(baseDegrees('od', 'in')).toBe(0)
    expect(baseDegrees('os', 'BI')).toBe(180)
    expect(baseDegrees('od', 'sideways')).toBeNull()
    const { horizontal, vertical } = prismParts([
      { amount: 3, base: 0 },
      { amount: 4, base: 90 },
    ])
    expect(Math.hypot(horizontal, vertical)).toBeCloseTo(5)
  })
})

describe('notation', () => {
  it('always shows the sign, and writes none as plano', () => {
    expect([1, -0.5, 0, -0.125].map((power) => formatPower(power))).toEqual([
      '+1.00',
      '-0.50',
      'PL',
      '-0.125',
    ])
    expect(formatAxis(5)).toBe('005')
    expect(formatEye(SOUND.os)).toBe('-2.25 -0.75 x 005 add +1.50')
    expect(formatPrism({ amount: 2, base: 90 })).toBe('2.00Δ up')
  })
  it('reads back every power it writes', () => {
    fc.assert(
      fc.property(powers(), ({ sphere }) => {
        expect(readPower(formatPower(sphere))).toBe(sphere)
      }),
    )
    expect([' plano ', 'SPH', '+.5', '−1.25', '1.0.0', ''].map(readPower)).toEqual([
      0,
      0,
      0.5,
      -1.25,
      null,
      null,
    ])
  })
})
