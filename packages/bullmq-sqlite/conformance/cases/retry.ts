/** Owns the cases about running a job again, and about jobs whose worker fell silent. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

const HOUR = 3_600_000

export function retryCases(check: Check): void {
  check('puts a running job back to wait and counts the attempt', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.retryJob(id, false, m.TOKEN)
    expect(await backend.getState(id)).toBe('waiting')
    expect(await m.jsonOf(backend, id)).toMatchObject({ attemptsMade: 1, attemptsStarted: 1 })
  })

  check('tells listeners of a retry', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend)
    await backend.retryJob(jobId, false, m.TOKEN)
    expect(await m.eventsOf(backend)).toContainEqual({ event: 'waiting', jobId, prev: 'active' })
  })

  check('keeps what a retry says about the failure', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    const fieldsToUpdate = { failedReason: 'flaky', stacktrace: '["at here"]' }
    await backend.retryJob(id, false, m.TOKEN, { fieldsToUpdate })
    const json = await m.jsonOf(backend, id)
    expect(json.failedReason).toBe('flaky')
    expect(JSON.parse(json.stacktrace ?? '')).toEqual(['at here'])
  })

  check('counts starts over retries', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.retryJob(id, false, m.TOKEN)
    await m.claim(backend)
    expect((await m.jsonOf(backend, id)).attemptsStarted).toBe(2)
  })

  check('moves a running job to delayed and counts the attempt', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    const timestamp = Date.now()
    await backend.moveToDelayed(id, timestamp, HOUR, m.TOKEN)
    expect(await backend.getState(id)).toBe('delayed')
    expect(await m.jsonOf(backend, id)).toMatchObject({ attemptsMade: 1, delay: HOUR })
    const [, , , dueAt] = await backend.moveToActive(m.TOKEN)
    expect(Number(dueAt)).toBe(timestamp + HOUR)
  })

  check('gives the attempt back when asked to skip it', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.moveToDelayed(id, Date.now(), HOUR, m.TOKEN, { skipAttempt: true })
    expect((await m.jsonOf(backend, id)).attemptsMade).toBe(0)
  })

  check('tells listeners until when a job is delayed', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend)
    const timestamp = Date.now()
    await backend.moveToDelayed(jobId, timestamp, HOUR, m.TOKEN)
    const delay = String(timestamp + HOUR)
    expect(await m.eventsOf(backend)).toContainEqual({ event: 'delayed', jobId, delay })
  })

  check('keeps what a delay says about the failure', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    const fieldsToUpdate = { failedReason: 'flaky', stacktrace: '["at here"]' }
    await backend.moveToDelayed(id, Date.now(), HOUR, m.TOKEN, { fieldsToUpdate })
    expect((await m.jsonOf(backend, id)).failedReason).toBe('flaky')
  })

  check('fetches the next job as one is delayed', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b] = await m.addMany(backend, 2)
    await m.claim(backend)
    const next = await backend.moveToDelayed(a, Date.now(), HOUR, m.TOKEN, { fetchNext: true })
    expect(next?.[1]).toBe(b)
  })

  check('fetches nothing when nothing waits as one is delayed', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    const next = await backend.moveToDelayed(id, Date.now(), HOUR, m.TOKEN, { fetchNext: true })
    expect(next ?? []).toEqual([])
  })

  check('says how long the limit holds when a job gives way', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.setRateLimit(HOUR)
    const left = await backend.moveJobFromActiveToWait(id, m.TOKEN)
    expect(left).toBeGreaterThan(HOUR - 10_000)
    expect(left).toBeLessThanOrEqual(HOUR)
  })

  check('tells listeners when a job gives way', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend)
    await backend.moveJobFromActiveToWait(jobId, m.TOKEN)
    expect(await m.eventsOf(backend)).toContainEqual({ event: 'waiting', jobId, prev: 'active' })
  })

  check('does not count an attempt when a job gives way', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.moveJobFromActiveToWait(id, m.TOKEN)
    expect(await m.jsonOf(backend, id)).toMatchObject({ attemptsMade: 0, attemptsStarted: 1 })
  })

  const finished = { completed: m.completed, failed: m.failed }
  for (const [name, make] of Object.entries(finished)) {
    const state = name as 'completed' | 'failed'

    check(`lets a ${state} job run again`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      await backend.retryFinishedJob(m.ref(id), state)
      expect(await backend.getState(id)).toBe('waiting')
      const json = await m.jsonOf(backend, id)
      expect([json.finishedOn, json.processedOn]).toEqual([undefined, undefined])
      expect(await m.claim(backend)).toBe(id)
    })

    check(`forgets what came of a ${state} job that runs again`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      await backend.retryFinishedJob(m.ref(id), state)
      const json = await m.jsonOf(backend, id)
      expect(JSON.parse(json.returnvalue ?? 'null')).toBeNull()
      expect(json.failedReason).toBeUndefined()
    })

    check(`keeps the attempts of a ${state} job that runs again`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      await backend.retryFinishedJob(m.ref(id), state)
      expect(await m.jsonOf(backend, id)).toMatchObject({ attemptsMade: 1, attemptsStarted: 1 })
    })

    check(`resets the attempts of a ${state} job when asked`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      const opts = { resetAttemptsMade: true, resetAttemptsStarted: true }
      await backend.retryFinishedJob(m.ref(id), state, opts)
      expect(await m.jsonOf(backend, id)).toMatchObject({ attemptsMade: 0, attemptsStarted: 0 })
    })

    check(`tells listeners that a ${state} job waits again`, async (bench) => {
      const backend = await bench.backend()
      const jobId = await make(backend)
      await backend.retryFinishedJob(m.ref(jobId), state)
      expect(await m.eventsOf(backend)).toContainEqual({ event: 'waiting', jobId, prev: state })
    })

    check(`puts a ${state} job that is last-in-first-out in front`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      const other = await m.add(backend)
      await backend.retryFinishedJob(m.ref(id, { lifo: true }), state)
      expect(await m.drainAll(backend)).toEqual([id, other])
    })

    check(`gives a ${state} job back its priority`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend, { priority: 4 })
      await backend.retryFinishedJob(m.ref(id), state)
      expect(await backend.getState(id)).toBe('prioritized')
    })

    check(`refuses to run again a missing job as ${state}`, async (bench) => {
      const backend = await bench.backend()
      const text = 'Missing key for job x. reprocessJob'
      await m.refused(backend.retryFinishedJob(m.ref('x'), state), -1, text)
    })

    check(`refuses to run again as ${state} a job that waits`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.add(backend)
      const text = `Job ${id} is not in the ${state} state. reprocessJob`
      await m.refused(backend.retryFinishedJob(m.ref(id), state), -3, text)
    })

    check(`lets all ${state} jobs run again in order`, async (bench) => {
      const backend = await bench.backend()
      const ids: string[] = []
      for (let n = 0; n < 3; n++) {
        ids.push(await make(backend))
        await m.pass(1)
      }
      expect(await backend.retryFinishedJobs(state)).toBe(0)
      expect(await m.drainAll(backend)).toEqual(ids)
    })

    check(`lets at most as many ${state} jobs run again as asked`, async (bench) => {
      const backend = await bench.backend()
      for (let n = 0; n < 3; n++) await make(backend)
      expect(await backend.retryFinishedJobs(state, 2)).toBe(1)
      expect(await backend.getCounts(['wait', state])).toEqual([2, 1])
    })

    check(`lets only ${state} jobs of before a moment run again`, async (bench) => {
      const backend = await bench.backend()
      await make(backend)
      expect(await backend.retryFinishedJobs(state, 10, Date.now() - HOUR)).toBe(0)
      expect(await backend.getCounts(['wait', state])).toEqual([0, 1])
    })
  }

  check('runs nothing again when nothing has failed', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.retryFinishedJobs('failed')).toBe(0)
  })
}

export function stalledCases(check: Check): void {
  const silent = { lockDuration: 1 }

  const twoSweeps = async (backend: m.Backend): Promise<string[]> => {
    await m.pass(2)
    expect(await backend.moveStalledJobsToWait()).toEqual([])
    await m.pass(2)
    return backend.moveStalledJobsToWait()
  }

  check('takes back a job in the second sweep', async (bench) => {
    const backend = await bench.backend(silent)
    const id = await m.running(backend)
    expect(await twoSweeps(backend)).toEqual([id])
    expect(await backend.getState(id)).toBe('waiting')
    expect(await backend.getCounts(['active', 'wait'])).toEqual([0, 1])
  })

  check('counts the stall', async (bench) => {
    const backend = await bench.backend(silent)
    const id = await m.running(backend)
    await twoSweeps(backend)
    expect((await m.jsonOf(backend, id)).stalledCounter).toBe(1)
  })

  check('tells listeners of a stall', async (bench) => {
    const backend = await bench.backend(silent)
    const jobId = await m.running(backend)
    await twoSweeps(backend)
    const events = await m.eventsOf(backend)
    expect(events).toContainEqual({ event: 'stalled', jobId })
    expect(events).toContainEqual({ event: 'waiting', jobId, prev: 'active' })
  })

  check('leaves a job whose lock holds', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    expect(await twoSweeps(backend)).toEqual([])
    expect(await backend.getState(id)).toBe('active')
  })

  check('leaves a job whose lock was renewed between the sweeps', async (bench) => {
    const backend = await bench.backend({ lockDuration: 2000 })
    const id = await m.running(backend)
    await backend.moveStalledJobsToWait()
    expect(await backend.extendLock(id, m.TOKEN, 1)).toBe(1)
    await m.pass(2)
    expect(await backend.moveStalledJobsToWait()).toEqual([])
    expect(await backend.getState(id)).toBe('active')
  })

  check('leaves a job started after the first sweep', async (bench) => {
    const backend = await bench.backend(silent)
    await backend.moveStalledJobsToWait()
    const id = await m.running(backend)
    await m.pass(2)
    expect(await backend.moveStalledJobsToWait()).toEqual([])
    expect(await backend.getState(id)).toBe('active')
  })

  check('does not sweep again before its interval is over', async (bench) => {
    const backend = await bench.backend({ lockDuration: 1, stalledInterval: 60_000 })
    await m.running(backend)
    await m.pass(2)
    expect(await backend.moveStalledJobsToWait()).toEqual([])
    expect(await backend.moveStalledJobsToWait()).toEqual([])
    expect(await m.countOf(backend, 'active')).toBe(1)
  })

  check('puts a stalled job before the others', async (bench) => {
    const backend = await bench.backend(silent)
    const id = await m.running(backend)
    const other = await m.add(backend)
    await twoSweeps(backend)
    expect(await m.idsIn(backend, 'wait')).toEqual([id, other])
  })

  check('puts the stalled job that began last before those that began earlier', async (bench) => {
    const backend = await bench.backend(silent)
    const ids = await m.addMany(backend, 3)
    for (const _ of ids) await m.claim(backend)
    expect(await twoSweeps(backend)).toEqual(ids)
    expect(await m.idsIn(backend, 'wait')).toEqual(ids.toReversed())
  })

  check('takes back all that stalled', async (bench) => {
    const backend = await bench.backend(silent)
    const ids = await m.addMany(backend, 3)
    for (const _ of ids) await m.claim(backend)
    expect((await twoSweeps(backend)).toSorted()).toEqual(ids)
  })

  check('lets nobody finish a job that was taken back', async (bench) => {
    const backend = await bench.backend(silent)
    const id = await m.running(backend)
    await twoSweeps(backend)
    await m.refused(m.complete(backend, id), -2, 'Missing lock')
  })

  check('marks a job that stalled too often for failing', async (bench) => {
    const backend = await bench.backend({ lockDuration: 1, maxStalledCount: 0 })
    const id = await m.running(backend)
    await twoSweeps(backend)
    expect(await backend.getState(id)).toBe('waiting')
    expect((await m.jsonOf(backend, id)).deferredFailure).toBe(
      'job stalled more than allowable limit',
    )
  })

  check('lets a job stall as often as it may', async (bench) => {
    const backend = await bench.backend(silent)
    const id = await m.running(backend)
    await twoSweeps(backend)
    expect((await m.jsonOf(backend, id)).deferredFailure).toBeUndefined()
    await m.claim(backend)
    await twoSweeps(backend)
    expect((await m.jsonOf(backend, id)).deferredFailure).toContain('stalled more than')
  })

  check('never marks the job of a living scheduler for failing', async (bench) => {
    const backend = await bench.backend({ lockDuration: 1, maxStalledCount: 0 })
    const queue = bench.queue()
    await queue.upsertJobScheduler('tick', { every: HOUR }, {})
    const id = (await m.claim(backend)) ?? ''
    expect(id).toContain('repeat:tick:')
    await twoSweeps(backend)
    expect(await m.jsonOf(backend, id)).toMatchObject({ stalledCounter: 1 })
    expect((await m.jsonOf(backend, id)).deferredFailure).toBeUndefined()
  })

  check('finds nothing in an empty queue', async (bench) => {
    const backend = await bench.backend(silent)
    expect(await twoSweeps(backend)).toEqual([])
  })

  check('fails a job marked for failing when a worker picks it up', async (bench) => {
    const backend = await bench.backend({ lockDuration: 1, maxStalledCount: 0 })
    const id = await m.running(backend)
    await twoSweeps(backend)
    const worker = bench.worker(async () => 'never')
    worker.on('error', () => undefined)
    await m.until(async () => (await backend.getState(id)) === 'failed')
    expect((await m.jsonOf(backend, id)).failedReason).toContain('job stalled more than')
  })
}
