// A Redis stream that events are put into, for programs that read streams.
import { Redis } from 'ioredis'

/** As much of an event as the entries of a stream need in fields of their own. */
interface Entry {
  readonly id: string
  readonly type: string
}

const CONNECT_MS = 5_000
const COMMAND_MS = 10_000

/** Opens the stream. An entry has the fields `id`, `type` and `event`, the last as JSON. */
export function openRedisStream(
  url: string,
  stream: string,
  maxLength: number,
): { add(entries: readonly Entry[]): Promise<void>; close(): Promise<void> } {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    // Whoever adds is told at once, and tries again itself.
    maxRetriesPerRequest: 1,
  })
  redis.on('error', () => undefined)
  return {
    async add(entries) {
      const adding = redis.multi()
      for (const entry of entries)
        adding.xadd(
          stream,
          'MAXLEN',
          '~',
          maxLength,
          '*',
          'id',
          entry.id,
          'type',
          entry.type,
          'event',
          JSON.stringify(entry),
        )
      const answers = await adding.exec()
      const failed = answers?.find(([error]) => error !== null)?.[0]
      if (failed) throw failed
    },
    async close() {
      redis.disconnect()
    },
  }
}
