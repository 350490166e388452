import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteBackend } from 'bullmq-sqlite'
import type { Telemetry } from 'bullmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OrderlyError } from '../primitives/errors.ts'
import { systemClock } from '../primitives/clock.ts'
import { newId } from '../primitives/ids.ts'
import { memoryVault } from '../testing/memory-vault.ts'
import type { Vault } from '../vault/vault.ts'
import { openEngine, type Engine } from './open.ts'

let folder: string
let engine: Engine | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-sealed-'))
})
afterEach(async () => {
  await engine?.close()
  engine = undefined
  rmSync(folder, { recursive: true, force: true })
})

function open(vault: Vault, refused: unknown[] = []): Engine {
  const connection = { file: join(folder, 'queue.db') }
  return (engine = openEngine(
    {
      kind: 'sqlite',
      place: folder,
      factory: createSqliteBackend,
      queueConnection: connection,
      workerConnection: connection,
      prepare: async () => undefined,
      close: async () => undefined,
    },
    {
      seal: {
        vault,
        suiteOf: (queue) => (queue.startsWith('clear') ? 'signed' : 'encrypted'),
        newId: () => newId(Date.now()),
        onRefused: (what) => void refused.push(what),
      },
      record: {
        clock: systemClock,
        record: async () => undefined,
        note: () => undefined,
        mayBeDoneLater: () => false,
      },
    },
    () => undefined,
  ))
}

/** A vault whose keys can be taken away and given back. */
function breakable(): { vault: Vault; away: (is: boolean) => void } {
  const inner = memoryVault()
  let isAway = false
  const check = (): void => {
    if (isAway) throw new OrderlyError('ORDERLY_KEY_UNAVAILABLE', 'away')
  }
  return {
    away: (is) => (isAway = is),
    vault: {
      ...inner,
      ready: async () => (check(), inner.ready()),
      seal: async (...given) => (check(), inner.seal(...given)),
      open: async (...given) => (check(), inner.open(...given)),
    },
  }
}

describe('while the keys are away', () => {
  it('nothing is accepted, jobs wait without losing an attempt, and go on when the keys are back', async () => {
    const { vault, away } = breakable()
    const opened = open(vault)
    const queue = opened.queue('phi')
    const job = await queue.add('job', { a: 1 }, { attempts: 1 })
    away(true)
    await expect(queue.add('job', { a: 2 })).rejects.toMatchObject({
      code: 'ORDERLY_KEY_UNAVAILABLE',
    })
    const seen: unknown[] = []
    const worker = opened.worker('phi', async ({ data }) => void seen.push(data), {})
    await expect.poll(() => worker.isRunning()).toBe(true)
    await systemClock.sleep(50)
    expect(await opened.raw('phi').state(job.id!)).toBe('waiting')
    expect(await opened.raw('phi').read(job.id!)).toMatchObject({
      attemptsMade: 0,
      attemptsStarted: 0,
    })
    away(false)
    await expect.poll(() => seen, { timeout: 15_000 }).toEqual([{ a: 1 }])
    await worker.close()
  }, 20_000)
})

describe('where its key is unknown', () => {
  it('a job stays in its queue without losing an attempt, for who has the key', async () => {
    const owner = open(memoryVault())
    const job = await owner.queue('phi').add('job', { a: 1 }, { attempts: 1 })
    const seen: unknown[] = []
    const refused: unknown[] = []
    const stranger = open(memoryVault(), refused)
    const worker = stranger.worker('phi', async ({ data }) => void seen.push(data), {})
    await expect.poll(() => owner.raw('phi').state(job.id!)).toBe('delayed')
    await worker.close()
    expect(refused).toEqual([expect.objectContaining({ code: 'ORDERLY_KEY_MISSING' })])
    expect(await owner.raw('phi').read(job.id!)).toMatchObject({ attemptsMade: 0 })
    expect(await owner.raw('phi').promote(job.id!)).toBe(true)
    const own = owner.worker('phi', async ({ data }) => void seen.push(data), {})
    await expect.poll(() => seen).toEqual([{ a: 1 }])
    await own.close()
    await owner.close()
  })
})

