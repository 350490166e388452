import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  clear,
  defineJob,
  handle,
  handleIn,
  phi,
  type ChildOptions,
  type Orderly,
} from '../../packages/orderly/src/index.ts'
import { systemClock, type Clock } from '../../packages/orderly/src/primitives/clock.ts'
import { freshName, onEachStore, type StoreName } from './stores.ts'
import { surgery, SURGERY, type Surgery, type SurgerySpec } from './surgery.ts'

const SQLITE: readonly StoreName[] = ['sqlite']

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 20_000, interval: 20 }).toBe(true)
}

/** Told apart from all other spans by its length. */
const TIMEOUT_MS = 4_321

/** A clock on which timeouts end when the test says so: a thread or process may take any time to start. */
function heldClock(): Clock & { readonly expire: () => void } {
  const held = new Set<() => void>()
  return {
    ...systemClock,
    after(ms, fn) {
      if (ms !== TIMEOUT_MS) return systemClock.after(ms, fn)
      held.add(fn)
      return () => held.delete(fn)
    },
    expire: () => held.forEach((fn) => fn()),
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

for (const isolation of ['thread', 'process'] as const)
  onEachStore(
    `a handler in a ${isolation}`,
    ({ start, log }) => {
      const work = (more: SurgerySpec = {}): Surgery => surgery({ isolation, ...more })
      const open = (
        job: Surgery,
        options: ChildOptions = {},
        clock: Clock = systemClock,
      ): Promise<Orderly> =>
        start({
          jobs: [job],
          handlers: [handleIn(job, SURGERY, { grace: '100ms', ...options })],
          grace: '50ms',
          clock,
        })
      /** Lets the time of a job run out once its handler has begun. */
      const timeOut = async (what: string, options: ChildOptions = {}) => {
        const job = work({ timeout: `${TIMEOUT_MS}ms`, retry: { attempts: 1 } })
        const clock = heldClock()
        const orderly = await open(job, options, clock)
        await orderly.enqueue(job, { do: what })
        const found = async () => (await orderly.findJobs({ name: job.name }))[0]!
        await until(async () => {
          const { life } = (await orderly.inspectJob((await found()).id))!
          return life.some(({ type }) => type === 'progressed')
        })
        clock.expire()
        await orderly.whenIdle()
        return { orderly, job, found: await found() }
      }
      const output = (orderly: Orderly, job: Surgery, input: { do: string }): Promise<any> =>
        orderly.enqueueAndWait(job, input, { timeout: '20s' })
      /** Runs one job to its end, whichever that is. */
      const run = async (
        input: { readonly do: string },
        job = work(),
        options: ChildOptions = {},
      ) => {
        const orderly = await open(job, options)
        const { id } = await orderly.enqueue(job, input)
        await orderly.whenIdle()
        const found =
          (await orderly.inspectJob(`${job.queue}/${id}`)) ?? (await orderly.inspectJob(id))
        return { orderly, job, id, found: found!, types: found!.life.map(({ type }) => type) }
      }
      const said = (text: string): Record<string, unknown> | undefined =>
        log.find((line) => line.text === text)?.fields

      it('runs apart from its worker, and is used again', async () => {
        const job = work()
        const orderly = await open(job)
        const first = await output(orderly, job, { do: 'where' })
        const second = await output(orderly, job, { do: 'where' })
        if (isolation === 'process') expect(first.pid).not.toBe(process.pid)
        else expect(first.threadId).toBeGreaterThan(0)
        expect(second).toEqual({ ...first, runs: 2 })
      })

      it('calls services, and comes back uncounted when one is held back', async () => {
        const job = work()
        const orderly = await open(job)
        const service = freshName('service')
        const first = await output(orderly, job, { do: 'calls', service } as { do: string })
        const second = await output(orderly, job, { do: 'calls', service } as { do: string })
        expect(first).toEqual({ run: 1, attempt: 1 })
        expect(second.run).toBeGreaterThan(1)
        expect(second.attempt).toBe(1)
      })

      it('has the whole of ctx', async () => {
        const next = surgery()
        const job = work({ evidence: 'required' })
        const seen: unknown[] = []
        const orderly = await start({
          jobs: [job, next],
          handlers: [
            handleIn(job, SURGERY),
            handle(next, async ({ input }) => {
              seen.push(input)
            }),
          ],
        })
        const done = await orderly.enqueueAndWait(job, { do: 'everything', next: next.name })
        await orderly.whenIdle()
        expect(done).toMatchObject({
          before: { row: 100 },
          drawn: { at: 1 },
          sent: { sent: 1 },
          answer: 42,
        })
        expect(seen).toHaveLength(4)
        expect(said('said from within')).toMatchObject({ n: 1, job: job.name, attempt: 1 })
        const [found] = await orderly.findJobs({ name: job.name })
        const evidence = await orderly.evidence(found!.id)
        expect(
          evidence.map(({ attempt, checks, attached }) => ({ attempt, checks, attached })),
        ).toEqual(
          [1, 2].map((attempt) => ({
            attempt,
            checks: [{ name: 'looked at it', passed: true }],
            attached: ['what'],
          })),
        )
      })

      it('sleeps without its thread or process, and without burning an attempt', async () => {
        const { found } = await run({ do: 'sleeps' })
        expect(found).toMatchObject({ state: 'completed', attempts: 1 })
        expect(found.output).toEqual({ attempt: 1, run: 2 })
      })

      it('ends by verdicts', async () => {
        const job = work()
        const orderly = await open(job)
        expect(await output(orderly, job, { do: 'snooze' })).toEqual({ attempt: 1 })
        expect(await output(orderly, job, { do: 'retryAfter' })).toEqual({ attempt: 2 })
        await expect(output(orderly, job, { do: 'cancel' })).rejects.toMatchObject({
          code: 'ORDERLY_CANCELLED',
        })
        await expect(output(orderly, job, { do: 'fail' })).rejects.toMatchObject({
          code: 'ORDERLY_JOB_FAILED',
        })
        expect(said('job failed')).toMatchObject({ error: 'never', attempt: 1 })
      })

      it.each([
        ['badInput', 1, 'row 7'],
        ['stepFails', 1, 'in the step'],
        ['timer', 1, 'from a timer'],
        ['rejection', 1, 'from nowhere'],
        ['external', 2, 'down'],
        ['coded', 2, 'refused'],
        ['throwNull', 2, 'the handler threw something that is no Error (object)'],
      ])('fails by %s as it would inline, after %d attempts', async (what, attempts, error) => {
        const { found } = await run({ do: what })
        expect(found).toMatchObject({ state: 'failed', attempts })
        expect(said('job failed')).toMatchObject({ error })
      })

      it('says what cannot leave it', async () => {
        const { found } = await run({ do: 'function' })
        expect(found).toMatchObject({ state: 'failed', error_code: 'ORDERLY_OUTPUT_INVALID' })
      })

      it('is given what its schema made of the input', async () => {
        const job = defineJob({
          name: freshName('surgery'),
          input: z.object({ do: z.string(), at: z.coerce.date(), big: z.coerce.bigint() }),
          output: z.any(),
          isolation,
        })
        const orderly = await start({ jobs: [job], handlers: [handleIn(job, SURGERY)] })
        const input = { do: 'dateAndMap', at: '2026-01-05', big: '10' }
        expect(await orderly.enqueueAndWait(job, input)).toEqual({ date: true, big: true })
      })

      it('sees no variable that may hold a secret', async () => {
        process.env['ORDERLY_TEST_SECRET'] = process.env['ORDERLY_TEST_ASKED'] = 'x'
        try {
          const job = work()
          const orderly = await open(job, { env: ['ORDERLY_TEST_ASKED'] })
          const names: string[] = await output(orderly, job, { do: 'env' })
          expect(names).toContain('ORDERLY_TEST_ASKED')
          expect(
            names.filter((name) => /SECRET|ORDERLY_(?!TEST_ASKED)|REDIS|VITEST/.test(name)),
          ).toEqual([])
        } finally {
          delete process.env['ORDERLY_TEST_SECRET']
          delete process.env['ORDERLY_TEST_ASKED']
        }
      })

      it.each(['waits', 'deaf', 'blocks'])('is ended by its timeout when it %s', async (what) => {
        const { orderly, job, found } = await timeOut(what)
        expect(found).toMatchObject({ state: 'failed', error_code: 'ORDERLY_TIMEOUT' })
        // The slot is free and whoever comes next has a whole thread or process.
        expect((await output(orderly, job, { do: 'where' })).runs).toBeGreaterThanOrEqual(1)
      })

      it('is ended by a cancellation although it blocks, while others go on', async () => {
        const job = work()
        const orderly = await open(job)
        const { id } = await orderly.enqueue(job, { do: 'blocks' })
        await until(async () => (await orderly.findJobs({ state: 'active' })).length === 1)
        expect(await output(orderly, job, { do: 'where' })).toMatchObject({ runs: 1 })
        const [found] = await orderly.findJobs({ state: 'active' })
        expect(found!.id).toContain(id)
        await orderly.cancel(found!.id)
        await orderly.whenIdle()
        expect(await orderly.findJobs({ state: 'failed' })).toMatchObject([
          { error_code: 'ORDERLY_CANCELLED' },
        ])
      })

      it('may do no effect once its attempt is over', async () => {
        const { orderly, job } = await timeOut('effectAfterAbort', { grace: '5s' })
        await orderly.close()
        const again = await open(job)
        const effects = again.database.withTables<{ orderly_effects: object }>().query
        expect(await effects.selectFrom('orderly_effects').selectAll().execute()).toEqual([])
      })

      it('costs its own job an attempt that does not count when it exits, and others nothing', async () => {
        const job = work({ retry: { attempts: 1 } })
        const orderly = await open(job)
        const [died, well] = await Promise.all([
          output(orderly, job, { do: 'dies', times: 1 } as never),
          output(orderly, job, { do: 'where' }),
        ])
        expect(died).toEqual({ attempt: 1, run: 2 })
        expect(well.runs).toBe(1)
        expect(said('the thread or process of a handler died with its job')).toMatchObject({
          how: 'exit code 1',
          crashes: 1,
        })
      })

      it('is put into quarantine after as many deaths as its job may have', async () => {
        const { orderly, found, types } = await run({ do: 'exits' }, work({ crashes: 2 }))
        expect(found).toMatchObject({ state: 'failed', error_code: 'ORDERLY_QUARANTINED' })
        expect(types.filter((type) => type === 'crashed')).toHaveLength(2)
        expect(await orderly.deadLetters()).toMatchObject([
          { error_code: 'ORDERLY_QUARANTINED', count: 1 },
        ])
      })

      it('costs its own job when it runs out of memory', async () => {
        const { found } = await run({ do: 'memory' }, work({ crashes: 1 }), { memory: 48 })
        expect(found).toMatchObject({ state: 'failed', error_code: 'ORDERLY_QUARANTINED' })
      })

      it('keeps PHI out of the log and out of the store', async () => {
        const job = defineJob({
          name: freshName('surgery'),
          input: z.object({ do: clear(z.string()), patient: phi.name() }),
          isolation,
          retry: { attempts: 1 },
        })
        const orderly = await start({ jobs: [job], handlers: [handleIn(job, SURGERY)] })
        await orderly.enqueue(job, { do: 'tellsAll', patient: 'Jane Roe' })
        await orderly.whenIdle()
        const [found] = await orderly.findJobs({ name: job.name })
        expect(found).toMatchObject({ state: 'failed', error_code: 'ORDERLY_HANDLER_FAILED' })
        expect(JSON.stringify(log)).not.toContain('Jane')
        expect(said('the handler wrote to the log of its job')).toMatchObject({ sealed: true })
        const effects = orderly.database.withTables<{ orderly_effects: object }>().query
        const rows = await effects.selectFrom('orderly_effects').selectAll().execute()
        expect(rows).toHaveLength(1)
        expect(JSON.stringify(rows)).not.toContain('Jane')
      })

      it('is replaced after its share of jobs, above its share of memory, and when idle', async () => {
        const job = work()
        const few = await open(job, { recycle: { jobs: 2 } })
        const runs: number[] = []
        for (let n = 0; n < 5; n++) runs.push((await output(few, job, { do: 'where' })).runs)
        expect(runs).toEqual([1, 2, 1, 2, 1])
        await few.close()
        const small = await open(job, { recycle: { memory: isolation === 'thread' ? 30 : 80 } })
        const first = await output(small, job, { do: 'leaks' })
        const second = await output(small, job, { do: 'where' })
        expect([second.pid, second.threadId]).not.toEqual([first.pid, first.threadId])
        await small.close()
        const idle = await open(job, { recycle: { idle: '1ms' } })
        await output(idle, job, { do: 'where' })
        await until(async () => (await output(idle, job, { do: 'where' })).runs === 1)
      })

      it('leaves nothing behind when its instance closes', async () => {
        const job = work()
        const orderly = await open(job)
        const { pid } = await output(orderly, job, { do: 'where' })
        await orderly.enqueue(job, { do: 'blocks' })
        await until(async () => (await orderly.findJobs({ state: 'active' })).length === 1)
        await orderly.close()
        if (isolation === 'process') expect(isAlive(pid)).toBe(false)
        const again = await open(job)
        expect(
          await again.findJobs({ name: job.name, state: ['prioritized', 'active'] }),
        ).toMatchObject([{ attempts: 1 }])
      })
    },
    SQLITE,
  )

onEachStore(
  'crashes of one job',
  ({ start }) => {
    it('are counted over instances', async () => {
      const job = surgery({ isolation: 'process', crashes: 2 })
      const open = (): Promise<Orderly> =>
        start({ jobs: [job], handlers: [handleIn(job, SURGERY)], grace: '50ms' })
      const first = await open()
      await first.enqueue(job, { do: 'exits' })
      await until(
        async () =>
          (await first.findJobs({ name: job.name, state: ['delayed', 'prioritized'] })).length ===
          1,
      )
      await first.close()
      const second = await open()
      await second.whenIdle()
      expect(await second.findJobs({ name: job.name })).toMatchObject([
        { state: 'failed', error_code: 'ORDERLY_QUARANTINED' },
      ])
    })
  },
  ['sqlite', 'redis'],
)

onEachStore(
  'a process that runs handlers',
  ({ start }) => {
    it('leaves signals to its parent, whose terminal or service manager signals them all', async () => {
      const job = surgery({ isolation: 'process' })
      const orderly = await start({ jobs: [job], handlers: [handleIn(job, SURGERY)] })
      const first = await orderly.enqueueAndWait(job, { do: 'where' })
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(first.pid, signal)
      expect(await orderly.enqueueAndWait(job, { do: 'where' })).toEqual({ ...first, runs: 2 })
    })
  },
  SQLITE,
)

onEachStore(
  'a crash on PostgreSQL',
  ({ start }) => {
    it('puts its job aside, and into quarantine in the end', async () => {
      const job = surgery({ isolation: 'thread', crashes: 2, retry: { attempts: 1 } })
      const orderly = await start({ jobs: [job], handlers: [handleIn(job, SURGERY)] })
      await orderly.enqueue(job, { do: 'exits' })
      await orderly.whenIdle()
      const [found] = await orderly.findJobs({ name: job.name })
      expect(found).toMatchObject({ state: 'failed', error_code: 'ORDERLY_QUARANTINED' })
      const { life } = (await orderly.inspectJob(found!.id))!
      expect(life.filter(({ type }) => type === 'crashed')).toHaveLength(2)
    })
  },
  ['postgres'],
)
