import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import {
  createOrderly,
  defineJob,
  handle,
  type JobDefinition,
  type Orderly,
  type WorkflowDocument,
} from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

const anything = z.looseObject({})
type Anything = JobDefinition<typeof anything, z.ZodAny>

type Nodes = WorkflowDocument['nodes']
type Edges = readonly (readonly [string, string, object?])[]

/** A job that returns what `does` makes of its input. */
interface Bench {
  readonly job: Anything
  readonly inputs: any[]
}

onEachStore('a workflow', ({ start }) => {
  async function run(
    write: (job: string) => { nodes: Nodes; edges: Edges; output?: WorkflowDocument['output'] },
    does: (input: any, bench: Bench) => unknown,
    input: unknown = {},
  ): Promise<{ orderly: Orderly; id: string; bench: Bench }> {
    const job = defineJob({
      name: freshName('node'),
      input: anything,
      output: z.any(),
      retry: { attempts: 1 },
    })
    const bench: Bench = { job, inputs: [] }
    const { nodes, edges, output } = write(job.name)
    const document: WorkflowDocument = {
      format: 'orderly.workflow/1',
      id: freshName('flow'),
      version: 1,
      start: Object.keys(nodes)[0]!,
      nodes,
      edges: edges.map(([from, to, more]) => ({ from, to, ...more })),
      ...(output === undefined ? {} : { output }),
    }
    const orderly = await start({
      jobs: [job],
      workflows: [document],
      handlers: [
        handle(job, async (ctx) => {
          bench.inputs.push(ctx.input)
          return does(ctx.input, bench)
        }),
      ],
    })
    const { id } = await orderly.startRun(document.id, input, { by: 'ann' })
    return { orderly, id, bench }
  }
  const ends = async (orderly: Orderly, id: string, state: string): Promise<void> => {
    await expect.poll(async () => (await orderly.run(id))?.state, { timeout: 20_000 }).toBe(state)
  }
  const states = async (orderly: Orderly, id: string): Promise<Record<string, string>> =>
    Object.fromEntries((await orderly.run(id))!.nodes.map(({ node, state }) => [node, state]))

  it('hands on what its nodes return, and yields what it is told to', async () => {
    const { orderly, id, bench } = await run(
      (job) => ({
        nodes: {
          a: { type: 'job', job, input: { n: 'input.n' } },
          b: { type: 'job', job, input: { n: 'steps.a.output.n * 10' } },
        },
        edges: [['a', 'b']],
        output: { first: 'steps.a.output.n', last: 'steps.b.output.n' },
      }),
      ({ n }) => ({ n: n + 1 }),
      { n: 1 },
    )
    await ends(orderly, id, 'completed')
    expect(bench.inputs).toEqual([{ n: 1 }, { n: 20 }])
    expect(await orderly.runOutput(id)).toEqual({ first: 2, last: 21 })
    expect(await orderly.runs({ state: 'completed', limit: 1 })).toMatchObject([{ id, who: 'ann' }])
  })

  it('goes through a list, so many at a time, and gathers what comes of it', async () => {
    let running = 0
    let most = 0
    const { orderly, id } = await run(
      (job) => ({
        nodes: {
          all: {
            type: 'for-each',
            items: 'input.list',
            job,
            input: { n: 'item', at: 'index' },
            maxParallel: 3,
          },
        },
        edges: [],
        output: 'steps.all.output',
      }),
      async ({ n, at }) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 5))
        running--
        return n * 10 + at
      },
      { list: [5, 6, 7, 8, 9] },
    )
    await ends(orderly, id, 'completed')
    expect(await orderly.runOutput(id)).toEqual([50, 61, 72, 83, 94])
    expect(most).toBeLessThanOrEqual(3)
  })

  it('fails when more of a list fail than may', async () => {
    const write = (failureThreshold: number) => (job: string) => ({
      nodes: {
        all: {
          type: 'for-each' as const,
          items: 'input.list',
          job,
          input: { n: 'item' },
          failureThreshold,
        },
      },
      edges: [] as Edges,
    })
    const does = ({ n }: { n: number }): number => {
      if (n < 2) throw new Error('bad')
      return n
    }
    const strict = await run(write(1), does, { list: [0, 1, 2, 3] })
    await ends(strict.orderly, strict.id, 'failed')
    const lenient = await run(write(0.5), does, { list: [0, 1, 2, 3] })
    await ends(lenient.orderly, lenient.id, 'completed')
  })

  it('takes the way of a branch that holds, and joins again', async () => {
    const { orderly, id, bench } = await run(
      (job) => ({
        nodes: {
          look: { type: 'job', job },
          which: { type: 'branch' },
          large: { type: 'job', job, input: { way: '"large"' } },
          small: { type: 'job', job, input: { way: '"small"' } },
          done: { type: 'join', wait: 'all' },
          last: { type: 'job', job, input: { way: '"last"' } },
        },
        edges: [
          ['look', 'which'],
          ['which', 'large', { when: 'steps.look.output.n > 10' }],
          ['which', 'small', { otherwise: true }],
          ['large', 'done'],
          ['small', 'done'],
          ['done', 'last'],
        ],
      }),
      () => ({ n: 3 }),
    )
    await ends(orderly, id, 'completed')
    expect(bench.inputs).toEqual([{}, { way: 'small' }, { way: 'last' }])
    expect(await states(orderly, id)).toMatchObject({ large: 'skipped', small: 'completed' })
  })

  it('waits for a person, a signal and a time', async () => {
    const { orderly, id } = await run(
      (job) => ({
        nodes: {
          ask: { type: 'approval', who: ['publisher'], question: 'Publish?' },
          hear: { type: 'wait', until: { signal: 'received' } },
          rest: { type: 'delay', for: '100ms' },
          last: {
            type: 'job',
            job,
            input: { by: 'steps.ask.output.by', file: 'steps.hear.output.file' },
          },
        },
        edges: [
          ['ask', 'hear'],
          ['hear', 'rest'],
          ['rest', 'last'],
        ],
        output: 'steps.last.output',
      }),
      (input) => input,
    )
    await expect(orderly.signalRun(id, 'received')).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
    await orderly.decide(id, 'ask', { approved: true, by: 'ann' })
    await expect(orderly.decide(id, 'ask', { approved: true, by: 'bob' })).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
    await orderly.signalRun(id, 'received', { file: 'a.csv' })
    await ends(orderly, id, 'completed')
    expect(await orderly.runOutput(id)).toEqual({ by: 'ann', file: 'a.csv' })
  })

  it('fails when a person says no, or nobody says anything in time', async () => {
    const write = () => ({
      nodes: { ask: { type: 'approval' as const, who: ['p'], question: '?', deadline: '200ms' } },
      edges: [] as Edges,
    })
    const refused = await run(write, () => null)
    await refused.orderly.decide(refused.id, 'ask', { approved: false, by: 'ann' })
    await ends(refused.orderly, refused.id, 'failed')
    const late = await run(write, () => null)
    await ends(late.orderly, late.id, 'failed')
    expect((await late.orderly.run(late.id))!.nodes[0]).toMatchObject({
      error: 'ORDERLY_WAIT_TIMEOUT',
    })
  })

  it('undoes in reverse what it has done when a later job fails', async () => {
    const { orderly, id, bench } = await run(
      (job) => ({
        nodes: {
          a: { type: 'job', job, input: { do: '"a"' } },
          b: { type: 'job', job, input: { do: '"b"' } },
          c: { type: 'job', job, input: { do: '"fail"' }, onFailure: 'compensate' },
          undoA: { type: 'compensate', undoes: 'a', job, input: { do: '"undo a"' } },
          undoB: { type: 'compensate', undoes: 'b', job, input: { do: '"undo b"' } },
        },
        edges: [
          ['a', 'b'],
          ['b', 'c'],
        ],
      }),
      (input) => {
        if (input.do === 'fail') throw new Error('no')
        return null
      },
    )
    await ends(orderly, id, 'failed')
    expect(bench.inputs.map((input) => input.do)).toEqual(['a', 'b', 'fail', 'undo b', 'undo a'])
  })

  it('cannot be cancelled while it undoes what it has done', async () => {
    let undo = (): void => {}
    const gate = new Promise<void>((resolve) => (undo = resolve))
    const { orderly, id, bench } = await run(
      (job) => ({
        nodes: {
          a: { type: 'job', job, input: { do: '"a"' } },
          b: { type: 'job', job, input: { do: '"fail"' }, onFailure: 'compensate' },
          undoA: { type: 'compensate', undoes: 'a', job, input: { do: '"undo a"' } },
        },
        edges: [['a', 'b']],
      }),
      async (input) => {
        if (input.do === 'fail') throw new Error('no')
        if (input.do === 'undo a') await gate
        return null
      },
    )
    await expect.poll(() => bench.inputs.length, { timeout: 20_000 }).toBe(3)
    await expect(orderly.cancelRun(id, 'ann')).rejects.toMatchObject({
      code: 'ORDERLY_RUN_STATE',
    })
    undo()
    await ends(orderly, id, 'failed')
    expect(await states(orderly, id)).toMatchObject({ undoA: 'completed' })
    expect(await orderly.cancelRun(id)).toBe(false)
  })

  it('runs another workflow as one of its nodes, and gets what that yields', async () => {
    const job = defineJob({ name: freshName('inner'), input: anything, output: z.any() })
    const inner: WorkflowDocument = {
      format: 'orderly.workflow/1',
      id: freshName('inner'),
      version: 2,
      start: 'double',
      nodes: { double: { type: 'job', job: job.name, input: { n: 'input.n' } } },
      edges: [],
      output: { n: 'steps.double.output.n' },
    }
    const outer: WorkflowDocument = {
      ...inner,
      id: freshName('outer'),
      start: 'call',
      nodes: { call: { type: 'sub-workflow', workflow: inner.id, input: { n: 'input.n + 1' } } },
      output: 'steps.call.output.n',
    }
    const orderly = await start({
      jobs: [job],
      workflows: [inner, outer],
      handlers: [handle(job, async ({ input }) => ({ n: Number(input['n']) * 2 }))],
    })
    const { id } = await orderly.startRun(outer.id, { n: 20 })
    await ends(orderly, id, 'completed')
    expect(await orderly.runOutput(id)).toBe(42)
    expect(await orderly.runs({ workflow: inner.id })).toMatchObject([
      { state: 'completed', version: 2 },
    ])
  })

  it('is cancelled with what runs in it', async () => {
    const { orderly, id, bench } = await run(
      (job) => ({
        nodes: {
          wait: { type: 'wait', until: { signal: 'never' } },
          after: { type: 'job', job },
        },
        edges: [['wait', 'after']],
      }),
      () => null,
    )
    expect(await orderly.cancelRun(id, 'ann')).toBe(true)
    expect(await orderly.cancelRun(id)).toBe(false)
    expect(await orderly.run(id)).toMatchObject({
      state: 'cancelled',
      nodes: [{ state: 'skipped' }],
    })
    await expect(orderly.signalRun(id, 'never')).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
    expect(bench.inputs).toEqual([])
  })

  it('fails with a node whose input its job refuses or its expression cannot make', async () => {
    const { orderly, id } = await run(
      (job) => ({
        nodes: { a: { type: 'job', job, input: { n: 'input.list[7]' } } },
        edges: [],
      }),
      () => null,
      { list: [] },
    )
    await ends(orderly, id, 'failed')
    expect((await orderly.run(id))!.nodes).toMatchObject([
      { node: 'a', state: 'failed', error: 'ORDERLY_INPUT_INVALID' },
    ])
  })
})

