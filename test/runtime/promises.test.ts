import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  cancel,
  createOrderly,
  defineJob,
  defineQueue,
  defineService,
  fail,
  fixed,
  handle,
  OrderlyError,
  type JobContext,
  type JobDefinition,
  type JobSpec,
  type Orderly,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { findJob } from '../../packages/orderly/src/history/find.ts'
import { dropContent, dropHistory } from '../../packages/orderly/src/history/retain.ts'
import { entryFor } from '../../packages/orderly/src/runtime/entry.ts'
import { reconcile } from '../../packages/orderly/src/runtime/reconcile.ts'
import { askedFor, claimAll } from '../../packages/orderly/src/runtime/requests.ts'
import { putRequest } from '../../packages/orderly/src/state/requests.ts'
import type { StateDatabase } from '../../packages/orderly/src/state/tables.ts'
import { freshName } from './stores.ts'

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered
type Context = JobContext<{ n: number }>

function job(
  more: Partial<JobSpec<Numbered, Numbered, string>> = {},
): JobDefinition<Numbered, Numbered> {
  return defineJob({ name: freshName('promise'), input: numbered, ...more })
}

const loose = defineJob({
  name: freshName('loose'),
  input: numbered,
  output: z.any(),
  retry: { attempts: 1 },
})
const nullable = defineJob({
  name: freshName('nullable'),
  input: numbered,
  output: z.string().nullable().optional(),
})
const transformed = defineJob({
  name: freshName('transformed'),
  input: numbered,
  output: z.string().transform((text) => text.length),
})
const waiting = job({ ttl: '1h', retry: { attempts: 2, backoff: fixed('1h') } })
const alone = job({ ttl: '1h', retry: { attempts: 1 }, unique: { key: ({ n }) => n } })

const small = freshName('small')
const bursting = job({ queue: small })
const tiny = job({ queue: freshName('tiny') })
const outgoing = job({ queue: freshName('outgoing') })
const free = job()
const racing = job()
const keyed = job({ unique: { key: () => 'one' } })
const refusing = job({ unique: { key: () => 'one', onDuplicate: 'refuse' } })

const pharmacy = defineService({ name: freshName('pharmacy') })

/** What the handlers do next. */
let act = async (_ctx: Context): Promise<unknown> => undefined

const home = mkdtempSync(join(tmpdir(), 'orderly-promises-'))
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
/** Runs what is enqueued. */
let orderly: Orderly
/** Enqueues and leaves it at that. */
let web: Orderly

beforeAll(async () => {
  const worked = [loose, nullable, transformed, waiting, alone] as const
  orderly = await createOrderly({
    home,
    log: quiet,
    jobs: worked,
    handlers: worked.map((one) => handle(one as JobDefinition<Numbered, any>, (ctx) => act(ctx))),
  })
  await orderly.start()
  web = await createOrderly({
    home,
    log: quiet,
    jobs: [bursting, tiny, outgoing, free, racing, keyed, refusing],
    queues: [
      defineQueue({ name: small, maxWaiting: 10 }),
      defineQueue({ name: tiny.queue, maxWaiting: 1 }),
      defineQueue({ name: outgoing.queue, maxWaiting: 5 }),
    ],
  })
})

afterAll(async () => {
  await Promise.all([orderly.close(), web.close()])
  rmSync(home, { recursive: true, force: true })
})

const stateOf = async (id: string): Promise<string | undefined> =>
  (await orderly.inspectJob(id))?.state

/** Ends the time in which a job had to begin. */
async function endWait(id: string): Promise<void> {
  const row = (await findJob(roomsOf(orderly).history, id))!
  const opts = JSON.parse(row.opts) as { orderly: object }
  const late = { ...opts, orderly: { ...opts.orderly, startBy: 1 } }
  await roomsOf(orderly)
    .history.query.updateTable('orderly_jobs')
    .set({ opts: JSON.stringify(late) })
    .where('id', '=', id)
    .execute()
}

