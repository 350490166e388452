// Opens what the runtime itself keeps in a process: counters, gates, and the tables beside the record.
import { migrate } from '../database/migrate.ts'
import type { Database } from '../database/open.ts'
import { openPool } from '../isolation/pool.ts'
import { spawner } from '../isolation/spawn.ts'
import type { Services } from '../job/context.ts'
import type { Logger } from '../job/logger.ts'
import type { Registry } from '../job/registry.ts'
import type { Clock } from '../primitives/clock.ts'
import { STATE_STEPS, type StateDatabase } from '../state/tables.ts'
import { openWorkflows } from '../workflow/catalog.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import { readTemplate, type WorkflowTemplate } from '../workflow/template.ts'
import { machineCapacity, openAdmission } from './admission.ts'
import { machineGauges, openBackpressure, type BackpressureOptions } from './backpressure.ts'
import { openMeasures } from './measures.ts'
import { openPauses } from './pauses.ts'
import type { Rooms } from './rooms.ts'
import { openRunner } from './run-handler.ts'
import { openRunMemory } from './run-picture.ts'
import { openRunning } from './running.ts'
import { openTurns } from './turns.ts'

export interface RuntimeOptions {
  readonly workflows?: readonly WorkflowDocument[]
  readonly templates?: readonly WorkflowTemplate[]
  readonly services?: Services
  readonly backpressure?: BackpressureOptions
  readonly capacity?: { readonly memory?: number; readonly cpu?: number }
}

export interface RuntimeParts extends RuntimeOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  /** Where the embedded stores are. */
  readonly home: string
  readonly release: string
  readonly registry: Registry
  /** What handlers in threads and processes see of the environment, by the names they ask for beside the usual. */
  readonly childEnvironment: (extra: readonly string[]) => Record<string, string>
}

export type Runtime = Pick<
  Rooms,
  | 'admission'
  | 'backpressure'
  | 'isolation'
  | 'measures'
  | 'pauses'
  | 'release'
  | 'running'
  | 'runs'
  | 'services'
  | 'state'
  | 'templates'
  | 'turns'
  | 'workflows'
  | 'writtenLimits'
>

export async function openRuntime(parts: RuntimeParts): Promise<Runtime> {
  const { database, clock } = parts
  await migrate(database, 'orderly_state', STATE_STEPS)
  const state: StateDatabase = database.withTables()
  return {
    admission: openAdmission(machineCapacity(parts.capacity)),
    backpressure: openBackpressure(clock, machineGauges(parts.home), parts.backpressure),
    isolation: openRunner(
      clock,
      openPool(clock, spawner(parts.childEnvironment), (name) => parts.registry.jobs.get(name)),
    ),
    measures: openMeasures(state, clock),
    pauses: openPauses(state, clock),
    release: parts.release,
    running: openRunning(),
    runs: openRunMemory(),
    services: parts.services ?? {},
    state,
    templates: (parts.templates ?? []).map(readTemplate),
    workflows: openWorkflows(parts.workflows ?? [], parts.registry.jobs.values()),
    writtenLimits: new Map(),
    turns: openTurns((error) =>
      parts.log.warn({ error: error.message }, 'jobs were not given their turn; it is tried again'),
    ),
  }
}
