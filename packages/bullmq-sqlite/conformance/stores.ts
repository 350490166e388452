/** Owns opening each of the stores for a test run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPostgresBackend, createRedisBackend } from 'bullmq'
import type { BackendFactory, IQueueBackend } from 'bullmq'
import pg from 'pg'
import { createSqliteBackend } from '../src/index.ts'
import type { Store } from './bench.ts'
import { startPostgres, startRedis } from './servers.ts'

type AnyFactory = BackendFactory<IQueueBackend, any>

export async function openSqlite(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-conformance-'))
  return {
    name: 'sqlite',
    factory: createSqliteBackend as AnyFactory,
    connection: { file: join(folder, 'queues.db'), synchronous: 'NORMAL' },
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

export async function openRedis(): Promise<Store> {
  const server = await startRedis()
  return {
    name: 'redis',
    factory: createRedisBackend as AnyFactory,
    connection: { host: '127.0.0.1', port: server.port, maxRetriesPerRequest: null },
    stop: () => server.stop(),
  }
}

export async function openPostgres(): Promise<Store> {
  const server = await startPostgres()
  const migrating = createPostgresBackend('migrate', {
    connection: { connectionString: server.url, migrate: true },
  })
  await migrating.waitUntilReady()
  await migrating.close()
  // One pool for all cases: they come and go faster than connections could be made.
  const pool = new pg.Pool({
    connectionString: server.url,
    options: '-c search_path=bullmq -c synchronous_commit=off',
    max: 40,
  })
  // Each backend listens to the pool; there are many at once.
  pool.setMaxListeners(0)
  pool.on('error', () => undefined)
  return {
    name: 'postgres',
    factory: createPostgresBackend as AnyFactory,
    connection: pool,
    stop: async () => {
      await pool.end()
      await server.stop()
    },
  }
}
