// One spelling for names that differ only in white space or Unicode form.

/** Payer and plan names repeat on nearly every row. */
const seen = new Map<string, string>()
const MOST_SEEN = 10_000

/** The name with single spaces and in Unicode form C (so that two ways to write é are one); no name is `''`. */
export function normaliseName(name: string | null): string {
  if (name === null) return ''
  let normal = seen.get(name)
  if (normal === undefined) {
    normal = name.normalize('NFC').replace(/\s+/g, ' ').trim()
    if (seen.size >= MOST_SEEN) seen.clear()
    seen.set(name, normal)
  }
  return normal
}
