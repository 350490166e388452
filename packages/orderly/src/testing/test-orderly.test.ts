import { afterEach, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineJob, handle, type OrderlyOptions } from '../index.ts'
import { createTestOrderly, type TestOrderly } from './index.ts'

const remind = defineJob({
  name: 'remind',
  input: z.object({ who: z.string(), how: z.object({ by: z.string() }).optional() }),
})
const check = defineJob({
  name: 'check',
  input: z.object({ days: z.number() }),
  output: z.object({ critical: z.boolean() }),
})

const handlers = [
  handle(remind, async () => undefined),
  handle(check, async ({ input, attempt, enqueue, evidence }) => {
    if (input.days === 0 && attempt === 1) throw new Error('not yet')
    if (input.days < 0) throw new RangeError('no such day')
    evidence.check('looked', true)
    if (input.days < 5) await enqueue(remind, { who: 'ann', how: { by: 'mail' } }, { delay: '1h' })
    return { critical: input.days < 2 }
  }),
]

let orderly: TestOrderly | undefined

afterEach(async () => {
  await orderly?.close()
  orderly = undefined
})

async function open(options: Partial<OrderlyOptions> = {}): Promise<TestOrderly> {
  orderly = await createTestOrderly({ jobs: [remind, check], handlers, ...options })
  return orderly
}

it('runs one job to its end and says what came of it', async () => {
  const test = await open()
  const done = await test.perform(check, { days: 1 })
  expectTypeOf(done.output).toEqualTypeOf<{ critical: boolean } | undefined>()
  expect(done).toMatchObject({
    state: 'completed',
    output: { critical: true },
    error: null,
    evidence: [{ checks: [{ name: 'looked', passed: true }] }],
  })
})

it('does not wait for a backoff', async () => {
  const test = await open()
  expect(await test.perform(check, { days: 0 })).toMatchObject({ state: 'completed', attempts: 2 })
})

it('shows the error of a job that failed', async () => {
  const test = await open()
  expect(await test.perform(check, { days: -1 })).toMatchObject({
    state: 'failed',
    output: undefined,
    error: 'no such day',
  })
})

it('knows what a job has enqueued', async () => {
  const test = await open()
  await test.perform(check, { days: 3 })
  await test.assertEnqueued(remind)
  await test.assertEnqueued(remind, { how: { by: 'mail' } })
  expect(await test.enqueued(remind)).toMatchObject([
    { input: { who: 'ann', how: { by: 'mail' } }, state: 'delayed' },
  ])
  await expect(test.assertEnqueued(remind, { who: 'bob' })).rejects.toThrow('none has the input')
  await expect(test.assertEnqueued(check)).rejects.toThrow('no job "check" waits')
})

it('works off what waits, and what is delayed when asked', async () => {
  const test = await open()
  await test.enqueueMany(check, [{ input: { days: 3 } }, { input: { days: 9 } }])
  expect(await test.workOff()).toEqual({ completed: 2, failed: 0 })
  expect(await test.enqueued(remind)).toHaveLength(1)
  expect(await test.workOff({ delayed: true })).toEqual({ completed: 1, failed: 0 })
})

it('leaves a job that sleeps where it is, and does not wake it for ever', async () => {
  const nap = defineJob({ name: 'nap', input: z.object({}) })
  let runs = 0
  const handler = handle(nap, async ({ sleep }) => {
    runs++
    await sleep('a long time', '1h')
  })
  orderly = await createTestOrderly({ jobs: [nap], handlers: [handler] })
  expect(await orderly.perform(nap, {})).toMatchObject({ state: 'delayed' })
  expect(await orderly.workOff({ delayed: true })).toEqual({ completed: 0, failed: 0 })
  expect(runs).toBeLessThanOrEqual(3)
})
