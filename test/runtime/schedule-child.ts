// Ticks as fast as it can until it is killed: a process of the test of kills. Its minutes last a second.
import { z } from 'zod'
import { createOrderly, defineJob } from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock, type Clock } from '../../packages/orderly/src/primitives/clock.ts'
import { tick } from '../../packages/orderly/src/runtime/tick.ts'

const [home, began] = process.argv.slice(2) as [string, string]
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const start = Number(began)
const clock: Clock = { ...systemClock, now: () => start + (Date.now() - start) * 60 }
const job = defineJob({ name: 'minute', input: z.object({}) })
const orderly = await createOrderly({ home, jobs: [job], clock, log: silent })
process.send?.('ready')
for (;;) {
  await tick(roomsOf(orderly))
  await new Promise((resolve) => setTimeout(resolve, 20))
}
