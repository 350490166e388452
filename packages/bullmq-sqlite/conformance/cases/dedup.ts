/** Owns the cases about deduplication. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

const HOUR = 3_600_000

export function dedupCases(check: Check): void {
  const simple = { deduplication: { id: 'd' } }

  check('answers with the job that stands for the id', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, simple)
    expect(await m.add(backend, simple)).toBe(id)
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('tells listeners who stands for whom', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.add(backend, simple)
    await m.add(backend, { ...simple, jobId: 'late' })
    expect(await m.eventsOf(backend)).toContainEqual({
      event: 'deduplicated',
      jobId,
      deduplicationId: 'd',
      deduplicatedJobId: 'late',
    })
  })

  check('names the holder of an id', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, simple)
    expect(await backend.getDeduplicationJobId('d')).toBe(id)
    expect(await backend.getDeduplicationJobId('other')).toBeNull()
  })

  check('keeps different ids apart', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, simple)
    expect(await m.add(backend, { deduplication: { id: 'e' } })).toBe('2')
  })

  check('keeps the id in the job', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, simple)
    expect((await m.jsonOf(backend, id)).deduplicationId).toBe('d')
  })

  for (const [state, make] of Object.entries({ completed: m.completed, failed: m.failed })) {
    check(`frees the id of a job that ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend, simple)
      expect(await backend.getDeduplicationJobId('d')).toBeNull()
      expect(await m.add(backend, simple)).not.toBe(id)
    })

    check(`holds the id of a job that ${state} until its time is over`, async (bench) => {
      const backend = await bench.backend()
      const timed = { deduplication: { id: 'd', ttl: HOUR } }
      const id = await make(backend, timed)
      expect(await m.add(backend, timed)).toBe(id)
    })
  }

  check('holds the id while the job runs', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, simple)
    expect(await m.add(backend, simple)).toBe(id)
  })

  check('holds the id while the job is retried', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, simple)
    await backend.retryJob(id, false, m.TOKEN)
    expect(await m.add(backend, simple)).toBe(id)
  })

  check('frees the id when its time is over', async (bench) => {
    const backend = await bench.backend()
    const timed = { deduplication: { id: 'd', ttl: 20 } }
    await m.add(backend, timed)
    await m.pass(25)
    expect(await m.add(backend, timed)).toBe('2')
    expect(await m.countOf(backend, 'wait')).toBe(2)
  })

  check('extends the time of the id when asked', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { deduplication: { id: 'd', ttl: 200, extend: true } })
    await m.add(backend, { deduplication: { id: 'd', ttl: HOUR, extend: true } })
    await m.pass(220)
    expect(await backend.getDeduplicationJobId('d')).toBe(id)
  })

  check('does not extend the time of the id unasked', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, { deduplication: { id: 'd', ttl: 30 } })
    await m.add(backend, { deduplication: { id: 'd', ttl: HOUR } })
    await m.pass(40)
    expect(await backend.getDeduplicationJobId('d')).toBeNull()
  })

  const debounce = {
    delay: HOUR,
    deduplication: { id: 'd', ttl: HOUR, extend: true, replace: true },
  }

  check('replaces a delayed job when asked', async (bench) => {
    const backend = await bench.backend()
    const first = await m.add(backend, { ...debounce, data: { n: 1 } })
    const second = await m.add(backend, { ...debounce, data: { n: 2 } })
    expect(second).not.toBe(first)
    expect(await m.idsIn(backend, 'delayed')).toEqual([second])
    expect(await backend.getJobData(first)).toBeUndefined()
    expect(await backend.getDeduplicationJobId('d')).toBe(second)
  })

  check('tells listeners of a replaced job', async (bench) => {
    const backend = await bench.backend()
    const first = await m.add(backend, debounce)
    const second = await m.add(backend, debounce)
    const events = await m.eventsOf(backend)
    expect(events).toContainEqual({ event: 'removed', jobId: first, prev: 'delayed' })
    expect(events).toContainEqual({
      event: 'deduplicated',
      jobId: second,
      deduplicationId: 'd',
      deduplicatedJobId: first,
    })
  })

  check(
    'moves a delayed job to the newcomer’s time when asked, and keeps what it carries',
    async (bench) => {
      const backend = await bench.backend()
      const moving = { deduplication: { id: 'd', reschedule: true } }
      const id = await m.add(backend, { ...moving, delay: HOUR })
      const { data } = await m.jsonOf(backend, id)
      expect(await m.add(backend, { ...moving, delay: 2 * HOUR, jobId: 'late' })).toBe(id)
      expect(await m.idsIn(backend, 'delayed')).toEqual([id])
      expect(await m.jsonOf(backend, id)).toMatchObject({ data, delay: 2 * HOUR })
      const told = (await m.eventsOf(backend)).filter(({ event }) => event === 'delayed')
      expect(told.map(({ jobId }) => jobId)).toEqual([id, id])
    },
  )

  check('moves no job that waits to another time', async (bench) => {
    const backend = await bench.backend()
    const moving = { deduplication: { id: 'd', reschedule: true } }
    const id = await m.add(backend, moving)
    expect(await m.add(backend, { ...moving, delay: HOUR })).toBe(id)
    expect(await m.idsIn(backend, 'wait')).toEqual([id])
    expect(await m.countOf(backend, 'delayed')).toBe(0)
  })

  check('does not replace a job that waits', async (bench) => {
    const backend = await bench.backend()
    const first = await m.add(backend, { deduplication: { id: 'd', replace: true } })
    expect(await m.add(backend, { deduplication: { id: 'd', replace: true } })).toBe(first)
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('does not replace a job that runs', async (bench) => {
    const backend = await bench.backend()
    const first = await m.running(backend, { deduplication: { id: 'd', replace: true } })
    expect(await m.add(backend, debounce)).toBe(first)
  })

  const last = { deduplication: { id: 'd', keepLastIfActive: true } }

  check('adds what was asked for while the job ran once it ends', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, last)
    expect(await m.add(backend, { ...last, data: { n: 2 } })).toBe(id)
    expect(await m.countOf(backend, 'wait')).toBe(0)
    await m.complete(backend, id)
    const [next = ''] = await m.idsIn(backend, 'wait')
    expect((await m.jsonOf(backend, next)).data).toBe('{"n":2}')
  })

  check('adds only the last of what was asked for while the job ran', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, last)
    await m.add(backend, { ...last, data: { n: 2 } })
    await m.add(backend, { ...last, data: { n: 3 } })
    await m.complete(backend, id)
    const waiting = await m.idsIn(backend, 'wait')
    expect(waiting).toHaveLength(1)
    expect((await m.jsonOf(backend, waiting[0] ?? '')).data).toBe('{"n":3}')
  })

  check('adds what was asked for when the run fails, too', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, last)
    await m.add(backend, { ...last, data: { n: 2 } })
    await m.fail(backend, id)
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('gives the id to what was asked for meanwhile', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, last)
    await m.add(backend, last)
    await m.complete(backend, id)
    const [next] = await m.idsIn(backend, 'wait')
    expect(await backend.getDeduplicationJobId('d')).toBe(next)
  })

  check('keeps nothing for later while the job only waits', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, last)
    await m.add(backend, { ...last, data: { n: 2 } })
    await m.claim(backend)
    await m.complete(backend, id)
    expect(await m.countOf(backend, 'wait')).toBe(0)
    expect(await backend.getDeduplicationJobId('d')).toBeNull()
  })

  check('frees an id when its job is removed', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, simple)
    await backend.remove(id, false)
    expect(await m.add(backend, simple)).not.toBe(id)
  })

  check('frees an id when its job is cleaned away', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, simple)
    await backend.cleanJobsByState('wait', Date.now() + 1000)
    expect(await backend.getDeduplicationJobId('d')).toBeNull()
  })

  check('frees an id when its queue is drained', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, simple)
    await backend.drain(false)
    expect(await backend.getDeduplicationJobId('d')).toBeNull()
  })

  check('frees an id of the right job on demand', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, simple)
    expect(await backend.removeDeduplicationKey('d', id)).toBe(1)
    expect(await m.add(backend, simple)).toBe('2')
  })

  const others: [string, string, string][] = [
    ['another job', 'd', 'x'],
    ['an id that is not held', 'other', '1'],
  ]
  for (const [what, dedupId, jobId] of others) {
    check(`does not free an id for ${what}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.add(backend, simple)
      expect(await backend.removeDeduplicationKey(dedupId, jobId)).toBe(0)
      expect(await backend.getDeduplicationJobId('d')).toBe(id)
    })
  }

  check('frees an id whoever holds it', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, simple)
    expect(await backend.deleteDeduplicationKey('d')).toBe(1)
    expect(await backend.getDeduplicationJobId('d')).toBeNull()
  })

  check('has nothing to free for an unknown id', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.deleteDeduplicationKey('d')).toBe(0)
  })

  check('does not free the id of the next when an old job is removed', async (bench) => {
    const backend = await bench.backend()
    const old = await m.completed(backend, simple)
    const id = await m.add(backend, simple)
    await backend.remove(old, false)
    expect(await backend.getDeduplicationJobId('d')).toBe(id)
  })

  check('holds for prioritized jobs', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { ...simple, priority: 2 })
    expect(await m.add(backend, { ...simple, priority: 1 })).toBe(id)
    expect(await m.countOf(backend, 'prioritized')).toBe(1)
  })

  check('holds for delayed jobs', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { ...simple, delay: HOUR })
    expect(await m.add(backend, { ...simple, delay: HOUR })).toBe(id)
    expect(await m.countOf(backend, 'delayed')).toBe(1)
  })

  check('holds through Queue, whose job takes the id of the one that stands', async (bench) => {
    const queue = bench.queue()
    const first = await queue.add('a', {}, simple)
    const second = await queue.add('b', {}, simple)
    expect(second.id).toBe(first.id)
    expect(await queue.getDeduplicationJobId('d')).toBe(first.id)
    expect(await first.removeDeduplicationKey()).toBe(true)
    expect(await queue.removeDeduplicationKey('d')).toBe(0)
  })
}
