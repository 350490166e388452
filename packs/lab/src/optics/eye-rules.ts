// The rules each eye must keep.
import { offStep, outside, type EyeRule } from './finding.ts'
import { isMultifocal } from './prescription.ts'

const STEP = 0.125
const SPHERE = [-39, 49] as const
const CYLINDER = [-19.75, 19.75] as const
const ADD = [0.25, 6] as const
const USUAL_ADD = 4
const PRISM = 30
const PD = [25, 40] as const
const SEGMENT = [8, 40] as const
const HEIGHT = [5, 60] as const

const when = (wrong: boolean, message: string): string | null => (wrong ? message : null)

export const EYE_RULES: readonly EyeRule[] = [
  {
    code: 'value-not-a-number',
    severity: 'error',
    check: (eye) =>
      when(
        [eye.sphere, eye.cylinder, eye.axis, eye.add, eye.pd, eye.segmentHeight].some(
          (value) => value !== null && !Number.isFinite(value),
        ),
        'a value is no number; type it again',
      ),
  },
  {
    code: 'sphere-missing',
    severity: 'error',
    check: (eye) => when(eye.sphere === null, 'give the sphere; write PL for none'),
  },
  {
    code: 'sphere-out-of-range',
    severity: 'error',
    check: (eye) =>
      when(
        outside(eye.sphere, ...SPHERE),
        'the sphere is from -39.00 to +49.00; look for a lost decimal point',
      ),
  },
  {
    code: 'sphere-off-step',
    severity: 'error',
    check: (eye) => when(offStep(eye.sphere, STEP), 'the sphere goes in steps of 0.125'),
  },
  {
    code: 'cylinder-out-of-range',
    severity: 'error',
    check: (eye) =>
      when(
        outside(eye.cylinder, ...CYLINDER),
        'the cylinder is from -19.75 to +19.75; look for a lost decimal point',
      ),
  },
  {
    code: 'cylinder-off-step',
    severity: 'error',
    check: (eye) => when(offStep(eye.cylinder, STEP), 'the cylinder goes in steps of 0.125'),
  },
  {
    code: 'axis-missing',
    severity: 'error',
    check: (eye) => when(eye.cylinder !== 0 && eye.axis === null, 'a cylinder needs its axis'),
  },
  {
    code: 'axis-without-cylinder',
    severity: 'warning',
    check: (eye) =>
      when(
        eye.cylinder === 0 && eye.axis !== null,
        'there is an axis and no cylinder; was the cylinder forgotten?',
      ),
  },
  {
    code: 'axis-out-of-range',
    severity: 'error',
    check: (eye) => when(outside(eye.axis, 0, 180), 'the axis is from 1 to 180'),
  },
  {
    code: 'axis-zero',
    severity: 'warning',
    check: (eye) => when(eye.axis === 0, 'axis 0 is written 180'),
  },
  {
    code: 'axis-not-whole',
    severity: 'error',
    check: (eye) => when(offStep(eye.axis, 1), 'the axis is a whole number of degrees'),
  },
  {
    code: 'add-missing',
    severity: 'error',
    check: (eye, rx) =>
      when(
        isMultifocal(rx.lensType) && eye.add === null,
        'a bifocal, trifocal or progressive lens needs an add',
      ),
  },
  {
    code: 'add-out-of-range',
    severity: 'error',
    check: (eye) => when(outside(eye.add, ...ADD), 'the add is from +0.25 to +6.00'),
  },
  {
    code: 'add-off-step',
    severity: 'error',
    check: (eye) => when(offStep(eye.add, STEP), 'the add goes in steps of 0.125'),
  },
  {
    code: 'add-unusually-high',
    severity: 'warning',
    check: (eye) =>
      when(
        eye.add !== null && eye.add > USUAL_ADD && eye.add <= ADD[1],
        'an add above +4.00 is rare; ask the prescriber',
      ),
  },
  {
    code: 'add-on-single-vision',
    severity: 'warning',
    check: (eye, rx) =>
      when(
        rx.lensType === 'single-vision' && eye.add !== null,
        'single vision lenses take no add; is it a reading pair?',
      ),
  },
  {
    code: 'prism-out-of-range',
    severity: 'error',
    check: (eye) =>
      when(
        eye.prism.some(({ amount }) => outside(amount, 0, PRISM)),
        'prism is from 0 to 30 prism dioptres',
      ),
  },
  {
    code: 'prism-without-amount',
    severity: 'error',
    check: (eye) =>
      when(
        eye.prism.some(({ amount, base }) => amount === 0 && base !== null),
        'a base is named without an amount of prism',
      ),
  },
  {
    code: 'prism-base-missing',
    severity: 'error',
    check: (eye) =>
      when(
        eye.prism.some(({ amount, base }) => amount > 0 && base === null),
        'prism needs the direction of its base',
      ),
  },
  {
    code: 'prism-base-out-of-range',
    severity: 'error',
    check: (eye) =>
      when(
        eye.prism.some(({ base }) => outside(base, 0, 360)),
        'a base is in, out, up, down, or 0 to 360 degrees',
      ),
  },
  {
    code: 'prism-bases-opposed',
    severity: 'error',
    check: (eye) =>
      when(
        eye.prism.some(({ base }) =>
          eye.prism.some(
            (other) => base !== null && other.base !== null && Math.abs(base - other.base) === 180,
          ),
        ),
        'two prisms of one eye point against each other; give what is left of them',
      ),
  },
  {
    code: 'monocular-pd-out-of-range',
    severity: 'error',
    check: (eye) =>
      when(outside(eye.pd, ...PD), 'the distance from nose to pupil is from 25 to 40 mm'),
  },
  {
    code: 'segment-height-missing',
    severity: 'error',
    check: (eye, rx) =>
      when(
        isMultifocal(rx.lensType) && eye.segmentHeight === null,
        'this lens type needs a segment or fitting height',
      ),
  },
  {
    code: 'segment-height-out-of-range',
    severity: 'error',
    check: (eye) =>
      when(outside(eye.segmentHeight, ...SEGMENT), 'the segment height is from 8 to 40 mm'),
  },
  {
    code: 'segment-height-above-lens',
    severity: 'error',
    check: (eye, { frame }) =>
      when(
        eye.segmentHeight !== null &&
          frame?.b !== null &&
          frame?.b !== undefined &&
          eye.segmentHeight >= frame.b,
        'the segment height must be less than the height of the lens (B)',
      ),
  },
  {
    code: 'optical-centre-out-of-lens',
    severity: 'error',
    check: (eye, { frame }) =>
      when(
        outside(eye.opticalCentreHeight, ...HEIGHT) ||
          (eye.opticalCentreHeight !== null &&
            frame?.b !== null &&
            frame?.b !== undefined &&
            eye.opticalCentreHeight >= frame.b),
        'the optical centre must lie within the lens',
      ),
  },
  {
    code: 'high-minus-in-low-index',
    severity: 'warning',
    check: (eye, { index }) =>
      when(
        index !== null &&
          index < 1.59 &&
          eye.sphere !== null &&
          Math.min(eye.sphere, eye.sphere + eye.cylinder) <= -6,
        'beyond -6.00 this material makes thick edges; offer index 1.60 or more',
      ),
  },
]
