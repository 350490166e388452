import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startRedis, type RunningServer } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { countJobs, findEvents, findJobs } from '../../packages/orderly/src/history/find.ts'
import { defineJob } from '../../packages/orderly/src/job/define-job.ts'
import { handle } from '../../packages/orderly/src/job/handler.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { enqueue } from '../../packages/orderly/src/runtime/enqueue.ts'
import { reconcile } from '../../packages/orderly/src/runtime/reconcile.ts'
import { startWork, type Work } from '../../packages/orderly/src/runtime/start.ts'
import { createKeyring } from '../../packages/orderly/src/vault/keyring.ts'
import { bothCounts, job } from './events.ts'
import { openRooms, storeAt, type OpenRooms } from './rooms.ts'

const NOW = { settling: 0, missing: 0 }
const visit = defineJob({ name: 'visit', input: z.object({ n: z.number() }), output: z.any() })
const step = defineJob({ name: 'step', input: z.any(), output: z.any() })
const keyring = createKeyring(0)

describe.each(['sqlite', 'redis'] as const)('the reconciler over %s', (kind) => {
  let server: RunningServer | undefined
  let redis: Redis | undefined
  let folder: string
  let open: OpenRooms
  let workers: Work[]
  let closers: (() => Promise<unknown>)[]
  let ran: string[]

  beforeAll(async () => {
    if (kind === 'redis') {
      server = await startRedis()
      redis = new Redis(server.port)
    }
  })
  afterAll(async () => {
    redis?.disconnect()
    await server?.stop()
  })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orderly-reconcile-'))
    workers = []
    closers = []
    ran = []
    await redis?.flushall()
    open = await openOne()
  })
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close(0)))
    for (const close of closers.toReversed()) await close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function openOne(): Promise<OpenRooms> {
    const one = await openRooms({
      databaseUrl: `sqlite:${join(folder, 'orderly.db')}`,
      store: storeAt(server?.url ?? folder),
      keyring,
      jobs: [visit, step],
      handlers: [
        handle(visit, async ({ input }) => void ran.push(`visit ${input.n}`)),
        handle(step, async ({ input }) => void ran.push(`step ${(input as { n: string }).n}`)),
      ],
    })
    closers.push(() => one.close())
    return one
  }
  const engine = () => open.rooms.engines.current().engine
  const add = async (n: number, options = {}): Promise<string> =>
    (await enqueue(open.rooms, visit, { n }, options)).id
  const work = async (): Promise<void> => void workers.push(await startWork(open.rooms))
  const settle = async (): Promise<void> => {
    const isOver = async () => {
      await open.rooms.recorder.flush()
      const counts = await countJobs(open.rooms.history)
      return counts.every(({ state }) =>
        ['completed', 'failed', 'removed', 'delayed'].includes(state),
      )
    }
    while (!(await isOver())) await systemClock.sleep(5)
  }
  const types = async (id: string) =>
    (await findEvents(open.rooms.history, id)).map(({ type }) => type)

  /** Takes jobs out of the queue without anybody's being told. */
  async function lose(queue: string, ...ids: string[]): Promise<void> {
    if (redis) await Promise.all(ids.map((id) => redis!.del(`bull:${queue}:${id}`)))
    else {
      const file = new BetterSqlite3(join(folder, 'queue.db'))
      for (const id of ids) file.prepare('delete from bullmq_job where id = ?').run(id)
      file.close()
    }
  }
  async function loseAll(): Promise<void> {
    if (redis) await redis.flushall()
    else {
      const file = new BetterSqlite3(join(folder, 'queue.db'))
      for (const table of ['bullmq_job', 'bullmq_child', 'bullmq_dedup']) {
        const there = file.prepare('select 1 from sqlite_master where name = ?').get(table)
        if (there) file.exec(`delete from ${table}`)
      }
      file.close()
    }
  }

  it('finds nothing to do where record and queue agree', async () => {
    await add(1)
    await add(2, { delay: '1h' })
    expect(await reconcile(open.rooms, NOW)).toEqual({
      checked: 2,
      open: 2,
      restored: 0,
      finished: 0,
      corrected: 0,
      adopted: 0,
    })
  })

  it('puts back a job its queue lost, once, and it runs', async () => {
    const id = await add(1)
    await add(2)
    await lose('visit', id)
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ restored: 1, open: 1 })
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ restored: 0, open: 2 })
    await work()
    await settle()
    expect(ran.toSorted()).toEqual(['visit 1', 'visit 2'])
    expect(await types(id)).toEqual(['accepted', 'restored', 'started', 'completed'])
  })

  it('puts back everything after the queue lost all, with due times, priorities and keys', async () => {
    const later = await add(1, { delay: '1h', priority: 'high' })
    const low = await add(2, { priority: 'low' })
    const high = await add(3, { priority: 'critical', unique: 'k' })
    const before = await Promise.all([later, low, high].map((id) => engine().raw('visit').read(id)))
    const due = (await job(open.rooms.history, later)).run_at
    await systemClock.sleep(30)
    await loseAll()
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ restored: 3 })
    const after = await Promise.all([later, low, high].map((id) => engine().raw('visit').read(id)))
    for (const [index, stored] of after.entries()) {
      expect(stored!.data).toBe(before[index]!.data)
      expect(stored!.opts.priority).toBe(before[index]!.opts.priority)
      expect(stored!.timestamp).toBe(before[index]!.timestamp)
    }
    expect(after[0]!.timestamp + after[0]!.opts.delay!).toBe(due)
    expect(await engine().raw('visit').state(later)).toBe('delayed')
    expect((await enqueue(open.rooms, visit, { n: 9 }, { unique: 'k' })).id).toBe(high)
    await work()
    await settle()
    expect(ran).toEqual(['visit 3', 'visit 2'])
  })

  it('puts back a job that left its key behind, and one whose key another has taken not at all', async () => {
    const id = await add(1, { unique: 'k' })
    await lose('visit', id)
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ restored: 1 })
    expect(await engine().raw('visit').state(id)).not.toBe('unknown')
    await loseAll()
    const other = await add(2, { unique: 'k' })
    await reconcile(open.rooms, NOW)
    expect(await engine().raw('visit').state(id)).toBe('unknown')
    expect(await types(id)).toContain('deduplicated')
    expect(await job(open.rooms.history, id)).toMatchObject({ state: 'removed' })
    await work()
    await settle()
    expect(ran).toEqual(['visit 2'])
    expect((await job(open.rooms.history, other)).state).toBe('completed')
  })

  it('does not put back what a person has removed', async () => {
    const id = await add(1)
    await engine().queue('visit').remove(id)
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ restored: 0, checked: 0 })
    expect((await job(open.rooms.history, id)).state).toBe('removed')
  })

  it('writes down what finished unseen, with its sealed output or its reason', async () => {
    const [good, bad] = [await add(1), await add(2)]
    const output = await open.rooms.vault.seal(
      '"done"',
      { queue: 'visit', slot: 'output', anchor: good, seq: 0 },
      'encrypted',
    )
    const worker = new open.bare.Worker(
      'visit',
      async (one) => {
        if (one.id === good) return output
        one.opts.attempts = 1
        throw new Error('ORDERLY_TIMEOUT#0123456789ab')
      },
      { connection: open.connection } as never,
    )
    closers.push(() => worker.close())
    const raw = engine().raw('visit')
    const isOver = async () =>
      (await raw.state(good)) === 'completed' && (await raw.state(bad)) === 'failed'
    while (!(await isOver())) await systemClock.sleep(5)
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ finished: 2, open: 0 })
    expect(await job(open.rooms.history, good)).toMatchObject({ state: 'completed', output })
    expect(await job(open.rooms.history, bad)).toMatchObject({
      state: 'failed',
      error_code: 'ORDERLY_TIMEOUT',
      fingerprint: '0123456789ab',
    })
    expect((await engine().queue('visit').getJob(good))!.returnvalue).toBe('done')
  })

  it('corrects the state of a job that is elsewhere than the record says', async () => {
    const id = await add(1)
    let go = (): void => undefined
    const gone = new Promise<void>((resolve) => (go = resolve))
    const worker = new open.bare.Worker('visit', () => gone, {
      connection: open.connection,
    } as never)
    closers.push(() => worker.close())
    while ((await engine().raw('visit').state(id)) !== 'active') await systemClock.sleep(5)
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ corrected: 1 })
    expect((await job(open.rooms.history, id)).state).toBe('active')
    go()
  })

  it('adopts what another program put into the queue, wherever it stands by then', async () => {
    const queue = new open.bare.Queue('visit', { connection: open.connection } as never)
    closers.push(() => queue.close())
    await add(1)
    const stranger = await queue.add('visit', { n: 2 }, { delay: 3_600_000 })
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ adopted: 1 })
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ adopted: 0, open: 2 })
    expect(await job(open.rooms.history, `visit/${stranger.id}`)).toMatchObject({
      state: 'delayed',
    })
  })

  it('puts a flow back so that the parent runs after the children that are left', async () => {
    const { FlowProducer } = engine().classes
    const flows = new FlowProducer({ connection: open.connection } as never)
    closers.push(() => flows.close())
    const child = (n: string) => ({ name: 'step', queueName: 'step', data: { n } })
    const tree = await flows.add({
      name: 'step',
      queueName: 'step',
      data: { n: 'parent' },
      children: [child('done'), child('b'), { ...child('c'), children: [child('grandchild')] }],
    })
    const done = tree.children!.find(({ job: one }) => one.data.n === 'done')!.job
    // The record knows how one child ended; the queue knows nothing any more.
    await open.rooms.recorder.record([
      {
        engine: 'main',
        event: {
          id: `step/${done.id}:done`,
          jobId: `step/${done.id}`,
          at: systemClock.now(),
          type: 'completed',
          output: null,
        },
      },
    ])
    await loseAll()
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ restored: 4 })
    expect(await engine().raw('step').state(tree.job.id!)).toBe('waiting-children')
    await work()
    await settle()
    expect(ran.toSorted()).toEqual(['step b', 'step c', 'step grandchild', 'step parent'])
    expect(ran.at(-1)).toBe('step parent')
    expect(ran.indexOf('step grandchild')).toBeLessThan(ran.indexOf('step c'))
  })

  it('ties a parent that alone was lost to its children again', async () => {
    const flows = new (engine().classes.FlowProducer)({ connection: open.connection } as never)
    closers.push(() => flows.close())
    const child = { name: 'step', queueName: 'step', data: { n: 'child' } }
    const tree = await flows.add({ ...child, data: { n: 'parent' }, children: [child] })
    await lose('step', tree.job.id!)
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ restored: 1 })
    await work()
    await settle()
    expect(ran).toEqual(['step child', 'step parent'])
  })

  it('counts a life of an id of the caller that is used again, and does not run it again', async () => {
    const queue = engine().queue('visit')
    const opts = { jobId: 'mine', removeOnComplete: true }
    await work()
    for (let life = 1; life <= 3; life++) {
      await queue.add('visit', { n: life }, opts)
      await settle()
    }
    expect(await reconcile(open.rooms, NOW)).toMatchObject({ checked: 0, restored: 0 })
    expect(ran).toEqual(['visit 1', 'visit 2', 'visit 3'])
    expect((await types('visit/mine')).filter((type) => type === 'completed')).toHaveLength(3)
  })

  it('neither doubles nor loses a job that ends while it looks', async () => {
    const queue = engine().queue('visit')
    const many = 300
    await work()
    const adding = (async () => {
      for (let n = 0; n < many; n++) {
        // The queue forgets these the moment they end.
        await queue.add('visit', { n }, { removeOnComplete: true, attempts: 3 })
        if (n % 7 === 0) await systemClock.turn()
      }
    })()
    let passes = 0
    let over = false
    const looking = (async () => {
      while (!over) {
        await reconcile(open.rooms, { settling: 0, missing: 1 })
        passes++
      }
    })()
    await adding
    await settle()
    over = true
    await looking
    expect(passes).toBeGreaterThan(3)
    expect(ran.toSorted()).toEqual(Array.from({ length: many }, (_, n) => `visit ${n}`).toSorted())
    const rows = await findJobs(open.rooms.history, { limit: 1_000 })
    expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: many }, () => 'completed'))
  })

  it('does no harm when two run at once', async () => {
    const second = await openOne()
    for (let n = 0; n < 40; n++) await add(n)
    const queue = new open.bare.Queue('visit', { connection: open.connection } as never)
    closers.push(() => queue.close())
    await loseAll()
    for (let n = 0; n < 5; n++) await queue.add('visit', { n: 100 + n }, { delay: 3_600_000 })
    const options = { settling: 0, missing: 5 }
    const sums = await Promise.all([open, second].map(({ rooms }) => reconcile(rooms, options)))
    expect(sums[0]!.restored + sums[1]!.restored).toBe(40)
    await work()
    await settle()
    expect(ran).toHaveLength(40)
    const { kept, counted } = await bothCounts(open.rooms.history)
    expect(kept).toEqual(counted)
    expect(kept).toEqual(['visit/visit/completed: 40', 'visit/visit/delayed: 5'])
  })

  it('accounts for all: accepted is completed, failed, removed or open', async () => {
    await work()
    for (let n = 0; n < 30; n++) await add(n)
    const delayed = await Promise.all([1, 2, 3].map((n) => add(n, { delay: '1h' })))
    await engine().queue('visit').remove(delayed[0]!)
    await lose('visit', delayed[1]!)
    await settle()
    const pass = await reconcile(open.rooms, NOW)
    await settle()
    const counts = await countJobs(open.rooms.history)
    const sum = (...states: string[]): number =>
      counts.filter(({ state }) => states.includes(state)).reduce((total, { n }) => total + n, 0)
    expect([sum('completed'), sum('failed'), sum('removed'), sum('delayed')]).toEqual([30, 0, 1, 2])
    expect(pass).toMatchObject({ restored: 1, open: 1 })
    expect(sum('completed', 'failed', 'removed') + pass.open + pass.restored).toBe(33)
  })
})
