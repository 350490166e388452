import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  BadInputError,
  custom,
  defineJob,
  ExternalError,
  fixed,
  handle,
  retryAfter,
  type JobContext,
  type JobDefinition,
  type JobSpec,
  type Orderly,
} from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered
type Context = JobContext<{ n: number }>

const soon = { attempts: 3, backoff: fixed('1ms') }

function job(
  more: Partial<JobSpec<Numbered, Numbered, string>> = {},
): JobDefinition<Numbered, Numbered> {
  return defineJob({
    name: freshName('run'),
    input: numbered,
    output: numbered,
    retry: soon,
    ...more,
  })
}

onEachStore('a run', ({ open, start, log }) => {
  async function runOne(
    work: JobDefinition<Numbered, Numbered>,
    run: (ctx: Context) => Promise<any>,
  ): Promise<{ orderly: Orderly; id: string }> {
    const orderly = await start({ jobs: [work], handlers: [handle(work, run)], grace: '50ms' })
    const { id } = await orderly.enqueue(work, { n: 1 })
    await orderly.whenIdle()
    return { orderly, id }
  }

  it('does a step once, and hands later attempts what it recorded', async () => {
    let calls = 0
    const seen: unknown[] = []
    await runOne(job(), async ({ step, attempt, input }) => {
      seen.push(await step('draw', async () => ({ drawn: ++calls })))
      if (attempt < 3) throw new Error('again')
      return input
    })
    expect(calls).toBe(1)
    expect(seen).toEqual([{ drawn: 1 }, { drawn: 1 }, { drawn: 1 }])
  })

  it('does a step again that failed', async () => {
    let calls = 0
    await runOne(job(), async ({ step, input }) => {
      await step('draw', async () => {
        calls++
        if (calls < 3) throw new Error('again')
      })
      return input
    })
    expect(calls).toBe(3)
  })

  it('does an effect once for a key among all jobs of its kind', async () => {
    const work = job({ retry: { attempts: 20, backoff: fixed('5ms') } })
    let sent = 0
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ once, input }) => {
          await once(['mail', input.n % 2], async () => ({ sent: ++sent }))
          return input
        }),
      ],
    })
    await orderly.enqueueMany(
      work,
      Array.from({ length: 12 }, (_, n) => ({ input: { n } })),
    )
    await orderly.whenIdle()
    expect(sent).toBe(2)
    expect(await orderly.findJobs({ name: work.name, state: 'completed' })).toHaveLength(12)
  })

  it('comes back uncounted while another job is at an effect of the same key', async () => {
    const work = job({ retry: { attempts: 1 } })
    let done = 0
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ once, input }) => {
          await once('shared', async () => {
            await new Promise((resolve) => setTimeout(resolve, 1_500))
            done++
          })
          return input
        }),
      ],
    })
    await orderly.enqueueMany(work, [{ input: { n: 1 } }, { input: { n: 2 } }])
    await orderly.whenIdle()
    expect(done).toBe(1)
    expect(await orderly.findJobs({ name: work.name, state: 'completed' })).toHaveLength(2)
  })

  it('says so when two steps have one name', async () => {
    const { orderly, id } = await runOne(job(), async ({ step, input }) => {
      await step('same', () => 1)
      await step('same', () => 2)
      return input
    })
    expect(await orderly.inspectJob(id)).toMatchObject({
      state: 'failed',
      error_code: 'ORDERLY_DEFINITION_INVALID',
    })
  })

  it('goes on from the checkpoint of the attempt before', async () => {
    const from: unknown[] = []
    await runOne(job(), async ({ checkpoint, lastCheckpoint, attempt, input }) => {
      const last = await lastCheckpoint<{ row: number }>()
      from.push(last?.row)
      await checkpoint({ row: (last?.row ?? 0) + 100 })
      if (attempt < 3) throw new Error('again')
      return input
    })
    expect(from).toEqual([undefined, 100, 200])
  })

  it('sleeps without a slot and without burning an attempt', async () => {
    const attempts: number[] = []
    let slept = 0
    await runOne(job(), async ({ sleep, attempt, input }) => {
      attempts.push(attempt)
      const before = Date.now()
      await sleep('a while', '2s')
      slept += Date.now() - before
      return input
    })
    expect(attempts).toEqual([1, 1])
    expect(slept).toBeLessThan(1_000)
  })

  it('brings an older input up to date, step by step', async () => {
    const name = freshName('versions')
    const one = defineJob({ name, input: z.object({ id: z.string() }) })
    const three = defineJob({
      name,
      version: 3,
      input: z.object({ patient: z.object({ id: z.string() }) }),
      upcast: {
        1: (old: { id: string }) => ({ patient: old.id }),
        2: (old: { patient: string }) => ({ patient: { id: old.patient } }),
      },
    })
    const before = await open({ jobs: [one] })
    await before.enqueue(one, { id: 'p1' })
    await before.close()
    const seen: unknown[] = []
    const after = await start({
      jobs: [three],
      handlers: [handle(three, async ({ input }) => void seen.push(input))],
    })
    await after.enqueue(three, { patient: { id: 'p2' } })
    await after.whenIdle()
    expect(seen).toEqual(
      expect.arrayContaining([{ patient: { id: 'p1' } }, { patient: { id: 'p2' } }]),
    )
  })

  it('holds a job that is newer than the worker, and never fails it', async () => {
    const name = freshName('newer')
    const two = defineJob({ name, version: 2, input: numbered, upcast: { 1: (old) => old } })
    const one = defineJob({ name, input: numbered })
    const web = await open({ jobs: [two] })
    const { id } = await web.enqueue(two, { n: 1 })
    let runs = 0
    const old = await start({ jobs: [one], handlers: [handle(one, async () => void runs++)] })
    await expect.poll(() => log.map(({ text }) => text)).toContain('job held: needs a newer worker')
    expect(runs).toBe(0)
    expect(['delayed', 'active', 'prioritized']).toContain((await old.inspectJob(id))?.state)
  })

  it('is given up at once when its input is bad, whatever its attempts', async () => {
    let runs = 0
    const { orderly, id } = await runOne(job(), async () => {
      runs++
      throw new BadInputError('no such patient')
    })
    expect(runs).toBe(1)
    expect(await orderly.inspectJob(id)).toMatchObject({ state: 'failed' })
  })

  it('follows the rule for the class of its error', async () => {
    class Busy extends Error {
      override readonly name = 'Busy'
    }
    const runs = new Map<number, number>()
    const work = job({
      retry: {
        attempts: 2,
        backoff: fixed('1ms'),
        on: { Busy: { attempts: 5 }, external: { attempts: 3, backoff: custom(() => '2ms') } },
      },
    })
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          runs.set(input.n, (runs.get(input.n) ?? 0) + 1)
          if (input.n === 0) throw new Busy('try later')
          if (input.n === 1) throw new ExternalError('gateway down')
          if (input.n === 3) return retryAfter('1ms', new ExternalError('gateway down'))
          throw new Error('ours')
        }),
      ],
    })
    for (const n of [0, 1, 2, 3]) await orderly.enqueue(work, { n })
    await orderly.whenIdle()
    expect([...runs].toSorted()).toEqual([
      [0, 5],
      [1, 3],
      [2, 2],
      [3, 3],
    ])
  })

  it('waits as long as the service asked, or the handler says', async () => {
    const work = job()
    const at: number[][] = [[], []]
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input, attempt }) => {
          at[input.n]!.push(Date.now())
          if (attempt > 1) return input
          const busy = new ExternalError('busy', { retryAfter: '300ms' })
          if (input.n === 0) throw busy
          return retryAfter('300ms', new Error('busy'))
        }),
      ],
    })
    await orderly.enqueueMany(work, [{ input: { n: 0 } }, { input: { n: 1 } }])
    await orderly.whenIdle()
    for (const [first, second] of at) expect(second! - first!).toBeGreaterThanOrEqual(299)
  })

  it('has no attempt after its deadline', async () => {
    let runs = 0
    const work = job({ deadline: '150ms', retry: { attempts: 50, backoff: fixed('60ms') } })
    const { orderly, id } = await runOne(work, async () => {
      runs++
      throw new Error('again')
    })
    expect(runs).toBeLessThan(5)
    expect(await orderly.inspectJob(id)).toMatchObject({
      state: 'failed',
      error_code: 'ORDERLY_DEADLINE',
    })
  })

  it('is stopped when it shows no sign of life, and not while it does', async () => {
    const work = job({ heartbeat: '80ms', retry: { attempts: 1 } })
    const { orderly, id } = await runOne(work, async ({ heartbeat, signal }) => {
      for (let beat = 0; beat < 4; beat++) {
        await new Promise((resolve) => setTimeout(resolve, 40))
        heartbeat()
      }
      expect(signal.aborted).toBe(false)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throw new Error('stopped')
    })
    expect(await orderly.inspectJob(id)).toMatchObject({
      state: 'failed',
      error_code: 'ORDERLY_HEARTBEAT_MISSED',
    })
  })

  it('leaves evidence of what it checked, with commitments instead of values', async () => {
    const work = job({
      evidence: 'required',
      critical: true,
      type: freshName('evidence').replaceAll('-', '_'),
    })
    const orderly = await start({
      release: '1.2.3',
      jobs: [work],
      handlers: [
        handle(
          work,
          async ({ evidence, input }) => {
            evidence.check('supply is known', true)
            evidence.attach('supply', { days: 987_654 })
            return input
          },
          {
            before: ({ input }) => [{ name: 'n is positive', passed: input.n > 0 }],
            after: (_ctx, output) => [{ name: 'n is kept', passed: output.n === 1 }],
          },
        ),
      ],
    })
    const { id } = await orderly.enqueue(work, { n: 1 })
    await orderly.whenIdle()
    const [evidence] = await orderly.evidence(id)
    expect(evidence).toMatchObject({
      job_id: id,
      job_type: work.type,
      outcome: 'completed',
      code_version: '1.2.3',
      checks: [
        { name: 'n is positive', passed: true },
        { name: 'supply is known', passed: true },
        { name: 'n is kept', passed: true },
      ],
      attached: ['supply'],
      validation_status: { is_valid: true },
      path: `/evidence/jobs/${work.type}/`,
    })
    expect(evidence!.input_commitment).toMatch(/^b1\./)
    expect(JSON.stringify(evidence)).not.toContain('987654')
  })

  it('fails when it must leave evidence and leaves none', async () => {
    const work = job({ evidence: 'required' })
    const { orderly, id } = await runOne(work, async ({ input }) => input)
    expect(await orderly.inspectJob(id)).toMatchObject({
      state: 'failed',
      error_code: 'ORDERLY_EVIDENCE_MISSING',
    })
  })

  it('is not run when a check before it does not hold', async () => {
    const work = job()
    let runs = 0
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(
          work,
          async ({ input }) => {
            runs++
            return input
          },
          { before: () => [{ name: 'consent is given', passed: false }] },
        ),
      ],
    })
    const { id } = await orderly.enqueue(work, { n: 1 })
    await orderly.whenIdle()
    expect(runs).toBe(0)
    expect(await orderly.inspectJob(id)).toMatchObject({ error_code: 'ORDERLY_CHECK_FAILED' })
    expect(await orderly.evidence(id)).toMatchObject([
      { outcome: 'failed', validation_status: { is_valid: false } },
    ])
  })

  it('counts what its kind does, in the words of the seeds', async () => {
    const work = job({ retry: { attempts: 2, backoff: fixed('1ms') } })
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input, attempt }) => {
          if (input.n === 1) throw new ExternalError('down')
          if (input.n === 2 && attempt === 1) throw new Error('once')
          if (input.n === 3) throw new Error('ours')
          return input
        }),
      ],
    })
    for (const n of [0, 1, 2, 3]) await orderly.enqueue(work, { n })
    await orderly.whenIdle()
    const metrics = await orderly.jobMetrics(work.name)
    expect(metrics).toMatchObject({
      success_rate: 50,
      error_rate: 25,
      external_error_rate: 25,
      retry_count: 3,
      timeout_count: 0,
      validation_status: { is_valid: false },
    })
    const points = await orderly.metrics({ name: work.name })
    expect(points.reduce((sum, { started }) => sum + started, 0)).toBe(7)
  })

  it('is seen among the workers with its queues and what it uses', async () => {
    const work = job()
    const orderly = await start({
      jobs: [work],
      handlers: [handle(work, async (ctx) => ctx.input)],
    })
    await expect.poll(() => orderly.workers()).toHaveLength(1)
    const [worker] = await orderly.workers()
    expect(worker).toMatchObject({ pid: process.pid, queues: [work.queue], running: 0 })
    expect(worker!.memory).toBeGreaterThan(0)
    await orderly.quiet()
    expect(await orderly.workers()).toEqual([])
  })
})
