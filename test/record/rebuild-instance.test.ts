// What an instance folds from its logs is the same when it is worked out anew: jobs, counts, measures, alerts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createOrderly,
  defineJob,
  fixed,
  handle,
  JobFault,
  type Orderly,
} from '../../packages/orderly/src/index.ts'
import { openDatabase } from '../../packages/orderly/src/database/open.ts'
import { snapshotOf, tellEpisode } from '../../packages/orderly/src/alerts/episode-log.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { rebuildInstallation } from '../../packages/orderly/src/rebuild-maintenance.ts'
import { PLACES, type Place } from './databases.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const input = z.object({ way: z.string() })
const quiet = defineJob({ name: 'quiet', input, monitoring: { metrics: false } })
const work = defineJob({
  name: 'work',
  input,
  retry: { attempts: 2, backoff: fixed('50ms') },
  timeout: '50ms',
})

const TABLES = {
  orderly_jobs: 'id',
  orderly_counts: 'queue, name, state',
  orderly_measures: 'minute, queue, name',
  orderly_alert_episodes: 'id',
} as const

describe.each(['sqlite', 'postgres'] as const)('an installation on %s', (kind) => {
  let place: Place
  let home: string
  let databaseUrl: string
  beforeAll(async () => {
    place = await PLACES[kind]()
    databaseUrl = await place.fresh()
    home = mkdtempSync(join(tmpdir(), 'orderly-rebuild-'))
  })
  afterAll(async () => {
    await place.stop()
    rmSync(home, { recursive: true, force: true })
  })
  const open = (): Promise<Orderly> =>
    createOrderly({
      home,
      databaseUrl,
      log: silent,
      jobs: [work, quiet],
      handlers: [
        handle(quiet, async () => undefined),
        handle(work, async (ctx) => {
          const { way } = ctx.input
          if (way === 'fails once' && ctx.attempt === 1) throw new Error('no')
          if (way === 'fails') throw new Error('no')
          if (way === 'is refused outside') throw new JobFault('external', 'the vendor is down')
          if (way === 'never ends')
            await new Promise((_, reject) =>
              ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error)),
            )
        }),
      ],
    })
  /** Looks at the tables, and changes them, past every instance. */
  const beside = async <T>(work: (query: Kysely<unknown>) => Promise<T>): Promise<T> => {
    const database = openDatabase(databaseUrl)
    try {
      return await work(database.query)
    } finally {
      await database.close()
    }
  }
  const tables = async (query: Kysely<unknown>): Promise<Record<string, unknown>> => {
    const found: Record<string, unknown> = {}
    for (const [table, key] of Object.entries(TABLES)) {
      const where = table === 'orderly_counts' ? 'where n <> 0' : ''
      const { rows } =
        await sql`${sql.raw(`select * from ${table} ${where} order by ${key}`)}`.execute(query)
      found[table] = rows
    }
    return found
  }

  it('is the same when it is worked out anew, and a plan says first what is wrong', async () => {
    const orderly = await open()
    const ways = ['works', 'works', 'fails once', 'fails', 'is refused outside', 'never ends']
    for (const way of ways) await orderly.enqueue(work, { way })
    await orderly.enqueue(quiet, { way: 'works' })
    await orderly.alerts.putRule({ name: 'deep', metric: 'queue.depth', above: 2 })
    await orderly.alerts.evaluate()
    const [deep] = await orderly.alerts.list({ state: 'firing' })
    await orderly.alerts.acknowledge(deep!.id, 'ann', 'more workers come')
    await orderly.start()
    await orderly.whenIdle()
    await orderly.alerts.putRule({ name: 'failures', metric: 'jobs.failed', above: 0 })
    await orderly.alerts.evaluate()
    await roomsOf(orderly).recorder.flush()
    const [row] = await orderly.metrics({ name: 'work', last: '1h', step: 60 })
    expect(row).toMatchObject({
      completed: 3,
      failed: 3,
      external: 1,
      retried: 4,
      timed_out: 2,
      started: 10,
    })
    expect(await orderly.metrics({ name: 'quiet' })).toEqual([])
    const firing = await orderly.alerts.list({ state: 'firing' })
    expect(firing.map(({ rule }) => rule)).toContain('failures')
    // One that is over keeps its notices and not its numbers on the way.
    const { state } = roomsOf(orderly)
    const over = await state.query
      .selectFrom('orderly_alert_episodes')
      .selectAll()
      .where('id', '=', deep!.id)
      .executeTakeFirstOrThrow()
    const at = over.since + 1
    await tellEpisode(state, over.id, { type: 'noticed', at })
    const end = { ...snapshotOf(over), state: 'resolved', resolved_at: at } as const
    await tellEpisode(state, over.id, { type: 'ended', at, ...end })
    await orderly.close()

    const options = { home, databaseUrl }
    const right = { jobs: 0, counts: 0, measures: 0 }
    const sound = await rebuildInstallation(options, false)
    expect(sound).toMatchObject({ record: { ...right, read: 7 }, alerts: { episodes: 0 } })

    const before = await beside(tables)
    await beside(async (query) => {
      await sql`update orderly_jobs set state = 'waiting', finished_at = null`.execute(query)
      await sql`delete from orderly_counts`.execute(query)
      await sql`update orderly_measures set completed = completed + 7`.execute(query)
      await sql`update orderly_alert_episodes set worst = 1000, acknowledged_by = 'eve'`.execute(
        query,
      )
    })
    const plan = await rebuildInstallation(options, true)
    expect(plan.record).toMatchObject({ read: 7, jobs: 7 })
    expect(plan.record.counts).toBeGreaterThan(0)
    expect(plan.record.measures).toBeGreaterThan(0)
    expect(plan.alerts.episodes).toBe(plan.alerts.read)
    expect(await rebuildInstallation(options, false)).toEqual(plan)
    expect(await beside(tables)).toEqual(before)
    expect(await rebuildInstallation(options, true)).toMatchObject({ record: right })
  })

  it('plays the life of a job once more, step by step', async () => {
    const orderly = await open()
    const { id } = await orderly.enqueue(work, { way: 'fails once' })
    await orderly.start()
    await orderly.whenIdle()
    const life = (await orderly.replayJob(id))!
    expect(life.agrees).toBe(true)
    expect(life.steps.map(({ type }) => type)).toEqual([
      'accepted',
      'started',
      'attempt-failed',
      'retried',
      'started',
      'completed',
    ])
    const states = life.steps.flatMap(({ changes }) =>
      changes.flatMap(({ field, to }) => (field === 'state' ? [to] : [])),
    )
    expect(states).toEqual(['prioritized', 'active', 'delayed', 'active', 'completed'])
    await sql`update orderly_jobs set attempts = 9 where id = ${id}`.execute(orderly.database.query)
    expect(await orderly.replayJob(id)).toMatchObject({ agrees: false })
    expect(await orderly.replayJob('nobody')).toBeUndefined()
    await orderly.close()
  })
})
