/** Owns the cases about reading: states, counts, ranges, children in pages, names and keys. */
import type { JobType } from 'bullmq'
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

const HOUR = 3_600_000
const makers: Record<string, (backend: m.Backend) => Promise<string>> = {
  waiting: (b) => m.add(b),
  prioritized: (b) => m.add(b, { priority: 2 }),
  delayed: (b) => m.add(b, { delay: HOUR }),
  active: (b) => m.running(b),
  completed: (b) => m.completed(b),
  failed: (b) => m.failed(b),
  'waiting-children': async (b) => (await m.addParent(b)).id,
}

export function getterCases(check: Check): void {
  for (const [state, make] of Object.entries(makers)) {
    check(`know a job in ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      expect(await backend.getState(id)).toBe(state)
      for (const other of Object.keys(makers)) {
        expect([other, await backend.isJobInState(other, id)]).toEqual([other, other === state])
      }
    })

    check(`count and list a job in ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      const types = Object.keys(makers) as JobType[]
      const counts = await backend.getCounts(types)
      expect(counts).toEqual(types.map((type) => Number(type === state)))
      for (const type of types) {
        expect(await m.idsIn(backend, type)).toEqual(type === state ? [id] : [])
      }
    })
  }

  check('do not know a missing job', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getState('x')).toBe('unknown')
    expect(await backend.getJobData('x')).toBeUndefined()
    for (const state of Object.keys(makers)) {
      expect(await backend.isJobInState(state, 'x')).toBe(false)
    }
  })

  check('refuse a state that does not exist', async (bench) => {
    const backend = await bench.backend()
    await expect(backend.isJobInState('dreaming', '1')).rejects.toThrow('Unknown job state')
  })

  check('count in the order asked for', async (bench) => {
    const backend = await bench.backend()
    await m.addMany(backend, 2)
    await m.add(backend, { delay: HOUR })
    expect(await backend.getCounts(['delayed', 'wait', 'delayed'])).toEqual([1, 2, 1])
  })

  check('count nothing when asked for nothing', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getCounts([])).toEqual([])
  })

  const states = ['wait', 'delayed', 'completed'] as const
  const windows: [number, number, boolean, number[]][] = [
    [0, -1, true, [0, 1, 2, 3, 4]],
    [0, 1, true, [0, 1]],
    [1, 3, true, [1, 2, 3]],
    [3, 9, true, [3, 4]],
    [4, 4, true, [4]],
    [0, -1, false, [4, 3, 2, 1, 0]],
    [0, 1, false, [4, 3]],
    [1, 3, false, [3, 2, 1]],
    [3, 9, false, [1, 0]],
    [7, 9, false, []],
  ]
  for (const state of states) {
    for (const [start, end, asc, wanted] of windows) {
      const order = asc ? 'first come first' : 'last come first'
      check(`list ${state} from ${start} to ${end}, ${order}`, async (bench) => {
        const queue = bench.queue()
        const backend = await bench.backend()
        const ids: string[] = []
        for (let n = 0; n < 5; n++) {
          if (state === 'completed') {
            ids.push(await m.completed(backend))
            await m.pass(1)
          } else ids.push(await m.add(backend, state === 'delayed' ? { delay: HOUR + n } : {}))
        }
        const jobs = await queue.getJobs([state], start, end, asc)
        expect(jobs.map(({ id }) => id)).toEqual(wanted.map((n) => ids[n]))
      })
    }
  }

  check('list several states in one', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    await m.add(backend, { delay: HOUR })
    expect(await backend.getRanges(['wait', 'delayed'], 0, -1, true)).toEqual([['1'], ['2']])
  })

  check('count the jobs of every state through Queue', async (bench) => {
    const queue = bench.queue()
    const backend = await bench.backend()
    await m.completed(backend)
    await m.add(backend, { priority: 1 })
    await m.add(backend)
    expect(await queue.getJobCounts()).toMatchObject({ completed: 1, prioritized: 1, waiting: 1 })
    expect(await queue.count()).toBe(2)
  })

  check('read a job through Queue', async (bench) => {
    const queue = bench.queue()
    const added = await queue.add('paint', { colour: 'red' }, { attempts: 2 })
    const job = await queue.getJob(added.id ?? '')
    expect(job?.data).toEqual({ colour: 'red' })
    expect(job?.opts.attempts).toBe(2)
    expect(await job?.getState()).toBe('waiting')
    expect(await queue.getJob('x')).toBeUndefined()
  })

  check('change the data of a job', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { data: { n: 1 } })
    await backend.updateData(m.ref(id), { n: 2 })
    expect((await m.jsonOf(backend, id)).data).toBe('{"n":2}')
  })

  check('refuse to change the data of a missing job', async (bench) => {
    const backend = await bench.backend()
    const text = 'Missing key for job x. updateData'
    await m.refused(backend.updateData(m.ref('x'), {}), -1, text)
  })

  check('have no priority helper to remove', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.removeDeprecatedPriorityKey()).toBe(0)
  })

  check('make keys that can be taken apart again', async (bench) => {
    const backend = await bench.backend()
    expect(backend.toKey('7')).toBe(`${backend.qualifiedName}:7`)
    expect(backend.parseNodeKey(backend.toKey('7'))).toMatchObject({
      queueName: bench.name,
      id: '7',
    })
  })

  check('name the queue with its prefix', async (bench) => {
    const backend = await bench.backend({ prefix: 'shop' })
    expect(backend.qualifiedName).toBe(`shop:${bench.name}`)
    expect(backend.keys['wait']).toBe(`shop:${bench.name}:wait`)
    expect(backend.parseNodeKey(backend.toKey('7')).prefix).toBe('shop')
  })

  check('keep prefixes apart', async (bench) => {
    const shop = await bench.backend({ prefix: 'shop' })
    const bank = await bench.backend({ prefix: 'bank' })
    await m.add(shop)
    expect(await m.countOf(bank, 'wait')).toBe(0)
    expect(await m.countOf(bank.forQueue(bench.name, 'shop'), 'wait')).toBe(1)
  })
}

