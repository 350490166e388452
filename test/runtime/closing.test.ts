// Closing while much is asked of an instance: each call has an answer, and what was accepted is not lost.
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, handle } from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

const CALLS = 100
const numbered = z.object({ n: z.number() })

onEachStore('closing', ({ open, start }) => {
  it('waits for what it was asked before, refuses what comes after, and leaves nobody waiting', async () => {
    const work = defineJob({ name: freshName('closing'), input: numbered, output: numbered })
    const closing = await open({ jobs: [work] })
    const asked = Array.from({ length: CALLS }, (_, n) => closing.enqueue(work, { n }))
    const waiting = closing.enqueueAndWait(work, { n: CALLS }, { timeout: '1h' })
    const told = Promise.allSettled([...asked, waiting])
    const closed = closing.close()
    await expect(closing.enqueue(work, { n: -1 })).rejects.toMatchObject({ code: 'ORDERLY_CLOSED' })
    await closed
    const answers = await told
    expect(answers.pop()).toMatchObject({ reason: { code: 'ORDERLY_CLOSED' } })
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([])
    const ran = new Set<number>()
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          ran.add(input.n)
          return input
        }),
      ],
    })
    await orderly.whenIdle()
    expect([...ran].filter((n) => n < CALLS)).toHaveLength(CALLS)
    expect(ran).not.toContain(-1)
  })
})
