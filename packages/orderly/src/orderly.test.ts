import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBackend } from 'bullmq'
import { createSqliteBackend } from 'bullmq-sqlite'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  cancel,
  createOrderly,
  defineJob,
  defineQueue,
  fail,
  fixed,
  handle,
  snooze,
  type JobContext,
  type Orderly,
  type OrderlyOptions,
} from './index.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const soon = fixed('1ms')

const add = defineJob({
  name: 'add',
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  output: z.object({ sum: z.number() }),
  retry: { attempts: 3, backoff: soon },
})

let home: string
let open: Orderly[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'orderly-'))
})

afterEach(async () => {
  await Promise.all(open.map((orderly) => orderly.close()))
  open = []
  rmSync(home, { recursive: true, force: true })
})

async function create(options: OrderlyOptions): Promise<Orderly> {
  const orderly = await createOrderly({ home, log: silent, ...options })
  open.push(orderly)
  return orderly
}

/** Starts an instance whose `add` job runs `run`. */
async function withHandler(
  run: (ctx: JobContext<{ a: number; b: number }>) => Promise<any>,
  job: typeof add = add,
): Promise<Orderly> {
  const orderly = await create({ jobs: [job], handlers: [handle(job, run)] })
  await orderly.start()
  return orderly
}

async function only(orderly: Orderly) {
  const jobs = await orderly.recentJobs()
  expect(jobs).toHaveLength(1)
  return jobs[0]!
}

describe('enqueue', () => {
  it('types input and context by the schemas of the job', async () => {
    handle(add, async (ctx) => {
      expectTypeOf(ctx.input).toEqualTypeOf<{ a: number; b: number }>()
      return { sum: ctx.input.a + ctx.input.b }
    })
    const orderly = await create({ jobs: [add] })
    expectTypeOf(orderly.enqueue<(typeof add)['input']>)
      .parameter(1)
      .toEqualTypeOf<{ a: number; b?: number | undefined }>()
  })

  it('keeps a job for a process that starts later', async () => {
    const web = await create({ jobs: [add] })
    const { id } = await web.enqueue(add, { a: 2, b: 3 })
    await web.close()
    const seen: number[] = []
    const worker = await withHandler(async ({ input }) => {
      seen.push(input.a + input.b)
      return { sum: 5 }
    })
    await worker.whenIdle()
    expect(seen).toEqual([5])
    expect(await only(worker)).toMatchObject({ id, state: 'completed' })
  })

  it('refuses input that does not fit, names the place and not the value, and stores nothing', async () => {
    const orderly = await create({ jobs: [add] })
    const secret = 'Jane Doe'
    const refused = orderly.enqueue(add, { a: secret as unknown as number })
    await expect(refused).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
      message: expect.stringMatching(/ at a$/),
    })
    await expect(refused).rejects.not.toThrow(secret)
    expect(await orderly.recentJobs()).toEqual([])
  })

  it('adds none of many when one does not fit', async () => {
    const orderly = await create({ jobs: [add] })
    const items = [{ input: { a: 1 } }, { input: { a: 'x' as unknown as number } }]
    await expect(orderly.enqueueMany(add, items)).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    expect(await orderly.recentJobs()).toEqual([])
  })

  it('hands a schema that transforms what was given, not what it made of it', async () => {
    const measure = defineJob({
      name: 'measure',
      input: z.object({ word: z.string().transform((word) => word.length) }),
    })
    const seen: number[] = []
    const handler = handle(measure, async ({ input }) => void seen.push(input.word))
    const orderly = await create({ jobs: [measure], handlers: [handler] })
    await orderly.enqueue(measure, { word: 'abc' })
    await orderly.start()
    await orderly.whenIdle()
    expect(seen).toEqual([3])
  })

  it.each([0, -1, 1.5, 'urgent' as 'high'])('refuses the priority %s', async (priority) => {
    const orderly = await create({ jobs: [add] })
    await expect(orderly.enqueue(add, { a: 1 }, { priority })).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
  })

  it('refuses a job it does not know', async () => {
    const orderly = await create({ jobs: [] })
    await expect(orderly.enqueue(add, { a: 1 })).rejects.toMatchObject({
      code: 'ORDERLY_JOB_UNKNOWN',
    })
  })

  it('answers a second job of the same unique key with the first until that has finished', async () => {
    const orderly = await create({ jobs: [add], handlers: [handle(add, async () => ({ sum: 0 }))] })
    const first = await orderly.enqueue(add, { a: 1 }, { unique: 'k' })
    const second = await orderly.enqueue(add, { a: 2 }, { unique: 'k' })
    expect(second.id).toBe(first.id)
    expect(await orderly.recentJobs()).toHaveLength(1)
    await orderly.start()
    await orderly.whenIdle()
    const third = await orderly.enqueue(add, { a: 3 }, { unique: 'k' })
    expect(third.id).not.toBe(first.id)
  })

  it('runs a job of higher priority before those that came earlier', async () => {
    const order: number[] = []
    const orderly = await create({
      jobs: [add],
      queues: [defineQueue({ name: 'add', concurrency: 1 })],
      handlers: [
        handle(add, async ({ input }) => {
          order.push(input.a)
          return { sum: 0 }
        }),
      ],
    })
    await orderly.enqueue(add, { a: 1 })
    await orderly.enqueue(add, { a: 2 }, { priority: 'low' })
    await orderly.enqueue(add, { a: 3 }, { priority: 'high' })
    await orderly.start()
    await orderly.whenIdle()
    expect(order).toEqual([3, 1, 2])
  })

  it('refuses everything once it is closed', async () => {
    const orderly = await create({ jobs: [add] })
    await orderly.close()
    await expect(async () => orderly.enqueue(add, { a: 1 })).rejects.toMatchObject({
      code: 'ORDERLY_CLOSED',
    })
    await expect(orderly.start()).rejects.toMatchObject({ code: 'ORDERLY_CLOSED' })
  })
})

