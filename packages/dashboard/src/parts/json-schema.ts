// JSON Schema as far as forms read it, and the first value a form begins with.

export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly definitions?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
}

export type FieldKind = 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'group' | 'json'

/** A schema with its references followed and an optional null taken off. */
export function resolve(schema: JsonSchema, root: JsonSchema, depth = 0): JsonSchema {
  if (depth > 8) return {}
  if (schema.$ref?.startsWith('#/')) {
    const target = schema.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>(
        (value, key) =>
          typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined,
        root,
      )
    return target ? resolve(target, root, depth + 1) : {}
  }
  const options = schema.anyOf ?? schema.oneOf
  const real = options?.filter((option) => option.type !== 'null')
  if (real?.length === 1)
    return resolve(
      { ...real[0], description: schema.description ?? real[0]!.description },
      root,
      depth + 1,
    )
  if (real && real.every((option) => option.const !== undefined))
    return { ...schema, enum: real.map((option) => option.const) }
  return schema
}

export function kindOf(schema: JsonSchema): FieldKind {
  if (schema.enum) return 'choice'
  const type =
    typeof schema.type === 'object' ? schema.type.find((each) => each !== 'null') : schema.type
  switch (type) {
    case 'string':
      return 'text'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return schema.items ? 'list' : 'json'
    case 'object':
      return schema.properties ? 'group' : 'json'
    case undefined:
    default:
      return 'json'
  }
}

/** What a form begins with: defaults, and what must be there of itself. */
export function firstValue(schema: JsonSchema, root: JsonSchema, depth = 0): unknown {
  const known = resolve(schema, root)
  if (known.default !== undefined) return known.default
  if (known.const !== undefined) return known.const
  if (kindOf(known) !== 'group' || depth > 6) return undefined
  return Object.fromEntries(
    Object.entries(known.properties ?? {}).flatMap(([key, field]) => {
      const value = firstValue(field, root, depth + 1)
      return value === undefined ? [] : [[key, value]]
    }),
  )
}
