// The shapes that workflows of packs have, on real jobs, with the queue in SQLite and in Redis.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { signMessage } from '../../packages/orderly/src/events/signature.ts'
import {
  createOrderly,
  defineJob,
  handle,
  type Orderly,
  type WorkflowDocument,
} from '../../packages/orderly/src/index.ts'
import { compare, prices, registryDirectory } from '../../packs/prices/src/index.ts'
import { startMirror } from '../../packs/prices/src/mirror/index.ts'
import { freshName, onEachStore } from './stores.ts'

function flowOf(document: Pick<WorkflowDocument, 'start' | 'nodes' | 'edges' | 'output'>) {
  return { format: 'orderly.workflow/1', id: freshName('flow'), version: 1, ...document } as const
}

async function ends(orderly: Orderly, id: string, state: string): Promise<void> {
  await expect.poll(async () => (await orderly.run(id))?.state, { timeout: 30_000 }).toBe(state)
}

async function reaches(orderly: Orderly, id: string, node: string): Promise<void> {
  const nodes = async () => (await orderly.run(id))!.nodes.map((row) => `${row.node} ${row.state}`)
  await expect.poll(nodes, { timeout: 20_000 }).toContain(`${node} running`)
}

onEachStore(
  'a workflow of a pack',
  ({ start }) => {
    it('takes the prices of a directory through download, check and statistics', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'orderly-flow-prices-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const place = { state: 'GA', zip: '30060', city: 'Marietta' }
      const hospitals = ['a', 'b', 'c'].map((id) => ({
        ...place,
        id,
        name: id.toUpperCase(),
        files: [`${id}.csv`],
      }))
      for (const [n, { files }] of hospitals.entries())
        writeFileSync(
          join(folder, files[0]!),
          `CPT Code,Description,Gross Charge,Cash Price\n10001,ONE,${100 * 2 ** n}.00,50.00\n`,
        )
      await using mirror = await startMirror({ folder, hospitals })
      const orderly = await start({
        packs: [
          prices({
            directories: [registryDirectory(`${mirror.origin}/registry.json`)],
            connectTo: mirror.connectTo,
          }),
        ],
      })
      const { id } = await orderly.startRun('prices.pipeline', {})
      await ends(orderly, id, 'completed')
      const found = await compare(orderly.database, { code: '10001' })
      expect(found.find(({ kind }) => kind === 'gross')).toMatchObject({
        hospitals: 3,
        figures: { min: 1_000_000, median: 2_000_000, max: 4_000_000 },
      })
      expect(await orderly.replayRun(id)).toMatchObject({ agrees: true })
    })

    it('does several things at once, and goes on when all are done', async () => {
      const part = defineJob({
        name: freshName('part'),
        input: z.object({ n: z.number() }),
        output: z.number(),
      })
      const total = defineJob({
        name: freshName('total'),
        input: z.object({ parts: z.array(z.number()) }),
        output: z.number(),
      })
      const names = ['one', 'two', 'three', 'four']
      const work = (n: number) => ({ type: 'job', job: part.name, input: { n: `${n}` } }) as const
      const flow = flowOf({
        start: 'all',
        nodes: {
          all: { type: 'parallel' },
          ...Object.fromEntries(names.map((name, n) => [name, work(n)])),
          both: { type: 'join', wait: 'all' },
          sum: {
            type: 'job',
            job: total.name,
            input: { parts: `[${names.map((name) => `steps.${name}.output`).join(', ')}]` },
          },
        },
        edges: [
          ...names.flatMap((name) => [
            { from: 'all', to: name },
            { from: name, to: 'both' },
          ]),
          { from: 'both', to: 'sum' },
        ],
        output: 'steps.sum.output',
      })
      let running = 0
      let together = 0
      let open = (): void => {}
      const gate = new Promise<void>((resolve) => (open = resolve))
      const orderly = await start({
        jobs: [part, total],
        workflows: [flow],
        handlers: [
          handle(part, async ({ input }) => {
            together = Math.max(together, ++running)
            // None ends before all have begun.
            if (together === names.length) open()
            await gate
            running--
            return 10 ** input.n
          }),
          handle(total, async ({ input }) => input.parts.reduce((sum, n) => sum + n, 0)),
        ],
      })
      const { id } = await orderly.startRun(flow.id, {})
      await ends(orderly, id, 'completed')
      expect(together).toBe(names.length)
      expect(await orderly.runOutput(id)).toBe(1_111)
    })

    it('checks by the clock, and an alert tells when what it finds is wrong', async () => {
      const check = defineJob({
        name: freshName('check'),
        input: z.object({}),
        retry: { attempts: 1 },
      })
      const look = defineJob({
        name: freshName('look'),
        input: z.object({ at: z.string() }),
        retry: { attempts: 1 },
      })
      const flow = flowOf({
        start: 'look',
        nodes: { look: { type: 'job', job: look.name, input: { at: 'input.at' } } },
        edges: [],
      })
      const orderly: Orderly = await start({
        jobs: [check, look],
        workflows: [flow],
        handlers: [
          handle(check, async (ctx) => {
            // The same slot begins the same run, however often it is tried.
            const id = `check-${ctx.jobId}`
            await orderly.startRun(flow.id, { at: ctx.jobId }, { id })
          }),
          handle(look, async () => {
            throw new Error('the last backup is two days old')
          }),
        ],
      })
      await orderly.alerts.putRule({
        name: 'check-fails',
        metric: 'jobs.failed',
        subjects: [look.name],
        above: 0,
        window: '5m',
      })
      await orderly.schedule({ job: check, input: {}, spec: { cron: '* * * * * *' } })
      const told = async () => {
        await orderly.alerts.evaluate()
        return (await orderly.alerts.list({ state: 'firing' })).map(({ rule, subject }) => ({
          rule,
          subject,
        }))
      }
      await expect
        .poll(told, { timeout: 20_000, interval: 200 })
        .toContainEqual({ rule: 'check-fails', subject: look.name })
      expect((await orderly.runs({ workflow: flow.id, state: 'failed' })).length).toBeGreaterThan(0)
    })

    it('publishes what a person has approved, and nothing that was refused', async () => {
      const prepare = defineJob({
        name: freshName('prepare'),
        input: z.object({ of: z.string() }),
        output: z.object({ file: z.string() }),
      })
      const publish = defineJob({
        name: freshName('publish'),
        input: z.object({ file: z.string(), by: z.string() }),
      })
      const flow = flowOf({
        start: 'prepare',
        nodes: {
          prepare: { type: 'job', job: prepare.name, input: { of: 'input.of' } },
          ask: { type: 'approval', who: ['publisher'], question: 'Publish it?' },
          publish: {
            type: 'job',
            job: publish.name,
            input: { file: 'steps.prepare.output.file', by: 'steps.ask.output.by' },
          },
        },
        edges: [
          { from: 'prepare', to: 'ask' },
          { from: 'ask', to: 'publish' },
        ],
      })
      const published: string[] = []
      const orderly = await start({
        jobs: [prepare, publish],
        workflows: [flow],
        handlers: [
          handle(prepare, async ({ input }) => ({ file: `${input.of}.csv` })),
          handle(publish, async ({ input }) => {
            published.push(`${input.file} by ${input.by}`)
          }),
        ],
      })
      const yes = await orderly.startRun(flow.id, { of: 'north' })
      const no = await orderly.startRun(flow.id, { of: 'south' })
      for (const { id } of [yes, no]) await reaches(orderly, id, 'ask')
      const by = { by: 'ann', roles: ['publisher'] }
      await expect(
        orderly.decide(yes.id, 'ask', { approved: true, by: 'bob', roles: ['viewer'] }),
      ).rejects.toMatchObject({ code: 'ORDERLY_FORBIDDEN' })
      await orderly.decide(yes.id, 'ask', { approved: true, ...by })
      await orderly.decide(no.id, 'ask', { approved: false, ...by })
      await ends(orderly, yes.id, 'completed')
      await ends(orderly, no.id, 'failed')
      expect(published).toEqual(['north.csv by ann'])
    })

    it('waits for a signed webhook, and goes on with no other', async () => {
      const ship = defineJob({
        name: freshName('ship'),
        input: z.object({ order: z.number(), carrier: z.string() }),
        output: z.string(),
      })
      const flow = flowOf({
        start: 'paid',
        nodes: {
          paid: {
            type: 'wait',
            until: { event: 'order.paid', where: 'event.order == input.order' },
          },
          ship: {
            type: 'job',
            job: ship.name,
            input: { order: 'steps.paid.output.order', carrier: 'steps.paid.output.carrier' },
          },
        },
        edges: [{ from: 'paid', to: 'ship' }],
        output: 'steps.ship.output',
      })
      const orderly = await start({
        jobs: [ship],
        workflows: [flow],
        handlers: [handle(ship, async ({ input }) => `${input.order} with ${input.carrier}`)],
      })
      const { secret } = await orderly.eventSources.put({ name: 'shop' })
      const { id } = await orderly.startRun(flow.id, { order: 7 })
      await reaches(orderly, id, 'paid')
      const paid = (order: number): string =>
        JSON.stringify({ type: 'order.paid', data: { order, carrier: 'post' } })
      const signed = (text: string, event: string, secrets = [secret!]) =>
        signMessage(text, { id: event, at: orderly.clock.now(), secrets })
      const forged = signed(paid(7), 'evt-1')
      await expect(
        orderly.eventSources.receive('shop', paid(7).replace('post', 'mine'), forged),
      ).rejects.toMatchObject({ code: 'ORDERLY_SIGNATURE_INVALID' })
      const other = await orderly.eventSources.receive('shop', paid(8), signed(paid(8), 'evt-2'))
      expect(other).toEqual({ accepted: true, runs: [] })
      const right = await orderly.eventSources.receive('shop', paid(7), signed(paid(7), 'evt-3'))
      expect(right).toEqual({ accepted: true, runs: [id] })
      await ends(orderly, id, 'completed')
      expect(await orderly.runOutput(id)).toBe('7 with post')
    })

    it('undoes what was done, the last first, when a later part fails', async () => {
      const done: string[] = []
      const act = defineJob({
        name: freshName('act'),
        input: z.object({ what: z.string(), of: z.string().optional() }),
        output: z.object({ token: z.string() }),
        retry: { attempts: 1 },
      })
      const does = (what: string) =>
        ({ type: 'job', job: act.name, input: { what: `"${what}"` } }) as const
      const undoes = (node: string) =>
        ({
          type: 'compensate',
          undoes: node,
          job: act.name,
          input: { what: `"undo ${node}"`, of: `steps.${node}.output.token` },
        }) as const
      const flow = flowOf({
        start: 'reserve',
        nodes: {
          reserve: does('reserve'),
          charge: does('charge'),
          send: { ...does('send'), onFailure: 'compensate' },
          undoReserve: undoes('reserve'),
          undoCharge: undoes('charge'),
        },
        edges: [
          { from: 'reserve', to: 'charge' },
          { from: 'charge', to: 'send' },
        ],
      })
      const orderly = await start({
        jobs: [act],
        workflows: [flow],
        handlers: [
          handle(act, async ({ input: { what, of = '' } }) => {
            if (what === 'send') throw new Error('nobody takes it')
            done.push(`${what} ${of}`.trim())
            return { token: `t-${what}` }
          }),
        ],
      })
      const { id } = await orderly.startRun(flow.id, {})
      await ends(orderly, id, 'failed')
      expect(done).toEqual(['reserve', 'charge', 'undo charge t-charge', 'undo reserve t-reserve'])
      expect(await orderly.replayRun(id)).toMatchObject({ agrees: true })
    })
  },
  ['sqlite', 'redis'],
)

it('begins once under one id, however many begin it at a time', async () => {
  const home = mkdtempSync(join(tmpdir(), 'orderly-begin-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const job = defineJob({ name: 'once', input: z.object({ n: z.number() }), output: z.number() })
  const flow = flowOf({
    start: 'a',
    nodes: { a: { type: 'job', job: job.name, input: { n: 'input.n' } } },
    edges: [],
    output: 'steps.a.output',
  })
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  await using orderly = await createOrderly({
    home,
    log: silent,
    jobs: [job],
    workflows: [flow],
    handlers: [handle(job, async ({ input }) => input.n)],
  })
  await orderly.start()
  const begun = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      orderly.startRun(flow.id, { n }, { id: n % 2 === 0 ? 'same' : `own-${n}` }),
    ),
  )
  expect(new Set(begun.map(({ id }) => id)).size).toBe(11)
  for (const { id } of begun) await ends(orderly, id, 'completed')
  expect(await orderly.runs({ workflow: flow.id })).toHaveLength(11)
  const yielded = (await orderly.runOutput('same')) as number
  expect(yielded % 2).toBe(0)
  expect((await orderly.findJobs({ name: job.name })).length).toBe(11)
})
