// Which parts of a schema are PHI: marked with `phi.*`, or unmarked in a definition that holds PHI anywhere.
import { z } from 'zod'
import { OrderlyError } from '../primitives/errors.ts'

/**
 * The kinds of identifier of the Safe Harbor rule (45 CFR 164.514(b)(2)), grouped by how they are masked. `text` is
 * anything else that may tell who a person is.
 */
export const PHI_KINDS = [
  'name',
  'geo',
  'zip',
  'date',
  'phone',
  'email',
  'ssn',
  'mrn',
  'plan',
  'account',
  'licence',
  'vehicle',
  'device',
  'url',
  'ip',
  'biometric',
  'photo',
  'id',
  'text',
] as const

export type PhiKind = (typeof PHI_KINDS)[number]

type Mark = { readonly phi: PhiKind } | { readonly clear: true }

const marks = z.registry<Mark>()

function mark<S extends z.ZodType>(schema: S, as: Mark): S {
  const copy = schema.clone()
  marks.add(copy, as)
  // Travels into JSON Schema, so that forms and documents know it too.
  const meta = 'phi' in as ? { 'x-phi': as.phi } : { 'x-clear': true }
  return copy.meta({ ...schema.meta(), ...meta })
}

type PhiString = () => z.ZodString

/**
 * Schemas for PHI: `phi.name()`, `phi.mrn()` … are strings of that kind; `phi.of(kind, schema)` marks any schema.
 * A definition that uses one of them is a PHI definition: all of it is sealed, and shown masked unless marked `clear`.
 */
export const phi: Readonly<Record<PhiKind, PhiString>> & {
  readonly of: <S extends z.ZodType>(kind: PhiKind, schema: S) => S
} = {
  ...(Object.fromEntries(
    PHI_KINDS.map((kind) => [kind, () => mark(z.string(), { phi: kind })]),
  ) as Record<PhiKind, PhiString>),
  of: (kind, schema) => mark(schema, { phi: kind }),
}

/** Marks a part of a PHI definition as harmless: it is shown as it is, and may be searched. */
export function clear<S extends z.ZodType>(schema: S): S {
  if (holdsPhi(shapeOf(schema)))
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      'clear() is around a schema that has phi in it; mark the parts that are harmless one by one',
    )
  if (takesAnything(schema, new Set()))
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      'clear() is around a schema that takes anything (any, unknown, or fields that it does not name); say what it holds, so that nothing else comes along in the clear',
    )
  return mark(schema, { clear: true })
}

/** Whether a schema, or a part of it, lets through what nobody has said anything about. */
function takesAnything(schema: unknown, seen: Set<unknown>): boolean {
  const definition = definitionOf(schema)
  if (!definition || seen.has(schema)) return false
  seen.add(schema)
  if (definition.type === 'any' || definition.type === 'unknown') return true
  const parts =
    definition.type === 'lazy'
      ? [(definition['getter'] as () => unknown)()]
      : Object.values(definition).flatMap((part: unknown) =>
          Array.isArray(part) || !isPlain(part) ? part : Object.values(part),
        )
  return parts.some((part) => takesAnything(part, seen))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !('_zod' in value)
}

/** What is known about a value before it is seen. `opaque` is all that carries no mark. */
export type Shape =
  | { readonly type: 'phi'; readonly kind: PhiKind }
  | { readonly type: 'clear' }
  | { readonly type: 'opaque' }
  | { readonly type: 'object'; readonly fields: ReadonlyMap<string, Shape> }
  | { readonly type: 'list'; readonly items: readonly Shape[]; readonly rest: Shape }
  | { readonly type: 'union'; readonly options: readonly Shape[] }
  | { readonly type: 'later'; readonly get: () => Shape }

const OPAQUE: Shape = { type: 'opaque' }

/** The shape of a schema. What is no Zod schema cannot be looked into and is opaque. */
export function shapeOf(schema: unknown): Shape {
  return walk(schema, new Map())
}

/** Whether any part of the shape is marked as PHI. */
export function holdsPhi(shape: Shape, seen: Set<Shape> = new Set()): boolean {
  if (seen.has(shape)) return false
  seen.add(shape)
  switch (shape.type) {
    case 'phi':
      return true
    case 'clear':
    case 'opaque':
      return false
    case 'object':
      return [...shape.fields.values()].some((field) => holdsPhi(field, seen))
    case 'list':
      return [...shape.items, shape.rest].some((item) => holdsPhi(item, seen))
    case 'union':
      return shape.options.some((option) => holdsPhi(option, seen))
    case 'later':
      return holdsPhi(shape.get(), seen)
  }
}

type Definition = Readonly<Record<string, any>> & { readonly type: string }

function walk(schema: unknown, known: Map<unknown, Shape>): Shape {
  const definition = definitionOf(schema)
  if (!definition) return OPAQUE
  const seen = known.get(schema)
  if (seen) return seen
  // A schema that contains itself meets this in place of its unfinished shape.
  let shape: Shape = OPAQUE
  known.set(schema, { type: 'later', get: () => shape })
  shape = marked(schema as z.ZodType) ?? look(definition, known)
  known.set(schema, shape)
  return shape
}

function definitionOf(schema: unknown): Definition | undefined {
  if (typeof schema !== 'object' || schema === null || !('_zod' in schema)) return undefined
  return (schema as { _zod: { def: Definition } })._zod.def
}

/** The mark of a schema or of one it was refined from: `.meta`, `.min`, `.refine` make copies. */
function marked(schema: z.ZodType): Shape | undefined {
  for (let at: z.ZodType | undefined = schema; at; at = at._zod.parent as z.ZodType | undefined) {
    const found = marks.get(at)
    if (found) return 'phi' in found ? { type: 'phi', kind: found.phi } : { type: 'clear' }
  }
  return undefined
}

function look(definition: Definition, known: Map<unknown, Shape>): Shape {
  const inner = (schema: unknown): Shape => walk(schema, known)
  switch (definition.type) {
    case 'object': {
      const fields = Object.entries(definition['shape'] as Record<string, unknown>)
      const object: Shape = {
        type: 'object',
        fields: new Map(fields.map(([name, field]) => [name, inner(field)])),
      }
      if (!definition['catchall']) return object
      const rest = inner(definition['catchall'])
      return holdsPhi(rest) ? { type: 'union', options: [object, rest] } : object
    }
    case 'template_literal':
      return { type: 'union', options: (definition['parts'] as unknown[]).map(inner) }
    case 'array':
      return { type: 'list', items: [], rest: inner(definition['element']) }
    case 'tuple': {
      const items = (definition['items'] as unknown[]).map(inner)
      return { type: 'list', items, rest: definition['rest'] ? inner(definition['rest']) : OPAQUE }
    }
    case 'set':
      return { type: 'list', items: [], rest: inner(definition['valueType']) }
    case 'union':
      return { type: 'union', options: (definition['options'] as unknown[]).map(inner) }
    case 'intersection':
      return { type: 'union', options: [inner(definition['left']), inner(definition['right'])] }
    // The keys of a record or map may be PHI themselves, so neither is shown field by field.
    case 'record':
    case 'map':
      return {
        type: 'union',
        options: [inner(definition['keyType']), inner(definition['valueType'])].map((part) =>
          holdsPhi(part) ? part : OPAQUE,
        ),
      }
    case 'pipe':
      return { type: 'union', options: [inner(definition['in']), inner(definition['out'])] }
    case 'lazy':
      return inner((definition['getter'] as () => unknown)())
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'catch':
    case 'readonly':
    case 'success':
    case 'promise':
      return inner(definition['innerType'])
    default:
      return OPAQUE
  }
}
