// Lanes: jobs that wait their turn among those of their key, and who holds a place. Every place is taken in here.
import { sql, type RawBuilder } from 'kysely'
import { takeTurns, type Line } from '../job/rotation.ts'
import type { Rate } from '../job/token-bucket.ts'
import { takeFromBucket } from './buckets.ts'
import { exclusively, type StateTransaction } from './exclusive.ts'
import type { LaneRow } from './limit-tables.ts'
import { limitAt } from './limits.ts'
import type { StateDatabase } from './tables.ts'

/** What a kind of job is bounded by, as its code says. */
export interface LaneRules {
  readonly name: string
  /** Places of each key. */
  readonly concurrency: number | undefined
  readonly rate: Rate | undefined
}

export type LaneEntry = Omit<LaneRow, 'state' | 'at' | 'holder'>

export interface Dispatched {
  readonly id: string
  readonly queue: string
  readonly engine: string
}

/** `hasMore`: others may have a turn too, that were not looked at. */
export interface Dispatch {
  readonly picked: readonly Dispatched[]
  readonly hasMore: boolean
}

interface Head extends Dispatched {
  readonly weight: number
  readonly units: number
  readonly bucket: string
}

/** How soon a line is looked at again whose first job is due and not in a queue that can be reached. */
const NOT_YET_MS = 200
/** Lines looked at beyond those that can have a turn: some have used up their budget. */
const SPARE_LINES = 50
const ROWS_AT_ONCE = 100

/** Lets jobs wait their turn. One that is there already stays as it is. */
export async function parkNew(
  database: StateDatabase,
  entries: readonly LaneEntry[],
  now: number,
): Promise<void> {
  const [first] = entries
  if (!first) return
  await exclusively(database, lockOf(first.name), async (query) => {
    for (let start = 0; start < entries.length; start += ROWS_AT_ONCE)
      await query
        .insertInto('orderly_lanes')
        .values(
          entries
            .slice(start, start + ROWS_AT_ONCE)
            .map((entry) => ({ ...entry, state: 'parked' as const, at: now, holder: '' })),
        )
        .onConflict((conflict) => conflict.column('job_id').doNothing())
        .execute()
    const due = new Map<string, number>()
    for (const { key, due_at } of entries) due.set(key, Math.min(due_at, due.get(key) ?? Infinity))
    await openLines(query, first.name, [...due])
  })
}

/** A key whose first job has come begins where the others are. */
async function openLines(
  query: StateTransaction,
  name: string,
  due: readonly (readonly [key: string, at: number])[],
): Promise<void> {
  const { pass } = await query
    .selectFrom('orderly_lane_keys')
    .select((select) => select.fn.coalesce(select.fn.min('pass'), select.val(0)).as('pass'))
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  for (let start = 0; start < due.length; start += ROWS_AT_ONCE)
    await sql`insert into orderly_lane_keys (name, key, pass, rest_until)
    values ${sql.join(due.slice(start, start + ROWS_AT_ONCE).map(([key, at]) => sql`(${name}, ${key}, ${pass}, ${at})`))}
    on conflict (name, key) do update set rest_until = case
      when orderly_lane_keys.rest_until < excluded.rest_until then orderly_lane_keys.rest_until
      else excluded.rest_until end`.execute(query)
}

/** Kinds with a line that may have a job that can begin. */
export async function findOpenKinds({ query }: StateDatabase, now: number): Promise<string[]> {
  const kinds = await query
    .selectFrom('orderly_lane_keys')
    .select('name')
    .distinct()
    .where('rest_until', '<=', now)
    .execute()
  return kinds.map(({ name }) => name)
}

/**
 * Gives places to the jobs whose turn it is, all or none of them.
 *
 * @param ahead how many may have a place that no worker has taken yet
 * @param engines those whose jobs can be reached from here
 */
