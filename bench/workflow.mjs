// What workflows cost beside ordinary jobs: long lists, large documents, many runs at once, long waits.
// `npm run bench -- workflow [--quick] [--json]`
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  createOrderly,
  defineJob,
  defineQueue,
  defineWorkflow,
  handle,
  runs,
  runsForEach,
} from 'orderly'
import { z } from 'zod'

/** Overhead of a node over an ordinary job, at most. */
const MOST_OVERHEAD = 3
const DAY_MS = 86_400_000
const silent = { debug() {}, info() {}, warn() {}, error() {} }

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const scale = values.quick ? 0.1 : 1
  const sizes = { items: 10_000 * scale, nodes: 2_000 * scale, runs: 1_000 * scale }
  const home = await mkdtemp(join(tmpdir(), 'orderly-workflow-'))
  try {
    const result = await measure(home, sizes)
    if (values.json) process.stdout.write(`${JSON.stringify({ sizes, ...result })}\n`)
    else report(sizes, result)
    if (Object.values(result.overhead).some((times) => times > MOST_OVERHEAD)) process.exitCode = 1
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function measure(home, { items, nodes, runs: many }) {
  const work = defineJob({
    name: 'work',
    input: z.object({ n: z.number() }),
    output: z.object({ n: z.number() }),
  })
  const names = Array.from({ length: nodes }, (_, index) => `n${index}`)
  const step = (previous) => runs(work, { input: { n: previous } })
  const list = defineWorkflow({
    id: 'list',
    nodes: { all: runsForEach('input.list', work, { input: { n: 'item' }, maxParallel: 200 }) },
  })
  const wide = defineWorkflow({
    id: 'wide',
    start: 'begin',
    nodes: Object.fromEntries([
      ['begin', { type: 'parallel' }],
      ...names.map((name) => [name, step('1')]),
      ['end', { type: 'join', wait: 'all' }],
    ]),
    edges: names.flatMap((name) => [
      { from: 'begin', to: name },
      { from: name, to: 'end' },
    ]),
  })
  const long = defineWorkflow({
    id: 'long',
    nodes: Object.fromEntries(
      names.map((name, index) => [
        name,
        step(index === 0 ? '0' : `steps.${names[index - 1]}.output.n`),
      ]),
    ),
    edges: names.slice(1).map((to, index) => ({ from: names[index], to })),
    output: `steps.${names.at(-1)}.output.n`,
  })
  const three = defineWorkflow({
    id: 'three',
    nodes: { a: step('1'), b: step('steps.a.output.n'), c: step('steps.b.output.n') },
    edges: [
      ['a', 'b'],
      ['b', 'c'],
    ],
  })
  const rest = defineWorkflow({
    id: 'rest',
    nodes: { rest: { type: 'delay', for: '90d' }, after: step('1') },
    edges: [['rest', 'after']],
  })
  let ahead = 0
  const { systemClock } = await import('../packages/orderly/dist/primitives/clock.js')
  const clock = { ...systemClock, now: () => Date.now() + ahead }
  const orderly = await createOrderly({
    home,
    clock,
    log: silent,
    jobs: [work],
    queues: [defineQueue({ name: 'work', concurrency: 50 })],
    handlers: [handle(work, async ({ input }) => ({ n: input.n + 1 }))],
    workflows: [list, wide, long, three, rest],
  })
  await orderly.start()
  const ended = async (id) => {
    for (;;) {
      const { state } = await orderly.run(id)
      if (state !== 'running') return state
      await clock.sleep(50)
    }
  }
  const timed = async (work) => {
    const before = performance.now()
    await work()
    return performance.now() - before
  }
  const numbers = Array.from({ length: items }, (_, n) => n)

  // Ordinary jobs: many at once, and one after the other.
  const drained = async (count) => {
    const before = await completed(orderly)
    await orderly.enqueueMany(
      work,
      numbers.slice(0, count).map((n) => ({ input: { n } })),
    )
    while ((await completed(orderly)) - before < count) await clock.sleep(20)
  }
  await drained(Math.min(items, 500))
  const jobMs = (await timed(() => drained(items))) / items
  const single = Math.min(nodes, 300)
  const oneMs =
    (await timed(async () => {
      for (let n = 0; n < single; n++) await orderly.enqueueAndWait(work, { n })
    })) / single

  const run = async (id, input = {}) => {
    const started = await orderly.startRun(id, input)
    const state = await ended(started.id)
    if (state !== 'completed') throw new Error(`the run of ${id} has ${state}`)
    return started.id
  }
  const figures = {}
  figures.listMs = (await timed(() => run('list', { list: numbers }))) / items
  figures.wideMs = (await timed(() => run('wide'))) / nodes
  let last = ''
  figures.longMs = (await timed(async () => (last = await run('long')))) / nodes
  if ((await orderly.runOutput(last)) !== nodes) throw new Error('the chain has lost a step')
  figures.manyMs =
    (await timed(async () => {
      const ids = await Promise.all(
        Array.from({ length: many }, async () => (await orderly.startRun('three', {})).id),
      )
      for (const id of ids) if ((await ended(id)) !== 'completed') throw new Error('a run failed')
    })) /
    (many * 3)
  const { id } = await orderly.startRun('rest', {})
  ahead = 90 * DAY_MS - 60_000
  await clock.sleep(1_000)
  const early = (await orderly.run(id)).state
  ahead += 61_000
  figures.restMs = await timed(() => ended(id))
  if (early !== 'running') throw new Error('it did not wait for 90 days')
  await orderly.close()
  const round = (value) => Math.round(value * 1_000) / 1_000
  return {
    jobMs: round(jobMs),
    oneMs: round(oneMs),
    ...Object.fromEntries(Object.entries(figures).map(([name, ms]) => [name, round(ms)])),
    overhead: {
      list: round(figures.listMs / jobMs),
      wide: round(figures.wideMs / jobMs),
      long: round(figures.longMs / oneMs),
      many: round(figures.manyMs / jobMs),
    },
  }
}

async function completed(orderly) {
  const counts = await orderly.countJobs()
  return counts.reduce((sum, { state, n }) => (state === 'completed' ? sum + n : sum), 0)
}

function report({ items, nodes, runs: many }, { jobMs, oneMs, overhead, ...figures }) {
  const line = (what, ms, times) =>
    process.stdout.write(
      `${what.padEnd(52)} ${ms.toFixed(2).padStart(9)} ms${times === undefined ? '' : `  ${times.toFixed(2)} x`}\n`,
    )
  line('an ordinary job, many at once', jobMs)
  line('an ordinary job, one after the other', oneMs)
  line(`an item of a for-each over ${items}`, figures.listMs, overhead.list)
  line(`a node of a document of ${nodes}, all at once`, figures.wideMs, overhead.wide)
  line(`a node of a document of ${nodes}, in a row`, figures.longMs, overhead.long)
  line(`a node of ${many} runs at once`, figures.manyMs, overhead.many)
  line('a wait of 90 days: until it went on', figures.restMs)
}
