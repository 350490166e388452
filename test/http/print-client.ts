// Writes the client's types from the operations: interfaces for what has a name, one entry for each operation.
import type { ApiOperation } from '../../packages/orderly/src/http/contract.ts'
import { schemasOf, type JsonSchema } from '../../packages/orderly/src/http/schemas.ts'

const MADE = 'Made from the operations of the API by test/http/client.test.ts; not written by hand.'
const PLACE = '#/components/schemas/'
/** So many lines fit a file, once formatted. */
const MOST_LINES = 300

/** Files of the client by their path under `api/`, not yet formatted. */
export function printClient(operations: readonly ApiOperation[]): Map<string, string> {
  const schemas = schemasOf(operations)
  const areas = new Map<string, string>()
  const note = (area: string, schema: unknown): void => {
    for (const name of namesIn(schema)) {
      if (areas.has(name)) continue
      areas.set(name, area)
      note(area, schemas.named[name])
    }
  }
  for (const operation of operations) note(areaOf(operation), schemas.of.get(operation))
  areas.set('Problem', 'problem')
  const files = new Map<string, string>()
  const fileOf = new Map<string, string>()
  for (const area of new Set(areas.values())) {
    const names = [...areas].filter(([, own]) => own === area).map(([name]) => name)
    for (const [index, part] of inParts(names, schemas.named).entries()) {
      const file = index === 0 ? area : `${area}-${index + 1}`
      for (const name of part) fileOf.set(name, file)
    }
  }
  for (const file of new Set(fileOf.values())) {
    const names = [...fileOf].filter(([, own]) => own === file).map(([name]) => name)
    const wanted = new Set(names.flatMap((name) => namesIn(schemas.named[name])))
    files.set(
      `schemas/${file}.ts`,
      [
        `// Types of the API's ${file.replaceAll('-', ' ')}. ${MADE}`,
        ...importsFor(wanted, fileOf, (from) => (from === file ? undefined : `./${from}.ts`)),
        '',
        ...names.map((name) => `export ${declare(name, schemas.named[name]!)}`),
      ].join('\n'),
    )
  }
  files.set(
    'schemas/index.ts',
    [
      `// Types of every request and answer. ${MADE}`,
      ...[...new Set(fileOf.values())].map((file) => `export type * from './${file}.ts'`),
    ].join('\n'),
  )
  files.set(
    'routes.ts',
    [
      `// Where each operation is. ${MADE}`,
      `import type { Api } from './operations.ts'`,
      'export const ROUTES: Readonly<Record<keyof Api, readonly [method: string, path: string]>> = {',
      ...operations.map(({ id, method, path }) => `  '${id}': ['${method}', '${path}'],`),
      '}',
    ].join('\n'),
  )
  const byArea = groupBy(operations, areaOf)
  for (const [area, own] of byArea) {
    const wanted = new Set(own.flatMap((operation) => namesIn(schemas.of.get(operation))))
    files.set(
      `operations/${area}.ts`,
      [
        `// What is asked of and answered by ${area}. ${MADE}`,
        ...importsFor(wanted, fileOf, (from) => `../schemas/${from}.ts`),
        `export interface ${pascal(area)}Api {`,
        ...own.map((operation) => {
          const { params, query, body, isBodyOptional, response } = schemas.of.get(operation)!
          const parts = [
            ...(params ? [`params: ${typeOf(params)}`] : []),
            ...(query ? [`query${hasRequired(query) ? '' : '?'}: ${typeOf(query)}`] : []),
            ...(body ? [`body${isBodyOptional ? '?' : ''}: ${typeOf(body)}`] : []),
          ]
          return `  /** ${operation.summary}. */\n  '${operation.id}': { request: {${parts.join('; ')}}; response: ${typeOf(response)} }`
        }),
        '}',
      ].join('\n'),
    )
  }
  const all = [...byArea.keys()]
  files.set(
    'operations.ts',
    [
      `// Every operation with its request and its answer. ${MADE}`,
      ...all.map((area) => `import type { ${pascal(area)}Api } from './operations/${area}.ts'`),
      `export interface Api extends ${all.map((area) => `${pascal(area)}Api`).join(', ')} {}`,
    ].join('\n'),
  )
  return files
}

