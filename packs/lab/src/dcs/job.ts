// What a data file says of an order, and a data file made from one.
import { formatAxis } from '../optics/notation.ts'
import {
  EMPTY_PRESCRIPTION,
  prismParts,
  type Eye,
  type LensType,
  type Prescription,
  type Prism,
  type Side,
} from '../optics/prescription.ts'
import { chiral, dcsOf, setRecord, valueOf, type DcsDocument } from './document.ts'

export interface DcsJob {
  readonly job: string | null
  /** Which lenses it is about: both, right, left. */
  readonly lenses: 'B' | 'R' | 'L'
  readonly prescription: Prescription
}

export interface DcsProblem {
  readonly code: 'dcs-number' | 'dcs-job-missing' | 'dcs-lens-type'
  readonly label: string
  readonly message: string
}

/** Lens types by their code in `LTYP`. */
const LENS_TYPES: readonly (readonly [string, LensType])[] = [
  ['SV', 'single-vision'],
  ['BI', 'bifocal'],
  ['TR', 'trifocal'],
  ['PR', 'progressive'],
]

type EyeField = 'sphere' | 'cylinder' | 'axis' | 'add' | 'segmentHeight' | 'opticalCentreHeight'

const EYE_LABELS: readonly (readonly [string, EyeField])[] = [
  ['SPH', 'sphere'],
  ['CYL', 'cylinder'],
  ['AX', 'axis'],
  ['ADD', 'add'],
  ['SEGHT', 'segmentHeight'],
  ['OCHT', 'opticalCentreHeight'],
]

const FRAME_LABELS = [
  ['HBOX', 'a'],
  ['VBOX', 'b'],
  ['DBL', 'dbl'],
  ['FED', 'ed'],
] as const

/** Decimal digits, and no other way that programs write numbers. */
const NUMBER = /^[+-]?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})$/

/** The order a file describes. A value that is no number is left out and named in `problems`. */
export function readDcsJob(document: DcsDocument): { job: DcsJob; problems: DcsProblem[] } {
  const problems: DcsProblem[] = []
  const number = (label: string, text: string | null): number | null => {
    // A question mark is how a machine says that it has no value.
    if (text === null || text.trim() === '' || text.trim() === '?') return null
    if (NUMBER.test(text.trim())) return Number(text)
    problems.push({ code: 'dcs-number', label, message: `${label} must be a number` })
    return null
  }
  const numberOf = (label: string, which: Side): number | null =>
    number(label, chiral(valueOf(document, label) ?? '')[which])
  const side = (which: Side): Eye => {
    const eye: Record<string, number | null> = {}
    for (const [label, field] of EYE_LABELS) eye[field] = numberOf(label, which)
    const [amount, base] = [numberOf('PRVM', which), numberOf('PRVA', which)]
    return {
      ...EMPTY_PRESCRIPTION[which],
      ...eye,
      cylinder: eye['cylinder'] ?? 0,
      pd: numberOf('IPD', which),
      prism: amount === null || amount === 0 ? [] : [{ amount, base }],
    }
  }
  const frame = Object.fromEntries(
    FRAME_LABELS.map(([label, field]) => [field, numberOf(label, 'od') ?? numberOf(label, 'os')]),
  ) as Record<'a' | 'b' | 'dbl' | 'ed', number | null>
  const job = valueOf(document, 'JOB')?.trim().replaceAll('"', '') || null
  if (job === null)
    problems.push({
      code: 'dcs-job-missing',
      label: 'JOB',
      message: 'a job needs its number; add a JOB record',
    })
  const asked = valueOf(document, 'DO')?.trim()
  const lenses = asked === 'R' || asked === 'L' ? asked : 'B'
  const [od, os] = [side('od'), side('os')]
  const prescription: Prescription = {
    ...EMPTY_PRESCRIPTION,
    od,
    os,
    lensType: lensType(document, lenses, problems),
    pd: sum(od.pd, os.pd),
    nearPd: sum(numberOf('NPD', 'od'), numberOf('NPD', 'os')),
    index: numberOf('LIND', 'od') ?? numberOf('LIND', 'os'),
    frame: Object.values(frame).every((size) => size === null) ? null : frame,
  }
  return {
    job: { job, lenses, prescription },
    problems,
  }
}

/** Of both eyes together, where both are known. */
function sum(od: number | null, os: number | null): number | null {
  return od === null || os === null ? null : od + os
}

/** The type of the lenses that are asked for; a side that is left empty says nothing. */
function lensType(
  document: DcsDocument,
  lenses: DcsJob['lenses'],
  problems: DcsProblem[],
): LensType {
  const value = chiral(valueOf(document, 'LTYP') ?? 'SV')
  const sides: readonly (string | null)[] =
    lenses === 'B' ? [value.od, value.os] : [lenses === 'R' ? value.od : value.os]
  const given = sides.filter((side) => side !== null)
  const codes = given.length > 0 ? given : [value.od ?? value.os ?? '']
  const types = codes.map((text) => {
    const code = text.trim().slice(0, 2).toUpperCase()
    return LENS_TYPES.find(([short]) => short === code)?.[1]
  })
  const problem = (message: string): void => {
    problems.push({ code: 'dcs-lens-type', label: 'LTYP', message })
  }
  if (types.includes(undefined)) problem('LTYP begins with SV, BI, TR or PR')
  else if (new Set(types).size > 1)
    problem('both lenses of a pair must be of one type; send them as two jobs')
  return types[0] ?? 'single-vision'
}

