import { defineJob, handle, phi } from 'orderly'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { csvCell } from '../../packages/orderly/src/http/job-export.ts'
import { buildApp } from '../../packages/orderly/src/http/app.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { explain } from '../../packages/orderly/src/runtime/explain.ts'
import { inspectJob } from '../../packages/orderly/src/runtime/inspect.ts'
import { speaksOpenly } from '../../packages/orderly/src/runtime/speaks-openly.ts'
import { putStart } from '../../packages/orderly/src/state/starts.ts'
import { ask, callersOf, CANARY, openWorld, type World } from './world.ts'

/** How often each step was really done. */
const done: string[] = []
let fails = true

const publish = defineJob({
  name: 'labels.publish',
  queue: 'pdf',
  input: z.object({ patient: phi.name() }),
  output: z.object({ label: phi.name() }),
  retry: { attempts: 1 },
})
const onPublish = handle(publish, async (ctx) => {
  const label = await ctx.step('render', () => {
    done.push('render')
    return `label of ${ctx.input.patient}`
  })
  await ctx.step('store', () => void done.push('store'))
  if (fails) throw new Error(`no printer for ${ctx.input.patient}`)
  await ctx.step('print', () => void done.push('print'))
  return { label }
})

/** Declares no PHI; the one beside it shares its queue with a kind that does. */
const lone = defineJob({ name: 'labels.count', input: z.object({}), retry: { attempts: 1 } })
const beside = defineJob({
  name: 'labels.beside',
  queue: 'pdf',
  input: z.object({}),
  retry: { attempts: 1 },
})
const noInk = async (): Promise<never> => {
  throw new TypeError('the printer has no ink')
}

let world: World
let failed: string
let again: string

beforeAll(async () => {
  world = await openWorld({
    jobs: [publish, lone, beside],
    handlers: [onPublish, handle(lone, noInk), handle(beside, noInk)],
    queues: [],
    packs: [],
    workflows: [],
    release: '2.0.1',
  })
  await world.orderly.start()
  failed = (await world.orderly.enqueue(publish, { patient: CANARY })).id
  await world.orderly.whenIdle()
})
afterAll(() => world.close())

describe('a job from nearby', () => {
  it('tells of each attempt where it was thrown, and which worker and release ran it, and nothing of the patient', async () => {
    const { json, text } = await ask(world, 'GET', `/api/v1/jobs/${failed}/attempts`)
    expect(json.data).toMatchObject([
      {
        number: 1,
        end: 'attempt-failed',
        code: 'ORDERLY_HANDLER_FAILED',
        message: null,
        release: '2.0.1',
        worker: expect.any(String) as string,
        host: expect.any(String) as string,
      },
    ])
    expect(json.data[0].frames[0]).toMatch(/job-parts\.test\.ts:\d+:\d+/)
    expect(text).not.toContain('Zyxwelda')
    const found = await ask(world, 'GET', `/api/v1/jobs?q=worker:${json.data[0].worker}`)
    expect(found.json.data.map(({ id }: { id: string }) => id)).toContain(failed)
  })

  it('says what it threw, outside production, where neither its kind nor its queue holds PHI', async () => {
    const { orderly } = world
    const said = 'TypeError: the printer has no ink'
    const ids = [await orderly.enqueue(lone, {}), await orderly.enqueue(beside, {})]
    await orderly.whenIdle()
    const [open, closed] = await Promise.all(
      ids.map(async ({ id }) => {
        const { json: detail } = await ask(world, 'GET', `/api/v1/jobs/${id}`)
        const { json: attempts } = await ask(world, 'GET', `/api/v1/jobs/${id}/attempts`)
        const { proof } = (await explain(roomsOf(orderly), id))!
        return [
          detail.message,
          attempts.data[0].message,
          proof.find(({ what }) => what === 'message')?.value,
        ]
      }),
    )
    expect(open).toEqual([said, said, said])
    expect(closed).toEqual([undefined, null, undefined])
    // So does the log of its worker.
    const loud = (id: string): boolean =>
      world.lines.some((line) => line.includes(id) && line.includes('has no ink'))
    expect(ids.map(({ id }) => loud(id))).toEqual([true, false])
    const inProduction = { ...roomsOf(orderly), production: true }
    expect(speaksOpenly(inProduction, lone)).toBe(false)
    expect(await inspectJob(inProduction, ids[0]!.id)).not.toHaveProperty('message')
  })

  it('goes on after a recorded step without doing the earlier ones again', async () => {
    const { json } = await ask(world, 'GET', `/api/v1/jobs/${failed}/steps`)
    expect(json.data).toMatchObject([
      { name: 'render', kind: 'step', run: 1 },
      { name: 'store', kind: 'step', run: 1 },
    ])
    expect(done).toEqual(['render', 'store'])
    fails = false
    const answer = await ask(world, 'POST', `/api/v1/jobs/${failed}/retry`, {
      body: { afterStep: 'render', reason: 'the store was emptied' },
    })
    expect(answer.status, answer.text).toBe(201)
    again = answer.json.id as string
    await world.orderly.whenIdle()
    expect(done).toEqual(['render', 'store', 'store', 'print'])
    const job = await world.orderly.inspectJob(again)
    expect(job).toMatchObject({
      state: 'completed',
      output: { label: expect.stringMatching(/\*/) },
    })
    const entry = world.entries.find(({ operation }) => operation === 'jobs.retry')
    expect(entry?.notes).toMatchObject({ afterStep: 'render', edited: false })
    const family = await ask(world, 'GET', `/api/v1/jobs/${again}/family`)
    expect(family.json).toMatchObject({ replayOf: { id: failed }, run: null, children: [] })
  })

  it('takes over no step that was not recorded, and none together with another input', async () => {
    const unknown = await ask(world, 'POST', `/api/v1/jobs/${failed}/retry`, {
      body: { afterStep: 'fold' },
    })
    expect(unknown.status).toBe(422)
    const both = await ask(world, 'POST', `/api/v1/jobs/${failed}/retry`, {
      body: { afterStep: 'render', input: { patient: 'Another Name' } },
    })
    expect(both.status).toBe(422)
    expect(both.text).not.toContain('Another')
  })

  it('shows the jobs it was added with', async () => {
    const set = await world.orderly.enqueueSet(publish, [
      { input: { patient: CANARY } },
      { input: { patient: CANARY } },
    ])
    await world.orderly.whenIdle()
    const { json } = await ask(world, 'GET', `/api/v1/jobs/${set.jobs[0]}/family`)
    expect(json.set).toMatchObject({ id: set.id, total: 2, completed: 2, failed: 0 })
    expect(json.set.jobs.map(({ id }: { id: string }) => id)).toEqual([...set.jobs].toSorted())
  })
})