describe('the wall', () => {
  it.each([
    ['an e-mail address as its id', 'job', { jobId: 'jane@x.org' }],
    ['a social security number in its id', 'job', { jobId: 'p-123-45-6789' }],
    ['a date in its name', 'visit-1961-02-03', {}],
  ])('refuses a job with %s where there is PHI', async (_what, name, opts) => {
    const opened = open(memoryVault())
    await expect(opened.queue('phi').add(name, {}, opts)).rejects.toMatchObject({
      code: 'ORDERLY_ID_LOOKS_LIKE_PHI',
    })
    expect(await opened.raw('phi').openCount()).toBe(0)
    await opened.queue('clear').add(name, {}, opts)
  })

  it('keeps the place for one job of a key, under a name that does not tell the key', async () => {
    const opened = open(memoryVault())
    const opts = { delay: 60_000, deduplication: { id: '123-45-6789' } }
    const first = await opened.queue('phi').add('job', {}, opts)
    expect((await opened.queue('phi').add('job', {}, opts)).id).toBe(first.id)
    const stored = await opened.raw('phi').read(first.id!)
    expect(stored?.deduplicationId).toMatch(/^b1\./)
    expect(JSON.stringify(stored)).not.toContain('6789')
  })

  it('refuses more than a job may carry, and says where it belongs', async () => {
    const opened = open(memoryVault())
    const error = { code: 'ORDERLY_PAYLOAD_TOO_LARGE', message: expect.stringContaining('256 KiB') }
    await expect(
      opened.queue('phi').add('job', { big: 'x'.repeat(300_000) }),
    ).rejects.toMatchObject(error)
    await expect(
      opened.queue('clear').add('job', { big: 'é'.repeat(140_000) }),
    ).rejects.toMatchObject(error)
    await opened.queue('phi').add('job', { big: 'x'.repeat(250_000) })
  })

  it('lets what was stored before it was there pass where there is no PHI, and nowhere else', async () => {
    const refused: unknown[] = []
    const opened = open(memoryVault(), refused)
    for (const name of ['clear', 'phi']) {
      const add = {
        json: { id: 'old', name: 'old', data: '{"a":1}', opts: {}, timestamp: Date.now() },
        parent: {},
      }
      await opened.raw(name).add([add as never])
    }
    const seen: unknown[] = []
    const run = async ({ data, queueName }: { data: unknown; queueName: string }): Promise<void> =>
      void seen.push([queueName, data])
    const workers = ['clear', 'phi'].map((name) => opened.worker(name, run, {}))
    await expect.poll(() => opened.raw('phi').state('old')).toBe('failed')
    await expect.poll(() => seen).toEqual([['clear', { a: 1 }]])
    expect(refused).toEqual([
      { queue: 'phi', jobId: 'old', slot: 'input', code: 'ORDERLY_SEAL_MISSING' },
    ])
    await Promise.all(workers.map((worker) => worker.close()))
  })

  it('does not open a job whose data was pushed up from another queue that is only signed', async () => {
    const opened = open(memoryVault())
    const job = await opened.queue('clear').add('job', { a: 1 }, { jobId: 'same' })
    const { data } = (await opened.raw('clear').read(job.id!))!
    const add = {
      json: { id: 'same', name: 'job', data, opts: {}, timestamp: Date.now() },
      parent: {},
    }
    await opened.raw('phi').add([add as never])
    const worker = opened.worker('phi', async () => undefined, {})
    await expect.poll(() => opened.raw('phi').state('same')).toBe('failed')
    await worker.close()
  })
})

describe('telemetry', () => {
  it('says when and where a job ran, and nothing of what it carried', async () => {
    const said: string[] = []
    const opened = open(memoryVault())
    const { Queue, Worker } = opened.classes
    const telemetry = listening(said)
    const connection = opened.connection
    const queue = new Queue('phi', { connection, telemetry })
    const worker = new Worker(
      'phi',
      async (job) => {
        await job.updateProgress({ step: 'SECRET' })
        if (job.name === 'bad') throw new Error('SECRET')
        return 'SECRET'
      },
      { connection, telemetry },
    )
    await queue.add('good', { patient: 'SECRET' }, { deduplication: { id: 'SECRET' } })
    await queue.add('bad', { patient: 'SECRET' })
    await expect
      .poll(async () => (await queue.getFailedCount()) + (await queue.getCompletedCount()))
      .toBe(2)
    await worker.close()
    await queue.close()
    const all = said.join('\n')
    expect(all).toContain('bullmq.job.result=[sealed]')
    expect(all).toContain('bullmq.job.name=good')
    expect(all).not.toContain('SECRET')
  })

  it('lets the ids of a span travel with a job, and nothing that somebody wrote beside them', async () => {
    const opened = open(memoryVault())
    const { Queue } = opened.classes
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const said: string[] = []
    const { tracer, contextManager } = listening(said)
    const stored: unknown[] = []
    for (const metadata of [
      JSON.stringify({ traceparent, baggage: 'patient=SECRET', tracestate: 'v=SECRET' }),
      JSON.stringify({ traceparent: 'SECRET' }),
      'SECRET',
    ]) {
      const telemetry: Telemetry = {
        tracer,
        contextManager: { ...contextManager, getMetadata: () => metadata },
      }
      const queue = new Queue('phi', { connection: opened.connection, telemetry })
      const job = await queue.add('good', {})
      stored.push((await opened.raw('phi').read(job.id!))!.opts.telemetry?.metadata)
      await queue.close()
    }
    expect(stored).toEqual([JSON.stringify({ traceparent }), '{}', '{}'])
  })
})

function listening(said: string[]): Telemetry {
  const all = (attributes: object = {}): void => {
    for (const [key, value] of Object.entries(attributes))
      said.push(`${key}=${JSON.stringify(value)?.replaceAll('"', '')}`)
  }
  return {
    contextManager: {
      with: (_context, fn) => fn() as never,
      active: () => ({}),
      getMetadata: () => '{}',
      fromMetadata: (context) => context,
    },
    tracer: {
      startSpan: () => ({
        setSpanOnContext: (context) => context,
        setAttribute: (key, value) => all({ [key]: value }),
        setAttributes: all,
        addEvent: (name, attributes) => (said.push(name), all(attributes)),
        recordException: (exception) =>
          void said.push(JSON.stringify(exception, Object.getOwnPropertyNames(exception))),
        end: () => undefined,
      }),
    },
  }
}
