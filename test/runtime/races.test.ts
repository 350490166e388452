// Two things at once, ten thousand times: one of them was first, and everybody agrees which.
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, defineQueue, handle, type Orderly } from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore, type StoreName } from './stores.ts'

const ROUNDS = Number(process.env['RACES'] ?? 10_000)
/** So many at once that both sides win some; a Redis that answers none of them for two seconds would be taken to be away. */
const AT_ONCE = { sqlite: 500, redis: 100 }
/** Redis takes minutes: it has its turn with EVERY_STORE=1. */
const STORES =
  process.env['EVERY_STORE'] === '1' ? (['sqlite', 'redis'] as const) : (['sqlite'] as const)

const numbered = z.object({ n: z.number() })

/** Calls `work` for every number, some at a time. */
async function each(store: StoreName, work: (n: number) => Promise<void>): Promise<void> {
  const size = store === 'redis' ? AT_ONCE.redis : AT_ONCE.sqlite
  for (let start = 0; start < ROUNDS; start += size)
    await Promise.all(
      Array.from({ length: Math.min(size, ROUNDS - start) }, (_, index) => work(start + index)),
    )
}

async function statesOf(orderly: Orderly, name: string): Promise<Map<string, string>> {
  const states = new Map<string, string>()
  for (let before: { createdAt: number; id: string } | undefined; ;) {
    const page = await orderly.findJobs({ name, limit: 1_000, ...(before ? { before } : {}) })
    for (const { id, state, error_code: code } of page)
      states.set(id, state === 'completed' ? state : (code ?? state))
    const last = page.at(-1)
    if (!last || page.length < 1_000) return states
    before = { createdAt: last.created_at, id: last.id }
  }
}

onEachStore(
  `a race run ${ROUNDS} times`,
  ({ store, open, start }) => {
    it('between cancelling and finishing ends once, as whoever cancelled was told', async () => {
      const work = defineJob({ name: freshName('cancel'), input: numbered })
      const runs = new Map<string, number>()
      const orderly = await start({
        jobs: [work],
        queues: [defineQueue({ name: work.queue, concurrency: 20 })],
        handlers: [
          handle(work, async ({ jobId }) => {
            runs.set(jobId, (runs.get(jobId) ?? 0) + 1)
            await new Promise((resolve) => setImmediate(resolve))
          }),
        ],
      })
      const told = new Map<string, string>()
      await each(store, async (n) => {
        const { id } = await orderly.enqueue(work, { n })
        // Some at once, some when they have begun, some when they are done.
        if (n % 3 === 1) await new Promise((resolve) => setTimeout(resolve, n % 40))
        told.set(id, await orderly.cancel(id, { wait: 20_000 }))
      })
      await orderly.whenIdle()
      const states = await statesOf(orderly, work.name)
      expect(states.size).toBe(ROUNDS)
      const wrong = [...told].filter(([id, answer]) => {
        const isCompleted = states.get(id) === 'completed'
        return answer === 'finished' ? !isCompleted : answer !== 'cancelled' || isCompleted
      })
      expect(wrong).toEqual([])
      expect([...runs.values()].filter((count) => count !== 1)).toEqual([])
      // Both sides have won some, or this was no race.
      expect(new Set(told.values())).toEqual(new Set(['cancelled', 'finished']))
    }, 240_000)

    it('between two processes for one unique key makes one job, and both are told of it', async () => {
      const work = defineJob({
        name: freshName('unique'),
        input: numbered,
        unique: { key: ({ n }) => n },
      })
      const [one, other] = [await open({ jobs: [work] }), await open({ jobs: [work] })]
      const wrong: unknown[] = []
      await each(store, async (n) => {
        const answers = await Promise.all([one.enqueue(work, { n }), other.enqueue(work, { n })])
        const ids = new Set(answers.map(({ id }) => id))
        const fresh = answers.filter(({ duplicate }) => !duplicate)
        if (ids.size !== 1 || fresh.length !== 1) wrong.push(answers)
      })
      expect(wrong).toEqual([])
      expect((await one.queues()).find(({ name }) => name === work.queue)?.counts).toMatchObject({
        prioritized: ROUNDS,
      })
    }, 240_000)
  },
  STORES,
)
