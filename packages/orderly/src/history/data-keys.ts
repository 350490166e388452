// The table of data keys: wrapped, so the database alone opens nothing.
import type { DataKeyTable, StoredDataKey } from '../vault/data-keys.ts'
import type { HistoryDatabase } from './record.ts'
import type { DataKeyRow } from './tables.ts'

export function dataKeyTable(database: HistoryDatabase): DataKeyTable {
  const { query } = database
  return {
    async find(id) {
      const row = await query
        .selectFrom('orderly_keys')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row && toKey(row)
    },
    async findActive(scope) {
      const row = await query
        .selectFrom('orderly_keys')
        .selectAll()
        .where('scope', '=', scope)
        .where('state', '=', 'active')
        .executeTakeFirst()
      return row && toKey(row)
    },
    async insert({ id, scope, state, createdAt, wrappedBy, blob }) {
      await query
        .insertInto('orderly_keys')
        .values({ id, scope, state, wrapped_by: wrappedBy, blob, created_at: createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
  }
}

/** Every data key there is, oldest first. */
export async function listDataKeys(database: HistoryDatabase): Promise<StoredDataKey[]> {
  const rows = await database.query
    .selectFrom('orderly_keys')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(toKey)
}

/** Puts a key that was wrapped anew in the place of the old one. What it sealed is not touched. */
export async function replaceWrapping(
  database: HistoryDatabase,
  id: string,
  wrapped: { wrappedBy: string; blob: string },
): Promise<void> {
  await database.query
    .updateTable('orderly_keys')
    .set({ wrapped_by: wrapped.wrappedBy, blob: wrapped.blob })
    .where('id', '=', id)
    .execute()
}

/** Sets what a key may still be used for; a destroyed one loses its bytes for good. */
export async function setDataKeyState(
  database: HistoryDatabase,
  id: string,
  state: 'decrypt' | 'destroyed',
): Promise<void> {
  await database.query
    .updateTable('orderly_keys')
    .set({ state, ...(state === 'destroyed' ? { blob: '' } : {}) })
    .where('id', '=', id)
    .execute()
}

function toKey(row: DataKeyRow): StoredDataKey {
  return {
    id: row.id,
    scope: row.scope,
    state: row.state as StoredDataKey['state'],
    wrappedBy: row.wrapped_by,
    blob: row.blob,
    createdAt: row.created_at,
  }
}
