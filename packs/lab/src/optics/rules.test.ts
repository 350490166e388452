import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prescriptions, SOUND, SOUND_EYE, TODAY } from '../../fixtures/prescriptions.ts'
import type { Eye, Prescription } from './prescription.ts'
import { checkPrescription, PRESCRIPTION_RULES } from './rules.ts'

type Change = Partial<Omit<Prescription, 'od' | 'os'>> & { od?: Partial<Eye>; os?: Partial<Eye> }

const withChange = ({ od, os, ...rest }: Change): Prescription => ({
  ...SOUND,
  ...rest,
  od: { ...SOUND.od, ...od },
  os: { ...SOUND.os, ...os },
})
const frame = { a: 52, b: 34, dbl: 18, ed: 54 }

/** For each rule a change to a sound prescription that breaks it, and what else that change must break. */
const BROKEN: Readonly<Record<string, Change & { also?: readonly string[] }>> = {
  'value-not-a-number': { od: { sphere: NaN }, also: ['sphere-out-of-range', 'sphere-off-step'] },
  'sphere-missing': { od: { sphere: null } },
  'sphere-out-of-range': { od: { sphere: -40 }, os: { sphere: -39 } },
  'sphere-off-step': { od: { sphere: -2.1 } },
  'cylinder-out-of-range': { od: { cylinder: -20 }, also: ['high-minus-in-low-index'] },
  'cylinder-off-step': { od: { cylinder: -0.6 } },
  'axis-missing': { od: { axis: null } },
  'axis-without-cylinder': { od: { cylinder: 0 } },
  'axis-out-of-range': { od: { axis: 181 } },
  'axis-zero': { od: { axis: 0 } },
  'axis-not-whole': { od: { axis: 90.5 } },
  'add-missing': { od: { add: null } },
  'add-out-of-range': {
    od: { add: 6.25 },
    os: { add: 6 },
    also: ['adds-differ', 'add-unusually-high'],
  },
  'add-off-step': { od: { add: 1.6 }, os: { add: 1.5 }, also: ['adds-differ'] },
  'add-unusually-high': { od: { add: 4.5 }, os: { add: 4.5 } },
  'add-on-single-vision': { lensType: 'single-vision' },
  'prism-out-of-range': { od: { prism: [{ amount: 31, base: 90 }] } },
  'prism-without-amount': { od: { prism: [{ amount: 0, base: 90 }] } },
  'prism-base-missing': { od: { prism: [{ amount: 2, base: null }] } },
  'prism-base-out-of-range': { od: { prism: [{ amount: 2, base: 361 }] } },
  'prism-bases-opposed': {
    od: {
      prism: [
        { amount: 2, base: 0 },
        { amount: 1, base: 180 },
      ],
    },
  },
  'monocular-pd-out-of-range': { od: { pd: 24 }, pd: 56, nearPd: 53 },
  'segment-height-missing': { od: { segmentHeight: null } },
  'segment-height-out-of-range': { od: { segmentHeight: 7 }, os: { segmentHeight: 9 } },
  'segment-height-above-lens': { od: { segmentHeight: 34 }, os: { segmentHeight: 33 } },
  'optical-centre-out-of-lens': { od: { opticalCentreHeight: 34 } },
  'high-minus-in-low-index': { od: { sphere: -6 }, os: { sphere: -5 }, index: 1.498 },
  'pd-missing': { pd: null, od: { pd: null }, os: { pd: null } },
  'monocular-pd-one-sided': { od: { pd: null } },
  'pd-out-of-range': { pd: 81, also: ['pd-sum-mismatch'] },
  'pd-sum-mismatch': { pd: 66 },
  'near-pd-out-of-range': { nearPd: 44 },
  'near-pd-not-less': { nearPd: 64 },
  'vertex-out-of-range': { vertex: 26 },
  'tilt-out-of-range': { tilt: 31 },
  'wrap-out-of-range': { wrap: -1 },
  'index-unknown': { index: 1.61 },
  'frame-incomplete': { frame: { ...frame, dbl: null } },
  'frame-size-out-of-range': { frame: { ...frame, dbl: 36 }, blank: null },
  'frame-diameter-too-small': { frame: { ...frame, ed: 51 } },
  'blank-too-small': { blank: 61 },
  'cylinder-signs-mixed': { od: { cylinder: 0.5 } },
  'spheres-far-apart': { od: { sphere: -5.5 } },
  'spheres-of-opposite-sign': { od: { sphere: 0.25 } },
  'adds-differ': { od: { add: 1.75 } },
  'segment-heights-far-apart': { od: { segmentHeight: 22 } },
  'day-not-in-calendar': { expiresOn: '31.12.2020' },
  'born-in-the-future': { bornOn: '2026-03-03' },
  'issued-in-the-future': { issuedOn: '2026-03-03' },
  'expires-before-issue': {
    issuedOn: '2026-03-01',
    expiresOn: '2026-02-01',
    also: ['prescription-expired'],
  },
  'prescription-expired': { expiresOn: '2026-03-01' },
  'child-without-tough-lens': { bornOn: '2015-03-03' },
}

describe('prescription rules', () => {
  it('find nothing in a sound prescription', () => {
    expect(checkPrescription(SOUND, TODAY)).toEqual([])
  })
  it('are each broken by a prescription here, and there are forty or more', () => {
    expect(Object.keys(BROKEN).toSorted()).toEqual(
      PRESCRIPTION_RULES.map(({ code }) => code).toSorted(),
    )
    expect(PRESCRIPTION_RULES.length).toBeGreaterThanOrEqual(40)
  })
  it.each(Object.entries(BROKEN))('name %s', (code, { also = [], ...change }) => {
    const codes = checkPrescription(withChange(change), TODAY).map((found) => found.code)
    expect(codes).toContain(code)
    expect([...new Set(codes)].filter((each) => each !== code && !also.includes(each))).toEqual([])
  })
  it('accept the days and sizes on the very edge', () => {
    expect(
      checkPrescription(withChange({ expiresOn: TODAY, issuedOn: TODAY, blank: 62 }), TODAY),
    ).toEqual([])
    expect(checkPrescription(withChange({ bornOn: '2013-03-02' }), TODAY)).toEqual([])
  })
  it('take no size for sound that is no number, and no day that is none', () => {
    const codes = (change: Change): string[] =>
      checkPrescription(withChange(change), TODAY).map(({ code }) => code)
    expect(codes({ frame: { ...frame, ed: NaN } })).toContain('frame-diameter-too-small')
    expect(codes({ blank: NaN })).toContain('blank-too-small')
    for (const day of ['2026-02-30', '2/3/2020', 'never', ''])
      for (const change of [{ bornOn: day }, { issuedOn: day }, { expiresOn: day }])
        expect(codes(change)).toEqual(['day-not-in-calendar'])
  })
  it('never say a value of the prescription, which is PHI', () => {
    const odd = withChange({
      od: { ...SOUND_EYE, sphere: -38.77, axis: 177.5, pd: 23.33 },
      pd: 48.25,
    })
    const said = checkPrescription(odd, TODAY)
      .map(({ message }) => message)
      .join(' ')
    for (const value of ['38.77', '177.5', '23.33', '48.25']) expect(said).not.toContain(value)
  })
  it('put errors before warnings for any prescription, and do not throw', () => {
    fc.assert(
      fc.property(prescriptions(), (rx) => {
        const severities = checkPrescription(rx, TODAY).map(({ severity }) => severity)
        expect(severities.lastIndexOf('error')).toBeLessThan(
          severities.includes('warning') ? severities.indexOf('warning') : Infinity,
        )
      }),
    )
  })
})
