/** Jobs whose worker fell silent. */
import { describe, expect, it } from 'vitest'
import { HandClock, claimId, held, lab } from './testing/lab.ts'

async function stalling(count = 1) {
  const clock = new HandClock()
  const { backend, queue } = lab({ clock })
  const store = backend('work', { lockDuration: 1000, stalledInterval: 5000, maxStalledCount: 1 })
  const jobs = queue()
  await jobs.addBulk(Array.from({ length: count + 1 }, (_, n) => ({ name: 'job', data: { n } })))
  for (let n = 0; n < count; n++) await claimId(store, `t${n}`)
  const sweep = (): Promise<string[]> => {
    clock.pass(5000)
    return store.moveStalledJobsToWait()
  }
  return { clock, store, jobs, sweep }
}

describe('the sweep', () => {
  it('takes a job back only in its second pass', async () => {
    const { store, sweep } = await stalling()
    expect(await sweep()).toEqual([])
    expect(await sweep()).toEqual(['1'])
    expect(await store.getState('1')).toBe('waiting')
    await expect(store.moveToCompleted(held('1'), 1, false, 't0', false)).rejects.toMatchObject({
      code: -2,
    })
  })

  it.each([0, 1_000, 2_500, 4_999])(
    'takes a job back within its lock and one interval, its first pass %d ms after the claim',
    async (phase) => {
      const clock = new HandClock()
      const { backend, queue } = lab({ clock })
      const store = backend('work', { lockDuration: 30_000, stalledInterval: 5_000 })
      await queue().addBulk([{ name: 'job', data: {} }])
      await claimId(store, 't0')
      let [time, renewedAt] = [phase, 0]
      clock.pass(phase)
      while (time < 200_000) {
        const taken = await store.moveStalledJobsToWait()
        if (taken.length > 0) break
        // Its worker renews twice in the time of a lock, until it is stopped.
        if (time < 40_000 && time - renewedAt >= 15_000) {
          await store.extendLock('1', 't0', 30_000)
          renewedAt = time
        }
        clock.pass(5_000)
        time += 5_000
      }
      expect(await store.getState('1')).toBe('waiting')
      expect(time - renewedAt).toBeGreaterThanOrEqual(30_000)
      expect(time - renewedAt).toBeLessThanOrEqual(35_000)
    },
  )

  it('puts what it takes back in front, the one started last first', async () => {
    const { store, sweep } = await stalling(3)
    await sweep()
    expect(await sweep()).toEqual(['1', '2', '3'])
    const order = [await claimId(store, 'a'), await claimId(store, 'b'), await claimId(store, 'c')]
    expect(order).toEqual(['3', '2', '1'])
    expect(await claimId(store, 'd')).toBe('4')
  })

  it('spares a job whose lock is renewed', async () => {
    const { clock, store, sweep } = await stalling()
    for (let n = 0; n < 4; n++) {
      await store.extendLock('1', 't0', 6000)
      if (n === 0) clock.pass(900)
      expect(await sweep()).toEqual([])
    }
    expect(await store.getState('1')).toBe('active')
  })

  it('passes once in an interval, whoever asks', async () => {
    const { clock, store } = await stalling()
    clock.pass(5000)
    await store.moveStalledJobsToWait()
    expect(await store.moveStalledJobsToWait()).toEqual([])
    expect(await store.getState('1')).toBe('active')
  })

  it('is not held up by a pass that a clock in the future wrote', async () => {
    const { clock, store, sweep } = await stalling()
    clock.time += 86_400_000
    await store.moveStalledJobsToWait()
    clock.time -= 86_400_000
    expect(await sweep()).toEqual(['1'])
  })

  it('does not take live jobs because the wall clock was set forward', async () => {
    const { clock, store } = await stalling()
    for (let n = 0; n < 3; n++) {
      clock.time += 86_400_000
      expect(await store.moveStalledJobsToWait()).toEqual([])
    }
    expect(await store.getState('1')).toBe('active')
  })

  it('lets a job that stalls too often fail when it is picked up', async () => {
    const { store, sweep } = await stalling()
    await sweep()
    await sweep()
    expect(await claimId(store, 'again')).toBe('1')
    await sweep()
    expect(await sweep()).toEqual(['1'])
    const [job] = await store.moveToActive('third')
    expect(job).toMatchObject({
      stalledCounter: 2,
      deferredFailure: 'job stalled more than allowable limit',
    })
  })
})
