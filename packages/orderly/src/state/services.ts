// Outside services as all processes see them: their breakers, and the calls that are under way.
import {
  admit,
  afterAnswer,
  afterFailure,
  CLOSED,
  type Breaker,
  type BreakerRules,
} from '../job/breaker.ts'
import type { ServiceDefinition } from '../job/define-service.ts'
import { takeFromBucket } from './buckets.ts'
import { exclusively, type StateTransaction } from './exclusive.ts'
import type { ServiceRow } from './limit-tables.ts'
import type { StateDatabase } from './tables.ts'

export type CallStart =
  | { readonly type: 'call' | 'trial' }
  | { readonly type: 'wait'; readonly wait: number; readonly why: string }

export interface Call {
  readonly id: string
  readonly now: number
  /** When it is given up for lost. */
  readonly until: number
}

/** How a call ended. `unknown`: nobody heard the service's answer. */
export type CallEnd = 'answered' | 'failed' | 'unknown'

/** How soon a caller looks again for a call that has ended. */
const LOOK_AGAIN_MS = 250

/** Lets a call go, or says how long to wait. */
export async function beginCall(
  database: StateDatabase,
  service: ServiceDefinition,
  call: Call,
): Promise<CallStart> {
  const { name, rateLimit, concurrency, breaker: rules } = service
  const { id, now, until } = call
  // What is closed and unbounded, as most are, costs a look.
  if (!rateLimit && concurrency === undefined && (!rules || !(await readBreaker(database, name))))
    return { type: 'call' }
  return exclusively(
    database,
    lockOf(name),
    async (query): Promise<CallStart> => {
      const breaker = (await readBreaker({ query }, name)) ?? CLOSED
      const start = rules ? admit(breaker, rules, now) : ({ type: 'call' } as const)
      if (start.type === 'wait') return { ...start, why: 'it failed too often' }
      if (concurrency !== undefined && (await countCalls(query, name, now)) >= concurrency)
        return { type: 'wait', wait: LOOK_AGAIN_MS, why: 'as many run as may' }
      if (rateLimit) {
        const wait = await takeFromBucket(query, `service/${name}`, rateLimit, 1, now)
        if (wait > 0) return { type: 'wait', wait, why: 'its rate is used up' }
      }
      if (start.type === 'trial')
        await query
          .updateTable('orderly_services')
          .set({ trial_until: until, trial: id })
          .where('name', '=', name)
          .execute()
      if (concurrency !== undefined)
        await query
          .insertInto('orderly_service_calls')
          .values({ id, service: name, until })
          .execute()
      return start
    },
    'written',
  )
}

export async function endCall(
  database: StateDatabase,
  { name, concurrency, breaker: rules }: ServiceDefinition,
  { id, isTrial, end, now }: { id: string; isTrial: boolean; end: CallEnd; now: number },
): Promise<void> {
  if (rules && (isTrial || end === 'failed'))
    await exclusively(
      database,
      lockOf(name),
      async (query) => {
        const row = await readRow({ query }, name)
        // A trial that was given up for lost decides nothing any more.
        if (isTrial && row?.trial !== id) return
        const before = row ? breakerOf(row) : CLOSED
        const after = judge(before, rules, { isTrial, end, now })
        if (after === CLOSED)
          await query.deleteFrom('orderly_services').where('name', '=', name).execute()
        else await writeBreaker(query, name, after, rules)
      },
      'written',
    )
  if (concurrency !== undefined)
    await database.query.deleteFrom('orderly_service_calls').where('id', '=', id).execute()
}

function judge(
  breaker: Breaker,
  rules: BreakerRules,
  { isTrial, end, now }: { isTrial: boolean; end: CallEnd; now: number },
): Breaker {
  if (end === 'failed') return afterFailure(breaker, rules, { isTrial, now })
  if (end === 'answered') return afterAnswer(breaker, { isTrial })
  return { ...breaker, trialUntil: null }
}

export async function findServices({ query }: StateDatabase): Promise<ServiceRow[]> {
  return query.selectFrom('orderly_services').selectAll().orderBy('name').execute()
}

export function breakerOf({ failed_at, opened_at, trial_until }: ServiceRow): Breaker {
  return {
    failedAt: JSON.parse(failed_at) as number[],
    openedAt: opened_at,
    trialUntil: trial_until,
  }
}

type Reader = Pick<StateDatabase, 'query'> | { readonly query: StateTransaction }

async function readRow({ query }: Reader, name: string): Promise<ServiceRow | undefined> {
  return query
    .selectFrom('orderly_services')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
}

async function readBreaker(reader: Reader, name: string): Promise<Breaker | undefined> {
  const row = await readRow(reader, name)
  return row && breakerOf(row)
}

async function writeBreaker(
  query: StateTransaction,
  name: string,
  { failedAt, openedAt, trialUntil }: Breaker,
  { cooldown, within: span }: BreakerRules,
): Promise<void> {
  const row = {
    failed_at: JSON.stringify(failedAt),
    opened_at: openedAt,
    trial_until: trialUntil,
    cooldown,
    span,
  }
  await query
    .insertInto('orderly_services')
    .values({ name, trial: '', ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute()
}

async function countCalls(query: StateTransaction, service: string, now: number): Promise<number> {
  await query
    .deleteFrom('orderly_service_calls')
    .where('service', '=', service)
    .where('until', '<=', now)
    .execute()
  const { n } = await query
    .selectFrom('orderly_service_calls')
    .select((select) => select.fn.countAll<number>().as('n'))
    .where('service', '=', service)
    .executeTakeFirstOrThrow()
  return n
}

function lockOf(name: string): string {
  return `service/${name}`
}
