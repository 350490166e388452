// Opens the rooms of an instance on its database, and wires them.
import { migrate } from './database/migrate.ts'
import type { Database } from './database/open.ts'
import { openAlerts } from './alerts/alerts.ts'
import { openDeliverer } from './events/deliver.ts'
import { openEvents } from './events/events.ts'
import { openSources } from './events/sources.ts'
import { openWebhooks } from './events/webhooks.ts'
import { dataKeyTable, listDataKeys } from './history/data-keys.ts'
import type { HistoryDatabase } from './history/record.ts'
import { HISTORY_STEPS } from './history/tables.ts'
import type { Log, Logger } from './job/logger.ts'
import { reaches } from './access/can.ts'
import { openOidc } from './access/oidc.ts'
import { openSpool } from './access/spool.ts'
import { openRefusals } from './open-refusals.ts'
import type { Registry } from './job/registry.ts'
import { openKeyring } from './keyring-source.ts'
import { openEngines } from './open-engines.ts'
import { openRecord } from './open-record.ts'
import type { Mailer } from './mail/mailer.ts'
import { openNotifications, type Notifications } from './notifications/notifications.ts'
import type { EngineName } from './engine/set.ts'
import { fileAnchor } from './ledger/anchor.ts'
import type { Clock } from './primitives/clock.ts'
import { milliseconds, type Duration } from './primitives/duration.ts'
import { identityOf } from './primitives/folder.ts'
import { eventActions } from './runtime/event-actions.ts'
import { openRuntime, type RuntimeOptions } from './runtime/open-runtime.ts'
import { prepareKeys } from './runtime/prepare-keys.ts'
import type { Rooms } from './runtime/rooms.ts'
import { childEnvironment, type Settings } from './settings.ts'
import { PACK_SEAL_STEPS } from './state/pack-seals.ts'
import { classify } from './vault/classify.ts'
import { openDataKeys } from './vault/data-keys.ts'
import type { KeyProvider } from './vault/key-provider.ts'
import { openVault } from './vault/vault.ts'

interface Given extends RuntimeOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly auditLog?: Log | undefined
  readonly mailer?: Mailer | undefined
  /** Given where packs have it already. */
  readonly notifications?: Notifications
  readonly historyRetention: Duration
}

export interface OpenedRooms {
  readonly rooms: Rooms
  readonly provider: KeyProvider
}

/** The database of an instance, and another way to it for keys: they are needed inside transactions of the first. */
export interface Databases {
  readonly database: Database
  readonly keys: Database
}

export async function openRooms(
  registry: Registry,
  { database, keys }: Databases,
  settings: Settings,
  given: Given,
): Promise<OpenedRooms> {
  const { clock, log, historyRetention } = given
  await migrate(database, 'orderly', HISTORY_STEPS)
  await migrate(database, 'orderly_packs', PACK_SEAL_STEPS)
  const history: HistoryDatabase = database.withTables()
  const classes = classify(registry.jobs.values())
  const hasDataKeys = (await listDataKeys(history)).length > 0
  const { anyPhi } = classes
  const provider = openKeyring(settings, { anyPhi, hasDataKeys }, clock.now(), log)
  const dataKeys = openDataKeys(dataKeyTable(keys.withTables()), provider, clock)
  const refusals = openRefusals()
  const { workerScope } = settings
  const vault = openVault(dataKeys, clock, {
    onRefused: refusals.tell,
    ...(workerScope === undefined ? {} : { mayOpen: mayOpen(workerScope) }),
  })
  // Keys that are away now are asked for again by whoever needs one.
  await prepareKeys({ vault, classes }).catch(() => undefined)
  const recorder = openRecord(history, settings, clock, log)
  const engines = await openEngines(settings, {
    clock,
    classes,
    vault,
    recorder,
    log,
    onKeyMissing: (job) => runtime.running.count(job, 'its key is missing'),
    onUnsealed: ({ queue, jobId, slot, code }) =>
      refusals.tell({ queue, slot, anchor: jobId, seq: 0 }, code),
    // Keys that are away now mark nothing.
    marks: (await provider.marks?.().catch(() => [])) ?? [],
    embeddedName: embeddedNameOf(database, settings),
  })
  const { home, production, release } = settings
  const runtime = await openRuntime({
    ...given,
    access: {
      ...given.access,
      spool: openSpool(settings.emergencySpool, dataKeys, clock),
      alwaysTwo: settings.revealAlwaysTwo,
    },
    anchors: [fileAnchor(settings.ledgerAnchor), ...(given.anchors ?? [])],
    database,
    dataKeys,
    home,
    production,
    release,
    registry,
    childEnvironment,
  })
  const { state } = runtime
  refusals.writeTo(runtime.ledger)
  const { webhooksAllowPrivate: allowPrivate } = settings
  const events = openEvents({ history, state, clock, log })
  const webhooks = openWebhooks({ state, clock, vault, events, allowPrivate })
  const notifications = given.notifications ?? openNotifications(() => rooms)
  const rooms: Rooms = {
    ...runtime,
    alerts: openAlerts({
      history,
      state,
      clock,
      vault,
      mailer: given.mailer,
      notifications,
      webhooks,
      allowPrivate,
    }),
    auditLog: given.auditLog,
    deliverer: openDeliverer({ state, clock, vault, log, random: Math.random, allowPrivate }),
    events,
    eventSources: openSources({ state, history, clock, vault, actions: eventActions(() => rooms) }),
    webhooks,
    clock,
    classes,
    engines,
    history,
    historyRetention: milliseconds(historyRetention),
    log,
    mailer: given.mailer,
    notifications,
    oidc: settings.oidc && openOidc(settings.oidc, clock),
    random: Math.random,
    recorder,
    registry,
    vault,
    workerScope,
  }
  return { rooms, provider }
}

/** What is no queue is of the installation itself, and every process needs it: runs, notifications, secrets. */
function mayOpen(scope: readonly string[]): (queue: string) => boolean {
  return (queue) => queue.startsWith('#') || reaches({ queues: scope }, queue)
}

/** Machines that share one record each have an embedded engine of their own, and must tell them apart. */
function embeddedNameOf(database: Database, { home }: Settings): EngineName {
  return database.dialect === 'sqlite' ? 'embedded' : `embedded-${identityOf(home)}`
}
