// Guessing made slow: failed tries are counted by account and place, over all processes.
import { createHash } from 'node:crypto'
import { OrderlyError } from '../primitives/errors.ts'
import { neighbourhood } from './address.ts'
import type { AccessDatabase, AttemptRow } from './tables.ts'

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
  /** A program's key: one that is out of date says nothing of the people at its place. */
  readonly isKey?: true
}

/** What a guess counts against. Nobody who knows a name alone can keep its owner out of a place that is known. */
function countersOf({ account, address, isKnownPlace, isKey }: Guess): Counter[] {
  const place = neighbourhood(address)
  const both = { key: keyOf('both', account, place), free: 5 }
  if (isKey) return [both]
  return [
    both,
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
  refuseEarly(rows, counters, now)
}

function refuseEarly(rows: readonly AttemptRow[], counters: readonly Counter[], now: number): void {
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

/** A try that is counted as failed until it turns out not to be. */
export interface CountedTry {
  readonly guess: Guess
  readonly at: number
  /** What the counters were before it. */
  readonly before: readonly AttemptRow[]
}

/**
 * Counts a try before it is looked at, so that a thousand at once get no further than one after another, and do not fill
 * the line for passwords either.
 *
 * @throws OrderlyError `ORDERLY_TOO_MANY_REQUESTS` as `mayTry` does
 */
export async function countTry(
  database: AccessDatabase,
  guess: Guess,
  now: number,
): Promise<CountedTry> {
  // A flood is refused here, for one read.
  await mayTry(database, guess, now)
  const counters = countersOf(guess)
  return database.transaction(async (tx) => {
    // Written as they are, so that nobody else changes them meanwhile; in one order for all, so that nobody waits in a circle.
    const before = await tx.query
      .insertInto('orderly_attempts')
      .values(counters.map(({ key }) => ({ key, failures: 0, at: now })))
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet(({ ref }) => ({ at: ref('orderly_attempts.at') })),
      )
      .returningAll()
      .execute()
    refuseEarly(before, counters, now)
    await countFailure({ ...database, query: tx.query }, guess, now)
    return { guess, at: now, before }
  })
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

/**
 * Who is in has not been guessing. Of a place only this try is taken back: others may be guessing there. One counter after
 * the other, as `countTry` takes them, so that nobody waits in a circle.
 */
export async function forgetFailures(database: AccessDatabase, counted: CountedTry): Promise<void> {
  const [both, place, ...account] = countersOf(counted.guess).map(({ key }) => key)
  const forget = (key: string): Promise<unknown> =>
    database.query.deleteFrom('orderly_attempts').where('key', '=', key).execute()
  await forget(both!)
  await takeBack(database, counted, [place!])
  for (const key of account) await forget(key)
}

/** Takes a try back that nobody could look at. */
export async function uncountTry(database: AccessDatabase, counted: CountedTry): Promise<void> {
  await takeBack(
    database,
    counted,
    countersOf(counted.guess).map(({ key }) => key),
  )
}

/** The wait goes on as it was before this try, unless others have failed since. */
async function takeBack(
  { query }: AccessDatabase,
  { at, before }: CountedTry,
  keys: readonly string[],
): Promise<void> {
  for (const row of before.filter(({ key }) => keys.includes(key)))
    await query
      .updateTable('orderly_attempts')
      .set((now) => ({
        failures: now('failures', '-', 1),
        at: now.case().when('at', '=', at).then(row.at).else(now.ref('at')).end(),
      }))
      .where('key', '=', row.key)
      .where('failures', '>', 0)
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
