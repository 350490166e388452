// Why a job is where it is: each cause as it comes about.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createOrderly,
  defineJob,
  defineQueue,
  fixed,
  handle,
  snooze,
  type Orderly,
  type OrderlyOptions,
} from 'orderly'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startRedis } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { recordIdOf } from '../../packages/orderly/src/job/record-id.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { explain } from '../../packages/orderly/src/runtime/explain.ts'
import type { Explanation } from '../../packages/orderly/src/runtime/explanation.ts'
import { promoteJob } from '../../packages/orderly/src/runtime/queued-job.ts'
import { putWorker } from '../../packages/orderly/src/state/workers.ts'
import { createTestOrderly } from '../../packages/orderly/src/testing/index.ts'
import { openLab } from '../../packages/orderly/src/testing/outage-lab.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const input = z.object({ key: z.string() })
const job = (name: string, more: object = {}) =>
  defineJob({ name, queue: name, input, retry: { attempts: 1 }, ...more })
const plain = job('plain')
const full = job('full')
const rated = job('rated')
const busy = job('busy')
const lane = job('lane', { concurrency: { limit: 1, key: (i: { key: string }) => i.key } })
const budget = job('budget', {
  rateLimit: { limit: 1, per: '1h', key: (i: { key: string }) => i.key },
})
const line = job('line', {
  rateLimit: {
    limit: 3,
    per: '1h',
    key: (i: { key: string }) => i.key,
    units: (i: { units?: number }) => i.units ?? 1,
  },
  input: input.extend({ units: z.number().optional() }),
})
const parent = job('parent')
const failing = job('failing', { retry: { attempts: 3, backoff: fixed('1h') } })
const putOff = job('put-off')
const newer = job('newer', { version: 2, upcast: { 1: (old: unknown) => old } })
const older = job('newer')
const foreign = job('foreign')
const HELD = [plain, full, rated, busy, lane, budget, line]

let home: string
let worker: Orderly
let producer: Orderly
let release = (): void => {}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'orderly-explain-'))
  const held = new Promise<void>((resolve) => (release = resolve))
  const open = (options: OrderlyOptions): Promise<Orderly> =>
    createOrderly({ home, log: silent, ...options })
  const queues = [
    defineQueue({ name: 'full', globalConcurrency: 1 }),
    defineQueue({ name: 'rated', rateLimit: { limit: 1, per: '1h' } }),
    defineQueue({ name: 'busy', concurrency: 1 }),
  ]
  worker = await open({
    jobs: [...HELD, parent, failing, putOff, older, foreign],
    queues,
    handlers: [
      ...HELD.map((one) =>
        handle(one, async ({ signal }) => {
          await Promise.race([
            held,
            new Promise((resolve) => signal.addEventListener('abort', resolve)),
          ])
        }),
      ),
      handle(failing, async () => {
        throw new Error('no')
      }),
      handle(putOff, async () => snooze('1h', 'too early') as never),
    ],
  })
  producer = await open({ jobs: [newer, foreign] })
  const names = [...HELD, failing, putOff].map(({ queue }) => queue)
  await worker.start({ queues: names })
  await putWorker(roomsOf(worker).state, {
    id: '0'.repeat(24),
    host: 'elsewhere',
    pid: 1,
    started_at: 1,
    seen_at: Date.now() + 3_600_000,
    body: JSON.stringify({
      queues: ['newer', 'foreign'],
      memory: 1,
      lag: 1,
      running: 0,
      stuck: 0,
      cpu: 0,
      release: '1',
      held: [
        { job: 'newer', reason: 'needs a newer worker', times: 1 },
        { job: 'foreign', reason: 'no handler', times: 1 },
      ],
    }),
  })
})
afterAll(async () => {
  release()
  await worker.close()
  await producer.close()
  rmSync(home, { recursive: true, force: true })
})

const why = async (id: string, orderly = worker): Promise<Explanation> =>
  (await explain(roomsOf(orderly), id))!

