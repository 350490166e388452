// Whether a finished pair keeps the tolerances of its order: a lensmeter reading against the prescription.
import { highestPower, minusForm, powerInMeridian, type Power } from './geometry.ts'
import {
  isMultifocal,
  prismParts,
  type Eye,
  type LensType,
  type Prescription,
  type Prism,
  type Side,
} from './prescription.ts'

/** A limit that holds up to a power, in dioptres; the last one holds beyond all. */
export interface Band {
  readonly upTo: number
  /** A fixed amount, or a share of the power. */
  readonly limit: number
  readonly share?: true
}

/** Prism: an amount up to a power in the meridian, and beyond it what a displacement by `mm` makes there. */
export interface PrismRule {
  readonly amount: number
  readonly upTo: number
  readonly mm: number
  /** Each of the two lenses may be displaced so far, not both together. */
  readonly each?: true
}

/** One edition of a standard. Powers in dioptres, lengths in millimetres, angles in degrees. */
export interface ToleranceTable {
  readonly name: string
  readonly sphere: Readonly<Record<'progressive' | 'other', readonly Band[]>>
  readonly cylinder: Readonly<Record<'progressive' | 'other', readonly Band[]>>
  readonly axis: readonly Band[]
  readonly add: readonly Band[]
  /** Of one lens, at its prism reference point. */
  readonly prism: PrismRule
  /** What both eyes feel together. */
  readonly verticalPrism: PrismRule
  readonly horizontalPrism: Readonly<Record<'progressive' | 'other', PrismRule>>
  readonly segmentHeight: number
  readonly segmentPair: number
  readonly segmentWidth: number
  readonly tilt: number
  readonly baseCurve: number
  readonly centreThickness: number
}

/** ANSI Z80.1-2015, as its published summaries give it. Give another table to `checkPair` where another edition holds. */
export const ANSI_Z80_1_2015: ToleranceTable = {
  name: 'ANSI Z80.1-2015',
  sphere: {
    other: [
      { upTo: 6.5, limit: 0.13 },
      { upTo: Infinity, limit: 0.02, share: true },
    ],
    progressive: [
      { upTo: 8, limit: 0.16 },
      { upTo: Infinity, limit: 0.02, share: true },
    ],
  },
  cylinder: {
    other: [
      { upTo: 2, limit: 0.13 },
      { upTo: 4.5, limit: 0.15 },
      { upTo: Infinity, limit: 0.04, share: true },
    ],
    progressive: [
      { upTo: 2, limit: 0.16 },
      { upTo: 3.5, limit: 0.18 },
      { upTo: Infinity, limit: 0.05, share: true },
    ],
  },
  axis: [
    { upTo: 0.25, limit: 14 },
    { upTo: 0.5, limit: 7 },
    { upTo: 0.75, limit: 5 },
    { upTo: 1.5, limit: 3 },
    { upTo: Infinity, limit: 2 },
  ],
  add: [
    { upTo: 4, limit: 0.12 },
    { upTo: Infinity, limit: 0.18 },
  ],
  prism: { amount: 0.33, upTo: 3.375, mm: 1 },
  verticalPrism: { amount: 0.33, upTo: 3.375, mm: 1 },
  horizontalPrism: {
    other: { amount: 0.67, upTo: 2.75, mm: 2.5 },
    progressive: { amount: 0.67, upTo: 3.75, mm: 1, each: true },
  },
  segmentHeight: 1,
  segmentPair: 1,
  segmentWidth: 0.5,
  tilt: 2,
  baseCurve: 0.75,
  centreThickness: 0.3,
}

/** What an instrument read of one finished lens. Null where nothing was read: what was ordered and not read has not passed. */
export interface Reading extends Power {
  readonly add: number | null
  /** Empty where the instrument read that there is none. */
  readonly prism: readonly Prism[] | null
  readonly segmentHeight: number | null
  readonly segmentTilt: number | null
  readonly segmentWidth: number | null
  readonly baseCurve: number | null
  readonly centreThickness: number | null
}

/** What was ordered of a lens beside its prescription. */
export interface LensTargets {
  readonly baseCurve?: number | undefined
  readonly centreThickness?: number | undefined
  readonly segmentWidth?: number | undefined
}

export interface ToleranceCheck {
  readonly what: string
  readonly side: Side | null
  /** How far off it may be, and how far it is; null when nobody has measured it. */
  readonly allowed: number
  readonly off: number | null
  readonly passed: boolean
}

/** Instruments round to hundredths; a difference that shows as the limit is within it. */
const ROUNDING = 1e-6

/**
 * Compares what was read of both lenses with what was ordered.
 *
 * @throws RangeError when the order has no sphere or a cylinder without an axis
 */
export function checkPair(
  rx: Prescription,
  readings: Readonly<Record<Side, Reading>>,
  targets: { readonly [side in Side]?: LensTargets | undefined } = {},
  table: ToleranceTable = ANSI_Z80_1_2015,
): ToleranceCheck[] {
  const sides: readonly Side[] = ['od', 'os']
  return [
    ...sides.flatMap((side) => checkLens(rx, side, readings[side], targets[side] ?? {}, table)),
    ...checkPrism(rx, readings, table),
    ...checkSegments(rx, readings, table),
  ]
}

