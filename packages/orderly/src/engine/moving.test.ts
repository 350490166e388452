import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { makeRedis, startRedis } from '../../../bullmq-sqlite/conformance/servers.ts'
import type { HistoryTables } from '../history/tables.ts'
import { createOrderly, defineJob, handle } from '../index.ts'
import { openLab, until, work, type Lab } from '../testing/outage-lab.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function lab(...given: Parameters<typeof openLab>): Promise<Lab> {
  const opened = await openLab(...given)
  closers.push(() => opened.close())
  return opened
}

async function expectEachRunOnce(opened: Lab): Promise<void> {
  await opened.settled()
  expect(opened.runs.toSorted()).toEqual(opened.accepted.toSorted())
}

describe('a job that waits on the embedded engine', () => {
  it('moves to Redis once, and runs there', async () => {
    const server = await makeRedis('everysec')
    closers.push(() => server.stop())
    const opened = await lab(server.url, {}, false)
    await opened.add(40)
    await server.start()
    await until(async () =>
      [...(await opened.record()).values()].every(({ engine }) => engine === 'main'),
    )
    await opened.orderly.start()
    await expectEachRunOnce(opened)
    expect([...(await opened.record()).values()].every(({ engine }) => engine === 'main')).toBe(
      true,
    )
  })

  it('runs once while it moves and workers are at it', async () => {
    const server = await makeRedis('everysec')
    closers.push(() => server.stop())
    const opened = await lab(server.url)
    opened.pace = 200
    await opened.add(150)
    await server.start()
    await expectEachRunOnce(opened)
    const engines = new Set([...(await opened.record()).values()].map(({ engine }) => engine))
    expect(engines).toEqual(new Set(['main', 'embedded']))
  })

  it('does not run there when the record says that it has moved, as after a crash in between', async () => {
    const server = await makeRedis('everysec')
    closers.push(() => server.stop())
    const opened = await lab(server.url, {}, false)
    const ids = await opened.add(5)
    await opened.orderly.database
      .withTables<HistoryTables>()
      .query.updateTable('orderly_jobs')
      .set({ engine: 'main' })
      .execute()
    await opened.orderly.start()
    await until(async () => (await opened.orderly.queues())[0]!.counts.prioritized === 0)
    expect(ids.filter((id) => opened.runs.includes(id))).toEqual([])
    await server.start()
    await expectEachRunOnce(opened)
  })
})

describe('a job that waits its turn on the embedded engine', () => {
  it('moves to Redis in mid-run with the others of its key, and no two of them run at once', async () => {
    const server = await makeRedis('everysec')
    closers.push(() => server.stop())
    const home = mkdtempSync(join(tmpdir(), 'orderly-moving-'))
    closers.push(async () => rmSync(home, { recursive: true, force: true }))
    const turns = defineJob({
      name: 'turns',
      input: z.object({ n: z.number() }),
      concurrency: { limit: 1, key: ({ n }) => n % 2 },
    })
    const ran: number[] = []
    const now = [0, 0]
    let most = 0
    const orderly = await createOrderly({
      home,
      queueUrl: server.url,
      allowVolatile: true,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      jobs: [turns],
      handlers: [
        handle(turns, async ({ input: { n } }) => {
          most = Math.max(most, ++now[n % 2]!)
          await orderly.clock.sleep(100)
          now[n % 2]!--
          ran.push(n)
        }),
      ],
    })
    closers.push(() => orderly.close())
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    await orderly.enqueueMany(
      turns,
      numbers.map((n) => ({ input: { n } })),
    )
    await orderly.start()
    await until(async () => ran.length > 2)
    await server.start()
    await orderly.whenIdle()
    expect(ran.toSorted((a, b) => a - b)).toEqual(numbers)
    expect(most).toBe(1)
    const { query } = orderly.database.withTables<HistoryTables>()
    const engines = await query.selectFrom('orderly_jobs').select('engine').distinct().execute()
    expect(engines.map(({ engine }) => engine).toSorted()).toEqual(['embedded', 'main'])
  })
})

describe('a relay that dies before it empties the outbox', () => {
  it('makes no second job, even when the first has run and is gone from its queue', async () => {
    const server = await startRedis('everysec')
    closers.push(() => server.stop())
    const opened = await lab(server.url)
    // The key of the queue is made outside: a SQLite file has one transaction at a time.
    await opened.add(1)
    const { query } = opened.orderly.database.withTables<HistoryTables>()
    const row = await query.transaction().execute(async (transaction) => {
      const { id } = await opened.orderly.enqueue(work, { n: 1 }, { transaction })
      return transaction
        .selectFrom('orderly_outbox')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    })
    await until(async () => (await opened.record()).get(row.id)?.state === 'completed')
    const direct = new Redis(server.url)
    closers.push(async () => direct.disconnect())
    await direct.flushall()
    await query.insertInto('orderly_outbox').values(row).execute()
    await until(
      async () => (await query.selectFrom('orderly_outbox').select('id').execute()).length === 0,
    )
    await opened.add(1)
    await opened.settled()
    expect(opened.runs.filter((id) => id === row.id)).toEqual([row.id])
  })
})

describe('a Redis that is slow or narrow', () => {
  it('loses no job and runs none twice while one long command keeps it busy', async () => {
    const server = await startRedis('everysec', ['--enable-debug-command', 'yes'])
    closers.push(() => server.stop())
    const opened = await lab(server.url)
    opened.pace = 5
    await opened.add(20)
    const direct = new Redis(server.url)
    closers.push(async () => direct.disconnect())
    const slept = direct.call('DEBUG', 'SLEEP', '3')
    await opened.add(10)
    await slept
    await until(() => opened.orderly.status().mode === 'normal')
    await expectEachRunOnce(opened)
  })

  it('serves forty queues with sixty connections', async () => {
    const server = await startRedis('everysec', ['--maxclients', '60'])
    closers.push(() => server.stop())
    const jobs = Array.from({ length: 40 }, (_, n) =>
      defineJob({ name: `work-${n}`, input: z.object({}) }),
    )
    const opened = await lab(server.url, {
      jobs,
      handlers: jobs.map((job) => handle(job, async () => undefined)),
    })
    await Promise.all(jobs.map((job) => opened.orderly.enqueue(job, {})))
    await until(async () =>
      [...(await opened.record()).values()].every(({ state }) => state === 'completed'),
    )
    const direct = new Redis(server.url)
    closers.push(async () => direct.disconnect())
    const list = (await direct.call('CLIENT', 'LIST')) as string
    expect(list.trim().split('\n').length).toBeLessThan(50)
  })
})
