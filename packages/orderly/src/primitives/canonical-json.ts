// The one byte form of a JSON value, for what is hashed, signed or compared (RFC 8785, JSON Canonicalization Scheme).

/**
 * Writes a JSON value with the keys of every object in the order of their UTF-16 code units, and nothing between. What
 * JSON has no word for is left out of objects and is `null` elsewhere, as `JSON.stringify` has it.
 */
export function canonicalJson(value: unknown): string {
  if (hasOwnForm(value)) return canonicalJson(value.toJSON())
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  // Not through an object with sorted keys: JavaScript puts keys that look like numbers first, whatever the order.
  const members = Object.keys(value)
    .sort()
    .filter((key) => isWord(value[key]))
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
  return `{${members.join(',')}}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function hasOwnForm(value: unknown): value is { toJSON(): unknown } {
  return isObject(value) && typeof value['toJSON'] === 'function'
}

function isWord(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol'
}
