// Opens an instance: resolves settings, opens the rooms, wires them, and closes them in reverse.
import { pino } from 'pino'
import { migrate } from './database/migrate.ts'
import { openDatabase, type Database } from './database/open.ts'
import { dataKeyTable } from './history/data-keys.ts'
import { openRecorder } from './history/recorder.ts'
import type { HistoryDatabase } from './history/record.ts'
import { HISTORY_STEPS } from './history/tables.ts'
import type { JobDefinition } from './job/define-job.ts'
import type { Pack, Panel } from './job/define-pack.ts'
import type { QueueDefinition } from './job/define-queue.ts'
import type { EnqueueOptions } from './job/enqueue-options.ts'
import type { Handler } from './job/handler.ts'
import type { Logger } from './job/logger.ts'
import { buildRegistry, type Registry } from './job/registry.ts'
import { openKeyring } from './keyring-source.ts'
import { openEngines } from './open-engines.ts'
import type { EngineName, EngineStatus } from './engine/set.ts'
import type { Accepted, Schema } from './job/schema.ts'
import { identityOf } from './primitives/folder.ts'
import { systemClock, type Clock } from './primitives/clock.ts'
import { milliseconds, type Duration } from './primitives/duration.ts'
import { OrderlyError } from './primitives/errors.ts'
import { enqueue, enqueueMany, type EnqueuedJob, type EnqueueItem } from './runtime/enqueue.ts'
import {
  isIdle,
  readQueues,
  readRecentJobs,
  type JobSummary,
  type QueueSummary,
} from './runtime/read.ts'
import type { Rooms } from './runtime/rooms.ts'
import { startWorkers } from './runtime/start.ts'
import type { QueueWorker } from './runtime/worker.ts'
import { startChores } from './runtime/chores.ts'
import { classify } from './vault/classify.ts'
import { openDataKeys } from './vault/data-keys.ts'
import { openVault } from './vault/vault.ts'
import { resolveSettings, type SettingOptions, type Settings } from './settings.ts'

/** What a pack is given when it is opened. */
export interface PackRooms {
  readonly clock: Clock
  readonly database: Database
  /** The instance's folder, for files a pack must keep. */
  readonly home: string
  readonly log: Logger
}

export interface OrderlyOptions extends SettingOptions {
  readonly packs?: readonly Pack<PackRooms>[]
  readonly jobs?: readonly JobDefinition<any, any>[]
  readonly queues?: readonly QueueDefinition[]
  readonly handlers?: readonly Handler[]
  /** Where log lines go. JSON lines on stderr unless told. */
  readonly log?: Logger
  readonly clock?: Clock
  /** How long running jobs may go on when the instance closes. 10 s unless told. */
  readonly grace?: Duration
  /**
   * How long it is known that a job ran, and how it ended, after its content is gone. Six years unless told, the time
   * 45 CFR 164.316(b)(2)(i) sets for documentation.
   */
  readonly historyRetention?: Duration
}

export interface OrderlyStatus extends EngineStatus {
  /** False while a worker that has gone deaf is being replaced. */
  readonly workersReady: boolean
}

export interface Orderly extends AsyncDisposable {
  readonly clock: Clock
  readonly settings: Settings
  readonly database: Database
  readonly panels: readonly Panel[]
  /** Whether the queues are where they should be, or jobs run on the embedded engine for now. */
  status(): OrderlyStatus
  /**
   * Starts a worker for every queue. A process that only enqueues leaves it out.
   *
   * @throws OrderlyError `ORDERLY_HANDLER_MISSING`
   */
  start(): Promise<void>
  /**
   * Puts a job in its queue. Once this resolves the job is on disk.
   *
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_JOB_UNKNOWN`, `ORDERLY_CLOSED`,
   *   `ORDERLY_ENGINE_UNAVAILABLE`
   */
  enqueue<Input extends Schema>(
    job: JobDefinition<Input>,
    input: Accepted<Input>,
    options?: EnqueueOptions,
  ): Promise<EnqueuedJob>
  /** Puts many jobs of one kind in their queue: all of them, or none. */
  enqueueMany<Input extends Schema>(
    job: JobDefinition<Input>,
    items: readonly EnqueueItem<Input>[],
  ): Promise<EnqueuedJob[]>
  queues(): Promise<QueueSummary[]>
  /** The newest jobs of all queues. */
  recentJobs(limit?: number): Promise<JobSummary[]>
  /**
   * Resolves once no queue holds work that is still owed, or when `signal` aborts. Delayed jobs are owed too, and so
   * is what no process works on.
   */
  whenIdle(options?: { signal?: AbortSignal }): Promise<void>
  /** Takes no more jobs, lets the running ones end, closes every store. */
  close(): Promise<void>
}

