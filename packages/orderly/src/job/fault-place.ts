// Says where in a value a fault sits, in words of its schema alone: the keys of records are values, and may be PHI.
import type { StandardSchemaV1 } from '@standard-schema/spec'

const LISTED_ISSUES = 5
/** `optional`, `default` and their kin around an object. */
const MOST_WRAPPERS = 10

/** The places of faults, the first ones by name. */
export function placesOf(issues: readonly StandardSchemaV1.Issue[], schema: unknown): string {
  const places = issues.slice(0, LISTED_ISSUES).map((issue) => placeOf(issue, schema))
  const more = issues.length - places.length
  return places.join(', ') + (more > 0 ? ` and ${more} more places` : '')
}

/** The place of a fault, such as `files[2].name`; a key that the schema does not declare is written as `[…]`. */
export function placeOf(issue: StandardSchemaV1.Issue, schema: unknown): string {
  let path = ''
  let at = schema
  for (const segment of issue.path ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment
    const { isDeclared, next } = step(at, key)
    at = next
    if (typeof key === 'number') path += `[${key}]`
    else if (!isDeclared) path += '[…]'
    else path += path === '' ? String(key) : `.${String(key)}`
  }
  return path === '' ? 'its root' : path
}

/** The names of the fields that a schema declares at the end of a path; none where that is not known. */
export function namesAt(path: readonly PropertyKey[], schema: unknown): string[] {
  let at = schema
  for (const key of path) at = step(at, key).next
  for (let depth = 0; depth < MOST_WRAPPERS; depth++) {
    const definition = definitionOf(at)
    if (definition?.['type'] === 'object') return Object.keys(definition['shape'] as object)
    at = definition?.['type'] === 'pipe' ? definition['in'] : definition?.['innerType']
  }
  return []
}

/** The place that a path leads to which was found in the value itself: its words are values unless the schema has them. */
export function placeInValue(path: readonly PropertyKey[], schema: unknown): string {
  return placeOf({ message: '', path }, definitionOf(schema) ? schema : LOST)
}

interface Step {
  readonly isDeclared: boolean
  /** The schema of what is there; `LOST` where it is not known. */
  readonly next: unknown
}

const LOST = Symbol('lost')
const UNKNOWN: Step = { isDeclared: false, next: LOST }

/** One step into a schema. Only Zod's can be looked into; what others say of a path is taken as it is. */
function step(schema: unknown, key: PropertyKey): Step {
  if (schema === LOST) return UNKNOWN
  const definition = definitionOf(schema)
  if (!definition) return { isDeclared: true, next: schema }
  switch (definition['type']) {
    case 'object': {
      const shape = definition['shape'] as Record<PropertyKey, unknown>
      if (Object.hasOwn(shape, key)) return { isDeclared: true, next: shape[key] }
      return { isDeclared: false, next: definition['catchall'] ?? LOST }
    }
    case 'array':
      return { isDeclared: true, next: definition['element'] }
    case 'tuple': {
      const items = definition['items'] as unknown[]
      return { isDeclared: true, next: items[Number(key)] ?? definition['rest'] ?? LOST }
    }
    case 'record':
    case 'map':
      return { isDeclared: false, next: definition['valueType'] }
    case 'union':
      return firstDeclared(definition['options'] as unknown[], key)
    case 'intersection':
      return firstDeclared([definition['left'], definition['right']], key)
    case 'pipe':
      return step(definition['in'], key)
    case 'lazy':
      return step((definition['getter'] as () => unknown)(), key)
    default:
      return 'innerType' in definition ? step(definition['innerType'], key) : UNKNOWN
  }
}

function firstDeclared(options: readonly unknown[], key: PropertyKey): Step {
  return options.map((option) => step(option, key)).find(({ isDeclared }) => isDeclared) ?? UNKNOWN
}

function definitionOf(schema: unknown): Record<string, unknown> | undefined {
  if (typeof schema !== 'object' || schema === null || !('_zod' in schema)) return undefined
  return (schema as { _zod: { def: Record<string, unknown> } })._zod.def
}