it('takes nothing that its document refuses, and says where without what it was', async () => {
  const home = mkdtempSync(join(tmpdir(), 'orderly-inputs-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const region = { type: 'string', maxLength: 2 }
  const inner: WorkflowDocument = {
    format: 'orderly.workflow/1',
    id: 'inner',
    version: 1,
    input: { properties: { region }, required: ['region'] },
    start: 'hold',
    nodes: { hold: { type: 'wait', until: { signal: 'go' } } },
    edges: [],
  }
  const call = {
    type: 'sub-workflow',
    workflow: 'inner',
    input: { region: '"Elsewhere"' },
  } as const
  const { input: _any, ...rest } = inner
  const outer: WorkflowDocument = { ...rest, id: 'outer', start: 'call', nodes: { call } }
  await using orderly = await createOrderly({ home, workflows: [inner, outer] })
  const refused = { code: 'ORDERLY_INPUT_INVALID', message: expect.stringMatching(/at region$/) }
  for (const input of [undefined, {}, { region: 'Elsewhere' }])
    await expect(orderly.startRun('inner', input)).rejects.toMatchObject(refused)
  const spec = { cron: '* * * * *' }
  await expect(
    orderly.schedule({ workflow: 'inner', input: { region: 7 }, spec }),
  ).rejects.toMatchObject(refused)
  const { id } = await orderly.startRun('inner', { region: 'TX' })
  await expect(orderly.forkRun(id, { from: 'hold', input: {} })).rejects.toMatchObject(refused)
  const above = await orderly.startRun('outer', {})
  await expect
    .poll(async () => (await orderly.run(above.id))!.nodes)
    .toMatchObject([{ node: 'call', state: 'failed', error: 'ORDERLY_INPUT_INVALID' }])
  expect(await orderly.runs({ workflow: 'inner' })).toHaveLength(1)
})

it('is refused when it opens, naming what is wrong', async () => {
  const home = mkdtempSync(join(tmpdir(), 'orderly-refused-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const document: WorkflowDocument = {
    format: 'orderly.workflow/1',
    id: 'broken',
    version: 1,
    start: 'a',
    nodes: { a: { type: 'job', job: 'nobody' } },
    edges: [],
  }
  await expect(createOrderly({ home, workflows: [document] })).rejects.toMatchObject({
    code: 'ORDERLY_DEFINITION_INVALID',
    message: expect.stringContaining('nobody'),
  })
})
