// Ends retention times: the content of finished jobs leaves queue and record by the clock, history follows years later.
import type { Engine } from '../engine/open.ts'
import { dropContent, dropHistory, findExpired } from '../history/retain.ts'
import { dropEffects } from '../state/effects.ts'
import type { Rooms } from './rooms.ts'

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
  let jobs = 0
  while (!signal?.aborted) {
    const dropped = await dropHistory(history, clock.now() - historyRetention)
    jobs += dropped
    if (dropped === 0) break
  }
  if (contents + jobs > 0) await history.scrub()
  return { contents, jobs }
}
