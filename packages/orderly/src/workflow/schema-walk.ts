// What can be told of a value before there is one, from JSON Schema: what is at a place in it, and whether it can fit.

export type Schema = Readonly<Record<string, unknown>>

/** A schema; undefined where anything may be; null where nothing can be. */
export type Told = Schema | undefined | null

const MOST_DEPTH = 20

/**
 * What is at `key` in a value of `schema`.
 *
 * @param key the name of a field, a place in a list, or null for a key that is worked out
 */
export function schemaAt(
  schema: Told,
  key: string | number | null,
  root: Told = schema,
  depth = 0,
): Told {
  if (!schema) return schema
  if (depth > MOST_DEPTH) return undefined
  const inner = (one: Told): Told => schemaAt(one, key, root, depth + 1)
  if (typeof schema['$ref'] === 'string') return inner(resolve(schema['$ref'], root))
  for (const way of ['anyOf', 'oneOf'])
    if (Array.isArray(schema[way])) return either(schema[way].map(inner))
  if (Array.isArray(schema['allOf']))
    return schema['allOf'].map(inner).reduce((a: Told, b: Told) => a ?? b, undefined)
  const types = typesOf(schema)
  const ways: Told[] = []
  if (!types || types.has('object'))
    if (typeof key !== 'number') ways.push(field(schema, key, types))
  if (!types || types.has('array')) if (typeof key !== 'string') ways.push(item(schema, key))
  return either(ways)
}

function field(schema: Schema, key: string | null, types: ReadonlySet<string> | undefined): Told {
  const { properties, additionalProperties: more, patternProperties } = schema
  if (!properties && !types) return undefined
  if (key === null || patternProperties) return undefined
  if (isRecord(properties) && Object.hasOwn(properties, key)) return asSchema(properties[key])
  if (more === false) return null
  return isRecord(more) ? asSchema(more) : undefined
}

function item({ prefixItems, items }: Schema, key: number | null): Told {
  if (Array.isArray(prefixItems)) {
    if (key === null) return undefined
    if (key < prefixItems.length) return asSchema(prefixItems[key])
  }
  return items === false ? null : asSchema(items)
}

function either(ways: readonly Told[]): Told {
  const real = ways.filter((way) => way !== null)
  if (real.length === 0) return null
  if (real.some((way) => way === undefined)) return undefined
  return real.length === 1 ? real[0] : { anyOf: real }
}

function asSchema(value: unknown): Told {
  return isRecord(value) && Object.keys(value).length > 0 ? value : undefined
}

function resolve(ref: string, root: Told): Told {
  if (!ref.startsWith('#/')) return ref === '#' ? root : undefined
  let at: unknown = root
  for (const part of ref.slice(2).split('/')) {
    if (!isRecord(at)) return undefined
    at = at[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return asSchema(at)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The types that a value of a schema can have; undefined where any. */
export function typesOf(schema: Told, root: Told = schema, depth = 0): Set<string> | undefined {
  if (!schema || depth > MOST_DEPTH) return undefined
  if (typeof schema['$ref'] === 'string')
    return typesOf(resolve(schema['$ref'], root), root, depth + 1)
  if ('const' in schema) return new Set([typeOfValue(schema['const'])])
  if (Array.isArray(schema['enum'])) return new Set(schema['enum'].map(typeOfValue))
  const { type } = schema
  if (typeof type === 'string') return new Set([type])
  if (Array.isArray(type)) return new Set(type.map(String))
  for (const way of ['anyOf', 'oneOf'])
    if (Array.isArray(schema[way])) {
      const all = schema[way].map((one: Told) => typesOf(one, root, depth + 1))
      return all.includes(undefined) ? undefined : new Set(all.flatMap((one) => [...one!]))
    }
  return isRecord(schema['properties']) ? new Set(['object']) : undefined
}

export function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Whether a value that is told of in one way can be what another asks for. */
export function canFit(given: Told, expected: Told): boolean {
  if (!given || !expected) return given !== null
  const [have, want] = [typesOf(given), typesOf(expected)]
  if (!have || !want) return true
  const isNumber = (types: ReadonlySet<string>): boolean =>
    types.has('number') || types.has('integer')
  if (isNumber(have) && isNumber(want)) return choiceFits(given, expected)
  return [...have].some((type) => want.has(type)) && choiceFits(given, expected)
}

function choiceFits(given: Schema, expected: Schema): boolean {
  if (!('const' in given)) return true
  const choices = 'const' in expected ? [expected['const']] : expected['enum']
  return (
    !Array.isArray(choices) ||
    choices.some((one) => JSON.stringify(one) === JSON.stringify(given['const']))
  )
}

/** The fields that a schema insists on and a value told of otherwise can never have. */
export function missingFields(given: Told, expected: Told): string[] {
  const required = expected?.['required']
  if (!given || !Array.isArray(required)) return []
  return required.map(String).filter((name) => schemaAt(given, name) === null)
}

/** In words, for a sentence. */
export function wordsFor(schema: Told): string {
  const types = typesOf(schema)
  if (schema && 'const' in schema) return JSON.stringify(schema['const'])
  if (schema && Array.isArray(schema['enum']))
    return schema['enum'].map((one) => JSON.stringify(one)).join(' or ')
  return types ? [...types].join(' or ') : 'anything'
}
