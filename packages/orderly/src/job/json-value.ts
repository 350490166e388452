// Whether a value survives being stored as JSON: what would change or vanish on the way is refused, not bent.
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import type { JobDefinition } from './define-job.ts'
import { placeInValue } from './fault-place.ts'
import { LARGEST_OUTPUT_BYTES, refuseTooLarge } from './largest.ts'
import type { Schema } from './schema.ts'

const DEEPEST = 64

/**
 * Checks that an input is what its handler will get back.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` naming the place in words of the schema
 */
export function checkJson(job: { name: string; input: Schema }, input: unknown): void {
  check(job.name, 'input', job.input, input, 'ORDERLY_INPUT_INVALID')
}

/**
 * Checks that what a handler hands over is what its readers will get, and no more than is kept.
 *
 * @throws OrderlyError `ORDERLY_OUTPUT_INVALID` naming the place in words of the schema, `ORDERLY_PAYLOAD_TOO_LARGE`
 */
export function checkResult(
  job: Pick<JobDefinition, 'name' | 'output' | 'progress'>,
  what: 'output' | 'progress',
  value: unknown,
): void {
  check(job.name, what, job[what], value, 'ORDERLY_OUTPUT_INVALID')
  if (value === undefined) return
  const most = what === 'output' ? LARGEST_OUTPUT_BYTES : undefined
  refuseTooLarge(JSON.stringify(value), `the ${what} of job "${job.name}"`, most)
}

function check(
  job: string,
  what: 'input' | 'output' | 'progress',
  schema: Schema | undefined,
  value: unknown,
  code: ErrorCode,
): void {
  // Nothing at all is stored as nothing at all.
  if (value === undefined) return
  const path: PropertyKey[] = []
  if (isJson(value, path)) return
  throw new OrderlyError(
    code,
    `the ${what} of job "${job}" cannot be stored at ${placeInValue(path, schema)}: ${what} is stored as JSON, ` +
      `${DEEPEST} levels deep at most, without undefined in arrays; use a string for dates`,
  )
}

/** @param path where `value` sits; once a fault is found, where that is */
function isJson(value: unknown, path: PropertyKey[]): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || path.length >= DEEPEST) return false
  if (Array.isArray(value)) {
    // By index: a hole is no element, and becomes null.
    for (let index = 0; index < value.length; index++) {
      path.push(index)
      if (!isJson(value[index], path)) return false
      path.pop()
    }
    return true
  }
  if (!isPlain(value)) return false
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue
    path.push(key)
    if (!isJson(inner, path)) return false
    path.pop()
  }
  return true
}

/** Made by a literal, in whatever realm, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
