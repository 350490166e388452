// What a data file says of an order, and a data file made from one.
import { formatAxis } from '../optics/notation.ts'
import {
  EMPTY_PRESCRIPTION,
  type Eye,
  type LensType,
  type Prescription,
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

type EyeField =
  'sphere' | 'cylinder' | 'axis' | 'add' | 'pd' | 'segmentHeight' | 'opticalCentreHeight'

const EYE_LABELS: readonly (readonly [string, EyeField])[] = [
  ['SPH', 'sphere'],
  ['CYL', 'cylinder'],
  ['AX', 'axis'],
  ['ADD', 'add'],
  ['IPD', 'pd'],
  ['SEGHT', 'segmentHeight'],
  ['OCHT', 'opticalCentreHeight'],
]

const FRAME_LABELS = [
  ['HBOX', 'a'],
  ['VBOX', 'b'],
  ['DBL', 'dbl'],
  ['FED', 'ed'],
] as const

/** The order a file describes. A value that is no number is left out and named in `problems`. */
export function readDcsJob(document: DcsDocument): { job: DcsJob; problems: DcsProblem[] } {
  const problems: DcsProblem[] = []
  const number = (label: string, text: string | null): number | null => {
    if (text === null) return null
    const value = Number(text.trim())
    if (text.trim() !== '' && Number.isFinite(value)) return value
    problems.push({ code: 'dcs-number', label, message: `${label} must be a number` })
    return null
  }
  const side = (which: Side): Eye => {
    const eye: Record<string, number | null> = {}
    for (const [label, field] of EYE_LABELS)
      eye[field] = number(label, chiral(valueOf(document, label) ?? '')[which])
    const amount = number('PRVM', chiral(valueOf(document, 'PRVM') ?? '')[which])
    const base = number('PRVA', chiral(valueOf(document, 'PRVA') ?? '')[which])
    return {
      ...EMPTY_PRESCRIPTION[which],
      ...eye,
      cylinder: eye['cylinder'] ?? 0,
      prism: amount === null || amount === 0 ? [] : [{ amount, base }],
    }
  }
  const frame = Object.fromEntries(
    FRAME_LABELS.map(([label, field]) => [
      field,
      number(label, chiral(valueOf(document, label) ?? '').od),
    ]),
  ) as Record<'a' | 'b' | 'dbl' | 'ed', number | null>
  const job = valueOf(document, 'JOB')?.trim().replaceAll('"', '') || null
  if (job === null)
    problems.push({
      code: 'dcs-job-missing',
      label: 'JOB',
      message: 'a job needs its number; add a JOB record',
    })
  const asked = valueOf(document, 'DO')?.trim()
  const prescription: Prescription = {
    ...EMPTY_PRESCRIPTION,
    od: side('od'),
    os: side('os'),
    lensType: lensType(document, problems),
    index: number('LIND', chiral(valueOf(document, 'LIND') ?? '').od),
    frame: Object.values(frame).every((size) => size === null) ? null : frame,
  }
  return {
    job: { job, lenses: asked === 'R' || asked === 'L' ? asked : 'B', prescription },
    problems,
  }
}

function lensType(document: DcsDocument, problems: DcsProblem[]): LensType {
  const code = chiral(valueOf(document, 'LTYP') ?? 'SV')
    .od?.trim()
    .slice(0, 2)
    .toUpperCase()
  const known = LENS_TYPES.find(([short]) => short === code)
  if (!known)
    problems.push({
      code: 'dcs-lens-type',
      label: 'LTYP',
      message: 'LTYP begins with SV, BI, TR or PR',
    })
  return known?.[1] ?? 'single-vision'
}

/** The records of an order, in the order laboratories write them. */
export function dcsOfJob({ job, lenses, prescription: rx }: DcsJob): DcsDocument {
  const records: [string, string][] = []
  const both = (label: string, write: (eye: Eye) => string | null): void => {
    const [od, os] = [write(rx.od), write(rx.os)]
    if (od !== null || os !== null) records.push([label, `${od ?? ''};${os ?? ''}`])
  }
  if (job !== null) records.push(['JOB', job])
  records.push(['DO', lenses])
  for (const [label, field] of EYE_LABELS)
    both(label, (eye) => (field === 'axis' ? axisText(eye) : numberText(eye[field], field)))
  both('PRVM', ({ prism }) => (prism[0] ? prism[0].amount.toFixed(2) : null))
  both('PRVA', ({ prism }) => (prism[0] ? String(prism[0].base ?? '') : null))
  const type = LENS_TYPES.find(([, name]) => name === rx.lensType)![0]
  records.push(['LTYP', `${type};${type}`])
  if (rx.index !== null) records.push(['LIND', `${rx.index};${rx.index}`])
  for (const [label, field] of FRAME_LABELS) {
    const size = rx.frame?.[field] ?? null
    if (size === null) continue
    records.push([
      label,
      field === 'dbl' ? size.toFixed(2) : `${size.toFixed(2)};${size.toFixed(2)}`,
    ])
  }
  return dcsOf(records)
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
