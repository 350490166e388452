// Opens an instance: resolves settings, opens the rooms, wires them, and closes them in reverse.
import { pino } from 'pino'
import { openDatabase, type Database } from './database/open.ts'
import { checkBeforeChange } from './before-change.ts'
import { closeRooms, LONGEST_STEP_MS } from './close-rooms.ts'
import type { Alerts } from './alerts/alerts.ts'
import type { Events } from './events/events.ts'
import { publishEvents, type OpenStream, type PublishTarget } from './events/publish.ts'
import type { EventSources } from './events/sources.ts'
import type { Webhooks } from './events/webhooks.ts'
import type { JobDefinition } from './job/define-job.ts'
import type { OpenPack, Pack, Panel, Trigger, Words } from './job/define-pack.ts'
import type { PackAction } from './job/pack-action.ts'
import type { PackPage } from './job/pack-page.ts'
import type { QueueDefinition } from './job/define-queue.ts'
import type { Services } from './job/context.ts'
import type { Handler } from './job/handler.ts'
import { countJobs, type JobCount } from './history/find.ts'
import { openLogs, type AnyLogger, type LogStreams } from './job/log-streams.ts'
import type { Logger } from './job/logger.ts'
import type { Anchor } from './ledger/anchor.ts'
import { buildRegistry, type Registry } from './job/registry.ts'
import { openRooms, type Databases } from './open-rooms.ts'
import type { EngineStatus } from './engine/set.ts'
import { openObjects } from './objects/open.ts'
import type { ObjectStore } from './objects/object-store.ts'
import type { Mailer } from './mail/mailer.ts'
import { openNotifications, type Notifications } from './notifications/notifications.ts'
import { openMail } from './open-mail.ts'
import { checkClose, checkOptions, checkStart } from './option-names.ts'
import { openPackVault, type PackVault, type PackVaultParts } from './pack-vault.ts'
import { systemClock, type Clock } from './primitives/clock.ts'
import { milliseconds, type Duration } from './primitives/duration.ts'
import { OrderlyError } from './primitives/errors.ts'
import type { BackpressureOptions } from './runtime/backpressure.ts'
import { auditedOperations } from './runtime/audited.ts'
import { auditedAlerts, auditedSources, auditedWebhooks } from './runtime/audited-rooms.ts'
import { checkedOperations } from './runtime/checked.ts'
import { startChores } from './runtime/chores.ts'
import { operationsOn, type Operations } from './runtime/operations.ts'
import { isIdle } from './runtime/read.ts'
import type { Rooms } from './runtime/rooms.ts'
import { syncSchedules } from './runtime/schedules.ts'
import { openWorkLife } from './runtime/work-life.ts'
import { openUnderWay } from './runtime/under-way.ts'
import type { WorkflowDocument } from './workflow/document.ts'
import type { WorkflowTemplate } from './workflow/template.ts'
import { resolveSettings, shownSettings, type SettingOptions, type Settings } from './settings.ts'

/** What a pack is given when it is opened. */
export interface PackRooms {
  readonly clock: Clock
  readonly database: Database
  /** How many jobs stand in each state, by queue and name. */
  countJobs(): Promise<JobCount[]>
  /** Where files are kept by key: a folder, or a bucket. */
  readonly objects: ObjectStore
  /** The instance's folder, for files a pack must keep. */
  readonly home: string
  readonly log: Logger
  /** Sends mail. Undefined where no mail server is set: `ORDERLY_SMTP_URL` and `ORDERLY_MAIL_FROM`. */
  readonly mailer: Mailer | undefined
  /** Tells people things in the application. Works once the instance is open: in handlers, not in `open`. */
  readonly notifications: Notifications
  /** Seals what the pack keeps in its own tables and files. */
  readonly vault: PackVault
}

