// Indexes for lists that begin with the newest, a page after the other.
import type { MigrationStep } from '../database/migrate.ts'

export const NEWEST_STEP: MigrationStep = {
  name: '0030-newest-runs',
  async up(db) {
    await db.schema
      .createIndex('orderly_runs_newest')
      .on('orderly_runs')
      .columns(['created_at', 'id'])
      .execute()
    await db.schema
      .createIndex('orderly_runs_of_workflow')
      .on('orderly_runs')
      .columns(['workflow', 'created_at', 'id'])
      .execute()
  },
}
