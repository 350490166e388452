import { join } from 'node:path'
import type { JobJson } from 'bullmq'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startPostgres, type RunningServer } from '../../../bullmq-sqlite/conformance/servers.ts'
import { defineJob, handle, snooze } from '../index.ts'
import { systemClock, type Clock } from '../primitives/clock.ts'
import { openLab, until, work, type Lab } from '../testing/outage-lab.ts'
import { newId } from '../primitives/ids.ts'
import { postgresStore, verdict } from './postgres.ts'

let server: RunningServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function lab(...given: Parameters<typeof openLab>): Promise<Lab> {
  const opened = await openLab(...given)
  closers.push(() => opened.close())
  return opened
}

/** A clock that goes as it should, and shows another time. */
function skewedClock(): Clock & { by: number } {
  const clock = { ...systemClock, by: 0, now: (): number => systemClock.now() + clock.by }
  return clock
}

/** A job as BullMQ hands it to its store. */
const emptyJob: JobJson = {
  id: '',
  name: 'empty',
  data: '{}',
  opts: {},
  progress: 0,
  attemptsMade: 0,
  attemptsStarted: 0,
  timestamp: 1,
  failedReason: '',
  returnvalue: '',
  delay: 0,
  priority: 0,
  stalledCounter: 0,
}

