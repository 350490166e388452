/** Owns the cases about whole flows, added at once through FlowProducer. */
import type { FlowJob } from 'bullmq'
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

export function treeCases(check: Check): void {
  for (const depth of [2, 3, 5]) {
    check(`runs a flow of ${depth} generations from the leaves up`, async (bench) => {
      const queue = bench.queue()
      const backend = await bench.backend()
      let node: FlowJob = { name: 'leaf', queueName: bench.name }
      for (let n = 1; n < depth; n++) {
        node = { name: `level-${n}`, queueName: bench.name, children: [node] }
      }
      const flow = bench.flows()
      const { job } = await flow.add(node)
      expect(await backend.getState(job.id ?? '')).toBe('waiting-children')
      const order = await m.drainAll(backend)
      expect(order).toHaveLength(depth)
      expect(order.at(-1)).toBe(job.id)
      expect(await queue.getJobCounts('completed')).toEqual({ completed: depth })
    })
  }

  check('adds a flow over several queues and reads it back', async (bench) => {
    const flow = bench.flows()
    const { job } = await flow.add({
      name: 'root',
      queueName: bench.name,
      children: [
        { name: 'a', queueName: bench.named('a'), data: { n: 1 } },
        { name: 'b', queueName: bench.named('b'), data: { n: 2 } },
      ],
    })
    const tree = await flow.getFlow({ id: job.id ?? '', queueName: bench.name })
    const names = (tree?.children ?? []).map((child) => child.job.name)
    expect(tree?.job.name).toBe('root')
    expect(names.toSorted()).toEqual(['a', 'b'])
  })

  check('adds many flows at once', async (bench) => {
    const child = { name: 'kid', queueName: bench.named('kids') }
    const trees = await bench.flows().addBulk([
      { name: 'one', queueName: bench.name, children: [child] },
      { name: 'two', queueName: bench.name, children: [child, child] },
    ])
    expect(trees.map((tree) => tree.children?.length)).toEqual([1, 2])
    const kids = await bench.backend({}, bench.named('kids'))
    expect(await m.countOf(kids, 'wait')).toBe(3)
    const parents = await bench.backend()
    expect(await m.countOf(parents, 'waiting-children')).toBe(2)
  })

  check('refuses a flow under a missing parent', async (bench) => {
    const backend = await bench.backend()
    const opts = { parent: { id: 'x', queue: backend.qualifiedName } }
    const adding = bench.flows().add({ name: 'kid', queueName: bench.name, opts })
    await m.refused(adding, -5, 'Missing key for parent job')
    expect(await m.countOf(backend, 'wait')).toBe(0)
  })

  check('gives one answer for each entry of a flow', async (bench) => {
    const backend = await bench.backend()
    const entry = (jobId: string): Parameters<m.Backend['addFlow']>[0][number] => ({
      jobData: m.jobJson(backend, { jobId }),
      jobId,
      parentKeyOpts: {},
      prefix: 'bull',
      queueName: bench.name,
    })
    expect(await backend.addFlow([entry('a'), entry('b')])).toEqual([
      [null, 'a'],
      [null, 'b'],
    ])
  })
}
