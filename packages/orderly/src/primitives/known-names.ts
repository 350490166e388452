// Refuses names that nobody reads: a misspelt option or filter would be silently without effect.
import { OrderlyError, type ErrorCode } from './errors.ts'

/** The names of a type's members; of a union, those of all its parts. */
type NamesOf<Options> = Options extends unknown ? keyof Options : never

/** The names of `Options`, each of them exactly once: the compiler sees to it that none is missing and none too many. */
export function namesOf<Options extends object>(
  names: Record<NamesOf<Options>, true>,
): ReadonlySet<string> {
  return new Set(Object.keys(names))
}

/**
 * Refuses what has a name that is not known, and what is no object.
 *
 * @param what what to call it in the message
 * @throws OrderlyError of this code, naming the known name that is nearest
 */
export function refuseUnknown(
  what: string,
  given: unknown,
  known: ReadonlySet<string>,
  code: ErrorCode = 'ORDERLY_INPUT_INVALID',
): void {
  if (given === undefined) return
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new OrderlyError(code, `${what} is an object with ${[...known].join(', ')}`)
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue
    throw new OrderlyError(
      code,
      `${what} has no option "${name.slice(0, LONGEST_NAME)}"; ${nearestOf(name, known)}`,
    )
  }
}

/**
 * Refuses a word that is none of those known.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`
 */
export function refuseOther(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given === 'string' && known.includes(given)) return
  const near = typeof given === 'string' ? nearest(given, known) : undefined
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `${what} is one of ${known.join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`,
  )
}

/** Whether it is a text of this shape. A pattern by itself takes what is none for its name: undefined is nine letters. */
export function isText(given: unknown, shape: RegExp): given is string {
  return typeof given === 'string' && shape.test(given)
}

function nearestOf(name: string, known: ReadonlySet<string>): string {
  const near = nearest(name, [...known])
  return near === undefined ? `there are ${[...known].join(', ')}` : `did you mean "${near}"?`
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

/** Levenshtein's distance, row by row; two neighbours that changed places count once. */
function distance(from: string, to: string): number {
  let above: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      next.push(
        Math.min(
          row[j]! + 1,
          next[j - 1]! + 1,
          row[j - 1]! + same,
          swapped ? above[j - 2]! + 1 : Infinity,
        ),
      )
    }
    above = row
    row = next
  }
  return row[to.length]!
}
