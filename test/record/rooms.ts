// The rooms of an instance over a store of one's choice, with ways into its queues past the wall.
import { join } from 'node:path'
import {
  createPostgresBackend,
  createRedisBackend,
  withBackend,
  type BackendFactory,
  type IQueueBackend,
} from 'bullmq'
import { createSqliteBackend } from 'bullmq-sqlite'
import { openDatabase } from '../../packages/orderly/src/database/open.ts'
import { openEngine } from '../../packages/orderly/src/engine/open.ts'
import { singleEngine } from '../../packages/orderly/src/engine/set.ts'
import { openAlerts } from '../../packages/orderly/src/alerts/alerts.ts'
import { openDeliverer } from '../../packages/orderly/src/events/deliver.ts'
import { openSources } from '../../packages/orderly/src/events/sources.ts'
import { eventActions } from '../../packages/orderly/src/runtime/event-actions.ts'
import { openWebhooks } from '../../packages/orderly/src/events/webhooks.ts'
import { openEvents } from '../../packages/orderly/src/events/events.ts'
import { dataKeyTable } from '../../packages/orderly/src/history/data-keys.ts'
import { append, appendIf } from '../../packages/orderly/src/history/record.ts'
import { openRecorder } from '../../packages/orderly/src/history/recorder.ts'
import type { Handler } from '../../packages/orderly/src/job/handler.ts'
import { buildRegistry } from '../../packages/orderly/src/job/registry.ts'
import type { JobDefinition } from '../../packages/orderly/src/job/define-job.ts'
import { systemClock, type Clock } from '../../packages/orderly/src/primitives/clock.ts'
import { newId } from '../../packages/orderly/src/primitives/ids.ts'
import { openNotifications } from '../../packages/orderly/src/notifications/notifications.ts'
import { openRuntime } from '../../packages/orderly/src/runtime/open-runtime.ts'
import { prepareKeys } from '../../packages/orderly/src/runtime/prepare-keys.ts'
import type { Rooms } from '../../packages/orderly/src/runtime/rooms.ts'
import { classify } from '../../packages/orderly/src/vault/classify.ts'
import { openDataKeys } from '../../packages/orderly/src/vault/data-keys.ts'
import { keyringProvider } from '../../packages/orderly/src/vault/key-provider.ts'
import type { Keyring } from '../../packages/orderly/src/vault/keyring.ts'
import { openVault } from '../../packages/orderly/src/vault/vault.ts'
import { openRecord } from './databases.ts'
import { RETENTION } from './events.ts'

export interface Store {
  readonly kind: 'sqlite' | 'redis' | 'postgres'
  readonly factory: BackendFactory<IQueueBackend, any>
  readonly connection: unknown
}

export function storeAt(url: string): Store {
  if (url.startsWith('redis:')) {
    const connection = { host: '127.0.0.1', port: Number(new URL(url).port) }
    const factory = createRedisBackend as Store['factory']
    return { kind: 'redis', factory, connection: { ...connection, maxRetriesPerRequest: null } }
  }
  if (url.startsWith('postgres:')) {
    const connection = { connectionString: url, migrate: true }
    return { kind: 'postgres', factory: createPostgresBackend as Store['factory'], connection }
  }
  const factory = createSqliteBackend as Store['factory']
  return { kind: 'sqlite', factory, connection: { file: join(url, 'queue.db') } }
}

export interface OpenRooms {
  readonly rooms: Rooms
  /** BullMQ without the wall: nothing is sealed and nothing recorded. */
  readonly bare: ReturnType<typeof withBackend<any, any>>
  readonly connection: unknown
  close(): Promise<void>
}

interface Options {
  readonly databaseUrl: string
  readonly store: Store
  readonly keyring: Keyring
  readonly jobs: readonly JobDefinition<any, any>[]
  readonly handlers?: readonly Handler[]
  readonly clock?: Clock
}

export async function openRooms(options: Options): Promise<OpenRooms> {
  const { databaseUrl, store, keyring, jobs, handlers = [], clock = systemClock } = options
  const history = await openRecord(databaseUrl)
  const keys = openDatabase(databaseUrl)
  const registry = buildRegistry({ jobs, queues: [], handlers })
  const classes = classify(registry.jobs.values())
  const provider = keyringProvider(() => keyring)
  const dataKeys = openDataKeys(dataKeyTable(keys.withTables()), provider, clock)
  const vault = openVault(dataKeys, clock)
  await prepareKeys({ vault, classes })
  const recorder = openRecorder({
    database: history,
    writer: {
      append: (entries) => append(history, entries, RETENTION),
      appendIf: (entry, condition) => appendIf(history, entry, RETENTION, condition),
    },
    clock,
    onError: () => undefined,
  })
  const { kind, factory, connection } = store
  const engine = openEngine(
    {
      kind,
      place: 'here',
      factory,
      queueConnection: connection,
      workerConnection: connection,
      prepare: async () => undefined,
      close: async () => undefined,
    },
    {
      seal: {
        vault,
        suiteOf: (queue) => classes.suiteOf(queue),
        newId: () => newId(clock.now()),
        onRefused: () => undefined,
      },
      record: {
        clock,
        record: (reports) =>
          recorder.record(reports.map((report) => ({ ...report, engine: 'main' }))),
        note: (reports) => recorder.note(reports.map((report) => ({ ...report, engine: 'main' }))),
        mayBeDoneLater: () => false,
      },
    },
    () => undefined,
  )
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const runtime = await openRuntime({
    database: history.withTables(),
    clock,
    dataKeys,
    production: false,
    home: '.',
    log,
    release: 'test',
    registry,
    childEnvironment: () => ({}),
  })
  const events = openEvents({ history, state: runtime.state, clock, log })
  const webhooks = openWebhooks({
    state: runtime.state,
    clock,
    vault,
    events,
    allowPrivate: true,
  })
  const notifications = openNotifications(() => rooms)
  const rooms: Rooms = {
    ...runtime,
    clock,
    classes,
    events,
    eventSources: openSources({
      state: runtime.state,
      history,
      clock,
      vault,
      actions: eventActions(() => rooms),
    }),
    deliverer: openDeliverer({
      state: runtime.state,
      clock,
      vault,
      log,
      random: Math.random,
      allowPrivate: true,
    }),
    webhooks,
    engines: singleEngine(engine, clock.now()),
    history,
    historyRetention: 30 * 86_400_000,
    log,
    mailer: undefined,
    notifications,
    alerts: openAlerts({
      history,
      state: runtime.state,
      clock,
      vault,
      mailer: undefined,
      notifications,
      webhooks,
      allowPrivate: true,
    }),
    random: Math.random,
    recorder,
    registry,
    vault,
    workerScope: undefined,
    oidc: undefined,
  }
  return {
    rooms,
    bare: withBackend(factory),
    connection,
    async close() {
      await engine.close()
      await recorder.close()
      await Promise.all([history.close(), keys.close()])
    },
  }
}
