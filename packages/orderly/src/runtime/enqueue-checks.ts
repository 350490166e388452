// Refuses, before anything is done, options of enqueueing that are misspelt or that nobody could keep.
import type { EnqueueItem } from './enqueue.ts'
import type { EnqueueOptions, UniqueKey } from '../job/enqueue-options.ts'
import { resolvePriority } from '../job/options.ts'
import { spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'

/** The names of options that every way of enqueueing takes. */
export const ENQUEUED: Record<Exclude<keyof EnqueueOptions, 'transaction'>, true> = {
  unique: true,
  idempotencyKey: true,
  idempotencyFor: true,
  delay: true,
  at: true,
  ttl: true,
  deadline: true,
  priority: true,
  tags: true,
}
const OPTIONS = namesOf<EnqueueOptions>({ ...ENQUEUED, transaction: true })
const ITEM = namesOf<EnqueueItem<any>>({ input: true, options: true })
const UNIQUE = namesOf<UniqueKey>({ key: true, for: true, onDuplicate: true })

const CODE = 'ORDERLY_INPUT_INVALID'
const YEAR_10000 = Date.UTC(10_000, 0)
const LONGEST_KEY = 255
const MOST_TAGS = 20
const TAG = /^[\p{L}\p{N}][\p{L}\p{N}._:/-]{0,63}$/u

/**
 * Refuses the options of one job, for callers without types as well. What is left out, or undefined, is not given.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`; its message names the option and not what was given
 */
export function checkEnqueue(options: EnqueueOptions): void {
  refuseUnknown('enqueue', options ?? null, OPTIONS)
  const { unique, idempotencyKey, idempotencyFor, delay, at, ttl, deadline, priority, tags } =
    options
  if (at !== undefined) checkTime(at, delay)
  checkSpan('"delay"', delay, 0)
  checkSpan('"ttl"', ttl, 1)
  checkSpan('"deadline"', deadline, 1)
  checkSpan('"idempotencyFor"', idempotencyFor, 1)
  if (priority !== undefined) resolvePriority('"priority"', priority, CODE)
  if (tags !== undefined) checkTags(tags)
  if (unique !== undefined) checkUnique(unique)
  if (idempotencyKey !== undefined) checkKey('an idempotency key', idempotencyKey)
  // What is none would be enqueued outside of the transaction that its caller believes it to be in.
  if (options.transaction !== undefined && !options.transaction)
    throw new OrderlyError(
      'ORDERLY_TRANSACTION_INVALID',
      '"transaction" is empty; give an open transaction, or leave it out',
    )
}

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` for what is no list of items; their options are checked one by one */
export function checkItems(what: string, items: readonly EnqueueItem<any>[]): void {
  if (!Array.isArray(items)) throw invalid(`${what} takes a list of items, each with its "input"`)
  for (const item of items) refuseUnknown(`${what}: an item`, item ?? null, ITEM)
}

function checkTime(at: unknown, delay: unknown): void {
  if (delay !== undefined) throw invalid('give "at" or "delay", not both')
  if (!(at instanceof Date)) throw invalid('"at" is a Date, such as new Date(text)')
  if (Number.isNaN(at.getTime())) throw invalid('"at" is no valid date')
  if (at.getTime() >= YEAR_10000) throw invalid('"at" is in the year 9999 or before')
}

function checkSpan(what: string, span: Duration | undefined, least: 0 | 1): void {
  if (span !== undefined) spanOf(what, span, CODE, least)
}

function checkTags(tags: unknown): void {
  if (
    Array.isArray(tags) &&
    tags.length <= MOST_TAGS &&
    tags.every((tag) => typeof tag === 'string' && TAG.test(tag))
  )
    return
  throw invalid(
    `"tags" is a list: a tag has letters, digits and . _ : / - (64 at most), and a job has ${MOST_TAGS} tags at most`,
  )
}

function checkUnique(unique: string | UniqueKey): void {
  if (unique === '' || unique === null)
    throw invalid('"unique" is the text of a key, which is not empty, or an object with "key"')
  if (typeof unique === 'string') return
  refuseUnknown('enqueue: unique', unique, UNIQUE)
  if (unique.key === '') throw invalid('"unique": its key is not empty')
}

function checkKey(what: string, key: unknown): void {
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return
  throw invalid(`${what} is a text of 1 to ${LONGEST_KEY} characters`)
}

function invalid(rule: string): OrderlyError {
  return new OrderlyError(CODE, rule)
}
