// Jobs that are far ahead, and jobs that come back after they had ended.
import { expect, it } from 'vitest'
import { defineJob, handle, type Orderly } from 'orderly'
import { z } from 'zod'
import { freshName, onEachStore } from './stores.ts'

const YEAR = 365 * 86_400_000
const input = z.object({ n: z.number() })

async function stateOf(orderly: Orderly, id: string): Promise<string | undefined> {
  return (await orderly.inspectJob(id))?.state
}

onEachStore('a job with a long life', ({ start }) => {
  it('waits for a day that is years ahead, and others do not wait with it', async () => {
    const name = freshName('far')
    const work = defineJob({ name, queue: name, input })
    const lane = defineJob({
      name: `${name}-lane`,
      queue: name,
      input,
      concurrency: { limit: 1, key: ({ n }) => String(n) },
    })
    const done: number[] = []
    const orderly = await start({
      jobs: [work, lane],
      handlers: [
        handle(work, async (ctx) => void done.push(ctx.input.n)),
        handle(lane, async (ctx) => void done.push(ctx.input.n)),
      ],
    })
    const now = Date.now()
    const days = [
      now + 4 * YEAR,
      now + 5 * YEAR,
      now + 6 * YEAR,
      now + 25 * YEAR,
      now + 60 * YEAR,
      Date.UTC(9_999, 0),
    ]
    const ids: string[] = []
    for (const [n, day] of days.entries())
      ids.push((await orderly.enqueue(work, { n }, { at: new Date(day) })).id)
    const tenYears = await orderly.enqueue(work, { n: 10 }, { delay: '3650d' })
    const inLane = await orderly.enqueue(lane, { n: 11 }, { at: new Date(now + 6 * YEAR) })
    await orderly.enqueue(work, { n: 12 })
    await orderly.enqueue(lane, { n: 13 })
    await expect.poll(() => done.toSorted((a, b) => a - b), { timeout: 10_000 }).toEqual([12, 13])
    for (const [n, id] of ids.entries()) {
      const job = await orderly.inspectJob(id)
      expect(job).toMatchObject({ state: 'delayed' })
      expect(Math.abs(job!.run_at - days[n]!)).toBeLessThan(1_000)
    }
    expect((await orderly.inspectJob(tenYears.id))!.run_at).toBeGreaterThan(now + 9 * YEAR)
    const waiting = (await orderly.inspectJob(inLane.id))!
    expect(Math.abs(waiting.run_at - (now + 6 * YEAR))).toBeLessThan(1_000)
    // Nothing of it is lost when the record is compared with the queue, and each can be cancelled.
    expect(await orderly.reconcile()).toMatchObject({ restored: 0 })
    expect(await orderly.cancel(ids.at(-1)!)).toBe('cancelled')
    expect(done).toHaveLength(2)
  })

  it('that failed takes its unique key again when it is put back, unless another has it', async () => {
    const name = freshName('unique')
    let fails = true
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const work = defineJob({
      name,
      queue: name,
      input,
      retry: { attempts: 1 },
      unique: { key: ({ n }) => n },
    })
    const options = {
      jobs: [work],
      handlers: [
        handle(work, async () => {
          if (fails) throw new Error('not now')
          await held
        }),
      ],
    }
    const orderly = await start(options)
    const first = await orderly.enqueue(work, { n: 1 })
    await expect.poll(() => stateOf(orderly, first.id), { timeout: 10_000 }).toBe('failed')
    fails = false

    // Another of its key runs: it alone is refused, among others it is left out.
    const second = await orderly.enqueue(work, { n: 1 })
    expect(second.id).not.toBe(first.id)
    await expect.poll(() => stateOf(orderly, second.id), { timeout: 10_000 }).toBe('active')
    await expect(orderly.redrive({ ids: [first.id] }, { reason: 'fixed' })).rejects.toMatchObject({
      code: 'ORDERLY_DUPLICATE',
      message: expect.stringContaining(second.id) as string,
    })
    expect(await orderly.redrive({ name }, { reason: 'fixed' })).toEqual({
      redriven: 0,
      skipped: 1,
    })
    expect(await stateOf(orderly, first.id)).toBe('failed')
    await orderly.cancel(second.id)
    await expect.poll(() => stateOf(orderly, second.id), { timeout: 10_000 }).toBe('failed')

    // Now it is free: the job takes it, once, whoever asks at the same time; and a double is told of it.
    const both = await Promise.all(
      [1, 2].map(() =>
        orderly.redrive({ ids: [first.id] }, { reason: 'fixed' }).catch(() => ({ redriven: 0 })),
      ),
    )
    expect(both.reduce((sum, one) => sum + one.redriven, 0)).toBe(1)
    expect(await orderly.enqueue(work, { n: 1 })).toEqual({ id: first.id, duplicate: true })
    release()
    await expect.poll(() => stateOf(orderly, first.id), { timeout: 10_000 }).toBe('completed')
    expect((await orderly.inspectJob(first.id))!.life.map(({ type }) => type)).toContain('redriven')
    const third = await orderly.enqueue(work, { n: 1 })
    expect(third.duplicate).toBeUndefined()
  })
})