describe('an attempt', () => {
  it('is tried again after an error, and the job completes when one attempt succeeds', async () => {
    const attempts: number[] = []
    const orderly = await withHandler(async ({ attempt }) => {
      attempts.push(attempt)
      if (attempt < 3) throw new Error('not yet')
      return { sum: 0 }
    })
    await orderly.enqueue(add, { a: 1 })
    await orderly.whenIdle()
    expect(attempts).toEqual([1, 2, 3])
    expect(await only(orderly)).toMatchObject({ state: 'completed' })
  })

  it('fails the job when its attempts are used up', async () => {
    const orderly = await withHandler(async () => {
      throw new Error('never')
    })
    await orderly.enqueue(add, { a: 1 })
    await orderly.whenIdle()
    expect(await only(orderly)).toMatchObject({
      state: 'failed',
      attempts: 3,
      failedReason: 'never',
    })
  })

  it('survives a handler that throws something that is no error', async () => {
    const orderly = await withHandler(async () => {
      // eslint-style rules aside, JavaScript lets anybody do this.
      throw null as unknown as Error
    })
    await orderly.enqueue(add, { a: 1 })
    await orderly.whenIdle()
    expect(await only(orderly)).toMatchObject({ state: 'failed' })
  })

  it('does not count when it is snoozed', async () => {
    const attempts: number[] = []
    const orderly = await withHandler(async ({ attempt }) => {
      attempts.push(attempt)
      return attempts.length < 5 ? snooze('1ms', 'pharmacy closed') : { sum: 0 }
    })
    await orderly.enqueue(add, { a: 1 })
    await orderly.whenIdle()
    expect(attempts).toEqual([1, 1, 1, 1, 1])
    expect(await only(orderly)).toMatchObject({ state: 'completed' })
  })

  it.each([
    ['fail', () => fail(new Error('wrong file')), 'wrong file'],
    ['cancel', () => cancel('order withdrawn'), 'cancelled: order withdrawn'],
  ])('is the last one when the handler says %s', async (_name, verdict, reason) => {
    let runs = 0
    const orderly = await withHandler(async () => {
      runs++
      return verdict()
    })
    await orderly.enqueue(add, { a: 1 })
    await orderly.whenIdle()
    expect(runs).toBe(1)
    expect(await only(orderly)).toMatchObject({ state: 'failed', failedReason: reason })
  })

  it('fails when the handler returns what does not fit the output schema', async () => {
    const orderly = await withHandler(async () => ({ total: 1 }))
    await orderly.enqueue(add, { a: 1 })
    await orderly.whenIdle()
    expect(await only(orderly)).toMatchObject({
      state: 'failed',
      failedReason: expect.stringContaining('sum'),
    })
  })

  it('is told to stop when it runs longer than its timeout, and frees its slot even if it does not listen', async () => {
    const slow = defineJob({
      name: 'add',
      input: add.input,
      output: add.output!,
      timeout: '20ms',
      retry: { attempts: 1 },
    })
    let reason: unknown
    const orderly = await withHandler(({ signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason))
      return new Promise(() => {})
    }, slow)
    await orderly.enqueue(slow, { a: 1 })
    await orderly.whenIdle()
    expect(reason).toMatchObject({ code: 'ORDERLY_TIMEOUT' })
    expect(await only(orderly)).toMatchObject({
      state: 'failed',
      failedReason: expect.stringContaining('20 ms'),
    })
  })

  it('goes back to the queue, uncounted, when its process closes before it ends', async () => {
    let started!: () => void
    const running = new Promise<void>((resolve) => (started = resolve))
    const first = await create({
      grace: '1ms',
      jobs: [add],
      handlers: [
        handle(add, ({ signal }) => {
          started()
          return new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason)),
          )
        }),
      ],
    })
    await first.start()
    const { id } = await first.enqueue(add, { a: 1 })
    await running
    await first.close()
    const attempts: number[] = []
    const second = await withHandler(async ({ attempt }) => {
      attempts.push(attempt)
      return { sum: 0 }
    })
    await second.whenIdle()
    expect(attempts).toEqual([1])
    expect(await only(second)).toMatchObject({ id, state: 'completed' })
  })

  it('may enqueue further jobs', async () => {
    const orderly = await withHandler(async ({ input, enqueue }) => {
      if (input.a > 0) await enqueue(add, { a: input.a - 1 })
      return { sum: input.a }
    })
    await orderly.enqueue(add, { a: 3 })
    await orderly.whenIdle()
    expect(await orderly.recentJobs()).toHaveLength(4)
  })

  it('shows its progress', async () => {
    let seen: unknown
    const orderly: Orderly = await withHandler(async ({ progress }) => {
      await progress(0.4, 'rows')
      seen = (await only(orderly)).progress
      return { sum: 0 }
    })
    await orderly.enqueue(add, { a: 1 })
    await orderly.whenIdle()
    expect(seen).toEqual({ share: 0.4, step: 'rows' })
  })
})

