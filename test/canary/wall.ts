// The wall over a real store, recording into a real record, with all or all but one of the members of its seal.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createPostgresBackend,
  createRedisBackend,
  withBackend,
  type BackendFactory,
  type IQueueBackend,
} from 'bullmq'
import { createSqliteBackend } from 'bullmq-sqlite'
import { startPostgres, startRedis } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { decorateFactory } from '../../packages/orderly/src/engine/decorate.ts'
import { recorded } from '../../packages/orderly/src/engine/recorded.ts'
import { sealed } from '../../packages/orderly/src/engine/sealed.ts'
import { append, appendIf } from '../../packages/orderly/src/history/record.ts'
import { openRecord } from '../record/databases.ts'
import { openRecorder } from '../../packages/orderly/src/history/recorder.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { newId } from '../../packages/orderly/src/primitives/ids.ts'
import { memoryVault } from '../../packages/orderly/src/testing/memory-vault.ts'
import { dumpFolder, dumpPostgres, dumpRedis } from './dump.ts'
import type { Classes } from './scenario.ts'

const DAY_MS = 86_400_000

type Factory = BackendFactory<IQueueBackend, any>

export interface Walled {
  readonly classes: Classes
  readonly connection: unknown
  /** The store of a queue past the wall, as somebody has it who can write to the store and has no keys. */
  outside(queue: string): IQueueBackend
  /** The codes of what was refused. */
  readonly refused: readonly string[]
  /** All bytes of the store and of the record. */
  dump(): Promise<Buffer>
  close(): Promise<void>
}

interface Store {
  readonly factory: Factory
  readonly connection: unknown
  dump(): Promise<Buffer>
  stop(): Promise<void>
}

export const STORES: Readonly<Record<string, (folder: string) => Promise<Store>>> = {
  sqlite: async (folder) => ({
    factory: createSqliteBackend as Factory,
    connection: { file: join(folder, 'queue.db') },
    dump: async () => Buffer.alloc(0),
    stop: async () => undefined,
  }),
  redis: async () => {
    const server = await startRedis()
    return {
      factory: createRedisBackend as Factory,
      connection: { host: '127.0.0.1', port: server.port, maxRetriesPerRequest: null },
      dump: () => dumpRedis(server.port),
      stop: () => server.stop(),
    }
  },
  postgres: async () => {
    const server = await startPostgres()
    const connection = { connectionString: server.url, migrate: true }
    const migrating = createPostgresBackend('migrate', { connection })
    await migrating.waitUntilReady()
    await migrating.close()
    return {
      factory: createPostgresBackend as Factory,
      connection,
      dump: () => dumpPostgres(server.url),
      stop: () => server.stop(),
    }
  },
}

/** @param forget the member of the seal that is left out */
export async function openWall(kind: string, forget?: string): Promise<Walled> {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-canary-'))
  const store = await STORES[kind]!(folder)
  const history = await openRecord(`sqlite:${join(folder, 'orderly.db')}`)
  const recorder = openRecorder({
    database: history,
    writer: {
      append: (entries) => append(history, entries, { completed: DAY_MS, failed: DAY_MS }),
      appendIf: (entry, condition) =>
        appendIf(history, entry, { completed: DAY_MS, failed: DAY_MS }, condition),
    },
    clock: systemClock,
    onError: () => undefined,
  })
  const vault = memoryVault()
  const refused: string[] = []
  const outside = new Map<string, IQueueBackend>()
  const inside = decorateFactory(store.factory, (inner, queue) =>
    recorded(inner, queue, {
      clock: systemClock,
      record: (reports) =>
        recorder.record(reports.map((report) => ({ ...report, engine: 'main' }))),
      note: (reports) => recorder.note(reports.map((report) => ({ ...report, engine: 'main' }))),
      mayBeDoneLater: () => false,
    }),
  )
  const factory = decorateFactory(inside, (inner, queue) => {
    const layer = sealed(
      inner,
      queue,
      {
        vault,
        suiteOf: () => 'encrypted',
        newId: () => newId(Date.now()),
        onRefused: ({ code }) => void refused.push(code),
      },
      systemClock,
    )
    if (forget !== undefined) Reflect.deleteProperty(layer, forget)
    return layer
  })
  return {
    classes: withBackend(factory),
    connection: store.connection,
    refused,
    outside(queue) {
      const opened =
        outside.get(queue) ??
        store.factory(queue, { connection: store.connection, lockDuration: 30_000 } as never)
      outside.set(queue, opened)
      return opened
    },
    dump: async () => {
      await recorder.flush()
      return Buffer.concat([await store.dump(), dumpFolder(folder)])
    },
    async close() {
      for (const backend of outside.values()) await backend.close()
      await recorder.close()
      await history.close()
      await store.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
