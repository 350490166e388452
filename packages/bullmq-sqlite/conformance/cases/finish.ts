/** Owns the cases about how a run ends: completed, failed, kept or removed. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

export function finishCases(check: Check): void {
  const ends = { completed: m.complete, failed: m.fail }
  for (const [state, end] of Object.entries(ends)) {
    const target = state as 'completed' | 'failed'

    check(`moves a job to ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await end(backend, id)
      expect(await backend.getState(id)).toBe(state)
      expect(await backend.getCounts(['active', target])).toEqual([0, 1])
    })

    check(`counts the attempt of a job that ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await end(backend, id)
      expect(await m.jsonOf(backend, id)).toMatchObject({ attemptsMade: 1, attemptsStarted: 1 })
    })

    check(`notes when a job ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      const before = Date.now()
      await end(backend, id)
      const { finishedOn = 0 } = await m.jsonOf(backend, id)
      expect(finishedOn).toBeGreaterThanOrEqual(before)
      expect(finishedOn).toBeLessThanOrEqual(Date.now())
    })

    check(`fetches the next job as one ${state}`, async (bench) => {
      const backend = await bench.backend()
      const [a = '', b] = await m.addMany(backend, 2)
      await m.claim(backend)
      const [job, id] = await end(backend, a, { fetch: true })
      expect(id).toBe(b)
      expect(job).toMatchObject({ name: 'job', attemptsStarted: 1 })
      await m.complete(backend, String(b))
    })

    check(`fetches nothing when nothing waits after one ${state}`, async (bench) => {
      const backend = await bench.backend()
      const [job] = await end(backend, await m.running(backend), { fetch: true })
      expect(job ?? null).toBeNull()
    })

    check(`does not start the next job unasked after one ${state}`, async (bench) => {
      const backend = await bench.backend()
      const [a = '', b = ''] = await m.addMany(backend, 2)
      await m.claim(backend)
      await end(backend, a)
      expect(await backend.getState(b)).toBe('waiting')
    })

    check(`says when the next job is due after one ${state}`, async (bench) => {
      const backend = await bench.backend()
      const timestamp = Date.now()
      const id = await m.running(backend)
      await m.add(backend, { delay: 3_600_000, timestamp })
      const [job, , , dueAt] = await end(backend, id, { fetch: true })
      expect(job ?? null).toBeNull()
      expect(Number(dueAt)).toBe(timestamp + 3_600_000)
    })

    check(`removes a job at once when it ${state} and none are kept`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await end(backend, id, { keep: true })
      expect(await backend.getState(id)).toBe('unknown')
      expect(await backend.getJobData(id)).toBeUndefined()
      expect(await m.countOf(backend, target)).toBe(0)
    })

    check(`keeps the newest jobs that ${state} by number`, async (bench) => {
      const backend = await bench.backend()
      const ids = await m.addMany(backend, 4)
      for (const id of ids) {
        await m.claim(backend)
        await end(backend, id, { keep: 2 })
        await m.pass(1)
      }
      expect(await m.idsIn(backend, target)).toEqual(ids.slice(2))
      expect(await backend.getJobData(ids[0] ?? '')).toBeUndefined()
    })

    check(`keeps jobs that ${state} by a count in an object`, async (bench) => {
      const backend = await bench.backend()
      const ids = await m.addMany(backend, 3)
      for (const id of ids) {
        await m.claim(backend)
        await end(backend, id, { keep: { count: 1 } })
        await m.pass(1)
      }
      expect(await m.idsIn(backend, target)).toEqual(ids.slice(2))
    })

    check(`keeps jobs that ${state} by age`, async (bench) => {
      const backend = await bench.backend()
      const [a = '', b = ''] = await m.addMany(backend, 2)
      await m.claim(backend)
      await end(backend, a)
      await m.pass(1001)
      await m.claim(backend)
      await end(backend, b, { keep: { age: 1 } })
      expect(await m.idsIn(backend, target)).toEqual([b])
    })

    check(`removes no more old jobs that ${state} at once than asked`, async (bench) => {
      const backend = await bench.backend()
      const ids = await m.addMany(backend, 4)
      for (const id of ids.slice(0, 3)) {
        await m.claim(backend)
        await end(backend, id)
      }
      await m.pass(1001)
      await m.claim(backend)
      await end(backend, ids[3] ?? '', { keep: { age: 1, limit: 2 } })
      expect(await m.countOf(backend, target)).toBe(2)
    })

    check(`follows the rule of the worker for jobs that ${state}`, async (bench) => {
      const backend = await bench.backend({
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      })
      const id = await m.running(backend)
      const job = m.ref(id)
      if (target === 'completed') {
        await backend.moveToCompleted(job, 1, undefined as unknown as boolean, m.TOKEN, false)
      } else await backend.moveToFailed(job, 'x', undefined as unknown as boolean, m.TOKEN, false)
      expect(await backend.getState(id)).toBe('unknown')
    })

    check(`emits ${state} and then drained`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await end(backend, id, { fetch: true })
      const names = await m.eventNames(backend)
      expect(names).toContain(state)
      expect(names.at(-1)).toBe('drained')
    })

    check(`does not emit drained while jobs wait after one ${state}`, async (bench) => {
      const backend = await bench.backend()
      const [a = ''] = await m.addMany(backend, 2)
      await m.claim(backend)
      await end(backend, a)
      expect(await m.eventNames(backend)).not.toContain('drained')
    })

    check(`does not emit drained while jobs run after one ${state}`, async (bench) => {
      const backend = await bench.backend()
      const [a = ''] = await m.addMany(backend, 2)
      await m.claim(backend)
      await m.claim(backend, m.OTHER)
      await end(backend, a)
      expect(await m.eventNames(backend)).not.toContain('drained')
    })

    check(`does not emit drained while prioritized jobs wait after one ${state}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await m.add(backend, { priority: 1 })
      await end(backend, id)
      expect(await m.eventNames(backend)).not.toContain('drained')
    })
  }

  const values: unknown[] = [undefined, null, 0, '', 'text', { deep: [1] }, [true], 'ünï ☃']
  for (const value of values) {
    check(`keeps the result ${JSON.stringify(value) ?? 'undefined'}`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await backend.moveToCompleted(m.ref(id), value, false, m.TOKEN, false)
      expect(JSON.parse((await m.jsonOf(backend, id)).returnvalue)).toEqual(value ?? null)
    })
  }

  check('tells listeners the result as text', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend)
    await m.complete(backend, jobId, { value: { n: 1 } })
    expect(await m.eventsOf(backend)).toContainEqual({
      event: 'completed',
      jobId,
      returnvalue: '{"n":1}',
      prev: 'active',
    })
  })

  check('keeps the reason of a failure', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await m.fail(backend, id, { reason: 'out of paint' })
    expect((await m.jsonOf(backend, id)).failedReason).toBe('out of paint')
  })

  check('tells listeners the reason of a failure', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend)
    await m.fail(backend, jobId, { reason: 'out of paint' })
    expect(await m.eventsOf(backend)).toContainEqual({
      event: 'failed',
      jobId,
      failedReason: 'out of paint',
      prev: 'active',
    })
  })

  check('keeps the stack of a failure', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    const stacktrace = JSON.stringify(['at here', 'at there'])
    await m.fail(backend, id, { fields: { failedReason: 'x', stacktrace } })
    expect(JSON.parse((await m.jsonOf(backend, id)).stacktrace ?? '')).toEqual([
      'at here',
      'at there',
    ])
  })

  check('tells listeners when the attempts are used up', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend, { attempts: 1 })
    await m.fail(backend, jobId, { opts: { attempts: 1 } })
    expect(await m.eventsOf(backend)).toContainEqual({
      event: 'retries-exhausted',
      jobId,
      attemptsMade: '1',
    })
  })

  check('does not say so while attempts are left', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend, { attempts: 3 })
    await m.fail(backend, id, { opts: { attempts: 3 } })
    expect(await m.eventNames(backend)).not.toContain('retries-exhausted')
  })

  check('does not complete a job whose children run', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await m.add(backend, { parent: { id, queue: backend.qualifiedName } })
    await m.refused(m.complete(backend, id), -4, `Job ${id} has pending dependencies.`)
    expect(await backend.getState(id)).toBe('active')
  })

  check('fails a job whose children run', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await m.add(backend, { parent: { id, queue: backend.qualifiedName } })
    await m.fail(backend, id)
    expect(await backend.getState(id)).toBe('failed')
  })

  check('tells who asks whether a job has finished', async (bench) => {
    const backend = await bench.backend()
    const done = await m.completed(backend)
    const broken = await m.failed(backend)
    const waits = await m.add(backend)
    expect(await backend.isFinished(done)).toBe(1)
    expect(await backend.isFinished(broken)).toBe(2)
    expect(await backend.isFinished(waits)).toBe(0)
    expect(await backend.isFinished('nobody')).toBe(-1)
  })

  check('tells what came of a job that has finished', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await m.complete(backend, id, { value: { n: 1 } })
    expect(await backend.isFinished(id, true)).toEqual([1, '{"n":1}'])
    const broken = await m.running(backend)
    await m.fail(backend, broken, { reason: 'broke' })
    expect(await backend.isFinished(broken, true)).toEqual([2, 'broke'])
  })

  check('tells that a missing job cannot have finished', async (bench) => {
    const backend = await bench.backend()
    const [status, text] = (await backend.isFinished('x', true)) as [number, string]
    expect(status).toBe(-1)
    expect(text).toContain('Missing key for job')
  })

  check('lets the next job be ended by the same token', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b = ''] = await m.addMany(backend, 2)
    await m.claim(backend)
    await m.complete(backend, a, { fetch: true })
    await m.refused(m.complete(backend, b, { token: m.OTHER }), -6, 'Lock mismatch')
    await m.complete(backend, b)
    expect(await m.idsIn(backend, 'completed')).toHaveLength(2)
  })

  check('fetches nothing from a paused queue', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b = ''] = await m.addMany(backend, 2)
    await m.claim(backend)
    await backend.pause(true)
    const [job] = await m.complete(backend, a, { fetch: true })
    expect(job ?? null).toBeNull()
    expect(await backend.getState(b)).toBe('waiting')
  })
}
