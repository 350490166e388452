// Errors: the whole of one goes under seal; what the queue, logs and people see is a code, a fingerprint and clean frames.
import { OrderlyError } from '../primitives/errors.ts'
import type { Vault } from './vault.ts'

/** What may be said about an error anywhere. */
export class MaskedError extends Error {
  /** The code of the error, `ORDERLY_HANDLER_FAILED` for whatever was thrown by other code. */
  readonly code: string
  /** The same for errors of one kind thrown at one place. */
  readonly fingerprint: string

  constructor(code: string, fingerprint: string, frames: readonly string[]) {
    super(`${code}#${fingerprint}`)
    this.name = 'MaskedError'
    this.code = code
    this.fingerprint = fingerprint
    this.stack = [this.message, ...frames].join('\n')
  }
}

/** The form of a masked error's message; nothing of this form can hold a value of a payload. */
const MASKED = /^(ORDERLY_[A-Z_]{3,60})#([0-9a-f]{12})$/

/** The code and fingerprint in `reason`, if that is all it holds. */
export function readMasked(
  reason: string,
): { readonly code: string; readonly fingerprint: string } | undefined {
  const match = MASKED.exec(reason)
  return match ? { code: match[1]!, fingerprint: match[2]! } : undefined
}

const MOST_FRAMES = 20
const LONGEST_TEXT = 8 * 1024
const LONGEST_IN_ALL = 4 * LONGEST_TEXT
const DEEPEST_CAUSE = 5

/** Masks `error`; grouping works by where it was thrown, never by what it says. */
export async function maskError(
  error: Error,
  vault: Pick<Vault, 'blindIndex'>,
): Promise<MaskedError> {
  const frames = cleanFrames(error.stack)
  const index = await vault.blindIndex('error', [error.name, ...placeIn(error.stack)].join('\n'))
  const fingerprint = Buffer.from(index.slice('b1.'.length), 'base64url')
    .toString('hex')
    .slice(0, 12)
  return new MaskedError(codeOf(error), fingerprint, frames)
}

function codeOf(error: Error): string {
  return error instanceof OrderlyError ? error.code : 'ORDERLY_HANDLER_FAILED'
}

/** Code that a program brings along: nobody mends a failure there first. */
const BROUGHT_ALONG =
  /(?:^|[\\/])(?:node_modules|packages[\\/](?:orderly|bullmq-sqlite)[\\/](?:src|dist))[\\/]/

/**
 * The frames that say where it was: the program's own, or, where it has none there, those up to the first wait. What
 * called them after a wait is in one stack and not in the next.
 */
function placeIn(stack: string | undefined): string[] {
  const own = cleanFrames(stack, (path) => !BROUGHT_ALONG.test(path))
  if (own.length > 0 || !stack) return own
  const lines = stack.split('\n')
  const wait = lines.findIndex((line) => /^\s+at async /.test(line))
  return cleanFrames((wait < 0 ? lines : lines.slice(0, wait)).join('\n'))
}

/** Frames as V8 writes them, without the message above them and without folders outside the program. */
function cleanFrames(
  stack: string | undefined,
  fits: (path: string) => boolean = () => true,
): string[] {
  if (!stack) return []
  const frames: string[] = []
  for (const line of stack.split('\n')) {
    const match =
      /^\s+at (?:(?:async )?([\w$.<>#[\] ]{1,100}) \()?(?:file:\/\/)?([^()]+):(\d+):(\d+)\)?$/.exec(
        line,
      )
    if (!match) continue
    const [, name, path, row, column] = match
    if (!fits(path!)) continue
    const file = /(?:^|[\\/])((?:[\w@.-]+[\\/]){0,3}[\w@.-]+\.[cm]?[jt]sx?)$/.exec(path!)?.[1]
    if (!file) continue
    frames.push(`    at ${name ? `${name} ` : ''}(${file}:${row}:${column})`)
    if (frames.length === MOST_FRAMES) break
  }
  return frames
}

export interface Frames {
  /** Of the program itself, innermost first. */
  readonly own: readonly string[]
  /** Of what it brings along: packages, Orderly among them. */
  readonly library: readonly string[]
}

const LONGEST_SAID = 2_000

/** What an error said that was described as text, with its name; null where the text is not such a description. */
export function saidIn(described: string): string | null {
  const { name, message, value } = parsed(described) as Record<
    'name' | 'message' | 'value',
    unknown
  >
  if (typeof value === 'string') return cutTo(value, LONGEST_SAID)
  if (typeof name !== 'string' || typeof message !== 'string') return null
  return cutTo(message === '' ? name : `${name}: ${message}`, LONGEST_SAID)
}

/** The clean frames of an error that was described as text; none where the text is not such a description. */
export function framesIn(described: string): Frames {
  const { stack } = parsed(described) as { stack?: unknown }
  const pick = (fits: (path: string) => boolean): string[] =>
    typeof stack === 'string' ? cleanFrames(stack, fits).map((frame) => frame.trim()) : []
  return {
    own: pick((path) => !BROUGHT_ALONG.test(path)),
    library: pick((path) => BROUGHT_ALONG.test(path)),
  }
}

function parsed(described: string): object {
  try {
    const error: unknown = JSON.parse(described)
    return typeof error === 'object' && error !== null ? error : {}
  } catch {
    return {}
  }
}

/** The whole of an error as text to be sealed, bounded in length and depth. Never throws, whatever was thrown. */
export function describeError(thrown: unknown): string {
  return JSON.stringify(describe(thrown, { depth: 0, seen: new Set(), left: LONGEST_IN_ALL }))
}

interface Describing {
  depth: number
  readonly seen: Set<unknown>
  /** How many more characters are kept of all of it. */
  left: number
}

function describe(thrown: unknown, so: Describing): unknown {
  const cut = (text: string): string => {
    const kept = cutTo(text, Math.min(LONGEST_TEXT, so.left))
    so.left -= Math.min(so.left, kept.length)
    return kept
  }
  if (!(thrown instanceof Error)) return { value: cut(safeText(thrown)) }
  if (so.depth > DEEPEST_CAUSE || so.left === 0 || so.seen.has(thrown)) return { name: 'more' }
  so.seen.add(thrown)
  // Name, message and stack first: they are what is kept of an error that carries too much.
  const [name, message, stack] = [thrown.name, thrown.message, thrown.stack].map((text) =>
    cut(safeText(text)),
  )
  const deeper = (inner: unknown): unknown => {
    so.depth++
    const described = describe(inner, so)
    so.depth--
    return described
  }
  const cause = thrown.cause === undefined ? undefined : deeper(thrown.cause)
  const own: Record<string, unknown> = {}
  for (const key of Object.getOwnPropertyNames(thrown)) {
    if (so.left === 0) break
    if (['name', 'message', 'stack', 'cause', 'errors'].includes(key)) continue
    own[cut(key)] = cut(safeText(read(thrown, key)))
  }
  const errors = read(thrown, 'errors')
  return {
    name,
    message,
    stack,
    ...(Object.keys(own).length > 0 ? { own } : {}),
    ...(cause === undefined ? {} : { cause }),
    ...(Array.isArray(errors) ? { errors: errors.slice(0, 10).map(deeper) } : {}),
  }
}

function read(thrown: object, name: string): unknown {
  try {
    return Reflect.get(thrown, name)
  } catch {
    return '[unreadable]'
  }
}

function safeText(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return `[${typeof value}]`
  }
}

function cutTo(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
