import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  defineQueue,
  handle,
  phi,
  type JobDefinition,
  type JobSpec,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { promoteJob } from '../../packages/orderly/src/runtime/queued-job.ts'
import { freshName, onEachStore } from './stores.ts'

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered

function job(
  more: Partial<JobSpec<Numbered, Numbered, string>> = {},
): JobDefinition<Numbered, Numbered> {
  return defineJob({ name: freshName('job'), input: numbered, output: numbered, ...more })
}

onEachStore('enqueue', ({ open, start }) => {
  it('runs a job at the time it was asked for, not before', async () => {
    const work = job()
    const began: number[] = []
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          began.push(Date.now())
          return input
        }),
      ],
    })
    const at = new Date(Date.now() + 400)
    await orderly.enqueue(work, { n: 1 }, { at })
    await orderly.whenIdle()
    expect(began).toHaveLength(1)
    expect(began[0]).toBeGreaterThanOrEqual(at.getTime())
  })

  it('refuses a time and a delay together, and a date that is none', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    const invalid = { code: 'ORDERLY_INPUT_INVALID' }
    await expect(
      orderly.enqueue(work, { n: 1 }, { at: new Date(), delay: '1s' }),
    ).rejects.toMatchObject(invalid)
    await expect(orderly.enqueue(work, { n: 1 }, { at: new Date('never') })).rejects.toMatchObject(
      invalid,
    )
  })

  it('refuses a time that no calendar has, and a delay above ten years', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    for (const options of [
      { at: new Date(Date.UTC(10_000, 0)) },
      { delay: '3654d' },
      { delay: '99999999w' },
      { delay: 'Jane Doe' as '1s' },
    ] as const)
      await expect(orderly.enqueue(work, { n: 1 }, options)).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
        message: expect.not.stringContaining('Jane'),
      })
    expect(await orderly.findJobs({ name: work.name })).toEqual([])
  })

  it('refuses what JSON cannot carry although it fits the schema, and stores nothing', async () => {
    const work = defineJob({
      name: freshName('dated'),
      input: z.object({ on: z.date().optional(), count: z.bigint().optional() }),
    })
    const orderly = await open({ jobs: [work] })
    for (const input of [{ on: new Date(0) }, { count: 1n }])
      await expect(orderly.enqueue(work, input)).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
        message: expect.stringContaining('input is stored as JSON'),
      })
    await orderly.enqueue(work, { on: undefined })
    expect(await orderly.findJobs({ name: work.name })).toHaveLength(1)
  })

  it('takes the unique key from the definition, and tells that the second is no new job', async () => {
    const work = job({ unique: { key: ({ n }) => n } })
    const orderly = await open({ jobs: [work] })
    const first = await orderly.enqueue(work, { n: 1 })
    const second = await orderly.enqueue(work, { n: 1 })
    const other = await orderly.enqueue(work, { n: 2 })
    expect(first.duplicate).toBeUndefined()
    expect(second).toEqual({ id: first.id, duplicate: true })
    expect(other.id).not.toBe(first.id)
  })

  it('keeps a key for its window although the first job has finished', async () => {
    const work = job({ unique: { key: ({ n }) => n, for: '1h' } })
    const orderly = await start({
      jobs: [work],
      handlers: [handle(work, async (ctx) => ctx.input)],
    })
    const first = await orderly.enqueue(work, { n: 1 })
    await orderly.whenIdle()
    expect(await orderly.enqueue(work, { n: 1 })).toEqual({ id: first.id, duplicate: true })
  })

  it('refuses the second of a key where that is asked for, and names the first', async () => {
    const work = job({ unique: { key: ({ n }) => n, onDuplicate: 'refuse' } })
    const orderly = await open({ jobs: [work] })
    const { id } = await orderly.enqueue(work, { n: 1 })
    const refused = orderly.enqueue(work, { n: 1 })
    await expect(refused).rejects.toMatchObject({
      code: 'ORDERLY_DUPLICATE',
      message: expect.stringContaining(id),
    })
    const jobs = await orderly.findJobs({ name: work.name, state: 'prioritized' })
    expect(jobs.map((found) => found.id)).toEqual([id])
  })

  it('lets the second of a key replace the first, which then never runs', async () => {
    const work = job({ unique: { key: ({ n }) => n % 10, for: '1s', onDuplicate: 'replace' } })
    const seen: number[] = []
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          seen.push(input.n)
          return input
        }),
      ],
    })
    const first = await orderly.enqueue(work, { n: 1 })
    const second = await orderly.enqueue(work, { n: 11 })
    expect(second.id).not.toBe(first.id)
    await orderly.whenIdle()
    await orderly.reconcile()
    await orderly.whenIdle()
    expect(seen).toEqual([11])
    const ends = await orderly.findJobs({ name: work.name })
    expect(new Map(ends.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [first.id, 'removed'],
        [second.id, 'completed'],
      ]),
    )
  })

  it('begins the window of a key anew with each second job of it', async () => {
    const work = job({ unique: { key: ({ n }) => n, for: '1500ms', onDuplicate: 'extend' } })
    const orderly = await open({ jobs: [work] })
    const first = await orderly.enqueue(work, { n: 1 })
    const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    // The third comes after the end of the first window, within the one that the second began.
    for (let again = 0; again < 2; again++) {
      await pass(900)
      expect(await orderly.enqueue(work, { n: 1 })).toEqual({ id: first.id, duplicate: true })
    }
    await pass(1_600)
    expect((await orderly.enqueue(work, { n: 1 })).id).not.toBe(first.id)
  })

  it('lets one of many replace the others, however many come at the same time', async () => {
    // Longer than they take to come on any machine: only what is let run, runs.
    const work = job({ unique: { key: () => 'one', for: '10m', onDuplicate: 'replace' } })
    const seen: number[] = []
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          seen.push(input.n)
          return input
        }),
      ],
    })
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, n) => orderly.enqueue(work, { n })),
    )
    await orderly.reconcile()
    const left = await orderly.findJobs({ name: work.name, state: 'delayed' })
    expect(left).toHaveLength(1)
    expect(await promoteJob(roomsOf(orderly), work.queue, left[0]!.id)).toBe(true)
    await expect.poll(() => seen).toHaveLength(1)
    await orderly.whenIdle()
    expect(seen).toHaveLength(1)
    expect(new Set(made.map(({ id }) => id)).size).toBe(12)
    const states = (await orderly.findJobs({ name: work.name })).map(({ state }) => state)
    expect(states.toSorted()).toEqual(['completed', ...Array.from({ length: 11 }, () => 'removed')])
  })

  it('tells keys apart that only look alike, and refuses a key that is none', async () => {
    const dated = defineJob({
      name: freshName('dated'),
      input: z.object({ on: z.coerce.date(), what: z.unknown() }),
      unique: { key: ({ on, what }) => [on, what] },
    })
    const orderly = await open({ jobs: [dated] })
    const inputs = [
      { on: '2026-01-01', what: 1 },
      { on: '2026-02-02', what: 1 },
      { on: '2026-01-01', what: '1' },
      { on: '2026-01-01', what: ['1'] },
      { on: '2026-01-01', what: { a: 1 } },
    ]
    const ids = await Promise.all(inputs.map((input) => orderly.enqueue(dated, input)))
    expect(new Set(ids.map(({ id }) => id)).size).toBe(inputs.length)
    const none = defineJob({
      name: freshName('none'),
      input: z.object({}),
      unique: { key: () => undefined },
    })
    const other = await open({ jobs: [none] })
    await expect(other.enqueue(none, {})).rejects.toMatchObject({ code: 'ORDERLY_INPUT_INVALID' })
  })

  it('stores none of many when one does not fit, also where each has a key of its own', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    const items = [
      { input: { n: 1 }, options: { idempotencyKey: 'a' } },
      { input: { n: 'x' as unknown as number } },
    ]
    await expect(orderly.enqueueMany(work, items)).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    expect(await orderly.findJobs({ name: work.name })).toEqual([])
    await expect(
      orderly.enqueueSet(work, [{ input: { n: 1 }, options: { idempotencyKey: 'a' } }]),
    ).rejects.toMatchObject({ code: 'ORDERLY_NOT_SUPPORTED' })
  })

  it('answers a request again with the job it made, although that has finished and is gone', async () => {
    const work = job()
    const orderly = await start({
      jobs: [work],
      handlers: [handle(work, async (ctx) => ctx.input)],
    })
    const request = { idempotencyKey: 'order 17' }
    const first = await orderly.enqueue(work, { n: 1 }, request)
    await orderly.whenIdle()
    await orderly.clean(work.queue, { state: 'completed' })
    expect(await orderly.enqueue(work, { n: 1 }, request)).toEqual({
      id: first.id,
      duplicate: true,
    })
    expect((await orderly.enqueue(work, { n: 1 }, { idempotencyKey: 'order 18' })).id).not.toBe(
      first.id,
    )
  })

  it('refuses a request whose key was used for another input, and stores nothing of it', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    const first = await orderly.enqueue(work, { n: 1 }, { idempotencyKey: 'order 17' })
    await expect(
      orderly.enqueue(work, { n: 2 }, { idempotencyKey: 'order 17' }),
    ).rejects.toMatchObject({
      code: 'ORDERLY_IDEMPOTENCY_CONFLICT',
      message: expect.stringContaining(first.id),
    })
    expect(await orderly.findJobs({ name: work.name })).toHaveLength(1)
  })

  it('makes one job of many requests with one key at the same time', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => orderly.enqueue(work, { n: 1 }, { idempotencyKey: 'once' })),
    )
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(await orderly.findJobs({ name: work.name })).toHaveLength(1)
  })

  it('fails a job unrun that waited longer than it may', async () => {
    const work = job({ ttl: '50ms' })
    let runs = 0
    const web = await open({ jobs: [work] })
    const { id } = await web.enqueue(work, { n: 1 })
    await new Promise((resolve) => setTimeout(resolve, 80))
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          runs++
          return input
        }),
      ],
    })
    await orderly.whenIdle()
    expect(runs).toBe(0)
    expect(await orderly.inspectJob(id)).toMatchObject({
      state: 'failed',
      error_code: 'ORDERLY_EXPIRED',
    })
  })

  it('refuses more jobs than may wait, and takes them again when some are done', async () => {
    const work = job()
    const orderly = await open({
      jobs: [work],
      queues: [defineQueue({ name: work.queue, maxWaiting: 3 })],
      handlers: [handle(work, async (ctx) => ctx.input)],
    })
    await orderly.enqueueMany(work, [{ input: { n: 1 } }, { input: { n: 2 } }])
    const full = { code: 'ORDERLY_QUEUE_FULL' }
    await expect(
      orderly.enqueueMany(work, [{ input: { n: 3 } }, { input: { n: 4 } }]),
    ).rejects.toMatchObject(full)
    await orderly.enqueue(work, { n: 3 })
    await expect(orderly.enqueue(work, { n: 4 })).rejects.toMatchObject(full)
    await orderly.start()
    await orderly.whenIdle()
    await expect
      .poll(() =>
        orderly.enqueue(work, { n: 4 }).then(
          () => 'taken',
          () => 'full',
        ),
      )
      .toBe('taken')
  })

  it('hands over the output of a job that runs elsewhere', async () => {
    const work = job()
    await start({
      jobs: [work],
      handlers: [handle(work, async ({ input }) => ({ n: input.n * 2 }))],
    })
    const web = await open({ jobs: [work] })
    const output = await web.enqueueAndWait(work, { n: 21 })
    expectTypeOf(output).toEqualTypeOf<{ n: number }>()
    expect(output).toEqual({ n: 42 })
  })

  it('tells who waits that the job failed, and who waits too long that it goes on', async () => {
    const work = job({ retry: { attempts: 1 } })
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input, signal }) => {
          if (input.n === 0) throw new Error('broken')
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return input
        }),
      ],
      grace: '1ms',
    })
    await expect(orderly.enqueueAndWait(work, { n: 0 })).rejects.toMatchObject({
      code: 'ORDERLY_JOB_FAILED',
    })
    await expect(orderly.enqueueAndWait(work, { n: 1 }, { timeout: '50ms' })).rejects.toMatchObject(
      { code: 'ORDERLY_WAIT_TIMEOUT' },
    )
  })

  it('finds a job by its name or its type, and checks what it is given', async () => {
    const work = job({ type: freshName('kind').replaceAll('-', '_') })
    const orderly = await open({ jobs: [work] })
    await orderly.enqueueByName(work.name, { n: 1 })
    await orderly.enqueueByName(work.type, { n: 2 })
    await expect(orderly.enqueueByName(work.name, { n: 'x' })).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    await expect(orderly.enqueueByName('nobody', {})).rejects.toMatchObject({
      code: 'ORDERLY_JOB_UNKNOWN',
    })
    expect(await orderly.findJobs({ name: work.name })).toHaveLength(2)
  })

  it('keeps keys of patients out of the store', async () => {
    const work = defineJob({
      name: freshName('phi'),
      input: z.object({ patient: phi.id() }),
      unique: { key: ({ patient }) => patient },
    })
    const orderly = await open({ jobs: [work] })
    const input = { patient: 'MRN-0042' }
    const first = await orderly.enqueue(work, input, { idempotencyKey: 'MRN-0042' })
    expect((await orderly.enqueue(work, input)).id).toBe(first.id)
    const rows = await orderly.database.query
      .selectFrom('orderly_idempotency' as never)
      .selectAll()
      .execute()
    expect(JSON.stringify([rows, await orderly.findJobs({})])).not.toContain('0042')
  })
})

describe('a definition', () => {
  it.each([
    ['a version without its upcast', { version: 2 }],
    ['a version that is no number', { version: 1.5 }],
    ['replace without a window', { unique: { key: () => 1, onDuplicate: 'replace' as const } }],
    ['no attempts', { retry: { attempts: 0 } }],
    ['a limit of nothing', { concurrency: { limit: 0 } }],
    ['a cost below nothing', { cost: { memory: -1 } }],
  ])('is refused with %s', (_what, options) => {
    expect(() => job(options)).toThrowError(
      expect.objectContaining({ code: 'ORDERLY_DEFINITION_INVALID' }),
    )
  })

  it('is refused when two jobs share a type', async () => {
    const one = job({ type: 'same' })
    const other = job({ type: 'same' })
    const { createOrderly } = await import('../../packages/orderly/src/index.ts')
    const home = mkdtempSync(join(tmpdir(), 'orderly-refused-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    await expect(createOrderly({ jobs: [one, other], home })).rejects.toMatchObject({
      code: 'ORDERLY_DEFINITION_INVALID',
    })
  })
})
