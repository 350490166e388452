/** Programs whose tests put fake timers in the place of the real ones. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { lab } from './testing/lab.ts'

afterEach(() => vi.useRealTimers())

describe('while every timer is fake', () => {
  it('works off jobs', async () => {
    vi.useFakeTimers()
    const { queue, worker } = lab()
    const results: unknown[] = []
    const work = worker('work', async ({ data }: { data: number }) => data + 1)
    const done = new Promise<void>((resolve) => {
      work.on('completed', (_job, result) => {
        if (results.push(result) === 2) resolve()
      })
    })
    await queue().add('job', 1)
    await queue().add('job', 2)
    await done
    expect(results).toEqual([2, 3])
  })

  it('ends a wait for a job when its time is over', async () => {
    vi.useFakeTimers()
    const { backend } = lab()
    expect(await backend('work', {}).waitForJob(0.01)).toBeNull()
  })

  it('hands out a delayed job as soon as the fake clock reaches it', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const { backend, queue } = lab()
    await queue().add('job', 1, { delay: 60_000 })
    const waiting = backend('work', {}).waitForJob(30)
    vi.setSystemTime(Date.now() + 60_000)
    expect(await waiting).not.toBeNull()
  })

  it('keeps its own timers out of them', () => {
    vi.useFakeTimers()
    const { backend } = lab()
    backend('work', {}).on('ready', () => undefined)
    expect(vi.getTimerCount()).toBe(0)
  })
})