export function paginationCases(check: Check): void {
  const parentOf = async (backend: m.Backend, done: number, waits: number): Promise<string> => {
    const parent = await m.addParent(backend)
    for (let n = 0; n < waits; n++) await m.add(backend, { parent })
    for (let n = 0; n < done; n++) await m.completed(backend, { parent, lifo: true })
    return parent.id
  }
  const sizes: [string, number, number][] = [
    ['processed', 3, 1],
    ['dependencies', 1, 3],
  ]
  for (const [collection, done, waits] of sizes) {
    check(`gives all of ${collection} with their number`, async (bench) => {
      const backend = await bench.backend()
      const id = await parentOf(backend, done, waits)
      const key = backend.toKey(`${id}:${collection}`)
      const page = await backend.paginate(key, { start: 0, end: -1 })
      expect(page.items).toHaveLength(3)
      expect(page.total).toBe(3)
      expect(page.cursor).toBe('0')
    })

    check(`gives a page of ${collection}`, async (bench) => {
      const backend = await bench.backend()
      const id = await parentOf(backend, done, waits)
      const key = backend.toKey(`${id}:${collection}`)
      const first = await backend.paginate(key, { start: 0, end: 1 })
      const second = await backend.paginate(key, { start: 2, end: 3 })
      expect([first.items.length, second.items.length]).toEqual([2, 1])
      const ids = [...first.items, ...second.items].map((item) => item.id)
      expect(new Set(ids).size).toBe(3)
    })

    check(`gives the jobs of ${collection} when asked`, async (bench) => {
      const backend = await bench.backend()
      const id = await parentOf(backend, done, waits)
      const key = backend.toKey(`${id}:${collection}`)
      const page = await backend.paginate(key, { start: 0, end: -1, fetchJobs: true })
      expect((page.jobs ?? []).map((job: { name: string }) => job.name)).toEqual([
        'job',
        'job',
        'job',
      ])
    })

    check(`gives an empty page of ${collection} of a job without children`, async (bench) => {
      const backend = await bench.backend()
      const key = backend.toKey(`${await m.add(backend)}:${collection}`)
      const page = await backend.paginate(key, { start: 0, end: -1 })
      expect([page.items, page.total]).toEqual([[], 0])
    })
  }

  check('gives the results of processed children', async (bench) => {
    const backend = await bench.backend()
    const id = await parentOf(backend, 1, 0)
    const page = await backend.paginate(backend.toKey(`${id}:processed`), { start: 0, end: -1 })
    expect(page.items).toMatchObject([{ v: 'done' }])
  })

  check('is used by Queue.getDependencies', async (bench) => {
    const backend = await bench.backend()
    const id = await parentOf(backend, 2, 0)
    const page = await bench.queue().getDependencies(id, 'processed', 0, -1)
    expect(page.items).toHaveLength(2)
    expect(page.total).toBe(2)
  })

  check('gives children in pages by their kind', async (bench) => {
    const backend = await bench.backend()
    const id = await parentOf(backend, 1, 2)
    const found = await backend.getDependencies(id, {
      processed: { count: 10 },
      unprocessed: { count: 10 },
    })
    expect(Object.values(found.processed ?? {})).toEqual(['done'])
    expect(found.unprocessed).toHaveLength(2)
    expect([found.nextProcessedCursor, found.nextUnprocessedCursor]).toEqual([0, 0])
    expect(found.failed).toBeUndefined()
  })

  check('gives failed children in a page', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const kid = await m.failed(backend, { parent, failParentOnFailure: true })
    const found = await backend.getDependencies(parent.id, { failed: { count: 10 } })
    expect(found.failed).toEqual([backend.toKey(kid)])
  })

  check('gives ignored children in a page', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const kid = await m.running(backend, { parent, ignoreDependencyOnFailure: true })
    await m.fail(backend, kid, { reason: 'no paint' })
    const found = await backend.getDependencies(parent.id, { ignored: { count: 10 } })
    expect(found.ignored).toEqual({ [backend.toKey(kid)]: 'no paint' })
  })

  check('gives nothing of a missing job', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getDependencies('x', {})).toEqual({
      processed: {},
      unprocessed: [],
      failed: [],
      ignored: {},
    })
    expect(await backend.getProcessedChildrenValues('x')).toEqual({})
    expect(await backend.getIgnoredChildrenFailures('x')).toEqual({})
    expect(await backend.getDependencyCounts('x', ['processed', 'unprocessed'])).toEqual([0, 0])
  })

  check('counts children in the order asked for', async (bench) => {
    const backend = await bench.backend()
    const id = await parentOf(backend, 1, 2)
    const kinds = ['unprocessed', 'processed', 'failed', 'ignored']
    expect(await backend.getDependencyCounts(id, kinds)).toEqual([2, 1, 0, 0])
  })
}
