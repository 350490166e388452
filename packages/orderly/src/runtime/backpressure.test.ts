import { expect, it } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import { openBackpressure, type Gauges } from './backpressure.ts'

const queue = { name: 'q', concurrency: 1, maxWaiting: 10 }

function gauges(now: { heap: number; disk: number | undefined }): Gauges {
  return { heap: () => now.heap, disk: async () => now.disk }
}

it('refuses while memory is short, and takes jobs again when it is not', async () => {
  const now = { heap: 0.99, disk: 1_000 }
  const pressure = openBackpressure(fakeClock(), gauges(now))
  const check = () => pressure.check(queue, 1, async () => 0)
  await expect(check()).rejects.toMatchObject({ code: 'ORDERLY_OVERLOADED' })
  now.heap = 0.5
  await check()
})

it('refuses while the disk is short, and looks again after a moment', async () => {
  const now: { heap: number; disk: number | undefined } = { heap: 0, disk: 10 }
  const clock = fakeClock()
  const pressure = openBackpressure(clock, gauges(now), { disk: 64 })
  const check = () => pressure.check(queue, 1, async () => 0)
  await expect(check()).rejects.toMatchObject({ code: 'ORDERLY_OVERLOADED' })
  now.disk = 100
  clock.advance(1_000)
  await check()
  now.disk = undefined
  clock.advance(1_000)
  await check()
})

it('counts what this process adds between two looks at the queue', async () => {
  const clock = fakeClock()
  const pressure = openBackpressure(clock, gauges({ heap: 0, disk: 1_000 }))
  let looks = 0
  const check = (add: number) =>
    pressure.check(queue, add, async () => {
      looks++
      return 0
    })
  await check(6)
  await check(4)
  await expect(check(1)).rejects.toMatchObject({ code: 'ORDERLY_QUEUE_FULL' })
  expect(looks).toBe(1)
  clock.advance(1_000)
  await check(10)
  expect(looks).toBe(2)
})
