// Notes that a key or a session is in use: now and then, and once however many requests come in the same moment.
import type { AccessDatabase } from './tables.ts'

const MOST_NOTED = 10_000
/** When this process last noted each; whoever asks next meanwhile finds the row as it was. */
const notedByDatabase = new WeakMap<AccessDatabase, Map<string, number>>()

/**
 * Calls `write` unless that was done within the last `every` milliseconds, by this process or, as `before` tells, by
 * any. It is not worth a sync to disk: after a power failure it was in use a minute earlier.
 */
export async function touch(
  database: AccessDatabase,
  { id, before, every }: { readonly id: string; readonly before: number; readonly every: number },
  now: number,
  write: (tx: Parameters<Parameters<AccessDatabase['transaction']>[0]>[0]) => Promise<unknown>,
): Promise<void> {
  let noted = notedByDatabase.get(database)
  if (!noted) notedByDatabase.set(database, (noted = new Map()))
  if (now - Math.max(before, noted.get(id) ?? -Infinity) < every) return
  noted.delete(id)
  noted.set(id, now)
  if (noted.size > MOST_NOTED) noted.delete(noted.keys().next().value!)
  // While nothing can be written, who is there is still who they are; a session ends the sooner.
  await database.transaction(write, 'written').catch(() => undefined)
}
