// Queues in a SQLite file: nothing to install, one machine.
import { createSqliteBackend } from 'bullmq-sqlite'
import { fileOf } from '../primitives/store-url.ts'
import type { QueueStore } from './store.ts'

/** @throws OrderlyError `ORDERLY_SETTING_INVALID` */
export function sqliteStore(url: string): QueueStore {
  const file = fileOf(url, 'queueUrl (ORDERLY_QUEUE_URL)', 'queue.db')
  const connection = { file }
  return {
    kind: 'sqlite',
    place: file,
    factory: createSqliteBackend,
    queueConnection: connection,
    workerConnection: connection,
    prepare: async () => undefined,
    close: async () => undefined,
  }
}
