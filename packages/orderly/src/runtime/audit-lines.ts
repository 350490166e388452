// A line in the log for each entry of the audit log that this process wrote, once it has been committed.
import { readWritten } from '../ledger/read.ts'
import type { Rooms } from './rooms.ts'

const MOST_AT_ONCE = 500
const lastByRooms = new WeakMap<Rooms, number>()

/** Tells of the entries since the last time. It looks at the ledger itself, so what was rolled back is never told. */
export async function tellAudit(rooms: Rooms): Promise<void> {
  const { auditLog, ledger } = rooms
  if (!auditLog) return
  for (;;) {
    const after = lastByRooms.get(rooms) ?? -1
    const written = await readWritten(ledger.database, ledger.writer, after, MOST_AT_ONCE)
    for (const { seq, record } of written) {
      lastByRooms.set(rooms, seq)
      const { op, action, outcome, code, actor, source, resource, detail, why, at, id, index } =
        record
      auditLog(
        {
          audit: id,
          index,
          at: new Date(at).toISOString(),
          op,
          action,
          outcome,
          ...(code === undefined ? {} : { code }),
          actor,
          ...(source ? { source } : {}),
          ...(resource ? { resource } : {}),
          ...(detail ? { detail } : {}),
          // What a person wrote stays under its seal, in the ledger.
          ...(why?.purpose === undefined ? {} : { purpose: why.purpose }),
        },
        `${op}: ${outcome}`,
      )
    }
    if (written.length < MOST_AT_ONCE) return
  }
}
