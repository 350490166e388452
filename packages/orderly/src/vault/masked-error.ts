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
const DEEPEST_CAUSE = 5

/** Masks `error`; grouping works by where it was thrown, never by what it says. */
export async function maskError(
  error: Error,
  vault: Pick<Vault, 'blindIndex'>,
): Promise<MaskedError> {
  const frames = cleanFrames(error.stack)
  const index = await vault.blindIndex('error', [error.name, ...frames].join('\n'))
  const fingerprint = Buffer.from(index.slice('b1.'.length), 'base64url')
    .toString('hex')
    .slice(0, 12)
  return new MaskedError(codeOf(error), fingerprint, frames)
}

function codeOf(error: Error): string {
  return error instanceof OrderlyError ? error.code : 'ORDERLY_HANDLER_FAILED'
}

/** Frames as V8 writes them, without the message above them and without folders outside the program. */
function cleanFrames(stack: string | undefined): string[] {
  if (!stack) return []
  const frames: string[] = []
  for (const line of stack.split('\n')) {
    const match =
      /^\s+at (?:(?:async )?([\w$.<>#[\] ]{1,100}) \()?(?:file:\/\/)?([^()]+):(\d+):(\d+)\)?$/.exec(
        line,
      )
    if (!match) continue
    const [, name, path, row, column] = match
    const file = /(?:^|[\\/])((?:[\w@.-]+[\\/]){0,3}[\w@.-]+\.[cm]?[jt]sx?)$/.exec(path!)?.[1]
    if (!file) continue
    frames.push(`    at ${name ? `${name} ` : ''}(${file}:${row}:${column})`)
    if (frames.length === MOST_FRAMES) break
  }
  return frames
}

/** The clean frames of an error that was described as text; none where the text is not such a description. */
export function framesIn(described: string): string[] {
  let error: unknown
  try {
    error = JSON.parse(described)
  } catch {
    return []
  }
  const { stack } = (error ?? {}) as { stack?: unknown }
  return typeof stack === 'string' ? cleanFrames(stack).map((frame) => frame.trim()) : []
}

/** The whole of an error as text to be sealed, bounded in length and depth. Never throws, whatever was thrown. */
export function describeError(thrown: unknown): string {
  return JSON.stringify(describe(thrown, 0, new Set()))
}

function describe(thrown: unknown, depth: number, seen: Set<unknown>): unknown {
  if (!(thrown instanceof Error)) return { value: cut(safeText(thrown)) }
  if (depth > DEEPEST_CAUSE || seen.has(thrown)) return { name: 'more' }
  seen.add(thrown)
  const own: Record<string, unknown> = {}
  for (const name of Object.getOwnPropertyNames(thrown)) {
    if (['name', 'message', 'stack', 'cause', 'errors'].includes(name)) continue
    own[cut(name)] = cut(safeText(read(thrown, name)))
  }
  const errors = read(thrown, 'errors')
  return {
    name: cut(safeText(thrown.name)),
    message: cut(safeText(thrown.message)),
    stack: cut(safeText(thrown.stack)),
    ...(Object.keys(own).length > 0 ? { own } : {}),
    ...(thrown.cause === undefined ? {} : { cause: describe(thrown.cause, depth + 1, seen) }),
    ...(Array.isArray(errors)
      ? { errors: errors.slice(0, 10).map((error) => describe(error, depth + 1, seen)) }
      : {}),
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

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}
