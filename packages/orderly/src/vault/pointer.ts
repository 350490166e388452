// JSON pointers (RFC 6901) into values whose shape is known: what they find, how much of it nobody called harmless, and
// which of their names may be told.
import type { Shape } from './phi.ts'

const OPAQUE: Shape = { type: 'opaque' }
const CLEAR: Shape = { type: 'clear' }

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** RFC 6901 §4. Only what a value has of its own is found. */
export function valueAt(
  root: unknown,
  pointer: string,
): { readonly found: boolean; readonly value: unknown } {
  let value = root
  for (const step of stepsOf(pointer)) {
    if (!has(value, step)) return { found: false, value: null }
    value = value[step]
  }
  return { found: true, value }
}

function has(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}

/** The shape of what `step` leads to. Undefined for a name that is not the schema's own, such as a key of a record. */
function within(shape: Shape, step: string): Shape | undefined {
  switch (shape.type) {
    case 'later':
      return within(shape.get(), step)
    case 'object':
      return shape.fields.get(step)
    case 'list':
      return /^(0|[1-9]\d{0,8})$/.test(step) ? (shape.items[Number(step)] ?? shape.rest) : undefined
    case 'union': {
      const known = shape.options.flatMap((option) => within(option, step) ?? [])
      if (known.length === 0) return undefined
      return known.length === 1 ? known[0]! : { type: 'union', options: known }
    }
    case 'clear':
    case 'phi':
    case 'opaque':
      return undefined
  }
}

/** Whether a single value of this shape is harmless whatever it is. */
function isClear(shape: Shape): boolean {
  if (shape.type === 'later') return isClear(shape.get())
  if (shape.type !== 'union') return shape.type === 'clear'
  const scalars = shape.options.filter(({ type }) => type !== 'object' && type !== 'list')
  return scalars.length > 0 && scalars.every(isClear)
}

/** How many single values that are not marked as harmless `value` is made of. */
export function countHidden(value: unknown, shape: Shape): number {
  if (shape.type === 'later') return countHidden(value, shape.get())
  if (shape.type === 'clear') return 0
  if (typeof value !== 'object' || value === null) return isClear(shape) ? 0 : 1
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + countHidden(each, within(shape, name) ?? OPAQUE),
    0,
  )
}

/** The same of what a pointer finds; a pointer counts for one at least. */
export function countHiddenAt(root: unknown, shape: Shape, pointer: string): number {
  const at = stepsOf(pointer).reduce<Shape>(
    (inside, step) => (inside.type === 'clear' ? CLEAR : (within(inside, step) ?? OPAQUE)),
    shape,
  )
  return Math.max(1, countHidden(valueAt(root, pointer).value, at))
}

/**
 * A pointer as it may be told to those who may not see what it leads to: with the names the schema knows, and those of
 * what is there and harmless. Any other may be PHI itself, such as the key of a record of patients, and is hidden.
 */
export async function tellPointer(
  pointer: string,
  shape: Shape,
  root: unknown,
  hide: (name: string) => Promise<string>,
): Promise<string> {
  let told = ''
  let at = shape
  let value = root
  for (const step of stepsOf(pointer)) {
    const isThere = has(value, step)
    const inside = at.type === 'clear' && isThere ? CLEAR : within(at, step)
    told += `/${inside ? escape(step) : await hide(step)}`
    value = isThere ? (value as Record<string, unknown>)[step] : undefined
    at = inside ?? OPAQUE
  }
  return told
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
