/** Owns the cases about adding one job, many jobs, and what is stored of them. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

const NOW = 1_700_000_000_000

export function addCases(check: Check): void {
  check('gives ids that count up from one', async (bench) => {
    const backend = await bench.backend()
    expect(await m.addMany(backend, 3)).toEqual(['1', '2', '3'])
  })

  check('keeps a custom id', async (bench) => {
    const backend = await bench.backend()
    expect(await m.add(backend, { jobId: 'mine' })).toBe('mine')
    expect(await backend.getState('mine')).toBe('waiting')
  })

  check('does not reuse a number after a custom id', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    await m.add(backend, { jobId: 'mine' })
    expect(await m.add(backend)).toBe('3')
  })

  check('answers with the id of a job that exists already, and leaves it alone', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, { jobId: 'mine', data: { first: true } })
    expect(await m.add(backend, { jobId: 'mine', data: { first: false } })).toBe('mine')
    expect((await m.jsonOf(backend, 'mine')).data).toBe('{"first":true}')
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('tells listeners of a job that exists already', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, { jobId: 'mine' })
    await m.add(backend, { jobId: 'mine' })
    expect(await m.eventNames(backend, 'mine')).toContain('duplicated')
  })

  for (const data of [{}, null, 0, '', 'text', [1, 2], { deep: { er: [true] } }, 'ünï ☃ 𝄞']) {
    check(`keeps data ${JSON.stringify(data)}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.add(backend, { data })
      expect(JSON.parse((await m.jsonOf(backend, id)).data)).toEqual(data)
    })
  }

  const fields: [string, m.AddOptions, Record<string, unknown>][] = [
    ['name', { name: 'paint' }, { name: 'paint' }],
    ['timestamp', { timestamp: NOW }, { timestamp: NOW }],
    ['priority', { priority: 7 }, { priority: 7 }],
    ['delay', { delay: 60_000 }, { delay: 60_000 }],
  ]
  for (const [field, options, stored] of fields) {
    check(`keeps the ${field}`, async (bench) => {
      const backend = await bench.backend()
      expect(await m.jsonOf(backend, await m.add(backend, options))).toMatchObject(stored)
    })
  }

  const options: [string, m.AddOptions][] = [
    ['attempts', { attempts: 5 }],
    ['backoff', { backoff: { type: 'exponential', delay: 30 } }],
    ['lifo', { lifo: true }],
    ['removeOnComplete', { removeOnComplete: { age: 60, count: 5 } }],
    ['removeOnFail', { removeOnFail: 3 }],
    ['keepLogs', { keepLogs: 4 }],
    ['stackTraceLimit', { stackTraceLimit: 2 }],
    ['sizeLimit', { sizeLimit: 999 }],
    ['deduplication', { deduplication: { id: 'd', ttl: 60_000 } }],
    ['telemetry', { telemetry: { metadata: 'trace' } }],
  ]
  for (const [option, given] of options) {
    check(`keeps the option ${option}`, async (bench) => {
      const backend = await bench.backend()
      expect((await m.jsonOf(backend, await m.add(backend, given))).opts).toMatchObject(given)
    })
  }

  check('keeps no option that is null', async (bench) => {
    const backend = await bench.backend()
    const given = JSON.parse('{"removeOnComplete":null,"delay":null,"backoff":{"delay":null}}')
    const { opts } = await m.jsonOf(backend, await m.add(backend, given as m.AddOptions))
    expect(opts).not.toHaveProperty('removeOnComplete')
    expect(opts).not.toHaveProperty('delay')
    expect(opts.backoff).toEqual({})
  })

  check('starts the counters of a job at nought', async (bench) => {
    const backend = await bench.backend()
    expect(await m.jsonOf(backend, await m.add(backend))).toMatchObject({
      attemptsMade: 0,
      attemptsStarted: 0,
      stalledCounter: 0,
      progress: 0,
    })
  })

  const places: [string, m.AddOptions, string][] = [
    ['a plain job', {}, 'waiting'],
    ['a job of priority nought', { priority: 0 }, 'waiting'],
    ['a job with a priority', { priority: 1 }, 'prioritized'],
    ['a job of the lowest priority', { priority: 2_097_151 }, 'prioritized'],
    ['a job with a delay', { delay: 60_000 }, 'delayed'],
    ['a job with a delay and a priority', { delay: 60_000, priority: 3 }, 'delayed'],
    ['a last-in-first-out job', { lifo: true }, 'waiting'],
  ]
  for (const [what, given, state] of places) {
    check(`puts ${what} into ${state}`, async (bench) => {
      const backend = await bench.backend()
      expect(await backend.getState(await m.add(backend, given))).toBe(state)
    })
  }

  check('puts a parent into waiting-children', async (bench) => {
    const backend = await bench.backend()
    const ties = { addToWaitingChildren: true }
    const id = await backend.addJob(m.jobJson(backend), '', ties)
    expect(await backend.getState(id)).toBe('waiting-children')
  })

  check('refuses a child whose parent does not exist', async (bench) => {
    const backend = await bench.backend()
    const parent = { id: 'nobody', queue: backend.qualifiedName }
    await m.refused(m.add(backend, { parent }), -5, 'Missing key for parent job')
    expect(await m.countOf(backend, 'wait')).toBe(0)
  })

  check('is told to listeners by name and id', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.add(backend, { name: 'paint' })
    expect(await m.eventsOf(backend)).toContainEqual({ event: 'added', jobId, name: 'paint' })
  })

  const events: [string, m.AddOptions, Record<string, string>][] = [
    ['waiting', {}, { event: 'waiting' }],
    ['waiting', { priority: 2 }, { event: 'waiting' }],
    ['delayed', { delay: 500, timestamp: NOW + 1e12 }, { event: 'delayed' }],
  ]
  for (const [event, given, seen] of events) {
    check(`emits ${event} for ${JSON.stringify(given)}`, async (bench) => {
      const backend = await bench.backend()
      const jobId = await m.add(backend, given)
      const found = (await m.eventsOf(backend)).find((one) => one['event'] === event)
      expect(found).toMatchObject({ ...seen, jobId })
    })
  }

  check('tells listeners when a delayed job is due', async (bench) => {
    const backend = await bench.backend()
    const timestamp = Date.now()
    await m.add(backend, { delay: 60_000, timestamp })
    const found = (await m.eventsOf(backend)).find(({ event }) => event === 'delayed')
    expect(found?.['delay']).toBe(String(timestamp + 60_000))
  })

  check('keeps queues apart', async (bench) => {
    const [here, there] = [await bench.backend(), await bench.backend({}, bench.named('b'))]
    await m.add(here)
    expect(await m.add(there)).toBe('1')
    expect(await m.countOf(there, 'wait')).toBe(1)
    expect(await m.countOf(here, 'wait')).toBe(1)
  })

  check('works through a sibling of the backend', async (bench) => {
    const backend = await bench.backend()
    const sibling = backend.forQueue(bench.named('sibling'))
    expect(await m.add(sibling)).toBe('1')
    const other = await bench.backend({}, bench.named('sibling'))
    expect(await m.countOf(other, 'wait')).toBe(1)
    expect(await m.countOf(backend, 'wait')).toBe(0)
  })

  check('keeps the connection when a sibling closes', async (bench) => {
    const backend = await bench.backend()
    await backend.forQueue(bench.named('sibling')).close()
    expect(await m.add(backend)).toBe('1')
  })
}

export function bulkCases(check: Check): void {
  const entriesOf = (
    backend: m.Backend,
    list: m.AddOptions[],
  ): { job: ReturnType<typeof m.jobJson>; jobId: string }[] =>
    list.map((options) => ({ job: m.jobJson(backend, options), jobId: options.jobId ?? '' }))

  check('gives the ids in the order of the entries', async (bench) => {
    const backend = await bench.backend()
    const list = [{}, { jobId: 'x' }, { priority: 3 }, { delay: 60_000 }]
    expect(await backend.addJobs(entriesOf(backend, list))).toEqual(['1', 'x', '3', '4'])
  })

  check('puts each entry where its options say', async (bench) => {
    const backend = await bench.backend()
    await backend.addJobs(entriesOf(backend, [{}, { priority: 3 }, { delay: 60_000 }]))
    expect(await backend.getCounts(['wait', 'prioritized', 'delayed'])).toEqual([1, 1, 1])
  })

  check('takes an empty list', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.addJobs([])).toEqual([])
  })

  check('runs its jobs in the order of the entries', async (bench) => {
    const backend = await bench.backend()
    const ids = await backend.addJobs(
      entriesOf(
        backend,
        Array.from({ length: 20 }, () => ({})),
      ),
    )
    expect(await m.drainAll(backend)).toEqual(ids)
  })

  check('tells listeners of each of its jobs', async (bench) => {
    const backend = await bench.backend()
    const ids = await backend.addJobs(entriesOf(backend, [{}, {}, {}]))
    const added = (await m.eventsOf(backend)).filter(({ event }) => event === 'added')
    expect(added.map(({ jobId }) => jobId)).toEqual(ids)
  })

  check('does not add an id twice', async (bench) => {
    const backend = await bench.backend()
    const list = [{ jobId: 'x' }, { jobId: 'x' }]
    expect(await backend.addJobs(entriesOf(backend, list))).toEqual(['x', 'x'])
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('holds to deduplication within the list', async (bench) => {
    const backend = await bench.backend()
    const list = [{ deduplication: { id: 'd' } }, { deduplication: { id: 'd' } }]
    const [first, second] = await backend.addJobs(entriesOf(backend, list))
    expect(second).toBe(first)
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('is what Queue.addBulk uses, with jobs in return', async (bench) => {
    const queue = bench.queue()
    const jobs = await queue.addBulk([
      { name: 'a', data: { n: 1 } },
      { name: 'b', data: { n: 2 }, opts: { jobId: 'two' } },
    ])
    expect(jobs.map(({ id, name }) => [id, name])).toEqual([
      ['1', 'a'],
      ['two', 'b'],
    ])
  })

  check('adds five hundred jobs', async (bench) => {
    const backend = await bench.backend()
    const ids = await backend.addJobs(
      entriesOf(
        backend,
        Array.from({ length: 500 }, () => ({})),
      ),
    )
    expect(new Set(ids).size).toBe(500)
    expect(await m.countOf(backend, 'wait')).toBe(500)
  })
}
