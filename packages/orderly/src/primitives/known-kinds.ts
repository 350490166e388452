// What kind of value an option or a condition is: one of another kind would be compared with everything, and fit nothing.
import { OrderlyError } from './errors.ts'

export type Kind = 'text' | 'texts' | 'number' | 'flag' | 'signal' | 'function'

const KINDS: Record<Kind, readonly [rule: string, fits: (given: unknown) => boolean]> = {
  text: ['a text', isText],
  texts: ['a list of texts', (given) => Array.isArray(given) && given.every(isText)],
  // Times are milliseconds since 1970 UTC, and a Date is none.
  number: ['a number', Number.isFinite],
  flag: ['true or false', (given) => typeof given === 'boolean'],
  signal: [
    'an AbortSignal, such as that of an AbortController',
    (given) => given instanceof AbortSignal,
  ],
  function: ['a function', (given) => typeof given === 'function'],
}

/**
 * Refuses members that are of another kind than said. What is left out, or undefined, is not given.
 *
 * @param what whose members they are, for the message
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`; its message does not show what was given
 */
export function refuseKinds<Options extends object>(
  what: string,
  given: Options | undefined,
  kinds: Readonly<Partial<Record<keyof Options, Kind>>>,
): void {
  if (given === undefined) return
  for (const [name, kind] of Object.entries(kinds) as [keyof Options & string, Kind][]) {
    const value = given[name]
    const [rule, fits] = KINDS[kind]
    if (value !== undefined && !fits(value))
      throw new OrderlyError('ORDERLY_INPUT_INVALID', `${what}: "${name}" is ${rule}`)
  }
}

function isText(given: unknown): boolean {
  return typeof given === 'string'
}