/** How long content is kept where a job's options say nothing: the seeds' clean-up rule (002, Issue 3). */
const CONTENT_RETENTION = { completed: milliseconds('24h'), failed: milliseconds('7d') }
/** How often an idle check looks again when no worker of this process has settled a job. */
const IDLE_CHECK_MS = 500

/**
 * Opens an instance of Orderly. Nothing runs until `start`.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`, `ORDERLY_SETTING_INVALID`, `ORDERLY_DATABASE_UNAVAILABLE`,
 *   `ORDERLY_MIGRATION_FAILED`
 */
export async function createOrderly(options: OrderlyOptions): Promise<Orderly> {
  const settings = resolveSettings(options)
  const clock = options.clock ?? systemClock
  const log = options.log ?? stderrLogger()
  const packs = options.packs ?? []
  const grace = milliseconds(options.grace ?? '10s')
  const database = openDatabase(settings.databaseUrl)
  try {
    const opened = []
    for (const pack of packs)
      opened.push(await pack.open({ clock, database, home: settings.home, log }))
    const registry = buildRegistry({
      jobs: [...packs.flatMap((pack) => pack.jobs), ...(options.jobs ?? [])],
      queues: [...packs.flatMap((pack) => pack.queues), ...(options.queues ?? [])],
      handlers: [...opened.flatMap((pack) => pack.handlers), ...(options.handlers ?? [])],
    })
    const rooms = await openRooms(registry, database, settings, { clock, log, options })
    const panels = opened.flatMap((pack) => pack.panels ?? [])
    return instance(rooms, database, settings, panels, grace)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function openRooms(
  registry: Registry,
  database: Database,
  settings: Settings,
  given: { clock: Clock; log: Logger; options: OrderlyOptions },
): Promise<Rooms> {
  const { clock, log, options } = given
  await migrate(database, 'orderly', HISTORY_STEPS)
  const history: HistoryDatabase = database.withTables()
  const classes = classify(registry.jobs.values())
  const provider = openKeyring(settings, classes.anyPhi, clock.now(), log)
  const vault = openVault(openDataKeys(dataKeyTable(history), provider, clock), clock)
  const recorder = openRecorder({
    database: history,
    clock,
    retention: CONTENT_RETENTION,
    // A queue in a SQLite file is synced before a job counts as accepted, and knows what the record may have lost.
    commit: settings.queueUrl.startsWith('sqlite:') ? 'written' : 'flushed',
    onError: (error) =>
      log.error({ error: error.message }, 'the record could not be written; it is tried again'),
  })
  const engines = await openEngines(settings, {
    clock,
    classes,
    vault,
    recorder,
    log,
    embeddedName: embeddedNameOf(database, settings),
  })
  return {
    clock,
    classes,
    engines,
    history,
    historyRetention: milliseconds(options.historyRetention ?? '2192d'),
    log,
    random: Math.random,
    recorder,
    registry,
    vault,
  }
}

/** Machines that share one record each have an embedded engine of their own, and must tell them apart. */
function embeddedNameOf(database: Database, { home }: Settings): EngineName {
  return database.dialect === 'sqlite' ? 'embedded' : `embedded-${identityOf(home)}`
}

function instance(
  rooms: Rooms,
  database: Database,
  settings: Settings,
  panels: readonly Panel[],
  grace: number,
): Orderly {
  let workers: QueueWorker[] = []
  const chores = startChores(rooms)
  let closing: Promise<void> | undefined
  const open = (): Rooms => {
    if (closing) throw new OrderlyError('ORDERLY_CLOSED', 'this instance is closed; open a new one')
    return rooms
  }
  const close = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.close(grace)))
    await chores.stop()
    await rooms.engines.close()
    await rooms.recorder.close()
    await database.close()
  }
  return {
    clock: rooms.clock,
    settings,
    database,
    panels,
    status: () => ({
      ...open().engines.status(),
      workersReady: workers.every((worker) => worker.isReady()),
    }),
    async start() {
      const openRooms = open()
      if (workers.length === 0) workers = startWorkers(openRooms)
    },
    enqueue: (job, input, options) => enqueue(open(), job, input, options),
    enqueueMany: (job, items) => enqueueMany(open(), job, items),
    queues: () => readQueues(open()),
    recentJobs: (limit = 50) => readRecentJobs(open(), limit),
    async whenIdle({ signal } = {}) {
      while (!signal?.aborted && !(await isIdle(open()))) {
        const settled = new AbortController()
        const stops = workers.map((worker) => worker.onSettled(() => settled.abort()))
        await rooms.clock.sleep(IDLE_CHECK_MS, settled.signal)
        for (const stop of stops) stop()
      }
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
}

function stderrLogger(): Logger {
  return pino({ base: null }, pino.destination(2)) as Logger
}
