// What the runtime works with: the open rooms of one instance.
import type { Oidc } from '../access/oidc.ts'
import type { AccessRoom } from '../access/room.ts'
import type { Engines } from '../engine/set.ts'
import type { Alerts } from '../alerts/alerts.ts'
import type { Deliverer } from '../events/deliver.ts'
import type { Events } from '../events/events.ts'
import type { EventSources } from '../events/sources.ts'
import type { Webhooks } from '../events/webhooks.ts'
import type { HistoryDatabase } from '../history/record.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Services } from '../job/context.ts'
import type { Log, Logger } from '../job/logger.ts'
import type { Registry } from '../job/registry.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Anchor } from '../ledger/anchor.ts'
import type { Ledger } from '../ledger/open.ts'
import type { Notifications } from '../notifications/notifications.ts'
import type { Clock } from '../primitives/clock.ts'
import type { StateDatabase } from '../state/tables.ts'
import type { Workflows } from '../workflow/catalog.ts'
import type { WorkflowTemplate } from '../workflow/template.ts'
import type { Classes } from '../vault/classify.ts'
import type { Vault } from '../vault/vault.ts'
import type { Admission } from './admission.ts'
import type { Backpressure } from './backpressure.ts'
import type { Pauses } from './pauses.ts'
import type { WrittenLimits } from './queue-limits.ts'
import type { WrittenPauses } from './queue-pauses.ts'
import type { HandlerRunner } from './run-handler.ts'
import type { RunMemory } from './run-picture.ts'
import type { Running } from './running.ts'
import type { Telemetry } from './telemetry.ts'
import type { Turns } from './turns.ts'

export interface Rooms {
  /** Users, sessions and keys: who may do what. */
  readonly access: AccessRoom
  readonly admission: Admission
  readonly alerts: Alerts
  /** Where lines about entries of the ledger go, if anywhere. */
  readonly auditLog?: Log | undefined
  readonly backpressure: Backpressure
  readonly clock: Clock
  /** Sends what webhooks are due. */
  readonly deliverer: Deliverer
  /** What is PHI in the jobs of this instance. */
  readonly classes: Classes
  readonly engines: Engines
  /** What happens to jobs, for whoever wants to know. */
  readonly events: Events
  /** Who outside may send us events. */
  readonly eventSources: EventSources
  readonly history: HistoryDatabase
  /** How long history outlives its jobs, in milliseconds. */
  readonly historyRetention: number
  readonly isolation: HandlerRunner
  /** What people and programs did, so that nobody can take it back. */
  readonly ledger: Ledger
  /** Keeps checkpoints of it where the owner of the database cannot reach. */
  readonly anchors: readonly Anchor[]
  readonly log: Logger
  /** The queues this process may work on and open, as globs. Undefined: all. */
  readonly workerScope: readonly string[] | undefined
  /** Undefined where no mail server is set. */
  readonly mailer: Mailer | undefined
  readonly notifications: Notifications
  /** The identity provider that vouches for people. Undefined where none is set. */
  readonly oidc: Oidc | undefined
  readonly pauses: Pauses
  /** A number in [0, 1). */
  readonly random: () => number
  readonly recorder: Recorder
  readonly registry: Registry
  /** Nothing is made up or shown for convenience. */
  readonly production: boolean
  /** The release of the program that runs here, for evidence. */
  readonly release: string
  readonly running: Running
  /** The workflow runs that this process has moved on lately. */
  readonly runs: RunMemory
  readonly services: Services
  readonly state: StateDatabase
  /** Spans and measures for whoever collects them. */
  readonly telemetry: Telemetry
  /** The templates that the program and its packs bring with them. */
  readonly templates: readonly WorkflowTemplate[]
  /** Work that is done once at a time in this process. */
  readonly turns: Turns
  readonly vault: Vault
  readonly webhooks: Webhooks
  readonly workflows: Workflows
  /** The limits that this process last wrote to queues. */
  readonly writtenLimits: WrittenLimits
  /** The queues that this process last left paused. */
  readonly writtenPauses: WrittenPauses
}
