import { expect, it } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import { openBackpressure, type Gauges } from './backpressure.ts'

const queue = { name: 'q', concurrency: 1, maxWaiting: 10 }
const done = async (): Promise<void> => {}

function gauges(now: { heap: number; disk: number | undefined }): Gauges {
  return { heap: () => now.heap, disk: async () => now.disk }
}

it('refuses while memory is short, and takes jobs again when it is not', async () => {
  const now = { heap: 0.99, disk: 1_000 }
  const pressure = openBackpressure(fakeClock(), gauges(now))
  const check = () => pressure.admit({ queue, add: 1, count: async () => 0 }, done)
  await expect(check()).rejects.toMatchObject({ code: 'ORDERLY_OVERLOADED' })
  now.heap = 0.5
  await check()
})

it('refuses while the disk is short, and looks again after a moment', async () => {
  const now: { heap: number; disk: number | undefined } = { heap: 0, disk: 10 }
  const clock = fakeClock()
  const pressure = openBackpressure(clock, gauges(now), { disk: 64 })
  const check = () => pressure.admit({ queue, add: 1, count: async () => 0 }, done)
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
    pressure.admit(
      {
        queue,
        add,
        count: async () => {
          looks++
          return 0
        },
      },
      done,
    )
  await check(6)
  await check(4)
  await expect(check(1)).rejects.toMatchObject({ code: 'ORDERLY_QUEUE_FULL' })
  expect(looks).toBe(1)
  clock.advance(1_000)
  await check(10)
  expect(looks).toBe(2)
})

it('looks once for all that come at the same time, and lets no more of them by than there is room for', async () => {
  const clock = fakeClock()
  const pressure = openBackpressure(clock, gauges({ heap: 0, disk: 1_000 }))
  let looks = 0
  let stored = 4
  const count = async (): Promise<number> => {
    looks++
    await clock.turn()
    return stored
  }
  const burst = (): Promise<PromiseSettledResult<number>[]> =>
    Promise.allSettled(
      Array.from({ length: 200 }, () =>
        pressure.admit({ queue, add: 1, count }, async () => ++stored),
      ),
    )
  await burst()
  expect({ stored, looks }).toEqual({ stored: 10, looks: 1 })
  clock.advance(1_000)
  await burst()
  expect({ stored, looks }).toEqual({ stored: 10, looks: 2 })
})

it('counts what is still on its way when it looks again, and nothing that failed', async () => {
  const clock = fakeClock()
  const pressure = openBackpressure(clock, gauges({ heap: 0, disk: 1_000 }))
  const admit = (add: number, work = done): Promise<void> =>
    pressure.admit({ queue, add, count: async () => 0 }, work)
  let fail = (): void => {}
  const slow = admit(7, () => new Promise((_, reject) => (fail = () => reject(new Error('away')))))
  await clock.turn()
  clock.advance(1_000)
  await expect(admit(4)).rejects.toMatchObject({ code: 'ORDERLY_QUEUE_FULL' })
  await admit(3)
  fail()
  await expect(slow).rejects.toThrow('away')
  await admit(7)
})
