// Processes killed at every named point of scheduler, relay, worker and orchestrator. ORDERLY_KILLS=200 for the full size.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import {
  createOrderly,
  handle,
  type JobDefinition,
  type Schema,
  type WorkflowDocument,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { tick } from '../../packages/orderly/src/runtime/tick.ts'

const KILLS = Number(process.env['ORDERLY_KILLS'] ?? 11)
const MINUTE = 60_000
interface Shared {
  readonly work: JobDefinition<Schema<{ node: string }>, Schema<{ nonce: string }>>
  readonly slot: JobDefinition<Schema<object>, Schema<void>>
  readonly flow: WorkflowDocument
}
// The instances that are killed run without a compiler, and so does what they share with this.
const { work, slot, flow } = (await import(
  new URL('./fixtures/crash-flow.mjs', import.meta.url).href
)) as Shared
const NODES = 5
const LONGEST_LIFE_MS = 3_000

const POINTS = [
  'scheduler: slots, before',
  'scheduler: slots, after',
  'relay: record, before',
  'relay: record, after',
  'relay: queue, before',
  'relay: queue, after',
  'worker: began',
  'worker: within the effect',
  'worker: after the effect',
  'orchestrator: transition, before',
  'orchestrator: transition, after',
]

let home = ''
let child: ChildProcess | undefined

afterEach(() => {
  child?.kill('SIGKILL')
  if (home !== '') rmSync(home, { recursive: true, force: true })
})

/** Runs the instance until it dies at a point; one that does not come to it is killed where it is. */
async function runUntilKilled(point: string, nth: number, began: number): Promise<void> {
  const app = new URL('./fixtures/crash-app.mjs', import.meta.url)
  child = fork(app, [home, point, String(nth), String(began)], { execArgv: [] })
  const exit = once(child, 'exit')
  // Its time begins with its work, for a busy machine may take long to start it.
  let late = (): void => {}
  child.once('message', () => {
    late = systemClock.after(LONGEST_LIFE_MS, () => child?.kill('SIGKILL'))
  })
  const [, signal] = (await exit) as [number | null, string | null]
  late()
  expect(signal).toBe('SIGKILL')
}

it(`ends each run once, and fires each slot once, through ${KILLS} kills at ${POINTS.length} points`, async () => {
  home = mkdtempSync(join(tmpdir(), 'orderly-crash-'))
  const began = Date.now()
  const clock = { ...systemClock, now: () => began + (Date.now() - began) * 60 }
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const open = () =>
    createOrderly({ home, jobs: [work, slot], workflows: [flow], clock, log: silent })
  const first = await open()
  await first.schedule({
    job: slot,
    input: {},
    spec: { cron: '* * * * *' },
    policy: { overlap: 'allow', catchUp: { all: 10_000 } },
  })
  await first.close()
  for (let kill = 0; kill < KILLS; kill++)
    await runUntilKilled(POINTS[kill % POINTS.length]!, 1 + ((kill * 5) % 7), began)
  // A point that nobody comes to proves nothing.
  const passed = new Set(readFileSync(join(home, 'passed'), 'utf8').trim().split('\n'))
  expect(POINTS.slice(0, KILLS).filter((point) => !passed.has(point))).toEqual([])

  const last = await createOrderly({
    home,
    jobs: [work, slot],
    workflows: [flow],
    handlers: [
      handle(work, async (ctx) => ({
        nonce: await ctx.step('effect', async () => `${process.pid}-${ctx.jobId}`),
      })),
      handle(slot, async () => undefined),
    ],
    clock,
    log: silent,
  })
  try {
    await last.start()
    const open = async (): Promise<number> =>
      (await last.runs({ state: 'running', limit: 1_000 })).length
    await expect.poll(open, { timeout: 180_000 }).toBe(0)

    // Each run is final, and holds the recorded effect of each of its nodes once.
    const runs = await last.runs({ limit: 1_000 })
    expect(runs.length).toBeGreaterThan(KILLS / 2)
    const lost = runs.filter(({ state }) => state !== 'completed')
    const why = lost.map(async ({ id }) => (await last.run(id))!.nodes.map(({ error }) => error))
    expect(await Promise.all(why)).toEqual([])
    const nonces: string[] = []
    for (const { id } of runs) {
      const output = (await last.runOutput(id)) as { nonce: string }[]
      expect(output).toHaveLength(NODES)
      nonces.push(...output.map(({ nonce }) => nonce))
    }
    expect(new Set(nonces).size).toBe(runs.length * NODES)

    // No orphan: every job of a node is one that its run has seen, and none is open.
    const counts = (await last.countJobs()).filter(({ name }) => name === 'work')
    expect(counts.filter(({ n }) => n > 0).map(({ state, n }) => ({ state, n }))).toEqual([
      { state: 'completed', n: runs.length * NODES },
    ])
    const jobs = await last.findJobs({ name: 'work', limit: 1_000 })
    const ids = new Set(nonces.map((nonce) => nonce.split('-')[1]))
    expect(jobs.every(({ id }) => ids.has(id))).toBe(true)

    await tick(roomsOf(last))
    const slots = (await last.pastSlots(slot.name, { limit: 100_000 })).toReversed()
    expect(slots.length).toBeGreaterThan(KILLS / 2)
    expect(slots.every(({ state }) => state === 'fired')).toBe(true)
    expect(slots.slice(1).filter(({ at }, n) => at - slots[n]!.at !== MINUTE)).toEqual([])
    expect(new Set(slots.map(({ job }) => job)).size).toBe(slots.length)
  } finally {
    await last.close()
  }
}, 900_000)
