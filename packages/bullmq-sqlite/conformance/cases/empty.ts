/** Owns the cases about taking jobs away: removing, cleaning, draining, obliterating. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

const HOUR = 3_600_000
const soon = (): number => Date.now() + 1000
const makers: Record<string, (backend: m.Backend) => Promise<string>> = {
  wait: (b) => m.add(b),
  prioritized: (b) => m.add(b, { priority: 2 }),
  delayed: (b) => m.add(b, { delay: HOUR }),
  completed: (b) => m.completed(b),
  failed: (b) => m.failed(b),
}

export function removalCases(check: Check): void {
  const removable = {
    ...makers,
    'waiting-children': async (b: m.Backend) => (await m.addParent(b)).id,
  }
  for (const [state, make] of Object.entries(removable)) {
    check(`removes a job in ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      expect(await backend.remove(id, false)).toBe(1)
      expect(await backend.getState(id)).toBe('unknown')
      expect(await backend.getJobData(id)).toBeUndefined()
      const types = ['wait', 'prioritized', 'delayed', 'completed', 'failed'] as const
      expect(await backend.getCounts([...types, 'waiting-children'])).toEqual([0, 0, 0, 0, 0, 0])
    })

    check(`tells listeners of a job removed from ${state}`, async (bench) => {
      const backend = await bench.backend()
      const jobId = await make(backend)
      await backend.remove(jobId, false)
      expect(await m.eventsOf(backend)).toContainEqual({ event: 'removed', jobId, prev: state })
    })
  }

  check('does not remove a job that is locked', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    expect(await backend.remove(id, false)).toBe(0)
    expect(await backend.getState(id)).toBe('active')
  })

  check('removes a job whose lock has run out', async (bench) => {
    const backend = await bench.backend({ lockDuration: 1 })
    const id = await m.running(backend)
    await m.pass(1)
    expect(await backend.remove(id, false)).toBe(1)
    expect(await m.countOf(backend, 'active')).toBe(0)
  })

  check('says that it removed a job that was not there', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.remove('x', false)).toBe(1)
  })

  check('removes the log with the job', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { jobId: 'mine' })
    await backend.addLog(id, 'line')
    await backend.remove(id, false)
    await m.add(backend, { jobId: 'mine' })
    expect(await backend.getJobLogs(id, 0, -1, true)).toEqual({ logs: [], count: 0 })
  })

  check('removes children with the parent when asked', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const kid = await m.add(backend, { parent })
    expect(await backend.remove(parent.id, true)).toBe(1)
    expect(await backend.getState(kid)).toBe('unknown')
  })

  check('leaves children when not asked', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const kid = await m.add(backend, { parent })
    await backend.remove(parent.id, false)
    expect(await backend.getState(kid)).toBe('waiting')
  })

  check('removes grandchildren as well', async (bench) => {
    const backend = await bench.backend()
    const root = await m.addParent(backend)
    const middle = await m.addParent(backend, { parent: root })
    const leaf = await m.add(backend, { parent: middle })
    await backend.remove(root.id, true)
    expect(await backend.getState(middle.id)).toBe('unknown')
    expect(await backend.getState(leaf)).toBe('unknown')
  })

  check('removes nothing when a child is locked', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const kid = await m.running(backend, { parent })
    expect(await backend.remove(parent.id, true)).toBe(0)
    expect(await backend.getState(kid)).toBe('active')
    expect(await backend.getState(parent.id)).toBe('waiting-children')
  })

  check('releases the parent of the last child that is removed', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const kid = await m.add(backend, { parent })
    await backend.remove(kid, false)
    expect(await backend.getState(parent.id)).toBe('waiting')
  })

  check('keeps a parent waiting for the children that are left', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const kid = await m.add(backend, { parent })
    await m.add(backend, { parent })
    await backend.remove(kid, false)
    expect(await backend.getState(parent.id)).toBe('waiting-children')
    expect(await backend.getDependencyCounts(parent.id, ['unprocessed'])).toEqual([1])
  })

  check('removes the children that have not run', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const done = await m.completed(backend, { parent })
    const waits = await m.add(backend, { parent })
    await backend.removeUnprocessedChildren(parent.id)
    expect(await backend.getState(done)).toBe('completed')
    expect(await backend.getState(waits)).toBe('unknown')
  })

  check('leaves children that run when it removes those that have not', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    const runs = await m.running(backend, { parent })
    const waits = await m.add(backend, { parent })
    await backend.removeUnprocessedChildren(parent.id)
    expect(await backend.getState(runs)).toBe('active')
    expect(await backend.getState(waits)).toBe('unknown')
  })

  check('removes no children of a missing job', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    await backend.removeUnprocessedChildren('x')
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('finds no orphans where there are none', async (bench) => {
    const backend = await bench.backend()
    await m.addMany(backend, 3)
    expect(await backend.removeOrphanedJobs()).toBe(0)
    expect(await m.countOf(backend, 'wait')).toBe(3)
  })
}

export function cleanCases(check: Check): void {
  for (const [state, make] of Object.entries(makers)) {
    check(`cleans ${state} and names what it removed`, async (bench) => {
      const backend = await bench.backend()
      const ids = [await make(backend), await make(backend)]
      expect((await backend.cleanJobsByState(state, soon())).toSorted()).toEqual(ids)
      expect(await m.countOf(backend, state as 'wait')).toBe(0)
      expect(await backend.getJobData(ids[0] ?? '')).toBeUndefined()
    })

    check(`keeps jobs in ${state} that are younger`, async (bench) => {
      const backend = await bench.backend()
      await make(backend)
      expect(await backend.cleanJobsByState(state, Date.now() - HOUR)).toEqual([])
      expect(await m.countOf(backend, state as 'wait')).toBe(1)
    })

    check(`cleans no more jobs in ${state} than asked`, async (bench) => {
      const backend = await bench.backend()
      for (let n = 0; n < 3; n++) await make(backend)
      expect(await backend.cleanJobsByState(state, soon(), 2)).toHaveLength(2)
      expect(await m.countOf(backend, state as 'wait')).toBe(1)
    })

    check(`tells listeners how many jobs in ${state} it cleaned`, async (bench) => {
      const backend = await bench.backend()
      await make(backend)
      await backend.cleanJobsByState(state, soon())
      expect(await m.eventsOf(backend)).toContainEqual({ event: 'cleaned', count: '1' })
    })

    check(`cleans nothing where ${state} is empty`, async (bench) => {
      const backend = await bench.backend()
      expect(await backend.cleanJobsByState(state, soon())).toEqual([])
    })
  }

  check('cleans active jobs whose lock has run out', async (bench) => {
    const backend = await bench.backend({ lockDuration: 1 })
    const id = await m.running(backend)
    await m.pass(1)
    expect(await backend.cleanJobsByState('active', soon())).toEqual([id])
    expect(await m.countOf(backend, 'active')).toBe(0)
  })

  check('leaves active jobs that are locked', async (bench) => {
    const backend = await bench.backend()
    await m.running(backend)
    expect(await backend.cleanJobsByState('active', soon())).toEqual([])
    expect(await m.countOf(backend, 'active')).toBe(1)
  })

  check('cleans the oldest first', async (bench) => {
    const backend = await bench.backend()
    const [first = ''] = await m.addMany(backend, 3)
    expect(await backend.cleanJobsByState('wait', soon(), 1)).toEqual([first])
  })

  check('keeps the counts right', async (bench) => {
    const backend = await bench.backend()
    await m.completed(backend)
    await m.completed(backend)
    await m.add(backend)
    await backend.cleanJobsByState('completed', soon(), 1)
    expect(await backend.getCounts(['completed', 'wait'])).toEqual([1, 1])
    expect(await m.idsIn(backend, 'completed')).toHaveLength(1)
  })

  check('is called by Queue with an age', async (bench) => {
    const queue = bench.queue()
    await queue.add('a', {})
    expect(await queue.clean(HOUR, 10, 'wait')).toEqual([])
    await m.pass(2)
    expect(await queue.clean(0, 10, 'wait')).toEqual(['1'])
  })

  check('drains what waits and what has a priority', async (bench) => {
    const backend = await bench.backend()
    for (const make of Object.values(makers).toReversed()) await make(backend)
    await backend.drain(false)
    const states = ['wait', 'prioritized', 'delayed', 'completed', 'failed'] as const
    expect(await backend.getCounts([...states])).toEqual([0, 0, 1, 1, 1])
  })

  check('drains delayed jobs when asked', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, { delay: HOUR })
    await backend.drain(true)
    expect(await m.countOf(backend, 'delayed')).toBe(0)
  })

  check('leaves running jobs when it drains', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.drain(true)
    await m.complete(backend, id)
    expect(await backend.getState(id)).toBe('completed')
  })

  check('drains an empty queue', async (bench) => {
    const backend = await bench.backend()
    await backend.drain(true)
    expect(await m.countOf(backend, 'wait')).toBe(0)
  })

  check('drains children, and the parent in the same queue with them', async (bench) => {
    const backend = await bench.backend()
    const parent = await m.addParent(backend)
    await m.add(backend, { parent })
    await backend.drain(false)
    expect(await backend.getState(parent.id)).toBe('unknown')
  })

  check('releases the parent in another queue when it drains children', async (bench) => {
    const [here, there] = [await bench.backend(), await bench.backend({}, bench.named('b'))]
    const parent = await m.addParent(there)
    await m.add(here, { parent })
    await here.drain(false)
    expect(await there.getState(parent.id)).toBe('waiting')
  })

  const all = { force: false, count: 1000 }

  check('obliterates only a paused queue', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    await expect(backend.obliterate(all)).rejects.toThrow('Cannot obliterate non-paused queue')
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('obliterates no queue with running jobs unless forced', async (bench) => {
    const backend = await bench.backend()
    await m.running(backend)
    await backend.pause(true)
    await expect(backend.obliterate(all)).rejects.toThrow(
      'Cannot obliterate queue with active jobs',
    )
    expect(await backend.obliterate({ force: true, count: 1000 })).toBe(0)
    expect(await m.countOf(backend, 'active')).toBe(0)
  })

  check('obliterates all there is', async (bench) => {
    const backend = await bench.backend()
    for (const make of Object.values(makers).toReversed()) await make(backend)
    await bench.queue().upsertJobScheduler('tick', { every: HOUR })
    await backend.pause(true)
    expect(await backend.obliterate(all)).toBe(0)
    const states = ['wait', 'prioritized', 'delayed', 'completed', 'failed'] as const
    expect(await backend.getCounts([...states])).toEqual([0, 0, 0, 0, 0])
    expect(await backend.getJobSchedulersCount()).toBe(0)
    expect(await backend.getQueueMetaField('paused')).toBeNull()
  })

  check('obliterates in steps', async (bench) => {
    const backend = await bench.backend()
    await m.addMany(backend, 5)
    await backend.pause(true)
    expect(await backend.obliterate({ force: false, count: 2 })).toBe(1)
    expect(await m.countOf(backend, 'wait')).toBe(3)
    while ((await backend.obliterate({ force: false, count: 2 })) === 1);
    expect(await m.countOf(backend, 'wait')).toBe(0)
  })

  check('begins to count ids anew after it was obliterated', async (bench) => {
    const backend = await bench.backend()
    await m.addMany(backend, 3)
    await backend.pause(true)
    await backend.obliterate(all)
    expect(await m.add(backend)).toBe('1')
  })
}