describe('a job that has begun', () => {
  it('does not expire when its queue loses it and counts its runs from one again', async () => {
    const runs: number[] = []
    act = async ({ run }) => {
      runs.push(run)
      if (runs.length === 1) throw new Error('later')
    }
    const { id } = await orderly.enqueue(waiting, { n: 1 })
    await expect.poll(() => stateOf(id)).toBe('delayed')
    await endWait(id)
    const { history, engines } = roomsOf(orderly)
    await history.query
      .updateTable('orderly_jobs')
      .set({ run_at: 1 })
      .where('id', '=', id)
      .execute()
    await engines.current().engine.raw(waiting.queue).remove(id)
    await reconcile(roomsOf(orderly), { settling: 0, missing: 0 })
    await expect.poll(() => stateOf(id)).toBe('completed')
    expect(runs).toEqual([1, 1])
  })

  it.each([
    ['a job of its kind', waiting],
    ['one that is unique, so that its runs are counted from one again', alone],
  ])('is run when it is put back, late and once unwanted as it was: %s', async (_what, work) => {
    let isMended = false
    act = async () => (isMended ? undefined : fail(new Error('broken')))
    const { id } = await orderly.enqueue(work, { n: 2 })
    await expect.poll(() => stateOf(id)).toBe('failed')
    await endWait(id)
    // As it is left by whoever asked while the job was ending by itself, and did not wait.
    await putRequest(roomsOf(orderly).state, {
      job_id: id,
      queue: work.queue,
      action: 'cancel',
      reason: '',
      who: 'ann',
      at: Date.now(),
    })
    isMended = true
    expect(await orderly.redrive({ ids: [id] }, { reason: 'mended' })).toMatchObject({
      redriven: 1,
    })
    await expect.poll(() => stateOf(id)).toBe('completed')
  })

  it('is refused a second sleep of one name, which would not wait', async () => {
    act = async ({ sleep }) => {
      for (let times = 0; times < 2; times++) await sleep('poll', '1ms')
    }
    const { id } = await orderly.enqueue(loose, { n: 1 })
    await expect.poll(() => stateOf(id)).toBe('failed')
    expect(await orderly.inspectJob(id)).toMatchObject({ error_code: 'ORDERLY_DEFINITION_INVALID' })
  })
})

describe('what a handler hands over', () => {
  it.each([
    ['null', nullable, null, null],
    ['nothing', nullable, undefined, undefined],
    ['what its schema makes of it', transformed, 'abc', 3],
  ])('comes as it is to whoever waits: %s', async (_what, work, returned, told) => {
    act = async () => returned
    expect(await orderly.enqueueAndWait(work as JobDefinition<Numbered>, { n: 1 })).toBe(told)
  })

  it('is refused where it would be bent, or is more than is kept', async () => {
    const big = 'é'.repeat(3 * 1024 * 1024)
    const invalid = 'ORDERLY_OUTPUT_INVALID'
    const cases: [unknown, string][] = [
      [{ rate: NaN }, invalid],
      [{ seen: new Map([[1, 2]]) }, invalid],
      [[new Date(0)], invalid],
      [() => 1, invalid],
      [{ report: big }, 'ORDERLY_PAYLOAD_TOO_LARGE'],
    ]
    act = async ({ input }) => cases[input.n]![0]
    const added = await orderly.enqueueMany(
      loose,
      cases.map((_, n) => ({ input: { n } })),
    )
    for (const [index, { id }] of added.entries()) {
      await expect.poll(() => stateOf(id)).toBe('failed')
      expect(await orderly.inspectJob(id)).toMatchObject({ error_code: cases[index]![1] })
    }
  })

  it('is refused as progress, too; a share of nothing is none', async () => {
    const steps: unknown[] = ['x'.repeat(300_000), { seen: new Set() }]
    const codes: string[] = []
    act = async ({ progress }) => {
      for (const step of steps)
        await progress(0.5, step).catch((error: { code: string }) => codes.push(error.code))
      await progress(0 / 0, 'done')
    }
    await orderly.enqueueAndWait(loose, { n: 1 })
    expect(codes).toEqual(['ORDERLY_PAYLOAD_TOO_LARGE', 'ORDERLY_OUTPUT_INVALID'])
  })
})

