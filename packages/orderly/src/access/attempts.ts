// Guessing made slow: failed tries are counted by account and place, over all processes.
import { createHash } from 'node:crypto'
import { OrderlyError } from '../primitives/errors.ts'
import { neighbourhood } from './address.ts'
import type { AccessDatabase } from './tables.ts'

/** Tries that are forgotten after this long without another. */
const WINDOW_MS = 15 * 60_000
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = WINDOW_MS

interface Counter {
  readonly key: string
  /** Failures without any wait. */
  readonly free: number
}

export interface Guess {
  readonly account: string
  readonly address: string
  /** Whether this account has signed in from here before: then others cannot lock its owner out. */
  readonly isKnownPlace: boolean
}

/** What a guess counts against. Nobody who knows a name alone can keep its owner out of a place that is known. */
function countersOf({ account, address, isKnownPlace }: Guess): Counter[] {
  const place = neighbourhood(address)
  return [
    { key: keyOf('both', account, place), free: 5 },
    { key: keyOf('place', place), free: 20 },
    ...(isKnownPlace ? [] : [{ key: keyOf('account', account), free: 20 }]),
  ]
}

/**
 * Refuses a try that comes too soon after failed ones. Such a try is not counted.
 *
 * @throws OrderlyError `ORDERLY_TOO_MANY_REQUESTS`, the same whether the account exists or not
 */
export async function mayTry({ query }: AccessDatabase, guess: Guess, now: number): Promise<void> {
  const counters = countersOf(guess)
  const rows = await query
    .selectFrom('orderly_attempts')
    .selectAll()
    .where(
      'key',
      'in',
      counters.map(({ key }) => key),
    )
    .execute()
  const wait = Math.max(
    0,
    ...rows.map((row) => {
      const { free } = counters.find(({ key }) => key === row.key)!
      return row.at + waitAfter(row.failures, free) - now
    }),
  )
  if (wait === 0) return
  throw new OrderlyError(
    'ORDERLY_TOO_MANY_REQUESTS',
    `too many failed tries; wait ${Math.ceil(wait / 1_000)} seconds`,
  )
}

function waitAfter(failures: number, free: number): number {
  if (failures < free) return 0
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, failures - free))
}

export async function countFailure(
  { query }: AccessDatabase,
  guess: Guess,
  now: number,
): Promise<void> {
  for (const { key } of countersOf(guess))
    await query
      .insertInto('orderly_attempts')
      .values({ key, failures: 1, at: now })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((row) => ({
          failures: row
            .case()
            .when('orderly_attempts.at', '<', now - WINDOW_MS)
            .then(1)
            .else(row('orderly_attempts.failures', '+', 1))
            .end(),
          at: now,
        })),
      )
      .execute()
}

/** Who is in has not been guessing. */
export async function forgetFailures({ query }: AccessDatabase, guess: Guess): Promise<void> {
  const keys = countersOf(guess).map(({ key }) => key)
  await query
    .deleteFrom('orderly_attempts')
    .where('key', 'in', [keys[0]!, ...keys.slice(2)])
    .execute()
}

/** Drops counters nobody has touched for a day. */
export async function dropAttempts({ query }: AccessDatabase, now: number): Promise<void> {
  await query
    .deleteFrom('orderly_attempts')
    .where('at', '<', now - 96 * WINDOW_MS)
    .execute()
}

/** What was typed as a name may be a password: only its hash is kept. */
function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32)
}
