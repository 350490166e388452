// Makes up an input that fits a schema, for forms and examples. Nothing of it is anybody's.
import type { JsonSchema } from './schemas.ts'

const MADE_UP: Readonly<Record<string, string>> = {
  name: 'Jane Roe',
  geo: '1 Example Street',
  zip: '00000',
  date: '1970-01-01',
  phone: '555-0100-00',
  email: 'jane.roe@example.org',
  ssn: '000-00-0000',
  mrn: 'MRN-0000000',
  url: 'https://example.org/',
  ip: '192.0.2.1',
}
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T08:00:00Z',
  date: '2026-01-01',
  time: '08:00:00',
  email: 'jane.roe@example.org',
  uri: 'https://example.org/',
  uuid: '00000000-0000-4000-8000-000000000000',
}
const DEEPEST = 8

export function exampleOf(schema: JsonSchema, root: JsonSchema = schema, depth = 0): unknown {
  if (depth > DEEPEST) return null
  const {
    $ref,
    enum: values,
    anyOf,
    oneOf,
    allOf,
    type,
    format,
    minimum,
  } = schema as Record<string, any>
  if (schema['examples'] !== undefined) return (schema['examples'] as unknown[])[0]
  if (schema['default'] !== undefined) return schema['default']
  if ('const' in schema) return schema['const']
  if (values) return (values as unknown[])[0]
  if (typeof $ref === 'string') {
    const defs = (root['$defs'] ?? {}) as Record<string, JsonSchema>
    const found = defs[$ref.split('/').at(-1)!]
    return found ? exampleOf(found, root, depth + 1) : null
  }
  const [option] = (anyOf ?? oneOf ?? allOf ?? []) as JsonSchema[]
  if (option) return exampleOf(option, root, depth + 1)
  switch (type) {
    case 'string':
      return MADE_UP[String(schema['x-phi'])] ?? FORMATS[String(format)] ?? 'text'
    case 'number':
    case 'integer':
      return typeof minimum === 'number' && minimum > -Number.MAX_SAFE_INTEGER ? minimum + 1 : 1
    case 'boolean':
      return true
    case 'array':
      return schema['items'] ? [exampleOf(schema['items'] as JsonSchema, root, depth + 1)] : []
    case 'object':
      return Object.fromEntries(
        Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).map(
          ([name, field]) => [name, exampleOf(field, root, depth + 1)],
        ),
      )
    default:
      return null
  }
}