describe('a queue that holds only so many', () => {
  const full = { code: 'ORDERLY_QUEUE_FULL' }

  it('takes no more of many that come at once', async () => {
    const ends = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) => web.enqueue(bursting, { n })),
    )
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect(await web.findJobs({ name: bursting.name })).toHaveLength(10)
  })

  it('counts what transactions enqueue', async () => {
    const enqueue = (n: number): Promise<unknown> =>
      web.database.query
        .transaction()
        .execute((transaction) => web.enqueue(outgoing, { n }, { transaction }))
    for (let n = 0; n < 5; n++) await enqueue(n)
    await expect(enqueue(5)).rejects.toMatchObject(full)
    await expect(
      web.database.query
        .transaction()
        .execute((transaction) =>
          web.enqueueMany(outgoing, [{ input: { n: 6 }, options: { transaction } }]),
        ),
    ).rejects.toMatchObject(full)
  })

  it('answers a request again although it is full', async () => {
    const request = { idempotencyKey: 'order 17' }
    const { id } = await web.enqueue(tiny, { n: 1 }, request)
    await expect(web.enqueue(tiny, { n: 2 })).rejects.toMatchObject(full)
    expect(await web.enqueue(tiny, { n: 1 }, request)).toEqual({ id, duplicate: true })
    // What was refused left nothing behind that another input would run into.
    const other = { idempotencyKey: 'order 18' }
    await expect(web.enqueue(tiny, { n: 3 }, other)).rejects.toMatchObject(full)
    await expect(web.enqueue(tiny, { n: 4 }, other)).rejects.toMatchObject(full)
  })
})

