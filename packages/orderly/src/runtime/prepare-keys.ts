// Makes the keys that seal from now on, before somebody needs them.
import type { Rooms } from './rooms.ts'

/**
 * A key that is first needed inside a caller's transaction could not be stored: in SQLite that transaction keeps all
 * others from writing, and it waits for the key.
 */
export async function prepareKeys({
  vault,
  classes,
}: Pick<Rooms, 'vault' | 'classes'>): Promise<void> {
  await vault.ready()
  if (classes.anyPhi) await vault.blindIndex('prepare', '')
}