describe('an instance', () => {
  it('does not start workers for a job that nobody handles', async () => {
    const orderly = await create({ jobs: [add] })
    await expect(orderly.start()).rejects.toMatchObject({ code: 'ORDERLY_HANDLER_MISSING' })
  })

  it('starts its workers once, however many ask for it at the same time, and closes them', async () => {
    const said: string[] = []
    const log = { ...silent, info: (_fields: object, text: string) => void said.push(text) }
    const job = defineJob({ name: 'other', input: z.object({}) })
    const orderly = await create({
      log,
      jobs: [add, job],
      handlers: [handle(add, async () => ({ sum: 1 })), handle(job, async () => {})],
    })
    const starts = () => said.filter((text) => text.startsWith('workers started'))
    await Promise.all([orderly.start({ queues: ['add'] }), orderly.start(), orderly.start()])
    expect(starts()).toEqual(['workers started for add'])
    await expect(orderly.start({ queues: ['other'] })).rejects.toMatchObject({
      code: 'ORDERLY_CONFLICT',
      message: expect.stringContaining('works on add already, and not on other'),
    })
    await orderly.quiet()
    await orderly.start({ queues: ['other', 'other'] })
    expect(starts()).toEqual(['workers started for add', 'workers started for other'])
    await orderly.quiet()
    // What is about to start when it closes has not, or is closed with it.
    const late = orderly.start().catch((error: unknown) => error)
    await orderly.close()
    expect([undefined, 'ORDERLY_CLOSED']).toContain(
      ((await late) as { code?: string } | undefined)?.code,
    )
  })

  it('holds a job of an unknown name instead of dropping or failing it', async () => {
    const logged: string[] = []
    const { Queue } = withBackend(createSqliteBackend)
    const queue = new Queue('add', { connection: { file: join(home, 'queue.db') } })
    await queue.add('from-a-newer-version', { a: 1 })
    await queue.close()
    const orderly = await create({
      jobs: [add],
      handlers: [handle(add, async () => ({ sum: 0 }))],
      log: { ...silent, error: (_fields, message) => void logged.push(message) },
    })
    await orderly.start()
    await expect
      .poll(() => orderly.recentJobs())
      .toMatchObject([{ name: 'from-a-newer-version', state: 'delayed', attempts: 0 }])
    expect(logged).toContain('job held: no handler')
  })

  it('refuses a job whose input is no schema', () => {
    expect(() => defineJob({ name: 'x', input: {} as never })).toThrow(/Standard Schema/)
  })

  it('refuses a handler whose job is not listed', async () => {
    const handler = handle(add, async () => ({ sum: 0 }))
    await expect(create({ handlers: [handler] })).rejects.toMatchObject({
      code: 'ORDERLY_DEFINITION_INVALID',
    })
  })

  it.each(['/proc/orderly/here', '/dev/null/orderly'])(
    'says so when its home cannot be made (%s)',
    async (place) => {
      await expect(createOrderly({ home: place, log: silent })).rejects.toMatchObject({
        code: 'ORDERLY_DATABASE_UNAVAILABLE',
        message: expect.stringContaining(place),
      })
    },
  )

  it.each(['queue.db', 'orderly.db'])('says so in a sentence when %s is damaged', async (name) => {
    writeFileSync(join(home, name), 'this is no database at all'.repeat(500))
    const opened = createOrderly({ home, log: silent, jobs: [add] })
    const used = opened.then(async (orderly) => {
      open.push(orderly)
      await orderly.enqueue(add, { a: 1 })
    })
    await expect(used).rejects.toMatchObject({ code: expect.stringMatching(/_UNAVAILABLE$/) })
  })

  it('counts jobs by state and queue', async () => {
    const orderly = await create({ jobs: [add] })
    await orderly.enqueueMany(add, [
      { input: { a: 1 } },
      { input: { a: 2 }, options: { delay: '1h' } },
    ])
    const [queue] = await orderly.queues()
    expect(queue).toMatchObject({
      name: 'add',
      paused: false,
      counts: { prioritized: 1, delayed: 1, active: 0 },
    })
  })
})
