// Whether tables fit this program, asked before any of them is changed.
import { OrderlyError } from '../primitives/errors.ts'
import type { Database } from './open.ts'

/** An owner of tables, and the steps by which this program makes them. */
export interface KnownSteps {
  readonly owner: string
  readonly steps: readonly { readonly name: string }[]
}

/**
 * Refuses tables that a newer program made, of any owner, while all are as they were found.
 *
 * @throws OrderlyError `ORDERLY_MIGRATION_FAILED` naming the owner
 */
export async function checkMigrations(
  database: Database<any>,
  known: readonly KnownSteps[],
): Promise<void> {
  for (const { owner, steps } of known) {
    const names = new Set(steps.map(({ name }) => name))
    const run: readonly { readonly name: string }[] = await database.query
      .selectFrom(`${owner}_migrations`)
      .select('name')
      .execute()
      // Nothing of this owner is there yet.
      .catch(() => [])
    if (run.some(({ name }) => !names.has(name))) throw newerTables(owner)
  }
}

export function newerTables(owner: string, cause?: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_MIGRATION_FAILED',
    `the tables of ${owner} are newer than this program or were changed by hand; run the version that made them`,
    ...(cause === undefined ? [] : [{ cause }]),
  )
}
