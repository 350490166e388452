// The checks that several options of a definition share. They are for callers without types, too.
import { spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'

/** What to call an option in a message: `job "a": timeout`. */
export function optionOf(job: string, option: string): string {
  return `job "${job}": ${option}`
}

export function refusal(what: string, rule: string, cause?: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `${what} ${rule}`,
    cause === undefined ? undefined : { cause },
  )
}

/**
 * A span above 0 in milliseconds.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function checkSpan(what: string, span: Duration): number {
  return spanOf(what, span, 'ORDERLY_DEFINITION_INVALID')
}

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` */
export function checkOneOf<T extends string | boolean>(
  what: string,
  given: T,
  allowed: readonly T[],
): T {
  if (allowed.includes(given)) return given
  const words = allowed.map((word) => (typeof word === 'string' ? `'${word}'` : String(word)))
  throw refusal(what, `is ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
}

/**
 * Refuses options that nobody reads: a misspelt one would be silently without effect.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function checkNames(
  what: string,
  given: object | undefined,
  known: readonly string[],
): void {
  if (given === undefined) return
  if (typeof given !== 'object' || given === null)
    throw refusal(what, `is an object with ${known.join(', ')}`)
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    throw refusal(
      what,
      `has no option "${name.slice(0, LONGEST_NAME)}"; ` +
        (near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`),
    )
  }
}

const LONGEST_NAME = 40

/** The known name that the fewest strokes of a key lead to, if a third of its letters or fewer differ. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined
  const [best] = known
    .map((word) => ({ word, far: distance(name.toLowerCase(), word.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)
  return best && best.far <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined
}

/** Levenshtein's distance, row by row. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++)
      next.push(
        Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)),
      )
    row = next
  }
  return row[to.length]!
}
