import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compiled } from '../../packages/bullmq-sqlite/conformance/compiled.ts'
import { startRedis, type RunningServer } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { findEvents, findJobs } from '../../packages/orderly/src/history/find.ts'
import { countOutbox, readOutbox } from '../../packages/orderly/src/history/outbox.ts'
import { defineJob } from '../../packages/orderly/src/job/define-job.ts'
import type {
  CallerTransaction,
  EnqueueOptions,
} from '../../packages/orderly/src/job/enqueue-options.ts'
import { handle } from '../../packages/orderly/src/job/handler.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { enqueue } from '../../packages/orderly/src/runtime/enqueue.ts'
import { reconcile } from '../../packages/orderly/src/runtime/reconcile.ts'
import { relay } from '../../packages/orderly/src/runtime/relay.ts'
import { startWork } from '../../packages/orderly/src/runtime/start.ts'
import { createKeyring, formatKeyring } from '../../packages/orderly/src/vault/keyring.ts'
import { PLACES, type Place } from './databases.ts'
import { job } from './events.ts'
import { POINTS } from './outbox-child.ts'
import { openRooms, storeAt, type OpenRooms } from './rooms.ts'

const CHILD = fileURLToPath(new URL('outbox-child.ts', import.meta.url))
const KILLS = Number(process.env['KILLS'] ?? 28)
const visit = defineJob({ name: 'visit', input: z.object({ n: z.number() }) })
const keyring = createKeyring(0)

/** A caller's transaction, of one of the clients that can be handed over. */
interface Caller {
  begin(work: (transaction: CallerTransaction) => Promise<unknown>): Promise<void>
  /** What to hand over outside of any transaction. */
  outside(): Promise<CallerTransaction>
  close(): Promise<void>
}

const CALLERS: Record<
  string,
  { kind: 'sqlite' | 'postgres'; open(rooms: OpenRooms, url: string): Promise<Caller> }
> = {
  'Kysely on SQLite': { kind: 'sqlite', open: kyselyCaller },
  'better-sqlite3': {
    kind: 'sqlite',
    async open(_, url) {
      const db = new BetterSqlite3(url.slice('sqlite:'.length))
      return {
        async begin(work) {
          db.exec('begin immediate')
          try {
            await work(db)
            db.exec('commit')
          } catch (error) {
            db.exec('rollback')
            throw error
          }
        },
        outside: async () => db,
        close: async () => void db.close(),
      }
    },
  },
  'Kysely on PostgreSQL': { kind: 'postgres', open: kyselyCaller },
  pg: {
    kind: 'postgres',
    async open(_, url) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return {
        async begin(work) {
          await client.query('begin')
          try {
            await work(client)
            await client.query('commit')
          } catch (error) {
            await client.query('rollback')
            throw error
          }
        },
        outside: async () => client,
        close: () => client.end(),
      }
    },
  },
}

async function kyselyCaller({ rooms }: OpenRooms): Promise<Caller> {
  return {
    begin: (work) => rooms.history.query.transaction().execute(async (tx) => void (await work(tx))),
    outside: async () => rooms.history.query,
    close: async () => undefined,
  }
}

const places = new Map<string, Place>()
let redis: RunningServer
beforeAll(async () => {
  for (const kind of ['sqlite', 'postgres'] as const) places.set(kind, await PLACES[kind]())
  redis = await startRedis()
})
afterAll(async () => {
  await Promise.all([...places.values()].map((place) => place.stop()))
  await redis.stop()
})