describe('a request with a key', () => {
  it('is answered for as long as it said, also when the record has forgotten its job', async () => {
    act = async () => undefined
    const request = { idempotencyKey: 'order 17', idempotencyFor: '30d' } as const
    const { id } = await orderly.enqueue(loose, { n: 1 }, request)
    await expect.poll(() => stateOf(id)).toBe('completed')
    const { history } = roomsOf(orderly)
    await dropContent(history, [id], Number.MAX_SAFE_INTEGER)
    await dropHistory(history, Date.now() + 60_000)
    expect(await orderly.inspectJob(id)).toBeUndefined()
    expect(await orderly.enqueue(loose, { n: 1 }, request)).toEqual({ id, duplicate: true })
    expect(await orderly.inspectJob(id)).toBeUndefined()
  })

  it('is answered with the job that has its unique key, first and again', async () => {
    const { id } = await web.enqueue(keyed, { n: 1 })
    for (let times = 0; times < 2; times++) {
      const answer = await web.enqueue(keyed, { n: 2 }, { idempotencyKey: 'a' })
      expect(answer).toEqual({ id, duplicate: true })
    }
    await web.enqueue(refusing, { n: 1 })
    for (let times = 0; times < 2; times++)
      await expect(web.enqueue(refusing, { n: 2 }, { idempotencyKey: 'a' })).rejects.toMatchObject({
        code: 'ORDERLY_DUPLICATE',
      })
  })

  it('is answered with the job that has its unique key, also when whoever asked died before that was noted', async () => {
    const holder = (await web.findJobs({ name: keyed.name })).find(
      ({ state }) => state !== 'removed',
    )
    const { state, recorder } = roomsOf(web)
    // Two that ask at the same moment are told of one job, which is there.
    const again = { idempotencyKey: 'b' }
    const answers = await Promise.all([1, 2, 3].map(() => web.enqueue(keyed, { n: 2 }, again)))
    expect(answers.map(({ id }) => id)).toEqual(answers.map(() => holder!.id))
    await recorder.flush()
    for (const [work, key] of [
      [keyed, 'c'],
      [refusing, 'd'],
    ] as const) {
      const request = { idempotencyKey: key }
      const before = new Set((await web.findJobs({ name: work.name })).map(({ id }) => id))
      await web.enqueue(work, { n: 2 }, request).catch(() => undefined)
      const refused = (await web.findJobs({ name: work.name })).find(({ id }) => !before.has(id))
      expect(refused).toMatchObject({ state: 'removed' })
      // What the death of a process between the two leaves behind.
      await noteAnswer(state, work, key, refused!.id)
      const answer = web.enqueue(work, { n: 2 }, request)
      if (work === keyed) expect(await answer).toEqual({ id: holder!.id, duplicate: true })
      else await expect(answer).rejects.toMatchObject({ code: 'ORDERLY_DUPLICATE' })
    }
  })

  it('makes one job of two at the same moment, and refuses one where that is asked for', async () => {
    const own = { unique: { key: 'same moment', onDuplicate: 'refuse' } } as const
    const ask = (more: object): Promise<unknown> =>
      web.enqueue(racing, { n: 1 }, { ...own, ...more }).catch((error: unknown) => error)
    for (const keys of [{}, { idempotencyKey: 'x' }]) {
      const [first, second] = await Promise.all([ask(keys), ask({})])
      expect([first, second]).toContainEqual(expect.objectContaining({ code: 'ORDERLY_DUPLICATE' }))
      const { id } = [first, second].find((one) => !(one instanceof Error)) as { id: string }
      expect(await web.cancel(id)).toBe('cancelled')
    }
    const asked = { ...own, idempotencyKey: 'y' }
    const answers = await Promise.all([1, 2, 3].map(() => web.enqueue(racing, { n: 1 }, asked)))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    await web.cancel(answers[0]!.id)
  })

  it('is claimed for a job of its own where the one before it was refused meanwhile', async () => {
    const rooms = roomsOf(web)
    const options = {
      unique: { key: 'held', onDuplicate: 'refuse' },
      idempotencyKey: 'z',
    } as const
    const holder = await web.enqueue(racing, { n: 1 }, { unique: 'held' })
    await expect(web.enqueue(racing, { n: 2 }, options)).rejects.toMatchObject({
      code: 'ORDERLY_DUPLICATE',
    })
    await rooms.recorder.flush()
    const refused = (await web.findJobs({ name: racing.name })).find(
      ({ state, id }) => state === 'removed' && id > holder.id,
    )!
    // Whoever was refused has claimed the request and not dropped that yet; the holder ends in the same moment.
    await noteAnswer(rooms.state, racing, 'z', refused.id)
    await web.cancel(holder.id)
    const entry = await entryFor(rooms, racing, { n: 2 }, options)
    const asked = await askedFor(rooms, racing, entry, options)
    const { fresh } = await claimAll(rooms, racing, [asked])
    expect(fresh.get(asked)!.opts.jobId).toBe(entry.opts.jobId)
    const { id } = await web.enqueue(racing, { n: 2 }, options)
    expect(id).toBe(entry.opts.jobId)
    expect(await web.findJobs({ name: racing.name, state: 'prioritized' })).toMatchObject([{ id }])
    await web.cancel(id)
  })

  it('is told at once that what answered it is not kept any more', async () => {
    act = async ({ input }) => input
    const request = { idempotencyKey: 'order 19', idempotencyFor: '30d' } as const
    const ask = (): Promise<unknown> => orderly.enqueueAndWait(loose, { n: 1 }, request)
    expect(await ask()).toEqual({ n: 1 })
    const { history } = roomsOf(orderly)
    const id = (await orderly.findJobs({ name: loose.name, limit: 1 }))[0]!.id
    await dropContent(history, [id], Number.MAX_SAFE_INTEGER)
    await expect(ask()).rejects.toMatchObject({ code: 'ORDERLY_NOT_FOUND' })
    await dropHistory(history, Date.now() + 60_000)
    await expect(ask()).rejects.toMatchObject({ code: 'ORDERLY_NOT_FOUND' })
  })

  it('is stored with the others it came with, or none is', async () => {
    const item = (n: number, idempotencyKey?: string) => ({
      input: { n },
      options: idempotencyKey === undefined ? {} : { idempotencyKey },
    })
    const conflict = { code: 'ORDERLY_IDEMPOTENCY_CONFLICT' }
    const among = [item(1, 'b'), item(2, 'b'), item(3)]
    await expect(web.enqueueMany(free, among)).rejects.toMatchObject(conflict)
    const before = await web.enqueue(free, { n: 1 }, { idempotencyKey: 'a' })
    const others = [item(3), item(4, 'c'), item(2, 'a')]
    await expect(web.enqueueMany(free, others)).rejects.toMatchObject(conflict)
    expect(await web.findJobs({ name: free.name })).toHaveLength(1)
    const answers = await web.enqueueMany(free, [item(1, 'a'), item(5, 'b'), item(5, 'b'), item(6)])
    expect(answers).toEqual([
      { id: before.id, duplicate: true },
      { id: answers[1]!.id },
      { id: answers[1]!.id, duplicate: true },
      { id: answers[3]!.id },
    ])
    expect(await web.findJobs({ name: free.name })).toHaveLength(3)
  })
})