export interface OrderlyOptions extends SettingOptions {
  readonly packs?: readonly Pack<PackRooms>[]
  readonly jobs?: readonly JobDefinition<any, any>[]
  readonly queues?: readonly QueueDefinition[]
  readonly handlers?: readonly Handler[]
  /**
   * Where log lines go: a logger of pino's shape or of winston's, or one for each stream. JSON lines on stderr unless
   * told.
   */
  readonly log?: AnyLogger | LogStreams
  readonly clock?: Clock
  /** How long running jobs may go on when the instance closes. 10 s unless told. */
  readonly grace?: Duration
  /**
   * How long it is known that a job ran, and how it ended, after its content is gone. Six years unless told, the time
   * 45 CFR 164.316(b)(2)(i) sets for documentation.
   */
  readonly historyRetention?: Duration
  /** Workflows that can be run here; each is checked when the instance opens. */
  readonly workflows?: readonly WorkflowDocument[]
  /** Where events are published, for other programs. */
  readonly publish?: readonly PublishTarget[]
  /** Templates that workflows can be made from here. */
  readonly templates?: readonly WorkflowTemplate[]
  /** The program's own words in other languages: titles of workflows and templates, questions of approvals. */
  readonly words?: Words
  /** What handlers are given as `ctx.services`. */
  readonly services?: Services
  /** When new jobs are refused for want of room. */
  readonly backpressure?: BackpressureOptions
  /** `passwordCost`: log2 of the work that a password costs; 17, about 0.4 s, unless told. */
  readonly access?: { readonly passwordCost?: number }
  /** Places beside the file in the home folder that keep checkpoints of the audit log. */
  readonly anchors?: readonly Anchor[]
  /** What running jobs may use of this machine together: mebibytes of memory, and processors. */
  readonly capacity?: { readonly memory?: number; readonly cpu?: number }
}

export interface OrderlyStatus extends EngineStatus {
  /** False while a worker that has gone deaf is being replaced, and after `quiet`. */
  readonly workersReady: boolean
}

export interface StartOptions {
  /** Work on these queues only. All of them unless told. */
  readonly queues?: readonly string[]
}

export interface CloseOptions {
  /** How long running jobs may go on; the `grace` of the instance unless told. */
  readonly grace?: Duration
  /** They are told to stop when it aborts, however much of their time is left. */
  readonly hurry?: AbortSignal
}

export interface Orderly extends Operations, AsyncDisposable {
  readonly clock: Clock
  /** What this instance was opened with; passwords and keys are left out. */
  readonly settings: Settings
  readonly database: Database
  /** Where files are kept by key. */
  readonly objects: ObjectStore
  readonly panels: readonly Panel[]
  /** The packs this instance was opened with, and the pages they add to the dashboard. */
  readonly packs: readonly (Pick<OpenPack, 'reveal' | 'document'> & {
    readonly name: string
    readonly pages: readonly PackPage[]
    readonly actions: readonly PackAction[]
    readonly triggers: readonly Trigger[]
    readonly words?: Words
  })[]
  /** The program's own words in other languages. */
  readonly words?: Words
  /** Tells people things in the application. */
  readonly notifications: Notifications
  /** Rules, alerts, silences, and where notices go. */
  readonly alerts: Alerts
  /** Who outside may send events in. */
  readonly eventSources: EventSources
  /** Subscriptions by HTTP, and what became of each delivery. */
  readonly webhooks: Webhooks
  /** What happens to jobs: consumers, and ranges told once more. */
  readonly events: Events
  /** Calls a function for events; see `Events.on`. */
  readonly on: Events['on']
  /** What is registered: jobs, handlers, queues. */
  readonly registry: Registry
  /** Whether the queues are where they should be, or jobs run on the embedded engine for now. */
  status(): OrderlyStatus
  /**
   * Starts a worker for every queue. A process that only enqueues leaves it out.
   *
   * @throws OrderlyError `ORDERLY_HANDLER_MISSING`
   */
  start(options?: StartOptions): Promise<void>
  /** Takes no more jobs; those that run go on. `start` takes up work again. */
  quiet(): Promise<void>
  /**
   * Resolves once no queue holds work that is still owed, or when `signal` aborts. Delayed jobs are owed too, and so
   * is what no process works on.
   */
  whenIdle(options?: { signal?: AbortSignal }): Promise<void>
  /**
   * Takes no more jobs and no more calls, lets the running jobs end and the calls be answered, closes every store. What
   * has not ended goes back to its queue; a call without an answer after 10 s is refused with `ORDERLY_CLOSED`.
   */
  close(options?: CloseOptions): Promise<void>
}

