// Ends retention times: the content of finished jobs leaves queue and record by the clock, history follows years later.
import { dropContent, dropHistory, findExpired } from '../history/retain.ts'
import type { Rooms } from './rooms.ts'

/** Drops what is due. */
export async function expire(rooms: Rooms): Promise<{ contents: number; jobs: number }> {
  const { clock, history, engines, historyRetention } = rooms
  let contents = 0
  for (;;) {
    const reachable = new Map(
      engines.reachable().map(({ name, engine }) => [name as string, engine]),
    )
    // A job whose engine is away keeps its content until its queue can forget it too.
    const ready = await findExpired(history, clock.now(), [...reachable.keys()])
    await Promise.all(
      ready.map(({ id, queue, engine }) => {
        const raw = reachable.get(engine)!.raw(queue)
        return raw.remove(raw.idOf(id))
      }),
    )
    await dropContent(
      history,
      ready.map(({ id }) => id),
    )
    contents += ready.length
    if (ready.length === 0) break
  }
  let jobs = 0
  for (;;) {
    const dropped = await dropHistory(history, clock.now() - historyRetention)
    jobs += dropped
    if (dropped === 0) break
  }
  return { contents, jobs }
}
