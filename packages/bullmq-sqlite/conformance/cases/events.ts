/** Owns the cases about the event stream, metrics and logs. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

export function eventCases(check: Check): void {
  check('are read in the order they happened', async (bench) => {
    const backend = await bench.backend()
    const id = await m.completed(backend)
    expect(await m.eventNames(backend, id)).toEqual(['added', 'waiting', 'active', 'completed'])
  })

  check('have ids that rise', async (bench) => {
    const backend = await bench.backend()
    await m.addMany(backend, 3)
    const entries = await read(backend, '0')
    const ids = entries.map(([id]) => id)
    expect(ids.length).toBeGreaterThan(3)
    expect(ids).toEqual(ids.toSorted((a, b) => ordinal(a) - ordinal(b)))
    expect(new Set(ids).size).toBe(ids.length)
  })

  check('are read after a given one', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    const entries = await read(backend, '0')
    const last = entries.at(-1)?.[0] ?? ''
    expect(await backend.readEvents(last, 5)).toBeFalsy()
    await m.add(backend, { name: 'later' })
    const more = await read(backend, last)
    expect(m.pairs(more[0]?.[1] ?? [])).toMatchObject({ jobId: '2' })
  })

  check('are waited for', async (bench) => {
    const backend = await bench.backend({}, undefined, { blocking: true })
    const producer = await bench.backend()
    const waiting = backend.readEvents('0', 5000)
    await m.add(producer)
    expect(await waiting).toBeTruthy()
  })

  check('are not waited for longer than asked', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.readEvents('0', 5)).toBeFalsy()
  })

  check('of the past are not seen from the end of the stream', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    expect(await backend.readEvents('$', 5)).toBeFalsy()
  })

  check('can be made by hand', async (bench) => {
    const backend = await bench.backend()
    const id = await backend.publishEvent({ event: 'painted', colour: 'red', n: 1 }, 1000)
    expect(id.length).toBeGreaterThan(0)
    expect(await m.eventsOf(backend)).toEqual([{ event: 'painted', colour: 'red', n: '1' }])
  })

  check('made by hand are answered with their id', async (bench) => {
    const backend = await bench.backend()
    const id = await backend.publishEvent({ event: 'painted' }, 1000)
    const entries = await read(backend, '0')
    expect(entries[0]?.[0]).toBe(id)
  })

  check('of queues are kept apart', async (bench) => {
    const [here, there] = [await bench.backend(), await bench.backend({}, bench.named('b'))]
    await m.add(here)
    expect(await m.eventsOf(there)).toEqual([])
  })

  check('are trimmed to about as many as asked', async (bench) => {
    const backend = await bench.backend()
    for (let n = 0; n < 300; n++) await backend.publishEvent({ event: 'e', n }, 10_000)
    expect(await backend.trimEvents(10)).toBeGreaterThan(100)
    const left = await m.eventsOf(backend)
    expect(left.length).toBeGreaterThanOrEqual(10)
    expect(left.length).toBeLessThan(200)
    expect(left.at(-1)).toEqual({ event: 'e', n: '299' })
  })

  check('are trimmed as they are written', async (bench) => {
    const backend = await bench.backend()
    for (let n = 0; n < 400; n++) await backend.publishEvent({ event: 'e', n }, 20)
    const left = await m.eventsOf(backend)
    expect(left.length).toBeGreaterThanOrEqual(20)
    expect(left.length).toBeLessThan(250)
  })

  check('are not trimmed when there are few', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    expect(await backend.trimEvents(1000)).toBe(0)
    expect(await m.eventsOf(backend)).toHaveLength(2)
  })

  check('tell of progress', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend)
    await backend.updateProgress(jobId, { at: 5 })
    expect(await m.eventsOf(backend)).toContainEqual({
      event: 'progress',
      jobId,
      data: '{"at":5}',
    })
  })

  for (const progress of [0, 42, 'half', { at: 5 }, true, [1, 2]] as never[]) {
    check(`progress ${JSON.stringify(progress)} is kept`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await backend.updateProgress(id, progress)
      expect((await m.jsonOf(backend, id)).progress).toEqual(progress)
    })
  }

  check('progress of a missing job is refused', async (bench) => {
    const backend = await bench.backend()
    await m.refused(backend.updateProgress('x', 1), -1, 'Missing key for job x. updateProgress')
  })

  check('reach QueueEvents with their values', async (bench) => {
    const events = await bench.events({ lastEventId: '0' })
    const queue = bench.queue()
    const seen: string[] = []
    events.on('active', ({ jobId }) => seen.push(`active ${jobId}`))
    events.on('completed', ({ jobId, returnvalue }) =>
      seen.push(`completed ${jobId} ${JSON.stringify(returnvalue)}`),
    )
    const job = await queue.add('job', {})
    bench.worker(async () => ({ n: 1 }))
    await job.waitUntilFinished(events, 10_000)
    await m.until(() => seen.length === 2)
    expect(seen).toEqual(['active 1', 'completed 1 {"n":1}'])
  })

  check('of the past reach QueueEvents that asks for them', async (bench) => {
    const queue = bench.queue()
    await queue.add('job', {})
    const seen: string[] = []
    const events = await bench.events({ lastEventId: '0', autorun: false })
    events.on('added', ({ jobId }) => seen.push(jobId))
    void events.run()
    await m.until(() => seen.length > 0)
    expect(seen).toEqual(['1'])
  })

  check('made by QueueEventsProducer reach QueueEvents', async (bench) => {
    const seen: string[] = []
    const producer = bench.eventsProducer()
    await producer.publishEvent({ eventName: 'painted', colour: 'red' })
    const events = await bench.events({ lastEventId: '0', autorun: false })
    events.on('painted' as never, ((args: { colour: string }) => seen.push(args.colour)) as never)
    void events.run()
    await m.until(() => seen.length > 0)
    expect(seen).toEqual(['red'])
  })
}

async function read(backend: m.Backend, after: string): Promise<[string, string[]][]> {
  const [stream] = (await backend.readEvents(after, 10)) ?? []
  return (stream?.[1] ?? []) as [string, string[]][]
}

function ordinal(id: string): number {
  const [ms = '0', place = '0'] = id.split('-')
  return Number(ms) * 4096 + Number(place)
}

export function metricCases(check: Check): void {
  const metrics = { maxDataPoints: 5 }

  for (const [type, end] of Object.entries({ completed: m.complete, failed: m.fail })) {
    const kind = type as 'completed' | 'failed'
    check(`count what ${type}`, async (bench) => {
      const backend = await bench.backend({ metrics })
      for (let n = 0; n < 3; n++) await end(backend, await m.running(backend))
      const [[count, since, before]] = await backend.getMetrics(kind)
      expect(Number(count)).toBe(3)
      expect(Math.abs(Date.now() - Number(since))).toBeLessThan(10_000)
      expect(Number(before)).toBe(0)
    })

    check(`do not count what ${type} unasked`, async (bench) => {
      const backend = await bench.backend()
      await end(backend, await m.running(backend))
      const [[count], points, length] = await backend.getMetrics(kind)
      expect([Number(count ?? 0), points, length]).toEqual([0, [], 0])
    })

    check(`have no points for ${type} within the first minute`, async (bench) => {
      const backend = await bench.backend({ metrics })
      await end(backend, await m.running(backend))
      const [, points, length] = await backend.getMetrics(kind)
      expect([points, length]).toEqual([[], 0])
    })
  }

  check('are kept apart by outcome', async (bench) => {
    const backend = await bench.backend({ metrics })
    await m.completed(backend)
    const [[failed]] = await backend.getMetrics('failed')
    expect(Number(failed ?? 0)).toBe(0)
  })

  check('are read through Queue', async (bench) => {
    const backend = await bench.backend({ metrics })
    await m.completed(backend)
    const { meta, count, data } = await bench.queue().getMetrics('completed')
    expect([meta.count, count, data]).toEqual([1, 0, []])
  })
}

export function logCases(check: Check): void {
  check('are counted as they grow', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    expect(await backend.addLog(id, 'one')).toBe(1)
    expect(await backend.addLog(id, 'two')).toBe(2)
  })

  const pages: [number, number, boolean, string[]][] = [
    [0, -1, true, ['0', '1', '2', '3', '4']],
    [0, 1, true, ['0', '1']],
    [1, 2, true, ['1', '2']],
    [-2, -1, true, ['3', '4']],
    [3, 9, true, ['3', '4']],
    [5, 9, true, []],
    [0, -1, false, ['4', '3', '2', '1', '0']],
    [0, 1, false, ['4', '3']],
    [1, 2, false, ['3', '2']],
  ]
  for (const [start, end, asc, lines] of pages) {
    const order = asc ? 'oldest first' : 'newest first'
    check(`are read from ${start} to ${end}, ${order}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.add(backend)
      for (let n = 0; n < 5; n++) await backend.addLog(id, String(n))
      expect(await backend.getJobLogs(id, start, end, asc)).toEqual({ logs: lines, count: 5 })
    })
  }

  check('keep only the newest lines', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    for (const line of ['one', 'two']) await backend.addLog(id, line, 2)
    expect(await backend.addLog(id, 'three', 2)).toBe(2)
    expect((await backend.getJobLogs(id, 0, -1, true)).logs).toEqual(['two', 'three'])
  })

  check('of a missing job are refused', async (bench) => {
    const backend = await bench.backend()
    await m.refused(backend.addLog('x', 'line'), -1, 'Missing key for job x. addLog')
  })

  check('of a missing job are empty', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getJobLogs('x', 0, -1, true)).toEqual({ logs: [], count: 0 })
  })

  check('are cleared', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    await backend.addLog(id, 'one')
    await backend.clearLogs(id)
    expect(await backend.getJobLogs(id, 0, -1, true)).toEqual({ logs: [], count: 0 })
  })

  check('are cleared but for the newest', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    for (const line of ['one', 'two', 'three']) await backend.addLog(id, line)
    await backend.clearLogs(id, 1)
    expect((await backend.getJobLogs(id, 0, -1, true)).logs).toEqual(['three'])
  })

  check('of a missing job can be cleared', async (bench) => {
    const backend = await bench.backend()
    await backend.clearLogs('x')
    expect(await backend.getJobLogs('x', 0, -1, true)).toEqual({ logs: [], count: 0 })
  })

  check('keep any text', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    await backend.addLog(id, `line\nwith "quotes" and ☃`)
    expect((await backend.getJobLogs(id, 0, -1, true)).logs).toEqual([`line\nwith "quotes" and ☃`])
  })

  check('are written through the job', async (bench) => {
    const job = await bench.queue().add('job', {}, { keepLogs: 1 })
    await job.log('one')
    await job.log('two')
    expect((await bench.queue().getJobLogs(job.id ?? '')).logs).toEqual(['two'])
  })
}
