// What is PHI in the jobs of an instance: which definitions hold it, so which queues are encrypted.
import type { Suite } from './envelope.ts'
import { holdsPhi, shapeOf, type Shape } from './phi.ts'

/** As much of a job definition as matters here. */
interface Definition {
  readonly name: string
  readonly queue: string
  readonly input: unknown
  readonly output: unknown
  readonly declaredPhi: boolean
}

export interface JobClass {
  readonly holdsPhi: boolean
  readonly input: Shape
  readonly output: Shape
}

export interface Classes {
  of(job: string): JobClass | undefined
  /** `encrypted` for a queue with any PHI definition, and for a queue that nobody declared. */
  suiteOf(queue: string): Suite
  readonly anyPhi: boolean
}

/** Looks through the schemas of every definition once. */
export function classify(definitions: Iterable<Definition>): Classes {
  const jobs = new Map<string, JobClass>()
  const queues = new Map<string, Suite>()
  for (const definition of definitions) {
    const input = shapeOf(definition.input)
    const output = shapeOf(definition.output)
    const phi = definition.declaredPhi || holdsPhi(input) || holdsPhi(output)
    jobs.set(definition.name, { holdsPhi: phi, input, output })
    if (phi || !queues.has(definition.queue))
      queues.set(definition.queue, phi ? 'encrypted' : 'signed')
  }
  return {
    of: (job) => jobs.get(job),
    suiteOf: (queue) => queues.get(queue) ?? 'encrypted',
    anyPhi: [...jobs.values()].some(({ holdsPhi: phi }) => phi),
  }
}

/** The shape of the value at `path` (names with dots) inside a value of `shape`. */
export function shapeAt(shape: Shape, path: string): Shape {
  let at = shape
  for (const name of path.split('.')) {
    while (at.type === 'later') at = at.get()
    if (at.type === 'clear' || at.type === 'phi') return at
    if (at.type === 'union') {
      const inside = at.options.map((option) => shapeAt(option, name))
      at = { type: 'union', options: inside }
      continue
    }
    at = (at.type === 'object' ? at.fields.get(name) : undefined) ?? { type: 'opaque' }
  }
  return at
}
