import { expect, it } from 'vitest'
import { z } from 'zod'
import { createOrderly, defineJob, handle, handleIn } from '../../packages/orderly/src/index.ts'
import { onEachStore } from './stores.ts'
import { surgery, SURGERY } from './surgery.ts'

it('refuses a function where a job is to run apart, before anything runs', async () => {
  const job = surgery({ isolation: 'thread' })
  const opened = createOrderly({ jobs: [job], handlers: [handle(job, async () => {})] })
  await expect(opened).rejects.toMatchObject({
    code: 'ORDERLY_DEFINITION_INVALID',
    message: expect.stringContaining('handleIn'),
  })
})

onEachStore(
  'a handler named by its module',
  ({ start }) => {
    it('runs inline where its job says nothing else', async () => {
      const job = surgery()
      const orderly = await start({ jobs: [job], handlers: [handleIn(job, SURGERY)] })
      expect(await orderly.enqueueAndWait(job, { do: 'where' })).toMatchObject({ pid: process.pid })
    })

    it.each(['inline', 'thread'] as const)('has its checks looked at, %s', async (isolation) => {
      const numbered = z.object({ n: z.number() })
      const job = defineJob({ name: 'checked', input: numbered, output: numbered, isolation })
      const module = new URL('./fixtures/checked.mjs', import.meta.url)
      const orderly = await start({ jobs: [job], handlers: [handleIn(job, module)] })
      expect(await orderly.enqueueAndWait(job, { n: 4 })).toEqual({ n: 8 })
      const [found] = await orderly.findJobs({ name: 'checked' })
      expect(await orderly.evidence(found!.id)).toMatchObject([
        {
          checks: [
            { name: 'n is given', passed: true },
            { name: 'n is small', passed: true },
          ],
        },
      ])
      for (const n of [0, 5]) await orderly.enqueue(job, { n })
      await orderly.whenIdle()
      expect(await orderly.findJobs({ name: 'checked', state: 'failed' })).toMatchObject([
        { error_code: 'ORDERLY_CHECK_FAILED', attempts: 1 },
        { error_code: 'ORDERLY_CHECK_FAILED', attempts: 1 },
      ])
    })

    it('fails its job when the module holds none', async () => {
      const job = surgery({ isolation: 'thread', retry: { attempts: 1 } })
      const module = new URL('./fixtures/no-handler.mjs', import.meta.url)
      const orderly = await start({ jobs: [job], handlers: [handleIn(job, module)] })
      await orderly.enqueue(job, { do: 'where' })
      await orderly.whenIdle()
      expect(await orderly.findJobs({ name: job.name })).toMatchObject([
        { state: 'failed', error_code: 'ORDERLY_DEFINITION_INVALID' },
      ])
    })
  },
  ['sqlite'],
)
