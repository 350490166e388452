// What can be refused of an installation is refused before anything in it is changed.
import { checkMigrations, type KnownSteps } from './database/check-migrations.ts'
import type { Database } from './database/open.ts'
import { reach } from './database/reach.ts'
import { listDataKeys } from './history/data-keys.ts'
import { HISTORY_STEPS } from './history/tables.ts'
import type { JobDefinition } from './job/define-job.ts'
import type { Pack } from './job/define-pack.ts'
import type { Logger } from './job/logger.ts'
import { openKeyring } from './keyring-source.ts'
import type { Settings } from './settings.ts'
import { RUNTIME_STEPS } from './runtime/open-runtime.ts'
import { PACK_SEAL_STEPS } from './state/pack-seals.ts'
import { classify } from './vault/classify.ts'

const OWN: readonly KnownSteps[] = [
  { owner: 'orderly', steps: HISTORY_STEPS },
  { owner: 'orderly_packs', steps: PACK_SEAL_STEPS },
  { owner: 'orderly_state', steps: RUNTIME_STEPS },
]

interface Found {
  readonly database: Database
  readonly settings: Settings
  readonly packs: readonly Pack<never>[]
  readonly jobs: readonly JobDefinition[]
  readonly now: number
  readonly log: Logger
}

/**
 * Refuses tables that a newer program made, of the house or of a pack, and a database whose keyring is gone.
 *
 * @throws OrderlyError `ORDERLY_DATABASE_UNAVAILABLE`, `ORDERLY_MIGRATION_FAILED`, `ORDERLY_KEYRING_INVALID`
 */
export async function checkBeforeChange(found: Found): Promise<void> {
  const { database, jobs, log, now, packs, settings } = found
  await reach(database)
  await checkMigrations(database, [
    ...OWN,
    ...packs.flatMap(({ migrations: steps, name: owner }) => (steps ? [{ owner, steps }] : [])),
  ])
  // No table of keys: nothing is sealed yet.
  const keys = await listDataKeys(database.withTables()).catch(() => [])
  if (keys.length > 0)
    openKeyring(settings, { anyPhi: classify(jobs).anyPhi, hasDataKeys: true }, now, log)
}
