// What a job does in its queue store and nowhere else, on each of them: its place, its progress and log, and what many are told at once.
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  defineQueue,
  handle,
  phi,
  type JobDefinition,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { advanceBulks, planBulk, runBulk } from '../../packages/orderly/src/runtime/bulk.ts'
import { planSearch } from '../../packages/orderly/src/runtime/search.ts'
import { parseSearch } from '../../packages/orderly/src/search/parse.ts'
import { findBulks } from '../../packages/orderly/src/state/bulk.ts'
import type { BulkAction } from '../../packages/orderly/src/state/bulk-tables.ts'
import { freshName, onEachStore } from './stores.ts'

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered

function job(): JobDefinition<Numbered> {
  const name = freshName('same')
  return defineJob({ name, queue: name, input: numbered, retry: { attempts: 1 } })
}

onEachStore('a queue store', ({ open, start }) => {
  it('runs a job of higher priority before those that came earlier', async () => {
    const work = job()
    const order: number[] = []
    const orderly = await open({
      jobs: [work],
      queues: [defineQueue({ name: work.queue, concurrency: 1 })],
      handlers: [handle(work, async ({ input }) => void order.push(input.n))],
    })
    const priorities = [undefined, 'low', 'high', 2_097_151, 1, 'critical'] as const
    for (const [n, priority] of priorities.entries())
      await orderly.enqueue(work, { n }, priority === undefined ? {} : { priority })
    await orderly.start()
    await orderly.whenIdle()
    expect(order).toEqual([4, 5, 2, 0, 1, 3])
  })

  it('shows the progress of a job while it runs, and keeps what it says, sealed', async () => {
    const name = freshName('says')
    const work = defineJob({ name, queue: name, input: z.object({ patient: phi.name() }) })
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => (go = resolve))
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input, log, progress }) => {
          await progress(0.4, 'rows')
          log.info({}, `read ${input.patient}`)
          await gate
          await progress(1)
        }),
      ],
    })
    const { id } = await orderly.enqueue(work, { patient: 'Barnaby' })
    const shown = async (): Promise<unknown> =>
      (await orderly.recentJobs()).find((one) => one.id === id)?.progress
    // Its words may hold PHI, and are for those who may see that.
    await expect.poll(shown, { timeout: 10_000 }).toEqual({ share: 0.4 })
    go()
    await orderly.whenIdle()
    expect(await shown()).toEqual({ share: 1 })
    const { engine } = roomsOf(orderly).engines.current()
    const { logs, count } = await engine.queue(name).getJobLogs(id)
    expect(count).toBe(1)
    expect(logs[0]).toContain('read Barnaby')
  })

  it('does what a plan says to the jobs that a search has found, whatever is to be done', async () => {
    const work = job()
    const orderly = await open({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          if (input.n === 2) throw new Error('no')
        }),
      ],
    })
    const rooms = roomsOf(orderly)
    const doToAll = async (action: BulkAction, what: string): Promise<string[]> => {
      const search = await planSearch(rooms, parseSearch(`type:${work.name} ${what}`))
      const { row } = await planBulk(rooms, {
        action,
        search,
        within: [],
        may: () => true,
        reason: 'to see it',
        owner: 'ann',
        by: 'ann',
        pace: 1_000,
      })
      await runBulk(rooms, row)
      const isRunning = async (): Promise<boolean> =>
        (await findBulks(rooms.state, { state: 'running', limit: 20 })).length > 0
      while (await isRunning()) await advanceBulks(rooms)
      await rooms.recorder.flush()
      const jobs = await orderly.findJobs({ name: work.name })
      return jobs.map(({ state }) => state).toSorted()
    }
    await orderly.enqueueMany(
      work,
      [1, 2, 3, 4].map((n) => ({ input: { n }, options: { delay: '1h' } })),
    )
    expect(await doToAll('promote', 'state:delayed')).not.toContain('delayed')
    await orderly.start()
    await orderly.whenIdle()
    expect(await doToAll('retry', 'state:failed')).toHaveLength(5)
    await orderly.whenIdle()
    const done = await orderly.findJobs({ name: work.name, state: 'completed' })
    expect(done).toHaveLength(3)
    await doToAll('delete', 'state:completed')
    const queue = rooms.engines.current().engine.raw(work.queue)
    expect(await Promise.all(done.map(({ id }) => queue.state(id)))).toEqual(
      done.map(() => 'unknown'),
    )
    await orderly.enqueue(work, { n: 5 }, { delay: '1h' })
    await doToAll('cancel', 'state:delayed')
    expect(await queue.openCount()).toBe(0)
  })
})