function areaOf({ id }: ApiOperation): string {
  const area = id.split('.')[0]!
  return area === 'types' ? 'job-types' : area
}

function pascal(area: string): string {
  return area.replaceAll(/(?:^|-)(\w)/g, (_whole, letter: string) => letter.toUpperCase())
}

function namesIn(schema: unknown): string[] {
  const text = JSON.stringify(schema) ?? ''
  return [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!)
}

function inParts(
  names: readonly string[],
  named: Readonly<Record<string, JsonSchema>>,
): string[][] {
  const parts: string[][] = [[]]
  let lines = 0
  for (const name of names) {
    const own = JSON.stringify(named[name]).split(/"type"|"\$ref"|"anyOf"/).length + 4
    if (lines + own > MOST_LINES && parts.at(-1)!.length > 0) {
      parts.push([])
      lines = 0
    }
    parts.at(-1)!.push(name)
    lines += own
  }
  return parts
}

function importsFor(
  names: ReadonlySet<string>,
  fileOf: ReadonlyMap<string, string>,
  place: (file: string) => string | undefined,
): string[] {
  const byFile = groupBy([...names], (name) => fileOf.get(name)!)
  return [...byFile].flatMap(([file, own]) => {
    const from = place(file)
    return from === undefined ? [] : [`import type { ${own.toSorted().join(', ')} } from '${from}'`]
  })
}

function hasRequired(schema: JsonSchema): boolean {
  return ((schema['required'] ?? []) as unknown[]).length > 0
}

function declare(name: string, schema: JsonSchema): string {
  const said = saidOf(schema, ' ')
  return schema['type'] === 'object' && schema['properties']
    ? `${said}interface ${name} ${typeOf(schema)}`
    : `${said}type ${name} = ${typeOf(schema)}`
}

function typeOf(schema: JsonSchema): string {
  const { $ref, anyOf, oneOf, allOf, enum: values, type } = schema as Record<string, any>
  if (typeof $ref === 'string') return $ref.slice(PLACE.length)
  if (values) return values.map((value: unknown) => literal(value)).join(' | ')
  if ('const' in schema) return literal(schema['const'])
  const options = (anyOf ?? oneOf) as JsonSchema[] | undefined
  if (options) return options.map((option) => `(${typeOf(option)})`).join(' | ')
  if (allOf) return (allOf as JsonSchema[]).map((part) => `(${typeOf(part)})`).join(' & ')
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one })).join(' | ')
  switch (type) {
    case 'string':
      return 'string'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return listOf(schema)
    case 'object':
      return objectOf(schema)
    default:
      return 'unknown'
  }
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", String.raw`\'`)}'` : String(value)
}

function listOf(schema: JsonSchema): string {
  const { prefixItems, items } = schema as Record<string, any>
  if (prefixItems) return `[${(prefixItems as JsonSchema[]).map(typeOf).join(', ')}]`
  return items ? `(${typeOf(items as JsonSchema)})[]` : 'unknown[]'
}

function objectOf(schema: JsonSchema): string {
  const { properties, additionalProperties } = schema as Record<string, any>
  const required = new Set((schema['required'] ?? []) as string[])
  const fields = Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(
    ([name, own]) => {
      const said = saidOf(own, '\n')
      return `${said}${/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`}${required.has(name) ? '' : '?'}: ${typeOf(own)}`
    },
  )
  if (fields.length === 0 && additionalProperties)
    return `Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties as JsonSchema) : 'unknown'}>`
  if (fields.length === 0 && properties === undefined) return 'Record<string, unknown>'
  return `{\n${fields.join('\n')}\n}`
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

function saidOf({ description }: JsonSchema, end: string): string {
  return typeof description === 'string' ? `/** ${description} */${end}` : ''
}