/** The time 45 CFR 164.316(b)(2)(i) sets for documentation. */
const DEFAULT_HISTORY_RETENTION = '2192d'
/** How often an idle check looks again when no worker of this process has settled a job. */
const IDLE_CHECK_MS = 500

/**
 * Opens an instance of Orderly. Nothing runs until `start`.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`, `ORDERLY_SETTING_INVALID`, `ORDERLY_DATABASE_UNAVAILABLE`,
 *   `ORDERLY_MIGRATION_FAILED`
 */
export async function createOrderly(options: OrderlyOptions): Promise<Orderly> {
  checkOptions(options)
  const settings = resolveSettings(options)
  const clock = options.clock ?? systemClock
  const { log, audit: auditLog } = openLogs(options.log ?? stderrLogger())
  const packs = options.packs ?? []
  const grace = milliseconds(options.grace ?? '10s')
  if (settings.ignored.length > 0)
    log.warn(
      { home: settings.home, ignored: settings.ignored },
      'a home given in code stands above these variables, which are not used; give queueUrl, databaseUrl or keyringFile in code to have them elsewhere',
    )
  const objects = await openObjects(settings.objectsUrl, settings.home)
  const mailer = openMail(settings, clock)
  const database = openDatabase(settings.databaseUrl)
  // Sealing inside a caller's transaction must not wait for the connection that transaction holds.
  const keys = openDatabase(settings.databaseUrl)
  let own: Rooms | undefined
  const notifications = openNotifications(() => {
    if (own) return own
    throw new OrderlyError('ORDERLY_CLOSED', 'the instance is not open yet; notify in handlers')
  })
  let sealing: PackVaultParts | undefined
  const vaultParts = (): PackVaultParts => {
    if (sealing) return sealing
    throw new OrderlyError('ORDERLY_CLOSED', 'the instance is not open yet; seal in handlers')
  }
  try {
    const jobs = [...packs.flatMap((pack) => pack.jobs), ...(options.jobs ?? [])]
    await checkBeforeChange({ database, settings, packs, jobs, now: clock.now(), log })
    const opened: OpenPack[] = []
    for (const pack of packs)
      opened.push(
        await pack.open({
          clock,
          database,
          countJobs: async () => {
            await own?.recorder.flush()
            return countJobs(database.withTables())
          },
          objects,
          home: settings.home,
          log,
          mailer,
          notifications,
          vault: openPackVault(pack.name, database, vaultParts),
        }),
      )
    const registry = buildRegistry({
      jobs,
      queues: [...packs.flatMap((pack) => pack.queues), ...(options.queues ?? [])],
      handlers: [...opened.flatMap((pack) => pack.handlers), ...(options.handlers ?? [])],
    })
    const { provider, rooms } = await openRooms(registry, { database, keys }, settings, {
      clock,
      log,
      auditLog,
      mailer,
      notifications,
      historyRetention: options.historyRetention ?? DEFAULT_HISTORY_RETENTION,
      services: options.services ?? {},
      // What packs bring is checked when it is opened, like all the others.
      workflows: [
        ...packs.flatMap((pack) => (pack.workflows ?? []) as readonly WorkflowDocument[]),
        ...(options.workflows ?? []),
      ],
      templates: [
        ...packs.flatMap((pack) => (pack.templates ?? []) as readonly WorkflowTemplate[]),
        ...(options.templates ?? []),
      ],
      backpressure: options.backpressure ?? {},
      capacity: options.capacity ?? {},
      anchors: options.anchors ?? [],
      access: options.access ?? {},
    })
    own = rooms
    sealing = { provider, vault: rooms.vault }
    const shown = {
      panels: opened.flatMap((pack) => pack.panels ?? []),
      packs: packs.map(({ name, triggers = [], words }, index) => {
        const { actions = [], document, pages = [], reveal } = opened[index]!
        return {
          name,
          triggers,
          pages,
          actions,
          ...(reveal ? { reveal } : {}),
          ...(document ? { document } : {}),
          ...(words ? { words } : {}),
        }
      }),
      ...(options.words ? { words: options.words } : {}),
    }
    const stores = { database, keys, objects }
    return instance(rooms, stores, settings, shown, grace, options.publish ?? [])
  } catch (error) {
    await Promise.all([mailer?.close(), database.close(), keys.close(), objects.close()])
    throw error
  }
}