describe('deploys', () => {
  it('are told where the release changes, and not where a process is only started again', async () => {
    const { state, clock } = roomsOf(world.orderly)
    const now = clock.now()
    for (const [worker, release, ago] of [
      ['w1', '2.0.0', 3_000],
      ['w2', '2.0.0', 2_000],
    ] as const)
      await putStart(state, { worker, host: 'h', release, at: now - ago * 1_000 })
    const { json } = await ask(world, 'GET', '/api/v1/metrics/deploys?last=2h')
    expect(json.data).toMatchObject([
      { release: '2.0.0', before: null },
      { release: '2.0.1', before: '2.0.0' },
    ])
  })
})

describe('an export', () => {
  const take = (body: object, as = 'all') => ask(world, 'POST', '/api/v1/jobs/export', { body, as })

  it.each([
    ['csv', (text: string) => text.trim().split('\r\n').slice(1).length],
    ['json', (text: string) => (JSON.parse(text) as { jobs: object[] }).jobs.length],
    [
      'ndjson',
      (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as object).length,
    ],
  ] as const)('as %s holds every job that is found, and no patient', async (format, count) => {
    world.entries.length = 0
    const answer = await take({ q: 'queue:pdf type:labels.publish', format })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-disposition']).toContain(`.${format}"`)
    expect(count(answer.text)).toBe(4)
    expect(answer.text).not.toContain('Zyxwelda')
    expect(world.entries.map(({ notes }) => notes)).toMatchObject([
      { phase: 'begun', format, search: 'queue:pdf type:labels.publish' },
      { phase: 'ended', format, search: 'queue:pdf type:labels.publish', rows: 4, isWhole: true },
    ])
  })

  it('says so where it holds the first of many only', async () => {
    const { json } = await take({ q: 'queue:pdf', format: 'json', limit: 3 })
    expect(json).toMatchObject({ isWhole: false, export: { search: 'queue:pdf', by: 'Ana' } })
    expect(json.jobs).toHaveLength(3)
  })

  it('is refused to who may not, and begins for nobody where it cannot be put on record', async () => {
    expect((await take({ q: '' }, 'viewer')).status).toBe(403)
    const app = await buildApp(world.orderly, {
      callers: {
        ...callersOf({ entries: [], actors: world.actors, orderly: world.orderly }),
        ready: () => Promise.reject(new Error('the ledger is away')),
      },
    })
    const answer = await ask({ app }, 'POST', '/api/v1/jobs/export', { body: {} })
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain(failed)
    await app.close()
  })

  it('lets no spreadsheet take a cell for a formula', () => {
    for (const text of ['=1+1', '+1', '-1', '@x', '\t=1', ' =1', '\r\n=1', '＝1'])
      expect(csvCell(text).replace(/^"/, '').startsWith("'")).toBe(true)
    expect(csvCell('a,"b"')).toBe('"a,""b"""')
    expect(csvCell(-3)).toBe('-3')
  })
})