async function becomes(id: string, cause: string, orderly = worker): Promise<Explanation> {
  await expect.poll(async () => (await why(id, orderly)).cause, { timeout: 30_000 }).toBe(cause)
  return why(id, orderly)
}

async function add(one: typeof plain, key = 'k'): Promise<string> {
  return (await worker.enqueue(one, { key })).id
}

describe('a job is explained', () => {
  it('that runs, that was cancelled, and whose worker is silent', async () => {
    const id = await add(plain)
    expect((await becomes(id, 'running')).sentence).toBe('It runs now, in its 1st attempt.')
    const { history } = roomsOf(worker)
    const before = await history.query
      .selectFrom('orderly_jobs')
      .select('worker')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const [known] = await worker.workers()
    const silentOne = 'f'.repeat(known!.id.length)
    const rename = (name: string | null) =>
      history.query.updateTable('orderly_jobs').set({ worker: name }).where('id', '=', id).execute()
    await rename(silentOne)
    expect((await why(id)).cause).toBe('lost-worker')
    await rename(before.worker)
    await worker.cancel(id)
    await becomes(id, 'cancelled')
  })

  it('that waits for a place in its queue, with the limit and how many run', async () => {
    const first = await add(full)
    await becomes(first, 'running')
    const second = await becomes(await add(full), 'queue-full')
    expect(second.proof).toEqual([
      { what: 'running', value: 1 },
      { what: 'limit', value: 1 },
    ])
    expect(second.action?.operation).toBe('limits.override')
  })

  it('that waits for the next token of its queue, until when', async () => {
    const first = await add(rated)
    await becomes(first, 'running')
    const second = await becomes(await add(rated), 'rate-limited')
    expect(second.until! - Date.now()).toBeGreaterThan(3_000_000)
  })

  it('that waits behind others of its worker, and that is next', async () => {
    const first = await add(busy)
    await becomes(first, 'running')
    const second = await add(busy)
    expect((await why(second)).cause).toBe('next')
    await add(busy)
    expect(await why(second)).toMatchObject({
      cause: 'workers-busy',
      proof: [{ what: 'waiting', value: 2 }],
    })
  })

  it('that waits for the place or the budget of its key', async () => {
    const first = await add(lane, 'a')
    await becomes(first, 'running')
    const second = await becomes(await add(lane, 'a'), 'lane-busy')
    expect(second.proof).toEqual(
      expect.arrayContaining([
        { what: 'running of its key', value: 1 },
        { what: 'limit', value: 1 },
      ]),
    )
    await becomes(await add(lane, 'b'), 'running')
    await becomes(await add(budget, 'a'), 'running')
    const late = await becomes(await add(budget, 'a'), 'over-budget')
    expect(late.until! - Date.now()).toBeGreaterThan(3_000_000)
  })

  it('that would have a turn, were there not others of its key before it', async () => {
    const units = (n: number) => worker.enqueue(line, { key: 'a', units: n } as { key: string })
    await becomes((await units(2)).id, 'running')
    const heavy = await becomes((await units(2)).id, 'over-budget')
    expect(heavy.action?.operation).toBe('limits.override')
    const light = await becomes((await units(1)).id, 'lane-behind')
    expect(light.sentence).toBe('1 job of its key comes before it.')
    expect(light.proof).toContainEqual({ what: 'before it in line', value: 1 })
  })

  it('that waits for the jobs it began, and for which of them', async () => {
    const { classes, connection } = roomsOf(worker).engines.reachable()[0]!.engine
    const flow = new classes.FlowProducer({ connection })
    const began = (name: string) => ({ name: 'plain', queueName: 'plain', opts: { jobId: name } })
    const data = { key: 'k' }
    try {
      await flow.add({
        name: 'parent',
        queueName: 'parent',
        data,
        opts: { jobId: 'eve' },
        children: [
          { ...began('abel'), data },
          { ...began('cain'), data },
        ],
      })
    } finally {
      await flow.close()
    }
    const waits = await becomes(recordIdOf('parent', 'eve'), 'waiting-children')
    expect(waits.sentence).toMatch(
      /^It waits for 2 jobs that it began; the longest there is .*(abel|cain), which is /,
    )
    expect(waits.action?.operation).toBe('jobs.explain')
    const child = await why(waits.action!.params['id']!)
    expect(child.cause).not.toBe('waiting-children')
  })

  it('that waits for its next attempt, or was put off without one', async () => {
    const again = await becomes(await add(failing), 'backoff')
    expect(again.sentence).toMatch(
      /^Its 1st attempt of 3 failed with ORDERLY_HANDLER_FAILED; the next begins at /,
    )
    expect(again.until! - Date.now()).toBeGreaterThan(3_000_000)
    const late = await add(putOff)
    await becomes(late, 'held-back')
    // What says so costs it no attempt, and the list shows none.
    const [listed] = await worker.findJobs({ name: putOff.name })
    expect(listed).toMatchObject({ id: late, attempts: 0 })
  })

  it('that workers cannot run: of a newer release, or without a handler', async () => {
    const { id } = await producer.enqueue(newer, { key: 'k' })
    expect(await why(id)).toMatchObject({
      cause: 'needs-newer-worker',
      proof: [{ what: 'version', value: 2 }],
    })
    const other = await producer.enqueue(foreign, { key: 'k' })
    expect((await why(other.id)).cause).toBe('no-handler')
  })
})