let folder: string
let closers: (() => Promise<unknown>)[]
let ran: number[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-outbox-'))
  closers = []
  ran = []
})
afterEach(async () => {
  for (const close of closers.toReversed()) await close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(databaseUrl: string, storeUrl = folder): Promise<OpenRooms> {
  const one = await openRooms({
    databaseUrl,
    store: storeAt(storeUrl),
    keyring,
    jobs: [visit],
    handlers: [handle(visit, async ({ input }) => void ran.push(input.n))],
  })
  closers.push(() => one.close())
  return one
}

async function work({ rooms }: OpenRooms): Promise<void> {
  const started = await startWork(rooms)
  closers.push(() => started.close(0))
  const isOver = async () => {
    await rooms.recorder.flush()
    const open_ = await findJobs(rooms.history, { state: ['waiting', 'prioritized', 'active'] })
    return open_.length === 0
  }
  while (!(await isOver())) await systemClock.sleep(5)
}

describe.each(Object.keys(CALLERS))('enqueueing inside a transaction of %s', (name) => {
  const { kind, open: openCaller } = CALLERS[name]!
  let one: OpenRooms
  let caller: Caller
  beforeEach(async () => {
    const url = await places.get(kind)!.fresh()
    one = await open(url)
    caller = await openCaller(one, url)
    closers.push(() => caller.close())
  })
  const ask = (n: number, transaction: CallerTransaction, options: EnqueueOptions = {}) =>
    enqueue(one.rooms, visit, { n }, { ...options, transaction })

  it('leaves nothing of a transaction that was rolled back', async () => {
    const undone = caller.begin(async (tx) => {
      await ask(1, tx)
      throw new Error('rolled back')
    })
    await expect(undone).rejects.toThrow('rolled back')
    expect(await relay(one.rooms)).toBe(0)
    expect(await findJobs(one.rooms.history, {})).toEqual([])
  })

  it('runs each job of one that was committed once, in the order they were enqueued', async () => {
    await caller.begin(async (tx) => {
      for (let n = 1; n <= 5; n++) await ask(n, tx)
    })
    expect(await findJobs(one.rooms.history, {})).toEqual([])
    expect(await relay(one.rooms)).toBe(5)
    expect(await relay(one.rooms)).toBe(0)
    await work(one)
    expect(ran).toEqual([1, 2, 3, 4, 5])
  })

  it('counts with it what it has enqueued for a queue, as far as is asked', async () => {
    await caller.begin(async (tx) => {
      for (let n = 1; n <= 3; n++) await ask(n, tx)
      expect(await countOutbox(tx, 'visit', 5)).toBe(3)
      expect(await countOutbox(tx, 'visit', 2)).toBe(2)
      expect(await countOutbox(tx, 'other', 5)).toBe(0)
    })
  })

  it('refuses a client that is in no transaction', async () => {
    await expect(ask(1, await caller.outside())).rejects.toMatchObject({
      code: 'ORDERLY_TRANSACTION_INVALID',
    })
    expect(await readOutbox(one.rooms.history)).toEqual([])
  })

  it('keeps what was said about the job: due time, priority, key and tags', async () => {
    let ids: string[] = []
    await caller.begin(async (tx) => {
      const asked = [
        await ask(1, tx, { delay: '1h', tags: ['late'] }),
        await ask(2, tx, { priority: 'low', unique: 'k' }),
        await ask(3, tx, { unique: 'k' }),
        await ask(4, tx, { priority: 'critical' }),
      ]
      ids = asked.map(({ id }) => id)
    })
    await relay(one.rooms)
    const { history, engines } = one.rooms
    const late = await job(history, ids[0]!)
    expect(late).toMatchObject({ state: 'delayed', run_at: late.created_at + 3_600_000 })
    const stored = await engines.current().engine.raw('visit').read(ids[0]!)
    expect(stored!.timestamp + stored!.opts.delay!).toBe(late.run_at)
    expect((await findJobs(history, { terms: [['#tag', 'late']] })).map(({ id }) => id)).toEqual([
      ids[0],
    ])
    expect(await job(history, ids[2]!)).toMatchObject({ state: 'removed' })
    expect((await enqueue(one.rooms, visit, { n: 5 }, { unique: 'k' })).id).toBe(ids[1])
    await work(one)
    expect(ran).toEqual([4, 2])
    expect(await reconcile(one.rooms, { settling: 0, missing: 0 })).toMatchObject({ restored: 0 })
  })
})

it.each([{}, { query: 1 }, { prepare: () => undefined, inTransaction: false }])(
  'refuses something that is no transaction: %o',
  async (transaction) => {
    const one = await open(await places.get('sqlite')!.fresh())
    const asked = enqueue(one.rooms, visit, { n: 1 }, { transaction: transaction as never })
    await expect(asked).rejects.toMatchObject({ code: 'ORDERLY_TRANSACTION_INVALID' })
  },
)

describe('a job of the outbox', () => {
  it('does not run again when the relay died before it cleared and the queue has forgotten it since', async () => {
    const one = await open(await places.get('sqlite')!.fresh())
    const { history, engines } = one.rooms
    await history.query.transaction().execute(async (transaction) => {
      await enqueue(one.rooms, visit, { n: 1 }, { transaction })
    })
    const [row] = await readOutbox(history)
    await relay(one.rooms)
    await work(one)
    await engines.current().engine.raw('visit').removeFinished(row!.id)
    await history.query.insertInto('orderly_outbox').values(row!).execute()
    expect(await relay(one.rooms)).toBe(1)
    expect(await engines.current().engine.raw('visit').state(row!.id)).toBe('unknown')
    expect(await readOutbox(history)).toEqual([])
    expect(ran).toEqual([1])
    expect((await findEvents(history, row!.id)).map(({ type }) => type)).toEqual([
      'accepted',
      'started',
      'completed',
    ])
  })

  it('is handed over when a key has to be looked up while the caller holds the only connection', async () => {
    const one = await open(await places.get('sqlite')!.fresh())
    const fresh = await open(`sqlite:${one.rooms.history.place}`)
    await fresh.rooms.history.query.transaction().execute(async (transaction) => {
      await enqueue(fresh.rooms, visit, { n: 1 }, { transaction })
    })
    expect(await relay(fresh.rooms)).toBe(1)
  })

  it('is one of many that are handed over in few steps', async () => {
    const one = await open(await places.get('sqlite')!.fresh())
    await one.rooms.history.query.transaction().execute(async (transaction) => {
      for (let n = 0; n < 450; n++) await enqueue(one.rooms, visit, { n }, { transaction })
    })
    let steps = 0
    const { history } = one.rooms
    const counting = { ...history, transaction: (w: never) => (steps++, history.transaction(w)) }
    const recorder = { ...one.rooms.recorder }
    const recordNew = recorder.recordNew
    recorder.recordNew = (entries) => (steps++, recordNew(entries))
    expect(await relay({ ...one.rooms, history: counting as never, recorder })).toBe(450)
    // Three that record, and three that take out what was handed over.
    expect(steps).toBe(6)
  })
})

describe.each([
  { kind: 'sqlite', queue: 'sqlite', kills: KILLS },
  { kind: 'postgres', queue: 'redis', kills: Math.ceil(KILLS / 4) },
] as const)(
  '$kills killed processes over $kind with their queue in $queue',
  ({ kind, queue, kills }) => {
    it('lose no job that was committed, and run none twice', { timeout: 120_000 }, async () => {
      const databaseUrl = await places.get(kind)!.fresh()
      const storeUrl = queue === 'redis' ? redis.url : folder
      const one = await open(databaseUrl, storeUrl)
      await one.rooms.history.query.schema.createTable('ledger').addColumn('n', 'integer').execute()
      const ends: string[] = []
      const killOne = (index: number): Promise<void> =>
        new Promise((resolve) => {
          const point = POINTS[index % POINTS.length]!
          const args = [databaseUrl, storeUrl, formatKeyring(keyring), point, String(index * 3)]
          const child = fork(compiled(CHILD), args, {
            execArgv: [],
            stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
          })
          child.once('exit', (code, signal) => (ends.push(signal ?? String(code)), resolve()))
        })
      // A few at a time, so that they relay each other's jobs at once.
      for (let index = 0; index < kills; index += 4)
        await Promise.all(
          [0, 1, 2, 3].filter((k) => index + k < kills).map((k) => killOne(index + k)),
        )
      expect(ends).toEqual(Array.from({ length: kills }, () => 'SIGKILL'))
      await relay(one.rooms)
      await work(one)
      const rows = await one.rooms.history
        .withTables<{ ledger: { n: number } }>()
        .query.selectFrom('ledger')
        .select('n')
        .orderBy('n')
        .execute()
      const committed = rows.map(({ n }) => n)
      expect(committed).toHaveLength(3 * (kills - Math.ceil(kills / POINTS.length)))
      expect(ran.toSorted((a, b) => a - b)).toEqual(committed)
      expect(await findJobs(one.rooms.history, { state: 'completed', limit: 1_000 })).toHaveLength(
        committed.length,
      )
      expect(await readOutbox(one.rooms.history)).toEqual([])
      expect(await reconcile(one.rooms, { settling: 0, missing: 0 })).toMatchObject({ checked: 0 })
    })
  },
)
