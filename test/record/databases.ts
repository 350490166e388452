// The databases a record can be in, each empty and with its tables made, for suites that run over all of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import {
  startPostgres,
  type RunningServer,
} from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { migrate } from '../../packages/orderly/src/database/migrate.ts'
import { openDatabase } from '../../packages/orderly/src/database/open.ts'
import type { HistoryDatabase } from '../../packages/orderly/src/history/record.ts'
import { HISTORY_STEPS } from '../../packages/orderly/src/history/tables.ts'
import { RUNTIME_STEPS } from '../../packages/orderly/src/runtime/open-runtime.ts'

export interface Place {
  /** The URL of a new, empty database. */
  fresh(): Promise<string>
  stop(): Promise<void>
}

export const PLACES: Readonly<Record<'sqlite' | 'postgres', () => Promise<Place>>> = {
  sqlite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderly-record-'))
    let count = 0
    return {
      fresh: async () => `sqlite:${join(folder, `${++count}.db`)}`,
      stop: async () => rmSync(folder, { recursive: true, force: true }),
    }
  },
  postgres: async () => {
    const server: RunningServer = await startPostgres()
    let count = 0
    return {
      async fresh() {
        const name = `record${++count}`
        const client = new pg.Client({ connectionString: server.url })
        await client.connect()
        await client.query(`create database ${name}`)
        await client.end()
        return server.url.replace(/postgres$/, name)
      },
      stop: () => server.stop(),
    }
  },
}

export async function openRecord(url: string): Promise<HistoryDatabase> {
  const database = openDatabase(url)
  await migrate(database, 'orderly', HISTORY_STEPS)
  await migrate(database, 'orderly_state', RUNTIME_STEPS)
  return database.withTables()
}