export async function dispatch(
  database: StateDatabase,
  rules: LaneRules,
  { ahead, engines, now }: { ahead: number; engines: readonly string[]; now: number },
): Promise<Dispatch> {
  const { name } = rules
  return exclusively(
    database,
    lockOf(name),
    async (query) => {
      const room = ahead - (await countDispatched(query, name))
      if (room <= 0) return { picked: [], hasMore: false }
      const limit = await concurrencyAt(query, rules, now)
      const most = room + (rules.rate ? SPARE_LINES : 0)
      const lines = await findLines(query, name, limit, now, most)
      const heads = await findHeads(query, name, lines, engines, now, Math.min(limit, room))
      const open: Line<Head>[] = []
      for (const { key, pass, held } of lines) {
        const jobs = heads.get(key)
        if (jobs) open.push({ key, pass, free: limit - held, jobs })
        else await restLine(query, name, key, now)
      }
      let isSpent = false
      const { picked, passes, floor } = await takeTurns(open, room, async (job, key) => {
        if (isSpent) return false
        const wait = await takeBudget(query, rules, job, now)
        // A budget that many lines share is used up for all of them; they need not be told one by one.
        if (wait > 0 && job.bucket === '' && key !== '') isSpent = true
        else if (wait > 0) await setRest(query, name, key, now + wait)
        return wait === 0
      })
      for (const [key, pass] of passes)
        await query
          .updateTable('orderly_lane_keys')
          .set({ pass })
          .where('name', '=', name)
          .where('key', '=', key)
          .execute()
      // Whoever had nothing to run, or no place, has no credit for it.
      if (floor !== undefined)
        await query
          .updateTable('orderly_lane_keys')
          .set({ pass: floor })
          .where('name', '=', name)
          .where('pass', '<', floor)
          .execute()
      for (const { id } of picked)
        await query
          .updateTable('orderly_lanes')
          .set({ state: 'dispatched', at: now })
          .where('job_id', '=', id)
          .execute()
      // Those that were looked at in vain rest now.
      return { picked, hasMore: !isSpent && lines.length === most && picked.length < room }
    },
    'written',
  )
}

async function findLines(
  query: StateTransaction,
  name: string,
  limit: number,
  now: number,
  most: number,
): Promise<{ key: string; pass: number; held: number }[]> {
  const bounded = Number.isFinite(limit) ? sql`where held < ${limit}` : sql``
  const { rows } = await sql<{ key: string; pass: number; held: number }>`
    select key, pass, held from (
      select k.key, k.pass, (${heldBy(sql`k.name`, sql`k.key`)}) as held
      from orderly_lane_keys k where k.name = ${name} and k.rest_until <= ${now}
    ) as lines ${bounded} order by pass, key limit ${most}`.execute(query)
  return rows
}

/** How many places a key has taken. */
function heldBy(name: RawBuilder<unknown>, key: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`select count(*) from orderly_lanes h
    where h.name = ${name} and h.key = ${key} and h.state in ('dispatched', 'running')`
}

/**
 * The first jobs of each line, at most `most` of each, that the record knows as accepted, in a queue within reach. Cross
 * joins, so that SQLite goes along the lines; by itself it goes through all unfinished jobs.
 */
async function findHeads(
  query: StateTransaction,
  name: string,
  lines: readonly { readonly key: string }[],
  engines: readonly string[],
  now: number,
  most: number,
): Promise<Map<string, Head[]>> {
  const heads = new Map<string, Head[]>()
  if (lines.length === 0) return heads
  const { rows } = await sql<Head & { key: string }>`
    select l.job_id as id, l.key, l.queue, j.engine, l.weight, l.units, l.bucket
    from orderly_lane_keys k cross join orderly_lanes l cross join orderly_jobs j
    where k.name = ${name} and k.key in (${sql.join(lines.map(({ key }) => key))})
      and l.job_id in (
        select p.job_id from orderly_lanes p cross join orderly_jobs a
        where a.id = p.job_id and p.name = k.name and p.key = k.key and p.state = 'parked' and p.due_at <= ${now}
          and a.finished_at is null and a.engine in (${sql.join(engines)})
        order by p.priority, p.seq limit ${most})
      and j.id = l.job_id
    order by l.key, l.priority, l.seq`.execute(query)
  for (const { key, ...head } of rows) {
    const others = heads.get(key)
    if (others) others.push(head)
    else heads.set(key, [head])
  }
  return heads
}

/** A line with nothing to run now rests until it may have; one without jobs ends. */
async function restLine(
  query: StateTransaction,
  name: string,
  key: string,
  now: number,
): Promise<void> {
  const { due } = await query
    .selectFrom('orderly_lanes')
    .select((select) => select.fn.min('due_at').as('due'))
    .where('name', '=', name)
    .where('key', '=', key)
    .where('state', '=', 'parked')
    .executeTakeFirstOrThrow()
  if (typeof due === 'number') return setRest(query, name, key, Math.max(due, now + NOT_YET_MS))
  await query
    .deleteFrom('orderly_lane_keys')
    .where('name', '=', name)
    .where('key', '=', key)
    .execute()
}