/** Everything that a context does for its job, and what came of it. */
function everything(ctx: Context): Promise<string[]> {
  const doings: (() => unknown)[] = [
    () => ctx.step('late', () => 1),
    () => ctx.once('late', () => 1),
    () => ctx.sleep('late', '1ms'),
    () => ctx.checkpoint('late'),
    () => ctx.progress(0.9),
    () => ctx.enqueue(loose, { n: 0 }),
    () => ctx.enqueueMany(loose, [{ input: { n: 0 } }]),
    () => ctx.call(pharmacy, () => 1),
    () => ctx.evidence.check('late', true),
    () => ctx.evidence.attach('late', 1),
  ]
  return Promise.all(
    doings.map(async (doing) => {
      try {
        await doing()
        return 'done'
      } catch (error) {
        return (error as { code?: string }).code ?? String(error)
      }
    }),
  )
}

describe('a handler whose attempt is over', () => {
  const endings: readonly [how: string, code: string, end: (id: string) => Promise<unknown>][] = [
    ['it returned', 'ORDERLY_LOCK_LOST', async () => undefined],
    ['it failed', 'ORDERLY_LOCK_LOST', async () => undefined],
    ['it was cancelled', 'ORDERLY_CANCELLED', (id) => orderly.cancel(id)],
    [
      'another worker has its job',
      'ORDERLY_LOCK_LOST',
      async (id) =>
        roomsOf(orderly).running.stop(id, new OrderlyError('ORDERLY_LOCK_LOST', 'it is gone')),
    ],
    [
      'its time ran out',
      'ORDERLY_TIMEOUT',
      async (id) => roomsOf(orderly).running.stop(id, new OrderlyError('ORDERLY_TIMEOUT', 'over')),
    ],
  ]

  it.each(endings)('does nothing more for its job: %s', async (how, code, end) => {
    let kept: Context | undefined
    let release = (): void => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    act = async (ctx) => {
      kept = ctx
      await ctx.checkpoint('in time')
      ctx.log.info({}, 'in time')
      if (how === 'it failed') throw new Error('no beds')
      if (how !== 'it returned') await released
    }
    const { id } = await orderly.enqueue(loose, { n: 1 })
    await expect.poll(() => kept).toBeDefined()
    await end(id)
    await roomsOf(orderly).recorder.flush()
    await expect.poll(() => roomsOf(orderly).running.ids()).toEqual([])
    const before = await orderly.inspectJob(id)
    const jobs = (await orderly.findJobs({ name: loose.name })).length

    expect(new Set(await everything(kept!))).toEqual(new Set([code]))
    kept!.heartbeat()
    kept!.log.error({}, 'late')

    await roomsOf(orderly).recorder.flush()
    expect(await orderly.inspectJob(id)).toEqual(before)
    expect(await orderly.findJobs({ name: loose.name })).toHaveLength(jobs)
    expect(await kept!.lastCheckpoint()).toBe('in time')
    const queue = roomsOf(orderly).engines.current().engine.queue(loose.queue)
    expect((await queue.getJobLogs(id)).logs.join()).not.toContain('late')
    release()
  })

  it('may still note how far it came while its process stops', async () => {
    let kept: Context | undefined
    let release = (): void => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    act = async (ctx) => {
      kept = ctx
      if (ctx.run > 1) return ctx.lastCheckpoint()
      await released
    }
    const { id } = await orderly.enqueue(loose, { n: 1 })
    await expect.poll(() => kept).toBeDefined()
    const first = kept!
    const stopping = new OrderlyError('ORDERLY_CLOSED', 'this process is stopping')
    first.signal.addEventListener('abort', () => void first.checkpoint('row 500'), { once: true })
    roomsOf(orderly).running.stop(id, stopping)
    await expect.poll(() => stateOf(id)).toBe('completed')
    expect(await caught(first.progress(1))).toMatchObject({ code: 'ORDERLY_CLOSED' })
    expect(await first.lastCheckpoint()).toBe('row 500')
    release()
  })

  it('costs a job that uses its context an attempt, and not its place', async () => {
    let kept: Context | undefined
    act = async (ctx) => void (kept = ctx)
    await orderly.enqueueAndWait(loose, { n: 1 })
    const of = kept!
    act = () => of.step('another', () => 1)
    const { id } = await orderly.enqueue(loose, { n: 1 })
    await expect.poll(() => stateOf(id)).toBe('failed')
    expect(await orderly.inspectJob(id)).toMatchObject({ error_code: 'ORDERLY_JOB_FAILED' })
  })
})

