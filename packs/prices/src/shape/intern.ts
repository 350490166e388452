// Owns the strings that a file repeats without end: payers, plans, methodologies.

const known = new Map<string, string>()
const ENTRIES = 10_000
// Shorter pieces of a text are copies already.
const SLICE_LENGTH = 13

/**
 * The same text as one string of its own. A piece of a large text keeps all of that text alive, and
 * payers are what callers put into maps that outlive the batch.
 */
export function intern(text: string): string {
  if (text.length < SLICE_LENGTH) return text
  const found = known.get(text)
  if (found !== undefined) return found
  if (known.size >= ENTRIES) known.clear()
  const own = Buffer.from(text).toString()
  known.set(own, own)
  return own
}
