import * as fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { append, type HistoryDatabase } from '../../packages/orderly/src/history/record.ts'
import { dropContent, dropHistory, findExpired } from '../../packages/orderly/src/history/retain.ts'
import { rebuild } from '../../packages/orderly/src/history/rebuild.ts'
import type { JobEvent, JobHappening } from '../../packages/orderly/src/job/job-event.ts'
import { OPEN_STATES, STATES } from '../../packages/orderly/src/job/states.ts'
import { PLACES, openRecord, type Place } from './databases.ts'
import { accepted, bothCounts, entry, RETENTION } from './events.ts'

/** Anything that may happen to a job, in any order, sensible or not. */
const happenings: fc.Arbitrary<JobHappening> = fc.oneof(
  fc.record({ type: fc.constant('started' as const), attempt: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ type: fc.constant('progressed' as const), progress: fc.string() }),
  fc.record({ type: fc.constant('input-changed' as const), input: fc.string() }),
  fc.constant({
    type: 'attempt-failed' as const,
    attempt: 1,
    run: 1,
    code: 'C',
    fingerprint: 'f',
    error: 'sealed',
  }),
  fc.constant({
    type: 'attempt-failed' as const,
    attempt: 2,
    run: 2,
    code: 'ORDERLY_TIMEOUT',
    fingerprint: 'f',
    error: 'sealed',
    external: true as const,
  }),
  fc.record({
    type: fc.constantFrom(
      ...(['retried', 'snoozed', 'interrupted', 'stalled', 'promoted', 'redriven'] as const),
    ),
    runAt: fc.integer({ min: 0, max: 2_000 }),
  }),
  fc.constant({ type: 'waiting-children' as const }),
  fc.record({ type: fc.constant('completed' as const), output: fc.option(fc.string()) }),
  fc.record({
    type: fc.constant('failed' as const),
    reason: fc.constantFrom('ORDERLY_TIMEOUT#0123456789ab', 'o1.sealed'),
  }),
  fc.constant({ type: 'removed' as const }),
  fc.constant({ type: 'deduplicated' as const, by: 'other' }),
  fc.record({ type: fc.constant('restored' as const), seen: fc.integer({ min: 0, max: 60 }) }),
  fc.record({
    type: fc.constant('corrected' as const),
    state: fc.constantFrom(...STATES),
    seen: fc.integer({ min: 0, max: 60 }),
    output: fc.constant('found'),
    reason: fc.constant('o1.found'),
  }),
  fc.record({
    type: fc.constant('accepted' as const),
    queue: fc.constant('work'),
    name: fc.constantFrom('visit', 'other'),
    input: fc.string(),
    opts: fc.constant({ attempts: 3 }),
    priority: fc.constantFrom(0, 7),
    runAt: fc.integer({ min: 0, max: 100 }),
  }),
)

