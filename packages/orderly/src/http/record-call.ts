// What the ledger is told of a call: what it was about, by names that may stand there for good.
import type { FastifyRequest } from 'fastify'
import type { Actor } from '../access/actor.ts'
import { findJob } from '../history/find.ts'
import type { Rooms } from '../runtime/rooms.ts'
import { toldName } from '../runtime/told-name.ts'
import { addressOf, type CallEntry, type Callers, type Target } from './actor.ts'
import type { ApiOperation } from './contract.ts'

/** What the ledger is told of a call beside who made it. */
export interface Said {
  readonly notes: Record<string, string | number | boolean | null>
  target: Target | undefined
  readonly queues: Set<string>
}

/** What the parameters of a path name, or what was made names itself by. */
export function targetOf(value: unknown): Target | undefined {
  const { id, name } = Object(value) as { readonly id?: unknown; readonly name?: unknown }
  const found = id ?? name
  return typeof found === 'string' ? { id: found } : undefined
}

/** The queue that somebody known asked about who was refused before it was looked at. */
export async function queuesOf(
  rooms: Rooms,
  { path }: ApiOperation,
  { params }: FastifyRequest,
  actor: Actor | undefined,
): Promise<Set<string>> {
  const { id, name } = Object(params) as { readonly id?: string; readonly name?: string }
  if (actor && id !== undefined && path.startsWith('/api/v1/jobs/:id')) {
    const job = await findJob(rooms.history, id).catch(() => undefined)
    return new Set(job ? [job.queue] : [])
  }
  return new Set(name !== undefined && path.startsWith('/api/v1/queues/:name') ? [name] : [])
}

/** Statuses of calls that may have found nothing by what they named. */
const FOUND_NOTHING: ReadonlySet<number> = new Set([400, 401, 403, 404, 422])

/** Writes to the ledger what was called and how it ended. */
export async function recordCall(
  { callers, rooms }: { readonly callers: Callers; readonly rooms: Rooms },
  operation: ApiOperation,
  request: FastifyRequest,
  actor: Actor | undefined,
  { audit, status, notes, target, queues }: Said & { audit: CallEntry['audit']; status: number },
): Promise<void> {
  const mayBeTyped = FOUND_NOTHING.has(status)
  const told = (name: string): Promise<string> => toldName(rooms, name, actor === undefined)
  const [queue] = queues
  await callers.record?.({
    operation: operation.id,
    audit,
    actor,
    requestId: request.id,
    address: addressOf(callers, request),
    target: target && mayBeTyped ? { ...target, id: await told(target.id) } : target,
    queue:
      queue === undefined || queues.size > 1 ? undefined : mayBeTyped ? await told(queue) : queue,
    status,
    notes:
      mayBeTyped && typeof notes['name'] === 'string'
        ? { ...notes, name: await told(notes['name']) }
        : notes,
  })
}
