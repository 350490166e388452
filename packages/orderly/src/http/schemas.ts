// The schemas of operations as JSON Schema: shared ones by their names, the rest in place.
import { z } from 'zod'
import type { ApiOperation } from './contract.ts'
import { problemSchema } from './problem.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface OperationSchemas {
  readonly params: JsonSchema | undefined
  readonly query: JsonSchema | undefined
  readonly body: JsonSchema | undefined
  /** Whether a request may come without a body. */
  readonly isBodyOptional: boolean
  readonly response: JsonSchema
}

export interface ApiSchemas {
  /** By name; they point at each other by `#/components/schemas/…`. */
  readonly named: Readonly<Record<string, JsonSchema>>
  readonly of: ReadonlyMap<ApiOperation, OperationSchemas>
}

const PLACE = '#/components/schemas/'

/** @throws Error where two schemas that differ have one name */
export function schemasOf(operations: readonly ApiOperation[]): ApiSchemas {
  const named: Record<string, JsonSchema> = {}
  const keep = (name: string, schema: JsonSchema): boolean => {
    const known = named[name]
    if (known === undefined) named[name] = schema
    return known === undefined || JSON.stringify(known) === JSON.stringify(schema)
  }
  /** What is asked may be less strict than what is answered: then it has a name of its own. */
  const convert = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    const { $schema: _version, $defs = {}, ...root } = z.toJSONSchema(schema, { io }) as JsonSchema
    const defs = $defs as Record<string, JsonSchema>
    const names = new Map(Object.keys(defs).map((name) => [name, name]))
    for (const [name, def] of Object.entries(defs)) {
      if (keep(name, pointed(def, names))) continue
      if (io === 'output') throw new Error(`two schemas are called ${name}`)
      names.set(name, `${name}Input`)
    }
    for (const [name, own] of names)
      if (own !== name && !keep(own, pointed(defs[name]!, names)))
        throw new Error(`two schemas are called ${own}`)
    return pointed(root, names)
  }
  convert(problemSchema, 'output')
  const responses = new Map(
    operations.map((operation) => [operation, convert(operation.response, 'output')]),
  )
  const of = new Map(
    operations.map((operation) => {
      const { params, query, body } = operation.request
      return [
        operation,
        {
          params: params && convert(params, 'input'),
          query: query && convert(query, 'input'),
          body: body && convert(body, 'input'),
          isBodyOptional: body?.safeParse(undefined).success ?? true,
          response: responses.get(operation)!,
        },
      ]
    }),
  )
  return { named, of }
}

function pointed(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  const text = JSON.stringify(schema).replaceAll(
    /"#\/\$defs\/([^"]+)"/g,
    (_whole, name: string) => `"${PLACE}${names.get(name) ?? name}"`,
  )
  return JSON.parse(text) as JsonSchema
}
