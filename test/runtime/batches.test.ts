import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  fixed,
  handle,
  handleBatch,
  type JobDefinition,
  type JobSpec,
} from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered

const soon = { attempts: 3, backoff: fixed('1ms') }

function job(
  more: Partial<JobSpec<Numbered, Numbered, string>> = {},
): JobDefinition<Numbered, Numbered> {
  return defineJob({
    name: freshName('run'),
    input: numbered,
    output: numbered,
    retry: soon,
    ...more,
  })
}

onEachStore('a batch', ({ open, start }) => {
  it('handles many jobs in one call, each with its own ending', async () => {
    const work = job({ retry: { attempts: 1 } })
    const sizes: number[] = []
    const orderly = await open({
      jobs: [work],
      handlers: [
        handleBatch(work, { size: 5 }, async (contexts) => {
          sizes.push(contexts.length)
          return contexts.map(({ input }) =>
            input.n % 2 === 0 ? { n: input.n * 10 } : new Error('odd'),
          )
        }),
      ],
    })
    await orderly.enqueueMany(
      work,
      Array.from({ length: 10 }, (_, n) => ({ input: { n } })),
    )
    await orderly.start()
    await orderly.whenIdle()
    expect(Math.max(...sizes)).toBeGreaterThan(1)
    expect(sizes.reduce((a, b) => a + b)).toBe(10)
    expect(await orderly.findJobs({ name: work.name, state: 'completed' })).toHaveLength(5)
    expect(await orderly.findJobs({ name: work.name, state: 'failed' })).toHaveLength(5)
  })

  it('hands no job to a batch that was cancelled while it waited for others', async () => {
    const work = job({ retry: { attempts: 1 } })
    const seen: number[] = []
    const orderly = await start({
      jobs: [work],
      handlers: [
        handleBatch(work, { size: 5, wait: 1_500 }, async (contexts) => {
          seen.push(...contexts.map(({ input }) => input.n))
          return contexts.map(({ input }) => input)
        }),
      ],
    })
    const first = await orderly.enqueue(work, { n: 1 })
    await orderly.enqueue(work, { n: 2 })
    await expect.poll(async () => (await orderly.inspectJob(first.id))?.state).toBe('active')
    expect(await orderly.cancel(first.id)).toBe('cancelled')
    await orderly.whenIdle()
    expect(seen).toEqual([2])
  })

  it('lets in only as many costly jobs as the machine has room for', async () => {
    const work = job({ cost: { memory: 400 } })
    let running = 0
    let most = 0
    const orderly = await start({
      capacity: { memory: 1_000, cpu: 4 },
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          most = Math.max(most, ++running)
          await new Promise((resolve) => setTimeout(resolve, 20))
          running--
          return input
        }),
      ],
    })
    await orderly.enqueueMany(
      work,
      Array.from({ length: 6 }, (_, n) => ({ input: { n } })),
    )
    await orderly.whenIdle()
    expect(most).toBe(2)
  })
})
