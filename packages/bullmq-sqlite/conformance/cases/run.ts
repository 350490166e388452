/** Owns the cases about claiming jobs and holding their locks. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

export function claimCases(check: Check): void {
  check('finds nothing in an empty queue', async (bench) => {
    const backend = await bench.backend()
    const [job, , limited, dueAt] = await backend.moveToActive(m.TOKEN)
    expect(job ?? null).toBeNull()
    expect([Number(limited ?? 0), Number(dueAt ?? 0)]).toEqual([0, 0])
  })

  check('hands out the job with its id', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend, { data: { n: 1 }, name: 'paint' })
    const [job, claimed] = await backend.moveToActive(m.TOKEN)
    expect(claimed).toBe(id)
    expect(job).toMatchObject({ name: 'paint', data: '{"n":1}' })
  })

  check('hands out a job once', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    expect(await m.claim(backend)).toBe('1')
    expect(await m.claim(backend, m.OTHER)).toBeUndefined()
  })

  check('hands each job to one of many who ask at once', async (bench) => {
    const backend = await bench.backend()
    const ids = await m.addMany(backend, 20)
    const asked = Array.from({ length: 30 }, (_, n) => m.claim(backend, `token-${n}`))
    const found = (await Promise.all(asked)).filter((id) => id !== undefined)
    expect(found.toSorted()).toEqual(ids.toSorted())
  })

  check('counts the start', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    expect(await m.jsonOf(backend, id)).toMatchObject({ attemptsStarted: 1, attemptsMade: 0 })
  })

  check('notes when the job was started', async (bench) => {
    const backend = await bench.backend()
    const before = Date.now()
    await m.add(backend)
    const { processedOn = 0 } = await m.claimJson(backend)
    expect(processedOn).toBeGreaterThanOrEqual(before)
    expect(processedOn).toBeLessThanOrEqual(Date.now())
  })

  check('notes the name of the worker', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    const [job] = await backend.moveToActive(m.TOKEN, 'ann')
    expect(job.processedBy).toBe('ann')
  })

  check('notes no worker that has no name', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    expect((await m.claimJson(backend)).processedBy).toBeUndefined()
  })

  check('tells listeners', async (bench) => {
    const backend = await bench.backend()
    const jobId = await m.running(backend)
    expect(await m.eventsOf(backend)).toContainEqual({ event: 'active', jobId, prev: 'waiting' })
  })

  check('hands out nothing while the queue is paused', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    await backend.pause(true)
    expect(await m.claim(backend)).toBeUndefined()
    await backend.pause(false)
    expect(await m.claim(backend)).toBe('1')
  })

  check('hands out no more than the concurrency of the queue', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ concurrency: 2 })
    await m.addMany(backend, 3)
    expect([await m.claim(backend), await m.claim(backend)]).toEqual(['1', '2'])
    expect(await m.claim(backend)).toBeUndefined()
    await m.complete(backend, '1')
    expect(await m.claim(backend)).toBe('3')
  })

  check('says when the concurrency is used up', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ concurrency: 1 })
    expect(await backend.isMaxed()).toBe(false)
    await m.running(backend)
    expect(await backend.isMaxed()).toBe(true)
  })

  check('is never used up without a concurrency', async (bench) => {
    const backend = await bench.backend()
    await m.running(backend)
    expect(await backend.isMaxed()).toBe(false)
  })

  check('gives the state active', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getState(await m.running(backend))).toBe('active')
  })

  check('wakes who waits when a job is added', async (bench) => {
    const backend = await bench.backend({}, undefined, { withBlockingConnection: true })
    const waiting = backend.waitForJob(5)
    await m.add(backend)
    expect(await waiting).not.toBeNull()
  })

  check('wakes who waits for a job that is there already', async (bench) => {
    const backend = await bench.backend({}, undefined, { withBlockingConnection: true })
    await m.add(backend)
    expect(await backend.waitForJob(5)).not.toBeNull()
  })

  check('gives up waiting when the time is over', async (bench) => {
    const backend = await bench.backend({}, undefined, { withBlockingConnection: true })
    expect(await backend.waitForJob(0.02)).toBeNull()
  })

  check(
    'waits in vain after its blocking was cut, and again after it was restored',
    async (bench) => {
      const backend = await bench.backend({}, undefined, { withBlockingConnection: true })
      const waiting = backend.waitForJob(30).catch(() => null)
      await backend.disconnectBlocking()
      expect(await waiting).toBeNull()
      await backend.reconnectBlocking()
      await m.add(backend)
      expect(await backend.waitForJob(5)).not.toBeNull()
    },
  )

  check('names a shortest and a longest wait', async (bench) => {
    const backend = await bench.backend()
    expect(backend.minimumBlockTimeout).toBeGreaterThan(0)
    expect(backend.minimumBlockTimeout).toBeLessThanOrEqual(0.002)
    expect(backend.maximumBlockTimeout ?? 10).toBeGreaterThanOrEqual(10)
  })
}

type Ending = (backend: m.Backend, id: string, token: string) => Promise<unknown>
const endings: Record<string, [Ending, string]> = {
  moveToCompleted: [
    (b, id, token) => b.moveToCompleted(m.ref(id), 1, false, token, false),
    'moveToFinished',
  ],
  moveToFailed: [
    (b, id, token) => b.moveToFailed(m.ref(id), 'x', false, token, false),
    'moveToFinished',
  ],
  'moveToCompleted with removal': [
    (b, id, token) => b.moveToCompleted(m.ref(id), 1, true, token, false),
    'moveToFinished',
  ],
  'moveToFailed with removal': [
    (b, id, token) => b.moveToFailed(m.ref(id), 'x', true, token, false),
    'moveToFinished',
  ],
  'moveToCompleted with the next': [
    (b, id, token) => b.moveToCompleted(m.ref(id), 1, false, token, true),
    'moveToFinished',
  ],
  moveToDelayed: [(b, id, token) => b.moveToDelayed(id, Date.now(), 1000, token), 'moveToDelayed'],
  retryJob: [(b, id, token) => b.retryJob(id, false, token), 'retryJob'],
  moveJobFromActiveToWait: [
    (b, id, token) => b.moveJobFromActiveToWait(id, token),
    'moveJobFromActiveToWait',
  ],
}

export function lockCases(check: Check): void {
  for (const [name, [end, command]] of Object.entries(endings)) {
    check(`${name} refuses a job that does not exist`, async (bench) => {
      const backend = await bench.backend()
      await m.refused(end(backend, 'x', m.TOKEN), -1, `Missing key for job x. ${command}`)
    })

    check(`${name} refuses the bearer of another token`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await m.refused(
        end(backend, id, m.OTHER),
        -6,
        `Lock mismatch for job ${id}. Cmd ${command} from active`,
      )
      expect(await backend.getState(id)).toBe('active')
    })

    check(`${name} refuses a job that nobody holds`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.add(backend)
      await m.refused(end(backend, id, m.TOKEN), -2, `Missing lock for job ${id}. ${command}`)
      expect(await backend.getState(id)).toBe('waiting')
    })

    check(`${name} refuses a bearer whose lock has run out`, async (bench) => {
      const backend = await bench.backend({ lockDuration: 1 })
      const id = await m.running(backend)
      await m.pass(1)
      await m.refused(end(backend, id, m.TOKEN), -2, `Missing lock for job ${id}. ${command}`)
      expect(await backend.getState(id)).toBe('active')
    })

    check(`${name} takes a running job from whoever says token 0`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await end(backend, id, '0')
      expect(await backend.getState(id)).not.toBe('active')
    })

    if (name !== 'moveJobFromActiveToWait') {
      check(`${name} refuses a job that does not run, even with token 0`, async (bench) => {
        const backend = await bench.backend()
        const id = await m.add(backend)
        await m.refused(
          end(backend, id, '0'),
          -3,
          `Job ${id} is not in the active state. ${command}`,
        )
        expect(await backend.getState(id)).toBe('waiting')
      })
    }

    check(`${name} cannot be done twice`, async (bench) => {
      const backend = await bench.backend()
      const id = await m.running(backend)
      await end(backend, id, m.TOKEN)
      const again = await end(backend, id, m.TOKEN).then(
        () => 0,
        (error) => error.code as number,
      )
      expect([-1, -2]).toContain(again)
    })
  }

  check('extends the lock of its bearer', async (bench) => {
    const backend = await bench.backend({ lockDuration: 300 })
    const id = await m.running(backend)
    expect(await backend.extendLock(id, m.TOKEN, 60_000)).toBe(1)
    await m.pass(320)
    await m.complete(backend, id)
    expect(await backend.getState(id)).toBe('completed')
  })

  const extensions: [string, (b: m.Backend) => Promise<string>, string][] = [
    ['the lock of another', (b) => m.running(b), m.OTHER],
    ['a lock that nobody holds', (b) => m.add(b), m.TOKEN],
    ['the lock of a missing job', async () => 'x', m.TOKEN],
    ['the lock of a finished job', (b) => m.completed(b), m.TOKEN],
  ]
  for (const [what, make, token] of extensions) {
    check(`does not extend ${what}`, async (bench) => {
      const backend = await bench.backend()
      expect(await backend.extendLock(await make(backend), token, 1000)).toBe(0)
    })

    check(`names ${what} among the locks it could not extend`, async (bench) => {
      const backend = await bench.backend()
      const id = await make(backend)
      expect(await backend.extendLocks([id], [token], 1000)).toEqual([id])
    })
  }

  check('does not extend a lock that has run out', async (bench) => {
    const backend = await bench.backend({ lockDuration: 1 })
    const id = await m.running(backend)
    await m.pass(1)
    expect(await backend.extendLock(id, m.TOKEN, 1000)).toBe(0)
    expect(await backend.extendLocks([id], [m.TOKEN], 1000)).toEqual([id])
  })

  check('extends many locks and names only the lost', async (bench) => {
    const backend = await bench.backend()
    const [a = '', b = '', c = ''] = await m.addMany(backend, 3)
    await m.claim(backend, 'one')
    await m.claim(backend, 'two')
    await m.claim(backend, 'three')
    expect(await backend.extendLocks([a, b, c], ['one', 'not', 'three'], 1000)).toEqual([b])
  })

  check('extends no locks when there are none', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.extendLocks([], [], 1000)).toEqual([])
  })

  check('lets go of the lock when the job ends', async (bench) => {
    const backend = await bench.backend()
    const id = await m.completed(backend)
    expect(await backend.extendLock(id, m.TOKEN, 1000)).toBe(0)
    expect(await backend.remove(id, false)).toBe(1)
  })

  check('takes no lock for token 0', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    const id = (await m.claim(backend, '0')) ?? ''
    expect(await backend.extendLock(id, '0', 1000)).toBe(0)
    expect(await backend.remove(id, false)).toBe(1)
  })
}