describe('queues in PostgreSQL', () => {
  it('are made before anything touches them, and their jobs run', async () => {
    const opened = await lab(server.url)
    await opened.add(20)
    await opened.settled()
    const jobs = [...(await opened.record()).values()]
    expect(jobs.every(({ engine, completions }) => engine === 'main' && completions === 1)).toBe(
      true,
    )
    expect(opened.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('are refused to a machine whose clock is more than 2 s off', async () => {
    const clock = skewedClock()
    clock.by = 5_000
    await expect(openLab(server.url, { clock })).rejects.toMatchObject({
      code: 'ORDERLY_STORE_UNSAFE',
      message: expect.stringMatching(/ahead/),
    })
  })

  it('get no claims from a worker whose clock goes astray, and more when it is right again', async () => {
    const clock = skewedClock()
    const opened = await lab(server.url, { clock })
    await opened.add(1)
    await opened.settled()
    clock.by = 90_000
    await until(() => opened.log.some(({ text }) => /ahead/.test(text)))
    const ids = await opened.add(3)
    await systemClock.sleep(1_500)
    expect(ids.filter((id) => opened.runs.includes(id))).toEqual([])
    clock.by = 0
    await until(() => ids.every((id) => opened.runs.includes(id)))
  })

  it('say one error that repeats once', async () => {
    const opened = await lab(server.url, {}, false)
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    try {
      await admin.query('alter schema bullmq rename to elsewhere')
      await opened.orderly.start()
      await until(() => opened.log.some(({ level }) => level === 'error'))
      await systemClock.sleep(2_000)
      expect(opened.log.filter(({ level }) => level === 'error').length).toBeLessThan(10)
    } finally {
      await admin.query('drop schema if exists bullmq cascade')
      await admin.query('alter schema elsewhere rename to bullmq')
      await admin.end()
    }
  })

  it('put off jobs that snooze, all of them and without burning an attempt, and run them to their end', async () => {
    const nap = defineJob({ name: 'nap', input: z.object({}), retry: { attempts: 1 } })
    const runs = new Map<string, number>()
    const opened = await lab(server.url, {
      jobs: [nap],
      handlers: [
        handle(nap, async ({ jobId }) => {
          const run = (runs.get(jobId) ?? 0) + 1
          runs.set(jobId, run)
          return run < 3 ? snooze('50ms', 'later') : undefined
        }),
      ],
    })
    const jobs = await opened.orderly.enqueueMany(
      nap,
      Array.from({ length: 20 }, () => ({ input: {} })),
    )
    await until(async () => (await opened.orderly.findJobs({ state: 'completed' })).length === 20)
    expect(jobs.map(({ id }) => runs.get(id))).toEqual(Array(20).fill(3))
    for (const { attempts } of await opened.orderly.findJobs({ name: 'nap' }))
      expect(attempts).toBe(1)
  })

  it('say until when a job that snoozed is put off', async () => {
    const nap = defineJob({ name: 'long-nap', input: z.object({}), retry: { attempts: 1 } })
    const opened = await lab(server.url, {
      jobs: [nap],
      handlers: [handle(nap, async () => snooze('1h', 'later'))],
    })
    const { id } = await opened.orderly.enqueue(nap, {})
    await until(async () => (await opened.record()).get(id)?.state === 'delayed')
    expect(await opened.orderly.explain(id)).toMatchObject({
      sentence: expect.stringMatching(/^It was put off until .*, without costing it an attempt\.$/),
    })
  })

  it('stop the start when the server refuses it, and say what the server said', async () => {
    const [noDatabase, noUser] = [new URL(server.url), new URL(server.url)]
    noDatabase.pathname = '/nosuch'
    noUser.username = 'nobody'
    for (const [url, said] of [
      [noDatabase.href, 'database "nosuch" does not exist'],
      [noUser.href, 'role "nobody" does not exist'],
    ] as const) {
      await expect(lab(url)).rejects.toMatchObject({
        code: 'ORDERLY_SETTING_INVALID',
        message: expect.stringContaining(said),
      })
      await expect(lab(server.url, { databaseUrl: url })).rejects.toMatchObject({
        code: 'ORDERLY_DATABASE_UNAVAILABLE',
        message: expect.stringContaining(said),
      })
    }
  })

  it('belong to one installation: another keyring is told so, and one that is the same is not', async () => {
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    await admin.query('create database claimed')
    await admin.end()
    const url = new URL(server.url)
    url.pathname = '/claimed'
    const isTold = ({ log }: Lab): boolean =>
      log.some(({ text }) => text.includes('belongs to an installation with another keyring'))
    const first = await lab(url.href)
    const keyringFile = join(first.home, 'keyring.json')
    expect(isTold(first)).toBe(false)
    expect(isTold(await lab(url.href))).toBe(true)
    expect(isTold(await lab(url.href, { keyringFile }))).toBe(false)
  })

  it('keep the start when nothing answers, with the reason in its warning; a record that does not answer stops it', async () => {
    const nowhere = 'postgres://me:secret@127.0.0.1:1/x'
    const opened = await lab(nowhere)
    expect(opened.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ reason: expect.stringContaining('ECONNREFUSED') }),
      }),
    )
    await expect(lab('sqlite:unused.db', { databaseUrl: nowhere })).rejects.toMatchObject({
      code: 'ORDERLY_DATABASE_UNAVAILABLE',
      message: expect.stringMatching(
        /^the database at postgres:\/\/127\.0\.0\.1:1\/x cannot be used: .*ECONNREFUSED/,
      ),
    })
  })

  it('take jobs that come together in a few transactions, for those that notify commit one by one', async () => {
    const opened = await lab(server.url, {}, false)
    const jobs = await Promise.all(
      Array.from({ length: 60 }, (_, n) => opened.orderly.enqueue(work, { n })),
    )
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    const { rows } = await admin.query<{ transactions: string; jobs: string }>(
      'select count(distinct xmin::text) as transactions, count(*) as jobs from bullmq.job where id = any($1)',
      [jobs.map(({ id }) => id)],
    )
    await admin.end()
    expect(Number(rows[0]!.jobs)).toBe(60)
    expect(Number(rows[0]!.transactions)).toBeLessThan(15)
    await opened.orderly.start()
    await until(() => jobs.every(({ id }) => opened.runs.includes(id)))
  })

  it('take the others of those that come together when one cannot be stored', async () => {
    const store = postgresStore(server.url, { clock: systemClock, warn: () => undefined })
    closers.push(() => store.close())
    await store.prepare()
    const backend = store.factory('mixed', { connection: store.queueConnection })
    const added = await Promise.allSettled(
      ['first', 'right', 'wr\0ng', 'right as well'].map((name) => {
        const id = newId(systemClock.now())
        return backend.addJob({ ...emptyJob, id, name }, id)
      }),
    )
    await backend.close()
    expect(added.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
  })

  it('let a delayed job be promoted by nobody who comes while a worker takes it', async () => {
    const store = postgresStore(server.url, { clock: systemClock, warn: () => undefined })
    closers.push(() => store.close())
    await store.prepare()
    const backend = store.factory('taken', { connection: store.queueConnection })
    closers.push(() => backend.close())
    const id = newId(systemClock.now())
    await backend.addJob({ ...emptyJob, id, delay: 60_000 }, id)
    expect(await backend.getState(id)).toBe('delayed')
    const worker = new pg.Client({ connectionString: server.url })
    const witness = new pg.Client({ connectionString: server.url })
    await Promise.all([worker.connect(), witness.connect()])
    closers.push(() => Promise.all([worker.end(), witness.end()]))
    await worker.query('begin')
    await worker.query("update bullmq.job set state = 'active' where id = $1", [id])
    const promoted = backend.promote(id).then(
      () => 'promoted',
      (error: Error) => error.message,
    )
    await until(async () => {
      const { rows } = await witness.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%promote%'",
      )
      return rows.length > 0
    })
    await worker.query('commit')
    expect(await promoted).toBe(`Job ${id} is not in the delayed state. promote`)
    expect(await backend.getState(id)).toBe('active')
    await expect(backend.promote('nobody')).rejects.toThrow('Missing key for job nobody. promote')
  })

  it('are not taken for away while all connections are in use', async () => {
    const store = postgresStore(server.url, { clock: systemClock, warn: () => undefined })
    closers.push(() => store.close())
    await store.prepare()
    const pool = store.queueConnection as pg.Pool
    const taken = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
    const backend = store.factory('patient', { connection: pool })
    const id = newId(systemClock.now())
    const adding = backend.addJob({ ...emptyJob, id }, id)
    // Longer than a connection to a server that is away is waited for.
    await systemClock.sleep(2_200)
    for (const client of taken) client.release()
    expect(await adding).toBe(id)
    await backend.close()
  })

  it('are claimed although the server gave the statement up, as it does with one of two that wait for each other', async () => {
    const store = postgresStore(server.url, { clock: systemClock, warn: () => undefined })
    closers.push(() => store.close())
    await store.prepare()
    const backend = store.factory('knot', { connection: store.queueConnection })
    const id = newId(systemClock.now())
    await backend.addJob({ ...emptyJob, id }, id)
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    closers.push(() => admin.end())
    // What a sequence has counted stays counted when its transaction is undone.
    await admin.query(`create sequence public.knots;
      create function public.knot() returns trigger language plpgsql as $$ begin
        if nextval('public.knots') <= 2 then raise exception 'in a knot' using errcode = '40P01'; end if;
        return new;
      end $$;
      create trigger knot before update on bullmq.job for each row when (new.queue = 'knot') execute function public.knot()`)
    const [, claimed] = await backend.moveToActive('token')
    const { rows } = await admin.query<{ asked: string }>(
      'select last_value as asked from public.knots',
    )
    await admin.query('drop trigger knot on bullmq.job')
    expect(claimed).toBe(id)
    expect(Number(rows[0]!.asked)).toBe(3)
    await backend.close()
  })

  it('can be more than there are connections, each of which a worker keeps one to hear of jobs', async () => {
    const names = Array.from({ length: 14 }, (_, n) => `many-${n}`)
    const ran = new Set<string>()
    const jobs = names.map((name) => defineJob({ name, queue: name, input: z.object({}) }))
    const opened = await lab(server.url, {
      jobs,
      handlers: jobs.map((job) => handle(job, async () => void ran.add(job.name))),
    })
    await Promise.all(jobs.map((job) => opened.orderly.enqueue(job, {})))
    await until(() => names.every((name) => ran.has(name)))
  })

  it('are stood in for by the embedded engine when nobody answers', async () => {
    const opened = await lab('postgres://orderly@127.0.0.1:1/postgres')
    expect(opened.orderly.status().mode).toBe('degraded')
    await opened.add(3)
    await opened.settled()
    expect([...(await opened.record()).values()].map(({ engine }) => engine)).toEqual(
      Array.from({ length: 3 }, () => 'embedded'),
    )
  })
})

describe('an error of PostgreSQL', () => {
  it.each([
    [{ code: '53100' }, 'declined'],
    [{ code: '57P01' }, 'declined'],
    [{ code: 'ECONNREFUSED' }, 'unsent'],
    [{ code: 'ECONNRESET' }, 'unknown'],
    [{ message: 'Connection terminated unexpectedly' }, 'unknown'],
    [{ code: '42P01' }, 'refused'],
  ])('%j leaves the job %s', (fields, expected) => {
    expect(verdict(Object.assign(new Error('x'), fields))).toBe(expected)
  })
})
