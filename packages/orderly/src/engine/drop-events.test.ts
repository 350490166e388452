import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startPostgres, startRedis } from '../../../bullmq-sqlite/conformance/servers.ts'
import { systemClock } from '../primitives/clock.ts'
import { newId } from '../primitives/ids.ts'
import { memoryVault } from '../testing/memory-vault.ts'
import { openEngine } from './open.ts'
import { postgresStore } from './postgres.ts'
import { redisStore } from './redis.ts'
import { sqliteStore } from './sqlite.ts'
import type { QueueStore } from './store.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const rules = { clock: systemClock, allowVolatile: false, warn: () => undefined }
const HOUR_MS = 3_600_000

const STORES: Record<string, () => Promise<QueueStore>> = {
  Redis: async () => {
    const server = await startRedis('everysec')
    closers.push(() => server.stop())
    return redisStore(server.url, rules)
  },
  PostgreSQL: async () => {
    const server = await startPostgres()
    closers.push(() => server.stop())
    return postgresStore(server.url, rules)
  },
  SQLite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderly-events-'))
    closers.push(() => rmSync(folder, { recursive: true, force: true }))
    return sqliteStore(`sqlite:${join(folder, 'queue.db')}`)
  },
}

it.each(Object.keys(STORES))(
  'results leave the event stream of %s, and what a listener may still want stays',
  async (kind) => {
    const store = await STORES[kind]!()
    await store.prepare()
    const seal = {
      vault: memoryVault(),
      suiteOf: () => 'encrypted' as const,
      newId: () => newId(systemClock.now()),
      onRefused: () => undefined,
    }
    const record = {
      clock: systemClock,
      record: async () => undefined,
      note: () => undefined,
      mayBeDoneLater: () => false,
    }
    const engine = openEngine(store, { seal, record }, () => undefined)
    closers.push(() => engine.close())
    for (let n = 0; n < 15; n++)
      await engine
        .queue('q')
        .addBulk(Array.from({ length: 100 }, () => ({ name: 'job', data: {} })))
    const count = async (): Promise<number> => {
      const backend = store.factory('q', { connection: store.queueConnection })
      await backend.waitUntilReady()
      for (let [after, events] = ['0', 0]; ;) {
        const read = (await backend.readEvents(after, 10)) as [string, [string][]][] | null
        const page = read?.[0]?.[1] ?? []
        events += page.length
        if (page.length === 0) {
          await backend.close()
          return events
        }
        after = page.at(-1)![0]
      }
    }
    const all = await count()
    expect(all).toBeGreaterThanOrEqual(3_000)
    // SQLite's events have no times; the newest thousand or so stay.
    const [young, old] = kind === 'SQLite' ? [1_000, 1_000] : [all, 0]
    await engine.dropEvents('q', systemClock.now() - HOUR_MS)
    expect(await count()).toBeGreaterThanOrEqual(young)
    await engine.dropEvents('q', systemClock.now() + HOUR_MS)
    expect(await count()).toBeGreaterThanOrEqual(old)
    expect(await count()).toBeLessThan(old + 400)
  },
  60_000,
)