describe('a job whose store is away', () => {
  it('is explained by the store it is in and why that does not answer', async () => {
    const redis = await startRedis('everysec')
    const lab = await openLab(`redis://127.0.0.1:${redis.port}`, {}, false)
    try {
      const [id] = await lab.add(1)
      expect((await why(id!, lab.orderly)).cause).toBe('no-worker')
      await redis.stop()
      const away = await becomes(id!, 'store-away', lab.orderly)
      expect(away.sentence).toBe('The queue store that holds it does not answer.')
      expect(away.proof).toContainEqual({ what: 'store', value: 'main' })
      expect(away.since).toBeGreaterThan(0)
    } finally {
      await redis.stop()
      await lab.close()
    }
  })
})

describe('a job whose key is lost', () => {
  it('is put off, counted and explained, ends by its own time, and runs when the key is back', async () => {
    const ran: string[] = []
    const kept = job('kept')
    const bounded = job('bounded', { ttl: '1ms' })
    await using own = await createTestOrderly({
      jobs: [kept, bounded],
      handlers: [kept, bounded].map((one) => handle(one, async (ctx) => void ran.push(ctx.jobId))),
    })
    const { history, vault } = roomsOf(own)
    const { id } = await own.enqueue(kept, { key: 'k' })
    const ended = await own.enqueue(bounded, { key: 'k' })
    const keys = history.query.updateTable('orderly_keys').where('scope', 'not like', 'index/%')
    await keys.set(({ ref }) => ({ id: sql`'lost' || ${ref('id')}`, state: 'retired' })).execute()
    vault.forgetKeys()

    await own.start()
    await becomes(id, 'key-missing', own)
    await expect.poll(async () => (await own.inspectJob(id))?.state).toBe('delayed')
    await expect
      .poll(async () => (await own.inspectJob(ended.id))?.state, { timeout: 5_000 })
      .toBe('failed')
    expect(await own.inspectJob(ended.id)).toMatchObject({ error_code: 'ORDERLY_KEY_MISSING' })
    expect((await why(id, own)).sentence).toMatch(/restore the keyring.*or cancel the job/)
    expect(roomsOf(own).running.held()).toContainEqual(
      expect.objectContaining({ job: 'kept', reason: 'its key is missing' }),
    )

    const lost = keys.where('id', 'like', 'lost%')
    await lost.set(({ ref }) => ({ id: sql`substr(${ref('id')}, 5)` })).execute()
    vault.forgetKeys()
    await promoteJob(roomsOf(own), 'kept', id)
    await expect.poll(() => ran).toEqual([id])
  })
})
