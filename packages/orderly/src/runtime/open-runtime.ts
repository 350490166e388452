// Opens what the runtime itself keeps in a process: counters, gates, and the tables beside the record.
import { APPROVAL_STEP } from '../access/approval-tables.ts'
import { openAccess, type AccessOptions } from '../access/room.ts'
import { ACCESS_STEP } from '../access/tables.ts'
import { migrate, type MigrationStep } from '../database/migrate.ts'
import type { Database } from '../database/open.ts'
import { countJobs } from '../history/find.ts'
import { openPool } from '../isolation/pool.ts'
import { spawner } from '../isolation/spawn.ts'
import type { Services } from '../job/context.ts'
import type { Logger } from '../job/logger.ts'
import type { Registry } from '../job/registry.ts'
import type { Anchor } from '../ledger/anchor.ts'
import { openLedger } from '../ledger/open.ts'
import { ledgerKey } from '../ledger/seal.ts'
import { LEDGER_STEP } from '../ledger/tables.ts'
import type { Clock } from '../primitives/clock.ts'
import { STATE_STEPS, type StateDatabase } from '../state/tables.ts'
import { openWorkflows } from '../workflow/catalog.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import type { DataKeys } from '../vault/data-keys.ts'
import { readTemplate, type WorkflowTemplate } from '../workflow/template.ts'
import { machineCapacity, openAdmission } from './admission.ts'
import { machineGauges, openBackpressure, type BackpressureOptions } from './backpressure.ts'
import { openPauses } from './pauses.ts'
import type { Rooms } from './rooms.ts'
import { openRunner } from './run-handler.ts'
import { openRunMemory } from './run-picture.ts'
import { openRunning } from './running.ts'
import { openTelemetry } from './telemetry.ts'
import { openTurns } from './turns.ts'

export interface RuntimeOptions {
  readonly workflows?: readonly WorkflowDocument[]
  readonly templates?: readonly WorkflowTemplate[]
  readonly services?: Services
  readonly backpressure?: BackpressureOptions
  /** `passwordCost`: log2 of the work that a password costs; 17, about 0.4 s, unless told. */
  readonly access?: Pick<AccessOptions, 'passwordCost' | 'spool' | 'alwaysTwo'>
  /** Where checkpoints of the audit log are kept beside the database. */
  readonly anchors?: readonly Anchor[]
  readonly capacity?: { readonly memory?: number; readonly cpu?: number }
}

export interface RuntimeParts extends RuntimeOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  /** Where the embedded stores are. */
  readonly home: string
  readonly release: string
  /** Nothing is permitted for convenience. */
  readonly production: boolean
  readonly registry: Registry
  /** The ledger seals and signs with one of them. */
  readonly dataKeys: DataKeys
  /** What handlers in threads and processes see of the environment, by the names they ask for beside the usual. */
  readonly childEnvironment: (extra: readonly string[]) => Record<string, string>
}

export type Runtime = Pick<
  Rooms,
  | 'access'
  | 'admission'
  | 'anchors'
  | 'backpressure'
  | 'isolation'
  | 'ledger'
  | 'pauses'
  | 'production'
  | 'release'
  | 'running'
  | 'runs'
  | 'services'
  | 'state'
  | 'telemetry'
  | 'templates'
  | 'turns'
  | 'workflows'
  | 'writtenLimits'
  | 'writtenPauses'
>

/** All the tables beside the record. */
export const RUNTIME_STEPS: readonly MigrationStep[] = [
  ...STATE_STEPS,
  ACCESS_STEP,
  LEDGER_STEP,
  APPROVAL_STEP,
]

export async function openRuntime(parts: RuntimeParts): Promise<Runtime> {
  const { database, clock } = parts
  await migrate(database, 'orderly_state', RUNTIME_STEPS)
  const state: StateDatabase = database.withTables()
  const ledger = openLedger({
    database: database.withTables(),
    keys: parts.dataKeys,
    clock,
    app: `orderly ${parts.release}`,
    onLost: (op, error) =>
      parts.log.error(
        { op, error: error.message },
        'an entry of the audit log could not be written',
      ),
  })
  // A key that is made within a transaction would wait for that transaction. One that is away is asked for again.
  await ledgerKey(parts.dataKeys).catch(() => undefined)
  return {
    access: openAccess({
      database: database.withTables(),
      ledger,
      keys: parts.dataKeys,
      clock,
      production: parts.production,
      ...parts.access,
    }),
    admission: openAdmission(machineCapacity(parts.capacity)),
    anchors: parts.anchors ?? [],
    backpressure: openBackpressure(clock, machineGauges(parts.home), parts.backpressure),
    isolation: openRunner(
      clock,
      openPool(clock, spawner(parts.childEnvironment), (name) => parts.registry.jobs.get(name)),
    ),
    ledger,
    pauses: openPauses(state, clock),
    production: parts.production,
    release: parts.release,
    running: openRunning(),
    runs: openRunMemory(),
    services: parts.services ?? {},
    state,
    telemetry: openTelemetry({
      elapsed: () => clock.elapsed(),
      depths: () => countJobs(database.withTables()),
    }),
    templates: (parts.templates ?? []).map(readTemplate),
    workflows: openWorkflows(parts.workflows ?? [], parts.registry.jobs.values()),
    writtenLimits: new Map(),
    writtenPauses: new Map(),
    turns: openTurns((error) =>
      parts.log.warn({ error: error.message }, 'jobs were not given their turn; it is tried again'),
    ),
  }
}