/** The logs of a few jobs. */
const logs = fc
  .array(fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), happenings), { maxLength: 14 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((jobs) =>
    jobs.map((log, n): JobEvent[] => [
      accepted(`job${n}`, 1, { opts: { attempts: 3 } }),
      ...log.map(([at, what], k) => ({ id: `job${n}:${k}`, jobId: `job${n}`, at, ...what })),
    ]),
  )

/** One log of all jobs, each in its own order, repetitions anywhere, and where it is cut into calls. */
const tellings = logs.chain((jobs) =>
  fc.infiniteStream(fc.nat()).chain((chance) => {
    const next = chance[Symbol.iterator]()
    const draw = (below: number): number => next.next().value! % below
    const left = jobs.map((log) => [...log])
    const told: JobEvent[] = []
    for (let open = left.filter((log) => log.length > 0); open.length > 0;) {
      told.push(open[draw(open.length)]!.shift()!)
      while (draw(3) === 0) told.push(told[draw(told.length)]!)
      open = left.filter((log) => log.length > 0)
    }
    const calls: JobEvent[][] = []
    while (told.length > 0) calls.push(told.splice(0, 1 + draw(6)))
    return fc.constant({ jobs, calls })
  }),
)

async function tables({ query }: HistoryDatabase) {
  const jobs = await query.selectFrom('orderly_jobs').selectAll().orderBy('id').execute()
  const measures = await sql<Record<string, unknown>>`select * from orderly_measures`.execute(query)
  return {
    jobs,
    measures: measures.rows.map((row) => JSON.stringify(row)).toSorted(),
    counts: (await query.selectFrom('orderly_counts').selectAll().where('n', '<>', 0).execute())
      .map((row) => JSON.stringify(row))
      .toSorted(),
  }
}

describe.each(['sqlite', 'postgres'] as const)('the record in %s', (kind) => {
  const runs = kind === 'sqlite' ? 150 : 25
  let place: Place
  let db: HistoryDatabase
  beforeAll(async () => {
    place = await PLACES[kind]()
    db = await openRecord(await place.fresh())
  })
  afterAll(async () => {
    await db.close()
    await place.stop()
  })
  const empty = async (): Promise<void> => {
    for (const name of ['orderly_jobs', 'orderly_events', 'orderly_counts'] as const)
      await db.query.deleteFrom(name).execute()
    await sql`delete from orderly_measures`.execute(db.query)
    await db.query.deleteFrom('orderly_record_floor').execute()
  }
  const tell = (events: readonly JobEvent[]) =>
    append(
      db,
      events.map((event) => entry(event)),
      RETENTION,
    )

  it('is the same however a log is repeated, cut, and mixed with those of other jobs', async () => {
    await fc.assert(
      fc.asyncProperty(tellings, async ({ jobs, calls }) => {
        await empty()
        for (const log of jobs) for (const event of log) await tell([event])
        const clean = await tables(db)
        await empty()
        for (const call of calls) await tell(call)
        expect(await tables(db)).toEqual(clean)
        const { kept, counted } = await bothCounts(db)
        expect(kept).toEqual(counted)
      }),
      { numRuns: runs },
    )
  })

  it('is the same when rows and counts are worked out anew, before and after content is gone', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat(9_000), async (jobs, now) => {
        await empty()
        for (const log of jobs) await tell(log)
        const due = await findExpired(db, ['main'], now)
        await dropContent(
          db,
          due.map(({ id }) => id),
          now,
        )
        const before = await tables(db)
        expect(await rebuild(db, RETENTION)).toMatchObject({ jobs: 0, counts: 0, measures: 0 })
        expect(await tables(db)).toEqual(before)
        await db.query
          .updateTable('orderly_jobs')
          .set({
            state: 'active',
            attempts: 99,
            created_at: 5,
            error_code: 'WRONG',
            queue: 'wrong',
          })
          .execute()
        await db.query.deleteFrom('orderly_counts').execute()
        await sql`update orderly_measures set completed = 99, run_ms = 0`.execute(db.query)
        const damaged = await tables(db)
        const found = {
          read: before.jobs.length,
          jobs: before.jobs.length,
          counts: before.counts.length,
          measures: before.measures.length,
        }
        expect(await rebuild(db, RETENTION, { isPlan: true })).toEqual(found)
        expect(await tables(db)).toEqual(damaged)
        expect(await rebuild(db, RETENTION)).toEqual(found)
        expect(await tables(db)).toEqual(before)
      }),
      { numRuns: runs },
    )
  })

  it('leaves minutes alone of which some events are gone, and mends those of which none is', async () => {
    await empty()
    const MINUTE = 60_000
    // The oldest event is of a job that is still there; of the minutes after it some jobs are forgotten.
    await tell([accepted('old', 1, { opts: { attempts: 3 } })])
    for (const n of [1, 2, 3, 4]) {
      const at = n * MINUTE
      const id = `job${n}`
      await tell([
        accepted(id, at, { opts: { attempts: 3 } }),
        { id: `${id}:1`, jobId: id, at: at + 1, type: 'started', attempt: 1 },
        { id: `${id}:2`, jobId: id, at: at + 2, type: 'completed', output: null },
      ])
    }
    await dropContent(db, ['job1', 'job2', 'job3', 'job4'], 1e12)
    expect(await dropHistory(db, 3 * MINUTE)).toBe(2)
    const { measures } = await tables(db)
    expect(measures).toHaveLength(4)
    expect(await rebuild(db, RETENTION)).toMatchObject({ jobs: 0, counts: 0, measures: 0 })
    await sql`update orderly_measures set completed = 99`.execute(db.query)
    expect(await rebuild(db, RETENTION, { measuresSince: 4 * MINUTE })).toMatchObject({
      measures: 1,
    })
    expect(await rebuild(db, RETENTION)).toMatchObject({ measures: 1 })
    const { rows } = await sql<{ completed: number }>`
      select completed from orderly_measures order by minute`.execute(db.query)
    expect(rows.map(({ completed }) => completed)).toEqual([99, 99, 1, 1])
  })

  it('accounts for every job: what was accepted is completed, failed, removed or open', async () => {
    await fc.assert(
      fc.asyncProperty(tellings, async ({ jobs, calls }) => {
        await empty()
        for (const call of calls) await tell(call)
        const { jobs: rows } = await tables(db)
        const ended = rows.filter(({ state }) => ['completed', 'failed', 'removed'].includes(state))
        const open = rows.filter(({ state }) => (OPEN_STATES as readonly string[]).includes(state))
        expect(ended.length + open.length).toBe(jobs.length)
        expect(ended.every(({ finished_at }) => finished_at !== null)).toBe(true)
        expect(open.every(({ finished_at }) => finished_at === null)).toBe(true)
      }),
      { numRuns: runs },
    )
  })
})