async function setRest(
  query: StateTransaction,
  name: string,
  key: string,
  until: number,
): Promise<void> {
  await query
    .updateTable('orderly_lane_keys')
    .set({ rest_until: until })
    .where('name', '=', name)
    .where('key', '=', key)
    .execute()
}

async function countDispatched(query: StateTransaction, name: string): Promise<number> {
  const { n } = await query
    .selectFrom('orderly_lanes')
    .select((select) => select.fn.countAll<number>().as('n'))
    .where('name', '=', name)
    .where('state', '=', 'dispatched')
    .executeTakeFirstOrThrow()
  return n
}

async function concurrencyAt(
  query: StateTransaction,
  { name, concurrency }: LaneRules,
  now: number,
): Promise<number> {
  if (concurrency === undefined) return Infinity
  return (await limitAt({ query }, { kind: 'job', name, what: 'concurrency' }, now)) ?? concurrency
}

async function takeBudget(
  query: StateTransaction,
  { name, rate }: LaneRules,
  { bucket, units }: Pick<LaneRow, 'bucket' | 'units'>,
  now: number,
): Promise<number> {
  if (!rate) return 0
  const limit = (await limitAt({ query }, { kind: 'job', name, what: 'rate' }, now)) ?? rate.limit
  return takeFromBucket(query, `job/${name}/${bucket}`, { ...rate, limit }, units, now)
}

/**
 * Takes the place of a job that a worker has just claimed: its own, or a free one where it has none, as after it was
 * put back in its queue by hand.
 *
 * @returns whether it has one; if not, it waits its turn again
 */
export async function enterLane(
  database: StateDatabase,
  rules: LaneRules,
  entry: LaneEntry,
  holder: string,
  now: number,
): Promise<boolean> {
  // Whoever has a place keeps it, so this need not be alone.
  const hasPlace = await database.transaction(async ({ query }) => {
    const entered = await query
      .updateTable('orderly_lanes')
      .set({ state: 'running', holder, at: now })
      .where('job_id', '=', entry.job_id)
      .where('state', 'in', ['dispatched', 'running'])
      .executeTakeFirst()
    return entered.numUpdatedRows > 0n
  }, 'written')
  if (hasPlace) return true
  return exclusively(database, lockOf(entry.name), async (alone) => {
    const limit = await concurrencyAt(alone, rules, now)
    const { rows } = await sql<{ held: number }>`
      select (${heldBy(sql`${entry.name}`, sql`${entry.key}`)}) as held`.execute(alone)
    const wait = rows[0]!.held < limit ? await takeBudget(alone, rules, entry, now) : undefined
    const row =
      wait === 0
        ? { state: 'running' as const, holder, at: now }
        : { state: 'parked' as const, holder: '', at: now, due_at: now + (wait ?? 0) }
    await alone
      .insertInto('orderly_lanes')
      .values({ ...entry, ...row })
      .onConflict((conflict) => conflict.column('job_id').doUpdateSet(row))
      .execute()
    if (wait !== 0) await openLines(alone, entry.name, [[entry.key, now + (wait ?? 0)]])
    return wait === 0
  })
}

/** Lets a job wait its turn anew from `due` on; its place is free. @param holder if given, only if this claim has it */
export async function parkAgain(
  database: StateDatabase,
  { job_id, name, key }: Pick<LaneRow, 'job_id' | 'name' | 'key'>,
  { due, now, holder }: { due: number; now: number; holder?: string },
): Promise<void> {
  await exclusively(
    database,
    lockOf(name),
    async (query) => {
      let parking = query
        .updateTable('orderly_lanes')
        .set({ state: 'parked', holder: '', due_at: due, at: now })
        .where('job_id', '=', job_id)
        .where('state', '<>', 'parked')
      if (holder !== undefined) parking = parking.where('holder', '=', holder)
      const parked = await parking.executeTakeFirst()
      if (parked.numUpdatedRows > 0n) await openLines(query, name, [[key, due]])
    },
    'written',
  )
}

function lockOf(name: string): string {
  return `lane/${name}`
}
