// Processes that fire the same schedule are killed again and again: every slot fires, and none twice. ORDERLY_KILLS=200 for the full size.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { compiled } from '../../packages/bullmq-sqlite/conformance/compiled.ts'
import { createOrderly, defineJob } from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { tick } from '../../packages/orderly/src/runtime/tick.ts'

const CHILD = fileURLToPath(new URL('./schedule-child.ts', import.meta.url))
const KILLS = Number(process.env['ORDERLY_KILLS'] ?? 12)
const MINUTE = 60_000

let home = ''
const children = new Set<ChildProcess>()

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

async function startChild(began: number): Promise<ChildProcess> {
  const child = fork(compiled(CHILD), [home, String(began)], {
    execArgv: [],
    stdio: 'inherit',
  })
  children.add(child)
  await once(child, 'message')
  return child
}

it(
  `fires each slot once through ${KILLS} kills of the processes that tick`,
  async () => {
    home = mkdtempSync(join(tmpdir(), 'orderly-slots-'))
    const began = Date.now()
    const clock = { ...systemClock, now: () => began + (Date.now() - began) * 60 }
    const job = defineJob({ name: 'minute', input: z.object({}) })
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    const open = () => createOrderly({ home, jobs: [job], clock, log: silent })
    const first = await open()
    await first.schedule({
      job,
      input: {},
      spec: { cron: '* * * * *' },
      policy: { overlap: 'allow', catchUp: { all: 10_000 } },
    })
    await first.close()

    const pair = await Promise.all([startChild(began), startChild(began)])
    for (let kill = 0; kill < KILLS; kill++) {
      // At no moment in particular: between any two of their steps.
      await systemClock.sleep(100 + ((kill * 137) % 400))
      const index = kill % 2
      pair[index]!.kill('SIGKILL')
      await once(pair[index]!, 'exit')
      pair[index] = await startChild(began)
    }
    await systemClock.sleep(1_500)
    for (const child of pair) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }

    const last = await open()
    try {
      await tick(roomsOf(last))
      const slots = (await last.pastSlots(job.name, { limit: 100_000 })).toReversed()
      expect(slots.length).toBeGreaterThan(KILLS)
      expect(slots.every(({ state }) => state === 'fired')).toBe(true)
      const gaps = slots.slice(1).filter(({ at }, index) => at - slots[index]!.at !== MINUTE)
      expect(gaps).toEqual([])
      // What the relay had in hand when it was killed is still on its way.
      await expect
        .poll(async () => (await last.countJobs()).reduce((sum, { n }) => sum + n, 0))
        .toBe(slots.length)
      const jobs = await last.findJobs({ name: job.name, limit: 1_000 })
      const ids = new Set(slots.map(({ job }) => job))
      expect(jobs.filter(({ id }) => !ids.has(id))).toEqual([])
      expect(ids.size).toBe(slots.length)
    } finally {
      await last.close()
    }
  },
  120_000 + KILLS * 10_000,
)