/** The lenses a prescription has powers for. */
export function lensesOf({ od, os }: Prescription): DcsJob['lenses'] {
  return os.sphere === null && od.sphere !== null
    ? 'R'
    : od.sphere === null && os.sphere !== null
      ? 'L'
      : 'B'
}

/**
 * The records of an order, in the order laboratories write them; of a single lens the other side is left empty. All prism of an
 * eye is one prism, as machines grind it; a pupil distance of both eyes is halved between them.
 */
export function dcsOfJob({ job, lenses, prescription: rx }: DcsJob): DcsDocument {
  const records: [string, string][] = []
  const sides = (label: string, od: string | null, os: string | null): void => {
    const [right, left] = [lenses === 'L' ? null : od, lenses === 'R' ? null : os]
    if (right !== null || left !== null) records.push([label, `${right ?? ''};${left ?? ''}`])
  }
  const each = (label: string, write: (eye: Eye) => string | null): void =>
    sides(label, write(rx.od), write(rx.os))
  const both = (label: string, text: string): void => sides(label, text, text)
  if (job !== null) records.push(['JOB', job])
  records.push(['DO', lenses])
  for (const [label, field] of EYE_LABELS)
    each(label, (eye) => (field === 'axis' ? axisText(eye) : numberText(eye[field], field)))
  const [far, near] = pupilDistances(rx)
  for (const [label, { od, os }] of [
    ['IPD', far],
    ['NPD', near],
  ] as const)
    sides(label, lengthText(od), lengthText(os))
  each('PRVM', ({ prism }) => (prism.length > 0 ? hundredths(wholePrism(prism).amount) : null))
  each('PRVA', ({ prism }) => {
    const { base } = wholePrism(prism)
    return prism.length === 0 || base === null ? null : hundredths(base)
  })
  const type = LENS_TYPES.find(([, name]) => name === rx.lensType)![0]
  both('LTYP', type)
  if (rx.index !== null) both('LIND', String(rx.index))
  for (const [label, field] of FRAME_LABELS) {
    const size = rx.frame?.[field] ?? null
    if (size === null) continue
    if (field === 'dbl') records.push([label, size.toFixed(2)])
    else both(label, size.toFixed(2))
  }
  return dcsOf(records)
}

type Sides = Readonly<Record<Side, number | null>>

/** Where each eye looks through its lens, far and near: both eyes turn in by as much. */
function pupilDistances({ od, os, pd, nearPd }: Prescription): readonly [far: Sides, near: Sides] {
  const half = pd === null ? null : pd / 2
  const other = (one: number | null): number | null =>
    pd === null || one === null ? half : pd - one
  const far = { od: od.pd ?? other(os.pd), os: os.pd ?? other(od.pd) }
  const whole = sum(far.od, far.os)
  if (nearPd === null) return [far, { od: null, os: null }]
  const turn = whole === null ? 0 : (whole - nearPd) / 2
  const near = (eye: number | null): number => (whole === null ? nearPd / 2 : (eye ?? 0) - turn)
  return [far, { od: near(far.od), os: near(far.os) }]
}

/** All prism of an eye as the one it comes to; without a base where one of it has none. */
function wholePrism(prism: readonly Prism[]): Prism {
  const [only] = prism
  if (only && prism.length === 1) return only
  if (prism.some(({ base }) => base === null))
    return { amount: prism.reduce((all, { amount }) => all + amount, 0), base: null }
  const { horizontal, vertical } = prismParts(prism)
  const angle = (Math.atan2(vertical, horizontal) * 180) / Math.PI
  return { amount: Math.hypot(horizontal, vertical), base: (angle + 360) % 360 }
}

function hundredths(value: number): string {
  return value.toFixed(2)
}

function lengthText(value: number | null): string | null {
  return value === null ? null : String(Math.round(value * 1_000) / 1_000)
}

const POWERS: ReadonlySet<EyeField> = new Set<EyeField>(['sphere', 'cylinder', 'add'])

function numberText(value: number | null, field: EyeField): string | null {
  if (value === null) return null
  return value.toFixed(POWERS.has(field) && !Number.isInteger(value * 4) ? 3 : 2)
}

function axisText({ axis, cylinder }: Eye): string | null {
  return axis === null || cylinder === 0 ? null : formatAxis(axis)
}

/** Marks a file as answered, leaving every other byte as it came. */
export function withStatus(document: DcsDocument, code: number, text: string): DcsDocument {
  return setRecord(document, 'STATUS', `${code};${text}`)
}
