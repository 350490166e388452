// What a person sees who may know that a value is there, but not what it is.
import type { PhiKind, Shape } from './phi.ts'

/** A masked value is made of these alone. */
export type Masked = string | number | boolean | null | Masked[] | { [key: string]: Masked }

const LONGEST_TEXT = 500
const MOST_ITEMS = 100
const DEEPEST = 20

/**
 * `value` with everything masked that its shape does not mark as clear. Masks first and shortens afterwards, so that
 * cutting never uncovers anything.
 */
export function mask(value: unknown, shape: Shape, depth = 0): Masked {
  if (value === null || value === undefined) return null
  if (depth > DEEPEST) return '[masked:too deep]'
  switch (shape.type) {
    case 'clear':
      return shown(value, depth)
    case 'phi':
      return maskAs(shape.kind, value)
    case 'opaque':
      return maskUnknown(value)
    case 'later':
      return mask(value, shape.get(), depth)
    case 'object':
      return maskObject(value, (name) => shape.fields.get(name), depth)
    case 'list':
      return maskList(value, (index) => shape.items[index] ?? shape.rest, depth)
    case 'union':
      return maskUnion(value, shape.options, depth)
  }
}

/** Which of the options a value follows is unknown, so a part is shown only where no option that knows it masks it. */
function maskUnion(value: unknown, options: readonly Shape[], depth: number): Masked {
  const resolved = options.map((option) => (option.type === 'later' ? option.get() : option))
  const phi = resolved.find((option) => option.type === 'phi')
  if (phi?.type === 'phi') return maskAs(phi.kind, value)
  if (Array.isArray(value)) {
    const lists = resolved.filter((option) => option.type === 'list')
    if (lists.length === 0) return maskUnknown(value)
    const union = (index: number): Shape => ({
      type: 'union',
      options: lists.map((list) => list.items[index] ?? list.rest),
    })
    return maskList(value, union, depth)
  }
  if (typeof value === 'object') {
    const objects = resolved.filter((option) => option.type === 'object')
    if (objects.length === 0) return maskUnknown(value)
    const union = (name: string): Shape | undefined => {
      const fields = objects.flatMap((object) => object.fields.get(name) ?? [])
      return fields.length === 0 ? undefined : { type: 'union', options: fields }
    }
    return maskObject(value, union, depth)
  }
  const scalars = resolved.filter(({ type }) => type !== 'object' && type !== 'list')
  const isClear =
    scalars.length > 0 &&
    scalars.every(
      (option) => option.type === 'clear' || (option.type === 'union' && allClear(option.options)),
    )
  return isClear ? shown(value, depth) : maskUnknown(value)
}

function allClear(options: readonly Shape[]): boolean {
  return options.every(
    (option) => option.type === 'clear' || (option.type === 'union' && allClear(option.options)),
  )
}

function maskObject(
  value: unknown,
  shapeOf: (name: string) => Shape | undefined,
  depth: number,
): Masked {
  if (typeof value !== 'object' || Array.isArray(value)) return maskUnknown(value)
  const masked: Record<string, Masked> = {}
  let unknown = 0
  for (const [name, field] of Object.entries(value as object)) {
    const shape = shapeOf(name)
    // A name that is not in the schema may itself be PHI.
    if (shape)
      Object.defineProperty(masked, name, {
        value: mask(field, shape, depth + 1),
        enumerable: true,
      })
    else unknown++
  }
  if (unknown > 0) masked['[masked]'] = `${unknown} unknown field${unknown === 1 ? '' : 's'}`
  return masked
}

function maskList(value: unknown, shapeOf: (index: number) => Shape, depth: number): Masked {
  const items = value instanceof Set ? [...value] : value
  if (!Array.isArray(items)) return maskUnknown(value)
  const masked = items
    .slice(0, MOST_ITEMS)
    .map((item, index) => mask(item, shapeOf(index), depth + 1))
  if (items.length > MOST_ITEMS) masked.push(`[${items.length - MOST_ITEMS} more]`)
  return masked
}

function maskUnknown(value: unknown): Masked {
  if (typeof value === 'string') return `[masked:text ${value.length}]`
  if (Array.isArray(value)) return `[masked:list ${value.length}]`
  if (typeof value === 'object') return '[masked:object]'
  return `[masked:${typeof value}]`
}

function shown(value: unknown, depth: number): Masked {
  if (typeof value === 'string')
    return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null) return String(value)
  if (depth > DEEPEST) return '[too deep]'
  if (Array.isArray(value))
    return value.slice(0, MOST_ITEMS).map((item: unknown) => shown(item ?? null, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, shown(field ?? null, depth + 1)]),
  )
}

/** Masks by kind: enough left to tell two records apart at a glance where the rule allows it, nothing where not. */
export function maskAs(kind: PhiKind, value: unknown): Masked {
  if (typeof value !== 'string' && typeof value !== 'number') return maskUnknown(value)
  const text = String(value)
  switch (kind) {
    case 'name':
      return text
        .split(/\s+/)
        .filter((word) => word !== '')
        .slice(0, 4)
        .map((word) => `${initial(word)}***`)
        .join(' ')
    case 'zip':
      return text.length >= 5 ? `${text.slice(0, 3)}**` : '**'
    case 'date':
      return /^\d{4}-/.test(text) ? `${text.slice(0, 4)}-**-**` : '****-**-**'
    case 'phone':
    case 'account':
    case 'plan':
    case 'mrn':
    case 'ssn':
      // The last digits of a short number are the number.
      return text.length >= 10 ? `****${text.slice(-2)}` : '****'
    case 'email':
      return `${initial(text)}***@***`
    case 'geo':
    case 'licence':
    case 'vehicle':
    case 'device':
    case 'url':
    case 'ip':
    case 'id':
    case 'biometric':
    case 'photo':
      return `[masked:${kind}]`
    case 'text':
      return `[masked:text ${text.length}]`
  }
}

/** The first letter, also where it takes two units of UTF-16. */
function initial(word: string): string {
  return String.fromCodePoint(word.codePointAt(0) ?? 0x2a)
}
