// A small value that fits a JSON Schema: what a simulation assumes where nobody says better.

const MOST_DEPTH = 6

/** The smallest value that fits, as far as that can be told: examples and defaults first. */
export function sampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > MOST_DEPTH) return null
  const is = schema as Record<string, unknown>
  if (Array.isArray(is['examples']) && is['examples'].length > 0) return is['examples'][0]
  if ('default' in is) return is['default']
  if ('const' in is) return is['const']
  if (Array.isArray(is['enum'])) return is['enum'][0]
  for (const key of ['anyOf', 'oneOf', 'allOf'])
    if (Array.isArray(is[key]) && is[key].length > 0) return sampleOf(is[key][0], depth + 1)
  switch (Array.isArray(is['type']) ? is['type'][0] : is['type']) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return typeof is['minimum'] === 'number' ? Math.max(0, is['minimum']) : 0
    case 'boolean':
      return true
    case 'array':
      return 'items' in is ? [sampleOf(is['items'], depth + 1)] : []
    case 'object': {
      const fields = Object.entries((is['properties'] ?? {}) as Record<string, unknown>)
      return Object.fromEntries(fields.map(([key, inner]) => [key, sampleOf(inner, depth + 1)]))
    }
    default:
      return null
  }
}
