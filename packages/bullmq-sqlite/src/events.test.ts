/** The event stream. */
import { describe, expect, it } from 'vitest'
import { bound } from './testing/lab-free.ts'
import { claimId, eventLog, held, lab, until } from './testing/lab.ts'

describe('events', () => {
  it('reach a listener that was ready before they happened', async () => {
    const { queue, worker, events } = lab()
    const listener = events()
    const seen: string[] = []
    for (const name of ['added', 'waiting', 'active', 'progress', 'completed'] as const) {
      listener.on(name, ({ jobId }: { jobId: string }) => void seen.push(`${name} ${jobId}`))
    }
    await listener.waitUntilReady()
    worker('work', (job) => job.updateProgress(50))
    const job = await queue().add('job', {})
    await job.waitUntilFinished(listener)
    expect(seen).toEqual(
      ['added', 'waiting', 'active', 'progress', 'completed'].map((name) => `${name} ${job.id}`),
    )
  })

  it('can be read again from an id', async () => {
    const { backend, queue, events } = lab()
    const store = backend()
    await queue().add('one', {})
    const read = await store.readEvents('0', 1)
    const last = read![0]![1].at(-1)![0]
    expect(await store.readEvents(last, 1)).toBeNull()
    await queue().add('two', {})
    const after = await store.readEvents(last, 1)
    expect(after![0]![1].map(([, fields]) => fields[1])).toEqual(['added', 'waiting'])
    const seen: string[] = []
    events('work', last).on('added', ({ name }) => void seen.push(name))
    await until(() => seen.length > 0)
    expect(seen).toEqual(['two'])
  })

  it('wake a reader that waits, and let it go when it closes', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const reading = store.readEvents('$', 0)
    await queue().add('job', {})
    expect((await reading)?.[0]?.[1]).toHaveLength(2)
    const idle = store.readEvents('$', 0)
    void (await idle)
    const last = store.readEvents('9999999999999-0', 0)
    await store.close()
    expect(await last).toBeNull()
  })

  it('are kept up to about the number the queue was told to keep', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const jobs = queue('work', { streams: { events: { maxLen: 20 } } })
    await jobs.waitUntilReady()
    for (let n = 0; n < 200; n++) await jobs.add('job', {})
    const kept = (await eventLog(store)).length
    expect(kept).toBeGreaterThanOrEqual(20)
    expect(kept).toBeLessThan(150)
    expect(await jobs.trimEvents(0)).toBe(kept)
    expect(await eventLog(store)).toEqual([])
  })

  it('of many small commits are read in order, and from anywhere', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const jobs = queue()
    for (let n = 0; n < 120; n++) await jobs.add('job', {})
    const all = (await store.readEvents('0', 1))![0]![1]
    const added = all.filter(([, fields]) => fields[1] === 'added').map(([, fields]) => fields[3])
    expect(added).toEqual(Array.from({ length: 120 }, (_, n) => String(n + 1)))
    for (const at of [0, 57, 118, 238]) {
      const later = (await store.readEvents(all[at]![0], 1))![0]![1]
      expect(later).toEqual(all.slice(at + 1))
    }
  })

  it('may be made up by programs', async () => {
    const { connection, backend } = lab()
    const producer = new bound.QueueEventsProducer('work', { connection })
    await producer.publishEvent({ eventName: 'mine', n: 7 })
    expect(await eventLog(backend())).toEqual([{ event: 'mine', n: '7' }])
    await producer.close()
  })

  it('keep their order when many share a commit', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const jobs = queue()
    await Promise.all(Array.from({ length: 30 }, (_, n) => jobs.add('job', { n })))
    const id = await claimId(store, 't')
    await store.moveToCompleted(held(String(id)), 'x', false, 't', false)
    const log = await eventLog(store)
    expect(log.slice(0, 60).map((entry) => entry['jobId'])).toEqual(
      Array.from({ length: 60 }, (_, n) => String(Math.floor(n / 2) + 1)),
    )
    expect(log.at(-1)).toMatchObject({ event: 'completed', returnvalue: '"x"' })
  })
})
