import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, handle, type Orderly } from '../../packages/orderly/src/index.ts'
import type {
  WorkflowDocument,
  WorkflowNode,
} from '../../packages/orderly/src/workflow/document.ts'
import { freshName, onEachStore } from './stores.ts'

const anything = z.looseObject({})

onEachStore('control of a workflow run', ({ start }) => {
  /** A chain of the given nodes, whose jobs call `does`. */
  async function begin(
    nodes: (job: string) => Record<string, WorkflowNode>,
    does: (input: any, signal: AbortSignal) => unknown,
    { edges, input = {} }: { edges?: WorkflowDocument['edges']; input?: unknown } = {},
  ): Promise<{ orderly: Orderly; id: string; document: WorkflowDocument; seen: any[] }> {
    const job = defineJob({
      name: freshName('node'),
      input: anything,
      output: z.any(),
      retry: { attempts: 1 },
    })
    const seen: any[] = []
    const all = nodes(job.name)
    const names = Object.keys(all)
    const document: WorkflowDocument = {
      format: 'orderly.workflow/1',
      id: freshName('flow'),
      version: 1,
      start: names[0]!,
      nodes: all,
      edges: edges ?? names.slice(1).map((to, index) => ({ from: names[index]!, to })),
    }
    const orderly = await start({
      jobs: [job],
      workflows: [document],
      handlers: [
        handle(job, async (ctx) => {
          seen.push(ctx.input)
          return does(ctx.input, ctx.signal)
        }),
      ],
    })
    const { id } = await orderly.startRun(document.id, input, { by: 'ann' })
    return { orderly, id, document, seen }
  }
  const ends = async (orderly: Orderly, id: string, state: string): Promise<void> => {
    await expect.poll(async () => (await orderly.run(id))?.state, { timeout: 20_000 }).toBe(state)
  }
  const states = async (orderly: Orderly, id: string): Promise<Record<string, string>> =>
    Object.fromEntries((await orderly.run(id))!.nodes.map(({ node, state }) => [node, state]))

  it('begins nothing while it is paused, and goes on from there', async () => {
    const { orderly, id, seen } = await begin(
      (job) => ({
        hear: { type: 'wait', until: { signal: 'go' } },
        after: { type: 'job', job },
      }),
      () => null,
    )
    await expect(orderly.pauseRun(id, { reason: '' })).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    await orderly.pauseRun(id, { reason: 'the lab is closed', by: 'ann' })
    await orderly.signalRun(id, 'go')
    expect(await orderly.run(id)).toMatchObject({
      state: 'paused',
      nodes: [{ state: 'completed' }],
    })
    expect(seen).toEqual([])
    await orderly.resumeRun(id, 'bob')
    await ends(orderly, id, 'completed')
    expect((await orderly.runHistory(id)).map(({ what, who }) => `${what} ${who}`)).toEqual(
      expect.arrayContaining(['paused ann', 'resumed bob']),
    )
    await expect(orderly.resumeRun(id)).rejects.toMatchObject({ code: 'ORDERLY_RUN_STATE' })
  })

  it('begins the failed node anew when it is retried, and no other', async () => {
    let broken = true
    const { orderly, id, seen } = await begin(
      (job) => ({
        a: { type: 'job', job, input: { at: '"a"' } },
        b: { type: 'job', job, input: { at: '"b"' } },
      }),
      ({ at }) => {
        if (at === 'b' && broken) throw new Error('away')
        return at
      },
    )
    await ends(orderly, id, 'failed')
    broken = false
    await orderly.retryRun(id, { by: 'ann' })
    await ends(orderly, id, 'completed')
    expect(seen.map(({ at }) => at)).toEqual(['a', 'b', 'b'])
    expect((await orderly.runHistory(id)).some(({ what }) => what === 'retried')).toBe(true)
    await expect(orderly.retryRun(id)).rejects.toMatchObject({ code: 'ORDERLY_RUN_STATE' })
  })

  it('begins of a list only those items anew that failed', async () => {
    let broken = true
    const { orderly, id, seen } = await begin(
      (job) => ({ all: { type: 'for-each', items: 'input.list', job, input: { n: 'item' } } }),
      ({ n }) => {
        if (n === 2 && broken) throw new Error('away')
        return n
      },
      { input: { list: [1, 2, 3] } },
    )
    await ends(orderly, id, 'failed')
    broken = false
    await orderly.retryRun(id)
    await ends(orderly, id, 'completed')
    expect(seen.map(({ n }) => n).toSorted()).toEqual([1, 2, 2, 3])
  })

  it('tries a node as often again as it says', async () => {
    let tries = 0
    const { orderly, id } = await begin(
      (job) => ({ a: { type: 'job', job, retry: { times: 2, wait: '10ms' } } }),
      () => {
        if (++tries < 3) throw new Error('not yet')
        return null
      },
    )
    await ends(orderly, id, 'completed')
    expect(tries).toBe(3)
    expect((await orderly.run(id))!.nodes[0]).toMatchObject({ attempt: 3 })
  })

  it('goes on without a node that somebody skips, and says who and why', async () => {
    const { orderly, id, seen } = await begin(
      (job) => ({
        a: { type: 'job', job, input: { at: '"a"' } },
        b: { type: 'job', job, input: { at: 'steps.a.state' } },
      }),
      ({ at }) => {
        if (at === 'a') throw new Error('no')
        return null
      },
    )
    await ends(orderly, id, 'failed')
    await orderly.skipNode(id, 'a', { reason: 'done by hand', by: 'ann' })
    await ends(orderly, id, 'completed')
    expect(seen).toEqual([{ at: 'a' }, { at: 'bypassed' }])
    expect(await orderly.runHistory(id)).toContainEqual(
      expect.objectContaining({ what: 'bypassed', node: 'a', who: 'ann', detail: 'done by hand' }),
    )
    await expect(orderly.skipNode(id, 'b', { reason: 'x' })).rejects.toMatchObject({
      code: 'ORDERLY_RUN_STATE',
    })
  })

  it('forks from a step with what came before it, and leaves the first run as it is', async () => {
    const { orderly, id, document, seen } = await begin(
      (job) => ({
        a: { type: 'job', job, input: { n: 'input.n' } },
        b: { type: 'job', job, input: { n: 'steps.a.output * 10' } },
      }),
      ({ n }) => n + 1,
      { input: { n: 1 } },
    )
    await ends(orderly, id, 'completed')
    const before = [await orderly.run(id), await orderly.runHistory(id)]
    const { id: forked } = await orderly.forkRun(id, { from: 'b', by: 'ann' })
    await ends(orderly, forked, 'completed')
    expect(seen.map(({ n }) => n)).toEqual([1, 20, 20])
    expect(await orderly.run(forked)).toMatchObject({ forkedFrom: { run: id, node: 'b' } })
    expect([await orderly.run(id), await orderly.runHistory(id)]).toEqual(before)
    await expect(orderly.forkRun(id, { from: 'z' })).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
    expect((await orderly.runDocument(forked)).id).toBe(document.id)
  })

  it('cancels what runs beside a node whose failure says so', async () => {
    const { orderly, id } = await begin(
      (job) => ({
        all: { type: 'parallel' },
        bad: { type: 'job', job, input: { at: '"bad"' }, cancelSiblings: true },
        long: { type: 'job', job, input: { at: '"long"' } },
        ask: { type: 'approval', who: ['p'], question: '?' },
      }),
      async ({ at }, signal) => {
        if (at === 'bad') throw new Error('no')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return null
      },
      {
        edges: ['bad', 'long', 'ask'].map((to) => ({ from: 'all', to })),
      },
    )
    await ends(orderly, id, 'failed')
    expect(await states(orderly, id)).toMatchObject({
      bad: 'failed',
      long: 'skipped',
      ask: 'skipped',
    })
  })

  it('lets those decide who are asked, and asks others too when nobody does', async () => {
    const { orderly, id } = await begin(
      () => ({
        ask: {
          type: 'approval',
          who: ['publisher', 'user:ann'],
          question: 'Publish?',
          deadline: '300ms',
          escalation: ['director'],
        },
      }),
      () => null,
    )
    const say = (by: string, roles: string[]) =>
      orderly.decide(id, 'ask', { approved: true, by, roles })
    await expect(say('eve', ['director'])).rejects.toMatchObject({ code: 'ORDERLY_FORBIDDEN' })
    await expect
      .poll(async () =>
        (await orderly.waitingApprovals())
          .filter(({ run }) => run === id)
          .map(({ who, escalated }) => ({ who, escalated })),
      )
      .toEqual([{ who: ['publisher', 'user:ann', 'director'], escalated: true }])
    await say('eve', ['director'])
    await ends(orderly, id, 'completed')
  })

  it('takes one of two decisions that come at once, and tells the other that it came too late', async () => {
    const { orderly, id } = await begin(
      () => ({ ask: { type: 'approval', who: ['p'], question: '?' } }),
      () => null,
    )
    const said = await Promise.allSettled(
      [true, false, true, false].map((approved, n) =>
        orderly.decide(id, 'ask', { approved, by: `person ${n}` }),
      ),
    )
    const taken = said.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))
    expect(taken).toHaveLength(1)
    for (const one of said)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'ORDERLY_NOT_FOUND' })
    await ends(orderly, id, taken[0]! % 2 === 0 ? 'completed' : 'failed')
    const history = await orderly.runHistory(id)
    expect(history.filter(({ what }) => what === 'approved' || what === 'refused')).toMatchObject([
      { who: `person ${taken[0]}` },
    ])
  })

  it('keeps a signal that meets a pause, however often it is paused and resumed meanwhile', async () => {
    const { orderly, id, seen } = await begin(
      (job) => ({
        hear: { type: 'wait', until: { signal: 'go' } },
        after: { type: 'job', job, input: { said: 'steps.hear.output' } },
      }),
      () => null,
    )
    const flap = async (): Promise<void> => {
      for (let n = 0; n < 5; n++) {
        await orderly.pauseRun(id, { reason: 'a race' })
        await orderly.resumeRun(id)
      }
    }
    await Promise.all([flap().catch(() => undefined), orderly.signalRun(id, 'go', 'now')])
    await ends(orderly, id, 'completed')
    expect(seen).toEqual([{ said: 'now' }])
  })

  it('goes through a list of nothing, and one of which all fail where they may', async () => {
    const { orderly, document } = await begin(
      (job) => ({
        all: {
          type: 'for-each',
          items: 'input.list',
          job,
          input: { n: 'item' },
          failureThreshold: 3,
        },
        last: { type: 'job', job, input: { n: '"last"' } },
      }),
      ({ n }) => {
        if (n !== 'last') throw new Error('no')
        return null
      },
      { input: { list: [] } },
    )
    const some = await orderly.startRun(document.id, { list: [1, 2, 3] })
    const none = (await orderly.runs({ workflow: document.id })).map(({ id }) => id)
    expect(none).toHaveLength(2)
    for (const id of none) await ends(orderly, id, 'completed')
    expect((await orderly.run(some.id))!.nodes.find(({ node }) => node === 'all')).toMatchObject({
      state: 'completed',
    })
  })

  it('goes on with an event that fits, whenever that comes, and takes each in once', async () => {
    const name = freshName('paid')
    const { orderly, id, seen } = await begin(
      (job) => ({
        first: { type: 'wait', until: { event: name, where: 'event.order == input.order' } },
        hold: { type: 'wait', until: { signal: 'go' } },
        second: { type: 'wait', until: { event: name } },
        last: { type: 'job', job, input: { sum: 'steps.second.output.sum' } },
      }),
      () => null,
      { input: { order: 7 } },
    )
    const send = (order: number, sum: number, event: string) =>
      orderly.deliverEvent(name, { order, sum }, { id: `${name}-${event}` })
    expect(await send(8, 1, 'a')).toEqual({ accepted: true, runs: [] })
    expect(await send(7, 2, 'b')).toEqual({ accepted: true, runs: [id] })
    expect(await send(7, 3, 'b')).toEqual({ accepted: false, runs: [] })
    expect(await states(orderly, id)).toEqual({ first: 'completed', hold: 'running' })
    // The one that came first and fitted nothing is still there for whoever waits next.
    await orderly.signalRun(id, 'go')
    await ends(orderly, id, 'completed')
    expect(seen).toEqual([{ sum: 1 }])
  })
})