describe('what a handler', () => {
  it('waited for does not cancel it when that was cancelled', async () => {
    act = async ({ input }) => {
      if (input.n === 1) return cancel('not needed')
      if (input.n === 3) return fail(await caught(orderly.enqueueAndWait(loose, { n: 1 })))
      return orderly.enqueueAndWait(loose, { n: 1 })
    }
    for (const n of [2, 3]) {
      const { id } = await orderly.enqueue(loose, { n })
      await expect.poll(() => stateOf(id)).toBe('failed')
      expect(await orderly.inspectJob(id)).toMatchObject({ error_code: 'ORDERLY_JOB_FAILED' })
    }
    const letters = await orderly.deadLetters({ name: loose.name })
    expect(letters.filter(({ error_code: code }) => code === 'ORDERLY_JOB_FAILED')).toHaveLength(2)
  })

  it('writes to its log is bounded in lines and in length, and never ends its attempt', async () => {
    act = async ({ log }) => {
      for (let n = 0; n < 3_000; n++) log.info({}, `line ${n}`)
      log.warn({ text: 'x'.repeat(100_000) }, 'y'.repeat(100_000))
      log.error({}, undefined as unknown as string)
    }
    const { id } = await orderly.enqueue(loose, { n: 1 })
    await expect.poll(() => stateOf(id)).toBe('completed')
    const queue = roomsOf(orderly).engines.current().engine.queue(loose.queue)
    const lines = async (): Promise<string[]> => (await queue.getJobLogs(id)).logs
    await expect
      .poll(async () => (await lines()).at(-1), { timeout: 10_000 })
      .toContain('"message":"undefined"')
    const kept = await lines()
    expect(kept).toHaveLength(1_000)
    expect(kept.at(-2)!.length).toBeLessThan(10_000)
    expect(kept.at(-3)).toContain('"message":"line 2999"')
  })
})

/** Writes down that a request was answered with a job. */
async function noteAnswer(
  { query }: Pick<StateDatabase, 'query'>,
  work: JobDefinition,
  key: string,
  id: string,
): Promise<void> {
  const claim = {
    key: await roomsOf(web).vault.blindIndex(`idempotency/${work.name}`, key),
    job_id: id,
    input: null,
    expires_at: Date.now() + 60_000,
    forgotten: 0,
  }
  await query
    .insertInto('orderly_idempotency')
    .values(claim)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(claim))
    .execute()
}

async function caught(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it was kept'),
    (error: unknown) => error as Error,
  )
}
