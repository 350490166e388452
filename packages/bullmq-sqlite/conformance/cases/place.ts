/** Owns the cases about who runs next: order, priority, delay, promotion. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

const HOUR = 3_600_000

export function orderCases(check: Check): void {
  check('runs what came first first', async (bench) => {
    const backend = await bench.backend()
    const ids = await m.addMany(backend, 5)
    expect(await m.drainAll(backend)).toEqual(ids)
  })

  check('runs a last-in-first-out job before all that wait', async (bench) => {
    const backend = await bench.backend()
    const [a, b] = await m.addMany(backend, 2)
    const c = await m.add(backend, { lifo: true })
    const d = await m.add(backend, { lifo: true })
    expect(await m.drainAll(backend)).toEqual([d, c, a, b])
  })

  check('runs jobs without a priority before all that have one', async (bench) => {
    const backend = await bench.backend()
    const high = await m.add(backend, { priority: 1 })
    const plain = await m.add(backend)
    expect(await m.drainAll(backend)).toEqual([plain, high])
  })

  check('lists waiting jobs as they will run', async (bench) => {
    const backend = await bench.backend()
    const ids = await m.addMany(backend, 3)
    const last = await m.add(backend, { lifo: true })
    expect(await m.idsIn(backend, 'wait')).toEqual([last, ...ids])
  })

  check('lists active jobs as they were started', async (bench) => {
    const backend = await bench.backend()
    const ids = await m.addMany(backend, 3)
    for (const id of ids) expect(await m.claim(backend)).toBe(id)
    expect(await m.idsIn(backend, 'active')).toEqual(ids)
  })

  check('lists completed jobs as they finished', async (bench) => {
    const backend = await bench.backend()
    const ids = await m.addMany(backend, 3)
    for (const id of ids) expect(await m.claim(backend)).toBe(id)
    for (const id of ids.toReversed()) {
      await m.complete(backend, id)
      await m.pass(1)
    }
    expect(await m.idsIn(backend, 'completed')).toEqual(ids.toReversed())
  })

  check('lists failed jobs as they finished', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b = ''] = await m.addMany(backend, 2)
    await m.claim(backend)
    await m.claim(backend)
    await m.fail(backend, b)
    await m.pass(1)
    await m.fail(backend, a)
    expect(await m.idsIn(backend, 'failed')).toEqual([b, a])
  })

  check('puts a retried job behind the others', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b] = await m.addMany(backend, 2)
    await m.claim(backend)
    await backend.retryJob(a, false, m.TOKEN)
    expect(await m.drainAll(backend)).toEqual([b, a])
  })

  check('puts a job retried last-in-first-out before the others', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b] = await m.addMany(backend, 2)
    await m.claim(backend)
    await backend.retryJob(a, true, m.TOKEN)
    expect(await m.drainAll(backend)).toEqual([a, b])
  })

  check('puts a job that gives way to a rate limit before the others', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b] = await m.addMany(backend, 2)
    await m.claim(backend)
    await backend.moveJobFromActiveToWait(a, m.TOKEN)
    expect(await m.drainAll(backend)).toEqual([a, b])
  })
}

export function priorityCases(check: Check): void {
  check('runs low numbers first', async (bench) => {
    const backend = await bench.backend()
    const low = await m.add(backend, { priority: 10 })
    const high = await m.add(backend, { priority: 1 })
    const mid = await m.add(backend, { priority: 5 })
    expect(await m.drainAll(backend)).toEqual([high, mid, low])
  })

  check('runs equal priorities in the order they came', async (bench) => {
    const backend = await bench.backend()
    const ids = await m.addMany(backend, 12, { priority: 4 })
    expect(await m.drainAll(backend)).toEqual(ids)
  })

  check('lists prioritized jobs as they will run', async (bench) => {
    const backend = await bench.backend()
    const c = await m.add(backend, { priority: 3 })
    const a = await m.add(backend, { priority: 1 })
    expect(await m.idsIn(backend, 'prioritized')).toEqual([a, c])
  })

  check('counts jobs by priority', async (bench) => {
    const backend = await bench.backend()
    await m.addMany(backend, 2)
    await m.addMany(backend, 3, { priority: 1 })
    await m.add(backend, { priority: 2 })
    expect(await backend.getCountsPerPriority([0, 1, 2, 3])).toEqual([2, 3, 1, 0])
  })

  const changes: [string, m.AddOptions, number, string][] = [
    ['gives a waiting job a priority', {}, 5, 'prioritized'],
    ['takes the priority from a job', { priority: 5 }, 0, 'waiting'],
    ['changes a priority', { priority: 5 }, 9, 'prioritized'],
    ['changes the priority of a delayed job in place', { delay: HOUR }, 9, 'delayed'],
  ]
  for (const [what, given, priority, state] of changes) {
    check(what, async (bench) => {
      const backend = await bench.backend()
      const id = await m.add(backend, given)
      await backend.changePriority(id, priority)
      expect((await m.jsonOf(backend, id)).priority).toBe(priority)
      expect(await backend.getState(id)).toBe(state)
    })
  }

  check('runs a job by its changed priority', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b, c = ''] = await m.addMany(backend, 3, { priority: 5 })
    await backend.changePriority(a, 9)
    await backend.changePriority(c, 1)
    expect(await m.drainAll(backend)).toEqual([c, b, a])
  })

  check('puts a job changed to the priority of others behind them', async (bench) => {
    const backend = await bench.backend()
    const a = await m.add(backend, { priority: 9 })
    const b = await m.add(backend, { priority: 5 })
    await backend.changePriority(a, 5)
    expect(await m.drainAll(backend)).toEqual([b, a])
  })

  check('puts a job changed last-in-first-out before its equals', async (bench) => {
    const backend = await bench.backend()
    const b = await m.add(backend, { priority: 5 })
    const a = await m.add(backend, { priority: 9 })
    await backend.changePriority(a, 5, true)
    expect(await m.drainAll(backend)).toEqual([a, b])
  })

  check('puts a job that lost its priority behind those that wait', async (bench) => {
    const backend = await bench.backend()
    const a = await m.add(backend, { priority: 9 })
    const b = await m.add(backend)
    await backend.changePriority(a, 0)
    expect(await m.drainAll(backend)).toEqual([b, a])
  })

  check('puts a job that lost its priority last-in-first-out in front', async (bench) => {
    const backend = await bench.backend()
    const a = await m.add(backend, { priority: 9 })
    const b = await m.add(backend)
    await backend.changePriority(a, 0, true)
    expect(await m.drainAll(backend)).toEqual([a, b])
  })

  check('leaves a running job running when its priority changes', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.changePriority(id, 3)
    expect(await backend.getState(id)).toBe('active')
    expect((await m.jsonOf(backend, id)).priority).toBe(3)
  })

  check('refuses to change the priority of a missing job', async (bench) => {
    const backend = await bench.backend()
    await m.refused(backend.changePriority('x', 1), -1, 'Missing key for job x. changePriority')
  })

  check('gives a retried job back its place by priority', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, { priority: 5 })
    const later = await m.add(backend, { priority: 7 })
    await backend.retryJob(id, false, m.TOKEN)
    expect(await backend.getState(id)).toBe('prioritized')
    expect(await m.drainAll(backend)).toEqual([id, later])
  })

  check('puts a prioritized job that gives way before its equals', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b] = await m.addMany(backend, 2, { priority: 5 })
    await m.claim(backend)
    await backend.moveJobFromActiveToWait(a, m.TOKEN)
    expect(await backend.getState(a)).toBe('prioritized')
    expect(await m.drainAll(backend)).toEqual([a, b])
  })

  check('keeps a hundred priorities in order', async (bench) => {
    const backend = await bench.backend()
    const wanted = new Map<number, string>()
    for (let n = 0; n < 100; n++) {
      const priority = ((n * 37) % 100) + 1
      wanted.set(priority, await m.add(backend, { priority }))
    }
    const sorted = [...wanted].toSorted(([a], [b]) => a - b).map(([, id]) => id)
    expect(await m.idsIn(backend, 'prioritized')).toEqual(sorted)
  })
}

export function delayCases(check: Check): void {
  check('holds a job back until it is due', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, { delay: HOUR })
    expect(await m.claim(backend)).toBeUndefined()
  })

  check('runs a job that is due', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { delay: 10, timestamp: Date.now() - 60_000 })
    expect(await m.claim(backend)).toBe(id)
  })

  check('tells who asks when the next job is due', async (bench) => {
    const backend = await bench.backend()
    const timestamp = Date.now()
    await m.add(backend, { delay: 2 * HOUR, timestamp })
    await m.add(backend, { delay: HOUR, timestamp })
    const [, , limited, dueAt] = await backend.moveToActive(m.TOKEN)
    expect(limited).toBe(0)
    expect(Number(dueAt)).toBe(timestamp + HOUR)
  })

  check('runs due jobs in the order they were due', async (bench) => {
    const backend = await bench.backend()
    const timestamp = Date.now() - HOUR
    const b = await m.add(backend, { delay: 200, timestamp })
    const a = await m.add(backend, { delay: 100, timestamp })
    expect(await m.drainAll(backend)).toEqual([a, b])
  })

  check('runs jobs due at the same moment in the order they came', async (bench) => {
    const backend = await bench.backend()
    const ids = await m.addMany(backend, 12, { delay: 100, timestamp: Date.now() - HOUR })
    expect(await m.drainAll(backend)).toEqual(ids)
  })

  check('lists delayed jobs by when they are due', async (bench) => {
    const backend = await bench.backend()
    const late = await m.add(backend, { delay: 2 * HOUR })
    const soon = await m.add(backend, { delay: HOUR })
    expect(await m.idsIn(backend, 'delayed')).toEqual([soon, late])
  })

  check('gives a due job its place by priority', async (bench) => {
    const backend = await bench.backend()
    const timestamp = Date.now() - HOUR
    const late = await m.add(backend, { delay: 10, priority: 8, timestamp })
    const first = await m.add(backend, { priority: 2 })
    expect(await m.drainAll(backend)).toEqual([first, late])
  })

  check('tells listeners that a due job waits', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { delay: 10, timestamp: Date.now() - HOUR })
    await m.claim(backend)
    const waits = (await m.eventsOf(backend)).find(({ event }) => event === 'waiting')
    expect(waits).toEqual({ event: 'waiting', jobId: id, prev: 'delayed' })
  })

  check('sets the delay of a due job to nought', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, { delay: 10, timestamp: Date.now() - HOUR })
    expect((await m.claimJson(backend)).delay).toBe(0)
  })

  check('makes due jobs ready while the queue is paused', async (bench) => {
    const backend = await bench.backend()
    await backend.pause(true)
    const id = await m.add(backend, { delay: 10, timestamp: Date.now() - HOUR })
    expect(await m.claim(backend)).toBeUndefined()
    expect(await backend.getState(id)).toBe('waiting')
  })

  check('changes the delay from now', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { delay: HOUR })
    const before = Date.now()
    await backend.changeDelay(id, 3 * HOUR)
    const [, , , dueAt] = await backend.moveToActive(m.TOKEN)
    expect(Number(dueAt)).toBeGreaterThanOrEqual(before + 3 * HOUR)
    expect(Number(dueAt)).toBeLessThan(before + 3 * HOUR + 10_000)
    expect((await m.jsonOf(backend, id)).delay).toBe(3 * HOUR)
  })

  check('tells listeners of a changed delay', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { delay: HOUR })
    await backend.changeDelay(id, 2 * HOUR)
    expect(await m.eventNames(backend, id)).toEqual(['added', 'delayed', 'delayed'])
  })

  check('reorders when a delay changes', async (bench) => {
    const backend = await bench.backend()
    const a = await m.add(backend, { delay: HOUR })
    const b = await m.add(backend, { delay: 2 * HOUR })
    await backend.changeDelay(a, 3 * HOUR)
    expect(await m.idsIn(backend, 'delayed')).toEqual([b, a])
  })

  check('refuses to change the delay of a missing job', async (bench) => {
    const backend = await bench.backend()
    await m.refused(backend.changeDelay('x', 1), -1, 'Missing key for job x. changeDelay')
  })

  check('refuses to change the delay of a job that is not delayed', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    await m.refused(backend.changeDelay(id, 1), -3, 'is not in the delayed state. changeDelay')
  })

  check('promotes a delayed job behind those that wait', async (bench) => {
    const backend = await bench.backend()
    const late = await m.add(backend, { delay: HOUR })
    const plain = await m.add(backend)
    await backend.promote(late)
    expect((await m.jsonOf(backend, late)).delay).toBe(0)
    expect(await m.drainAll(backend)).toEqual([plain, late])
  })

  check('promotes a delayed job to its priority', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { delay: HOUR, priority: 3 })
    await backend.promote(id)
    expect(await backend.getState(id)).toBe('prioritized')
  })

  check('tells listeners of a promotion', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.add(backend, { delay: HOUR })
    await backend.promote(jobId)
    expect(await m.eventsOf(backend)).toContainEqual({ event: 'waiting', jobId, prev: 'delayed' })
  })

  check('refuses to promote a missing job', async (bench) => {
    const backend = await bench.backend()
    await m.refused(backend.promote('x'), -3, 'Job x is not in the delayed state. promote')
  })

  for (const state of ['wait', 'active', 'completed'] as const) {
    check(`refuses to promote a job in ${state}`, async (bench) => {
      const backend = await bench.backend()
      const make = { wait: m.add, active: m.running, completed: m.completed }[state]
      await m.refused(backend.promote(await make(backend)), -3, 'is not in the delayed state')
    })
  }

  check('promotes all delayed jobs in order', async (bench) => {
    const backend = await bench.backend()
    const late = await m.add(backend, { delay: 2 * HOUR })
    const soon = await m.add(backend, { delay: HOUR })
    expect(await backend.promoteJobs()).toBe(0)
    expect(await m.idsIn(backend, 'wait')).toEqual([soon, late])
  })

  check('promotes at most as many as asked and says that more are left', async (bench) => {
    const backend = await bench.backend()
    await m.addMany(backend, 3, { delay: HOUR })
    expect(await backend.promoteJobs(2)).toBe(1)
    expect(await backend.getCounts(['wait', 'delayed'])).toEqual([2, 1])
  })

  check('promotes nothing when nothing is delayed', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.promoteJobs()).toBe(0)
  })

  check('counts delayed jobs due before a moment', async (bench) => {
    const backend = await bench.backend()
    const timestamp = Date.now()
    await m.add(backend, { delay: HOUR, timestamp })
    await m.add(backend, { delay: 2 * HOUR, timestamp })
    expect(await backend.getCounts(['delayed'], timestamp + HOUR)).toEqual([0])
    expect(await backend.getCounts(['delayed'], timestamp + HOUR + 1)).toEqual([1])
    expect(await backend.getCounts(['delayed'], timestamp + 3 * HOUR)).toEqual([2])
  })
}