function instance(
  rooms: Rooms,
  stores: Databases & { readonly objects: ObjectStore },
  settings: Settings,
  shown: Pick<Orderly, 'panels' | 'packs' | 'words'>,
  grace: number,
  publish: readonly PublishTarget[],
): Orderly {
  const stopPublishing = publishEvents(rooms.events, rooms.history, publish, openStream)
  const chores = startChores(rooms)
  let closing: Promise<void> | undefined
  let isOver = false
  const refuseWhen = (isClosed: boolean): Rooms => {
    if (isClosed)
      throw new OrderlyError('ORDERLY_CLOSED', 'this instance is closed; open a new one')
    return rooms
  }
  const open = (): Rooms => refuseWhen(closing !== undefined)
  /** What was asked before it began to close may still be done. */
  const working = (): Rooms => refuseWhen(isOver)
  const underWay = openUnderWay(rooms.clock)
  const work = openWorkLife(open)
  const close = async (options: CloseOptions): Promise<void> => {
    const { grace: ownGrace, hurry } = options
    await Promise.all([
      work.close(ownGrace === undefined ? grace : milliseconds(ownGrace), hurry),
      underWay.settled(LONGEST_STEP_MS),
    ])
    isOver = true
    underWay.drop()
    await closeRooms(rooms, { ...stores, chores, stopPublishing })
  }
  const opened: Orderly = {
    ...underWay.follow(checkedOperations(auditedOperations(working, operationsOn(working))), [
      'enqueueAndWait',
    ]),
    clock: rooms.clock,
    settings: shownSettings(settings),
    database: stores.database,
    objects: stores.objects,
    ...shown,
    notifications: rooms.notifications,
    events: rooms.events,
    alerts: underWay.follow(auditedAlerts(working, rooms.alerts)),
    eventSources: underWay.follow(auditedSources(working, rooms.eventSources)),
    webhooks: underWay.follow(auditedWebhooks(working, rooms.webhooks)),
    on: (types, options, fn) => open().events.on(types, options, fn),
    registry: rooms.registry,
    status: () => ({ ...open().engines.status(), workersReady: work.isReady() }),
    async start(options = {}) {
      checkStart(options)
      await syncSchedules(open())
      await work.start(options.queues)
    },
    async quiet() {
      open()
      await work.quiet(grace)
    },
    async whenIdle({ signal } = {}) {
      while (!signal?.aborted && !(await isIdle(open()))) {
        const settled = new AbortController()
        const stop = work.onSettled(() => settled.abort())
        await rooms.clock.sleep(IDLE_CHECK_MS, settled.signal)
        stop()
      }
    },
    async close(options = {}) {
      checkClose(options)
      await (closing ??= close(options))
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
  roomsByInstance.set(opened, rooms)
  return opened
}

const roomsByInstance = new WeakMap<Orderly, Rooms>()

/** The rooms behind an instance, for the faces of Orderly itself. */
export function roomsOf(orderly: Orderly): Rooms {
  const rooms = roomsByInstance.get(orderly)
  if (rooms) return rooms
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    'this is no instance that createOrderly made; give the instance itself, not a copy of it',
  )
}

/** Its client is loaded only where events go to Redis. */
const openStream: OpenStream = async (url, stream, maxLength) => {
  const { openRedisStream } = await import('./engine/redis-stream.ts')
  return openRedisStream(url, stream, maxLength)
}

function stderrLogger(): Logger {
  return pino({ base: null }, pino.destination(2)) as Logger
}
