// Data keys and what queues hold: counting what still needs a key, and sealing what waits anew.
import type { RawQueue } from '../engine/raw.ts'
import { dataKeyOf, isEnvelope, suiteOf } from '../vault/envelope.ts'
import { inputPlace } from '../vault/vault.ts'
import { listQueues } from '../history/find.ts'
import type { Rooms } from './rooms.ts'

const AT_ONCE = 200

/**
 * Seals the data of unfinished jobs anew that a data key sealed. A job that runs keeps its data until it is done.
 *
 * @returns how many were
 */
export async function resealQueues(rooms: Rooms, dataKey: string): Promise<number> {
  let count = 0
  await eachJob(rooms, 'openIds', async (raw, queue, id, envelopes) => {
    const stored = await raw.read(id)
    const envelope = envelopes.data
    if (!stored || envelope === undefined || dataKeyOf(envelope) !== dataKey) return
    if ((await raw.state(id)) === 'active' || stored.repeatJobKey) return
    const place = inputPlace(queue, id, stored.name)
    const text = await rooms.vault.open(envelope, place)
    const sealed = await rooms.vault.seal(text, place, suiteOf(envelope)!)
    await raw.replaceData(id, JSON.stringify({ $o: sealed }))
    count++
  })
  return count
}

/** How many values of queues a data key still seals. */
export async function countQueueReferences(rooms: Rooms, dataKey: string): Promise<number> {
  let count = 0
  for (const ids of ['openIds', 'finishedIds'] as const)
    await eachJob(rooms, ids, async (_raw, _queue, _id, { all }) => {
      count += all.filter((envelope) => dataKeyOf(envelope) === dataKey).length
    })
  return count
}

interface Envelopes {
  readonly data: string | undefined
  readonly all: readonly string[]
}

async function eachJob(
  rooms: Rooms,
  ids: 'openIds' | 'finishedIds',
  visit: (raw: RawQueue, queue: string, id: string, envelopes: Envelopes) => Promise<void>,
): Promise<void> {
  for (const { engine } of rooms.engines.reachable())
    for (const queue of await listQueues(rooms.history)) {
      const raw = engine.raw(queue)
      for await (const page of raw[ids](AT_ONCE))
        for (const id of page) {
          const json = await raw.read(id)
          if (!json) continue
          const data = parse(json.data)?.$o
          const values = [
            data,
            parse(json.returnvalue),
            parse(json.stacktrace),
            json.progress,
            json.failedReason,
          ]
          await visit(raw, queue, id, {
            data: isEnvelope(data) ? data : undefined,
            all: values.filter(isEnvelope),
          })
        }
    }
}

function parse(text: string | undefined): any {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
