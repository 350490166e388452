// The shape of a lens in a data file: radii about its middle.
import { fieldsOf, type DcsDocument, type DcsRecord } from './document.ts'

export interface Trace {
  readonly side: 'R' | 'L' | 'B'
  /** `F` of a frame, `P` of a pattern. */
  readonly of: string
  /** Millimetres. */
  readonly radii: readonly number[]
  /** Degrees of each radius. */
  readonly angles: readonly number[]
}

export interface TraceProblem {
  readonly code: 'trace-format' | 'trace-points' | 'trace-angles' | 'trace-number'
  readonly message: string
}

const MOST_POINTS = 10_000
const HUNDREDTHS = 100

/** The tracings of a file, and what is wrong with those that cannot be used. */
export function readTraces(document: DcsDocument): { traces: Trace[]; problems: TraceProblem[] } {
  const traces: Trace[] = []
  const problems: TraceProblem[] = []
  for (const { head, lines } of blocks(document)) {
    const found = readTrace(head, lines)
    if ('code' in found) problems.push(found)
    else traces.push(found)
  }
  return { traces, problems }
}

interface Block {
  readonly head: DcsRecord
  readonly lines: DcsRecord[]
}

/** Each `TRCFMT` with the `R` and `A` records behind it. */
function blocks(document: DcsDocument): Block[] {
  const found: Block[] = []
  for (const line of document.lines) {
    if (line.label === 'TRCFMT') found.push({ head: line, lines: [] })
    else if (line.label === 'R' || line.label === 'A') found.at(-1)?.lines.push(line)
  }
  return found
}

function readTrace(head: DcsRecord, lines: readonly DcsRecord[]): Trace | TraceProblem {
  const [format, count = '', spacing, side = '', of = 'F'] = fieldsOf(head.value)
  const points = Number(count)
  if (format !== '1' || !Number.isInteger(points) || points < 1 || points > MOST_POINTS)
    return {
      code: 'trace-format',
      message: 'only ASCII tracings (TRCFMT=1) of up to 10000 points are read',
    }
  if (side !== 'R' && side !== 'L' && side !== 'B')
    return { code: 'trace-format', message: 'the side of a tracing is R, L or B' }
  const radii = numbers(lines, 'R')
  const given = numbers(lines, 'A')
  if (radii === undefined || given === undefined)
    return { code: 'trace-number', message: 'a radius or an angle is no whole number' }
  if (radii.length !== points)
    return { code: 'trace-points', message: 'there are more or fewer radii than TRCFMT says' }
  if (spacing === 'U' && given.length !== points)
    return { code: 'trace-angles', message: 'uneven tracings need an angle for each radius' }
  return {
    side,
    of,
    radii,
    angles: spacing === 'U' ? given : radii.map((_, at) => (at * 360) / points),
  }
}

function numbers(lines: readonly DcsRecord[], label: 'R' | 'A'): number[] | undefined {
  const texts = lines.filter((line) => line.label === label).flatMap(({ value }) => fieldsOf(value))
  const filled = texts.filter((text) => text.trim() !== '')
  if (filled.some((text) => !/^\s*[+-]?\d{1,6}\s*$/.test(text))) return undefined
  return filled.map((text) => Number(text) / HUNDREDTHS)
}

/** Width and height of the box around a tracing, and how far around it is; millimetres. */
export function measureTrace({ radii, angles }: Trace): {
  a: number
  b: number
  circumference: number
} {
  const points = radii.map((radius, at) => {
    const angle = (angles[at]! * Math.PI) / 180
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
  })
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const circumference = points.reduce((sum, point, at) => {
    const next = points[(at + 1) % points.length]!
    return sum + Math.hypot(next.x - point.x, next.y - point.y)
  }, 0)
  return {
    a: Math.max(...xs) - Math.min(...xs),
    b: Math.max(...ys) - Math.min(...ys),
    circumference,
  }
}
