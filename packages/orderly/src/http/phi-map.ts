// Where PHI is in the values of a kind of job, field by field.
import type { JobClass } from '../vault/classify.ts'
import type { Shape } from '../vault/phi.ts'

export interface PhiPlace {
  readonly path: string
  readonly kind: string
}

const MOST_PLACES = 500
const DEEPEST = 12

/** Every field that the schema names, with its kind. A definition that is not known here is unmarked throughout. */
export function phiMap(known: JobClass | undefined, part: 'input' | 'output'): PhiPlace[] {
  if (!known) return [{ path: '', kind: 'unmarked' }]
  const places: PhiPlace[] = []
  walk(known[part], '', known.holdsPhi ? 'unmarked' : 'clear', places, 0)
  const seen = new Set<string>()
  return places.filter(
    ({ path, kind }) => !seen.has(`${path} ${kind}`) && seen.add(`${path} ${kind}`),
  )
}

function walk(shape: Shape, path: string, rest: string, places: PhiPlace[], depth: number): void {
  if (places.length >= MOST_PLACES || depth > DEEPEST) return
  switch (shape.type) {
    case 'phi':
      return void places.push({ path, kind: shape.kind })
    case 'clear':
      return void places.push({ path, kind: 'clear' })
    case 'opaque':
      return void places.push({ path, kind: rest })
    case 'later':
      return walk(shape.get(), path, rest, places, depth + 1)
    case 'object':
      for (const [name, field] of shape.fields)
        walk(field, path === '' ? name : `${path}.${name}`, rest, places, depth + 1)
      return
    case 'list':
      for (const item of [...shape.items, shape.rest])
        walk(item, `${path}[]`, rest, places, depth + 1)
      return
    case 'union':
      for (const option of shape.options) walk(option, path, rest, places, depth + 1)
  }
}
