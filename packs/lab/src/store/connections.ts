// Connections of the marketplace: who may order from whom.
import { RefusedError } from 'orderly'
import type { LabRooms } from './rooms.ts'

export interface Connection {
  readonly id: string
  /** The company that asked, and the one that was asked. */
  readonly requesterId: string
  readonly targetId: string
  readonly state: 'requested' | 'accepted' | 'rejected'
}

/**
 * Makes a connection, or changes its state; its companies never change.
 *
 * @throws RefusedError when the id is of a connection between others
 */
export async function saveConnection(
  { db, clock }: LabRooms,
  connection: Connection,
): Promise<void> {
  const { state } = connection
  const at = clock.now()
  const saved = await db.query
    .insertInto('lab_connections')
    .values({
      connection_id: connection.id,
      company_id: connection.requesterId,
      target_id: connection.targetId,
      state,
      at,
    })
    .onConflict((conflict) =>
      conflict
        .column('connection_id')
        .doUpdateSet({ state, at })
        .where('lab_connections.company_id', '=', connection.requesterId)
        .where('lab_connections.target_id', '=', connection.targetId),
    )
    .returning('connection_id')
    .executeTakeFirst()
  if (!saved)
    throw new RefusedError('this connection id is of two other companies; give it one of its own')
}