function checkLens(
  rx: Prescription,
  side: Side,
  reading: Reading,
  targets: LensTargets,
  table: ToleranceTable,
): ToleranceCheck[] {
  const eye = rx[side]
  const kind = kindOf(rx.lensType)
  const ordered = minusForm(powerOf(eye))
  const read = minusForm(reading)
  const judged = judge(side)
  const prismOff = distance(eye.prism, reading.prism)
  // The meridian of highest power is judged; which one it is the order says.
  const meridian = Math.abs(ordered.sphere) >= Math.abs(ordered.sphere + ordered.cylinder)
  const principal = (power: Power): number =>
    meridian ? power.sphere : power.sphere + power.cylinder
  const highest = highestPower(ordered)
  const checks = [
    judged('sphere', allowed(table.sphere[kind], highest), principal(read) - principal(ordered)),
    judged(
      'cylinder',
      allowed(table.cylinder[kind], Math.abs(ordered.cylinder)),
      read.cylinder - ordered.cylinder,
    ),
    judged('prism', prismLimit(table.prism, [highest]), prismOff),
  ]
  if (ordered.cylinder !== 0)
    checks.push(
      judged(
        'axis',
        allowed(table.axis, Math.abs(ordered.cylinder)),
        read.axis === null ? 90 : axisDistance(read.axis, ordered.axis!),
      ),
    )
  const pairs: readonly [string, number | null | undefined, number | null, number][] = [
    ['add', eye.add, reading.add, allowed(table.add, eye.add ?? 0)],
    ['segment-height', eye.segmentHeight, reading.segmentHeight, table.segmentHeight],
    ['segment-tilt', isMultifocal(rx.lensType) ? 0 : null, reading.segmentTilt, table.tilt],
    ['segment-width', targets.segmentWidth, reading.segmentWidth, table.segmentWidth],
    ['base-curve', targets.baseCurve, reading.baseCurve, table.baseCurve],
    ['centre-thickness', targets.centreThickness, reading.centreThickness, table.centreThickness],
  ]
  for (const [what, wanted, got, limit] of pairs)
    if (wanted !== null && wanted !== undefined)
      checks.push(judged(what, limit, got === null ? null : got - wanted))
  return checks
}

function checkPrism(
  rx: Prescription,
  readings: Readonly<Record<Side, Reading>>,
  table: ToleranceTable,
): ToleranceCheck[] {
  const wanted = imbalance(rx.od.prism, rx.os.prism)
  const { od, os } = readings
  const got = od.prism === null || os.prism === null ? null : imbalance(od.prism, os.prism)
  const judged = judge(null)
  // A lens that sits too high or low acts by its upright meridian, one that sits aside by its level one.
  const powers = (degrees: number): number[] =>
    [rx.od, rx.os].map((eye) => Math.abs(powerInMeridian(powerOf(eye), degrees)))
  return [
    judged(
      'vertical-prism',
      prismLimit(table.verticalPrism, powers(UPRIGHT)),
      got && got.vertical - wanted.vertical,
    ),
    judged(
      'horizontal-prism',
      prismLimit(table.horizontalPrism[kindOf(rx.lensType)], powers(LEVEL)),
      got && got.horizontal - wanted.horizontal,
    ),
  ]
}

const UPRIGHT = 90
const LEVEL = 180

/** @param powers of the lenses that are judged together, without their signs */
function prismLimit(rule: PrismRule, powers: readonly number[]): number {
  const highest = Math.max(...powers)
  if (highest <= rule.upTo) return rule.amount
  const moved = rule.each ? powers.reduce((sum, power) => sum + power, 0) : highest
  return Math.max(rule.amount, (rule.mm / 10) * moved)
}

/** Between the prism that was ordered of a lens and what was read. */
function distance(wanted: readonly Prism[], got: readonly Prism[] | null): number | null {
  if (got === null) return null
  const [one, other] = [prismParts(wanted), prismParts(got)]
  return Math.hypot(other.horizontal - one.horizontal, other.vertical - one.vertical)
}

function checkSegments(
  rx: Prescription,
  { od, os }: Readonly<Record<Side, Reading>>,
  table: ToleranceTable,
): ToleranceCheck[] {
  const [wantedRight, wantedLeft] = [rx.od.segmentHeight, rx.os.segmentHeight]
  if (wantedRight === null || wantedLeft === null) return []
  const [right, left] = [od.segmentHeight, os.segmentHeight]
  const off = right === null || left === null ? null : right - left - (wantedRight - wantedLeft)
  return [judge(null)('segment-pair', table.segmentPair, off)]
}

/**
 * What the two eyes feel of prism together: vertical prism works by its difference, horizontal prism too, for bases that
 * point the same way turn both eyes alike.
 */
function imbalance(
  right: readonly Prism[],
  left: readonly Prism[],
): { horizontal: number; vertical: number } {
  const [od, os] = [prismParts(right), prismParts(left)]
  return { horizontal: od.horizontal - os.horizontal, vertical: od.vertical - os.vertical }
}

const judge =
  (side: Side | null) =>
  (what: string, limit: number, off: number | null): ToleranceCheck => ({
    what,
    side,
    allowed: limit,
    off: off === null ? null : Math.abs(off),
    // What nobody has measured has not passed.
    passed: off !== null && Math.abs(off) <= limit + ROUNDING,
  })

/** The limit of the first band that reaches up to `power`. */
export function allowed(bands: readonly Band[], power: number): number {
  const band = bands.find(({ upTo }) => power <= upTo) ?? bands.at(-1)!
  return band.share ? band.limit * power : band.limit
}

/** Between two axes: 178 and 2 are four degrees apart. */
export function axisDistance(one: number, other: number): number {
  const apart = Math.abs(one - other) % 180
  return Math.min(apart, 180 - apart)
}

function powerOf({ sphere, cylinder, axis }: Eye): Power {
  if (sphere === null || (cylinder !== 0 && axis === null))
    throw new RangeError('the order has no full power for this eye; check the prescription first')
  return { sphere, cylinder, axis }
}

function kindOf(lensType: LensType): 'progressive' | 'other' {
  return lensType === 'progressive' ? 'progressive' : 'other'
}
