// Ends retention times: the content of finished jobs leaves queue and record by the clock, history follows years later.
import type { Engine } from '../engine/open.ts'
import { dropContent, dropHistory, findExpired } from '../history/retain.ts'
import { dropEffects } from '../state/effects.ts'
import type { Rooms } from './rooms.ts'

/** For how long listeners find the events of a queue that holds PHI: they hold its results and progress, sealed. */
const EVENTS_KEPT_MS = 3_600_000

async function dropEvents({ classes, clock, engines, log, registry }: Rooms): Promise<void> {
  const before = clock.now() - EVENTS_KEPT_MS
  for (const { engine } of engines.reachable())
    for (const queue of registry.queues.keys()) {
      if (classes.suiteOf(queue) === 'signed') continue
      // It is done again in the next pass.
      await engine
        .dropEvents(queue, before)
        .catch((error: Error) => log.debug({ queue, error: error.message }, 'events were kept'))
    }
}

/** Drops what is due. */
export async function expire(
  rooms: Rooms,
  signal?: AbortSignal,
): Promise<{ contents: number; jobs: number }> {
  const { clock, history, engines, historyRetention } = rooms
  let contents = 0
  while (!signal?.aborted) {
    const now = clock.now()
    // A job whose engine is away waits until its queue can forget it too.
    const reachable = new Map<string, Engine>(
      engines.reachable().map(({ name, engine }) => [name, engine]),
    )
    const due = await findExpired(history, [...reachable.keys()], now)
    if (due.length === 0) break
    // What nobody could put on record is not dropped.
    await rooms.ledger.ready()
    await Promise.all(
      due.map(({ id, queue, engine }) => {
        const raw = reachable.get(engine)!.raw(queue)
        return raw.removeFinished(raw.idOf(id))
      }),
    )
    await dropContent(
      history,
      due.map(({ id }) => id),
      now,
    )
    await dropEffects(
      rooms.state,
      due.map(({ id }) => id),
    )
    contents += due.length
  }
  await dropEvents(rooms)
  let jobs = 0
  while (!signal?.aborted) {
    const dropped = await dropHistory(history, clock.now() - historyRetention)
    jobs += dropped
    if (dropped === 0) break
  }
  if (contents + jobs === 0) return { contents, jobs }
  await history.scrub()
  await rooms.ledger.record({
    op: 'retention.expire',
    action: 'D',
    resource: { kind: 'record' },
    detail: { contents, jobs },
  })
  return { contents, jobs }
}
