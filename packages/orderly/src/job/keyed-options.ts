// Options that look at a job's input: what makes it unique, whose share of the work it is, what it weighs.
import { spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import { checkNames, checkOneOf, checkSpan, optionOf } from './option-checks.ts'

/** What becomes of a job whose key is taken. */
export type Duplicate =
  /** The first job's id comes back. */
  | 'first'
  /** `ORDERLY_DUPLICATE` */
  | 'refuse'
  /** The first job, if it has not begun to run, gives way to the second. Needs `for` and a delay. */
  | 'replace'
  /** The first job's id comes back, and its window begins anew. Needs `for`. */
  | 'extend'

export interface UniqueOptions<Input = any> {
  /** What two jobs must share to be the same: a value, or several in an array. */
  readonly key: (input: Input) => unknown
  /** How long the key stays taken. Left out, until the first job has finished. */
  readonly for?: Duration
  /** What happens to the second: `first` unless told. */
  readonly onDuplicate?: Duplicate
}

export interface ConcurrencyOptions<Input = any> {
  /** How many jobs of one key run at the same time, over all processes. */
  readonly limit: number
  /** Whose work it is. Left out, all jobs of this kind share the limit. */
  readonly key?: (input: Input) => unknown
  /** How many turns this key has in a round, where several keys wait. 1 unless told. */
  readonly weight?: (input: Input) => number
}

export interface RateLimitOptions<Input = any> {
  /** Units that may begin in each span. */
  readonly limit: number
  readonly per: Duration
  /** Whose budget it is. Left out, all jobs of this kind share it. */
  readonly key?: (input: Input) => unknown
  /** What one job takes of it. 1 unless told. */
  readonly units?: (input: Input) => number
}

export interface KeyedOptions<Input = any> {
  readonly unique?: UniqueOptions<Input>
  readonly concurrency?: ConcurrencyOptions<Input>
  readonly rateLimit?: RateLimitOptions<Input>
}

export interface ResolvedUnique {
  readonly key: (input: any) => unknown
  readonly window: number | undefined
  readonly onDuplicate: Duplicate
}

export interface ResolvedConcurrency {
  readonly limit: number
  readonly key: (input: any) => unknown
  readonly weight: (input: any) => number
}

export interface ResolvedRateLimit {
  readonly limit: number
  readonly per: number
  readonly key: (input: any) => unknown
  readonly units: (input: any) => number
}

export interface ResolvedKeyed {
  readonly unique: ResolvedUnique | undefined
  readonly concurrency: ResolvedConcurrency | undefined
  readonly rateLimit: ResolvedRateLimit | undefined
}

const DUPLICATE: readonly Duplicate[] = ['first', 'refuse', 'replace', 'extend']

const SHARED = (): string => ''
const ONE = (): number => 1

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` */
export function resolveKeyed(job: string, options: KeyedOptions): ResolvedKeyed {
  const { unique, concurrency, rateLimit } = options
  const what = (option: string): string => optionOf(job, option)
  checkNames(what('unique'), unique, ['key', 'for', 'onDuplicate'])
  checkNames(what('concurrency'), concurrency, ['limit', 'key', 'weight'])
  checkNames(what('rateLimit'), rateLimit, ['limit', 'per', 'key', 'units'])
  return {
    unique: unique && resolveUnique(`job "${job}"`, unique),
    concurrency: concurrency && {
      limit: checkLimit(job, 'concurrency', concurrency.limit),
      key: concurrency.key ?? SHARED,
      weight: concurrency.weight ?? ONE,
    },
    rateLimit: rateLimit && {
      limit: checkLimit(job, 'rateLimit', rateLimit.limit),
      per: checkSpan(what('rateLimit.per'), rateLimit.per),
      key: rateLimit.key ?? SHARED,
      units: rateLimit.units ?? ONE,
    },
  }
}

/**
 * @param code whose fault it is: that of a definition, unless told
 * @throws OrderlyError with it
 */
export function resolveUnique(
  what: string,
  unique: Pick<UniqueOptions, 'for' | 'onDuplicate' | 'key'>,
  code: ErrorCode = 'ORDERLY_DEFINITION_INVALID',
): ResolvedUnique {
  const { for: span, onDuplicate: given = 'first' } = unique
  const onDuplicate = checkOneOf(`${what}: unique.onDuplicate`, given, DUPLICATE, code)
  if ((onDuplicate === 'replace' || onDuplicate === 'extend') && span === undefined)
    throw new OrderlyError(
      code,
      `${what}: unique with onDuplicate: '${onDuplicate}' needs a window; add "for", such as for: '1h'`,
    )
  const window = span === undefined ? undefined : spanOf(`${what}: unique.for`, span, code)
  return Object.freeze({ key: unique.key, window, onDuplicate })
}

/**
 * The text that stands for a key: equal for equal values, of whatever order their properties were written in, and for no
 * others.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for what is no plain value, or nothing
 */
export function keyText(value: unknown): string {
  return JSON.stringify(plain(value, 0))
}

const DEEPEST_KEY = 20

function plain(value: unknown, depth: number): unknown {
  if (depth > DEEPEST_KEY) throw noKey()
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return { date: value.toISOString() }
  if (Array.isArray(value)) return value.map((inner) => plain(inner, depth + 1))
  if (typeof value !== 'object' || !isPlain(value)) throw noKey()
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, plain(inner, depth + 1)]),
  )
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function noKey(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    'a key is made of text, numbers, truth values, dates, and lists and plain objects of them; this one is nothing, or something else',
  )
}

function checkLimit(job: string, what: string, limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000) return limit
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `job "${job}": ${what}.limit is a whole number from 1 to 1000000`,
  )
}
