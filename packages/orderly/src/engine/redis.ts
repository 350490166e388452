// Queues in a Redis, Valkey or Dragonfly: many machines, the highest rate.
import { createRedisBackend } from 'bullmq'
import { Redis } from 'ioredis'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { serverOf } from '../primitives/store-url.ts'
import { isFull, judgeRedis, readInfo } from './redis-safety.ts'
import { verdictOfOurs, type Pulse, type QueueStore, type Verdict } from './store.ts'

export interface RedisRules {
  readonly clock: Clock
  /** Use it although it would lose jobs. */
  readonly allowVolatile: boolean
  readonly warn: (warning: string) => void
}

const CONNECT_WITHIN_MS = 2_000
/** Whoever adds waits no longer for an answer. */
const ANSWER_WITHIN_MS = 2_000
const LONGEST_RETRY_MS = 1_000
const SILENT_FOR_MS = 15_000
const START_TRIES = 8
const START_PAUSE_MS = 250
/** How long a process's sign of life outlives it. */
const SIGN_SECONDS = 600

/** Of two installations that come at once one is first. */
const CLAIM = `
local had = redis.call('SMEMBERS', KEYS[1])
local ours = #had == 0
for _, mark in ipairs(had) do
  for _, own in ipairs(ARGV) do ours = ours or mark == own end
end
if ours then redis.call('SADD', KEYS[1], unpack(ARGV)) end
return ours and 1 or 0`

/** @throws OrderlyError `ORDERLY_SETTING_INVALID` */
export function redisStore(url: string, { clock, allowVolatile, warn }: RedisRules): QueueStore {
  const { place } = serverOf(url, 'queueUrl (ORDERLY_QUEUE_URL or REDIS_URL)')
  const options = {
    lazyConnect: true,
    connectTimeout: CONNECT_WITHIN_MS,
    retryStrategy: (times: number) => Math.min(times * 100, LONGEST_RETRY_MS),
  }
  const adding = new Redis(url, {
    ...options,
    enableOfflineQueue: false,
    // An add that got no answer is not sent again behind our back: its job is on record and is looked after from there.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: ANSWER_WITHIN_MS,
    // After a failover the old primary says READONLY; a new connection finds the new one.
    reconnectOnError: (error) => /READONLY|MASTERDOWN/.test(error.message),
  })
  const working = new Family(url, {
    ...options,
    // A worker that is made while the server is away waits for it; one that had to ask for a connection would give up.
    lazyConnect: false,
    maxRetriesPerRequest: null,
    // A connection whose other end is gone without a word. Longer than BullMQ ever lets a worker block (10 s).
    socketTimeout: SILENT_FOR_MS,
    reconnectOnError: (error) => (/READONLY|MASTERDOWN/.test(error.message) ? 2 : false),
  })
  // Whether the server answers is asked once a second; a connection's own errors say the same, many times.
  working.on('error', () => undefined)
  let said: Error | undefined
  adding.on('error', (error) => (said = error)).on('connect', () => (said = undefined))

  const dropped = new Set<() => void>()
  working.on('close', () => dropped.forEach((listener) => listener()))
  const sign = `orderly:alive:${newId(clock.now())}`
  let signed = false
  let full = false

  const connect = async (client: Redis): Promise<void> => {
    if (client.status === 'wait' || client.status === 'end')
      await client.connect().catch(() => undefined)
  }

  return {
    kind: 'redis',
    place,
    factory: createRedisBackend,
    queueConnection: adding,
    workerConnection: working,
    async prepare() {
      for (let tries = 1; adding.status !== 'ready'; tries++) {
        await connect(adding)
        if ((adding.status as string) === 'ready') break
        if (said && REFUSES.test(said.message)) throw refused(place, said)
        if (tries >= START_TRIES) throw away(place, said)
        await clock.sleep(START_PAUSE_MS)
      }
      const { isCluster, unsafe, warnings } = await judge(adding, place)
      // A database of another number than was asked for is another store, and its client goes on in it.
      if (said && REFUSES.test(said.message)) throw refused(place, said)
      if (isCluster)
        throw new OrderlyError(
          'ORDERLY_STORE_UNSAFE',
          `the Redis at ${place} is a cluster, which is not supported; use one without cluster mode, with replicas if it must not fail`,
        )
      for (const warning of warnings) warn(`the Redis at ${place}: ${warning}`)
      if (unsafe.length === 0) return
      const reason = `the Redis at ${place} would lose jobs: ${unsafe.join('; ')}`
      if (!allowVolatile)
        throw new OrderlyError(
          'ORDERLY_STORE_UNSAFE',
          `${reason}. To use it all the same, set allowVolatile (ORDERLY_ALLOW_VOLATILE=1)`,
        )
      warn(`${reason}. It is used all the same, as allowVolatile says`)
    },
    async claim(marks) {
      return (await adding.eval(CLAIM, 1, 'orderly:installation', ...marks)) === 1
    },
    async dropEvents(queue, before) {
      await adding.xtrim(`bull:${queue}:events`, 'MINID', before)
    },
    remote: {
      name: 'Redis',
      isReady: () => adding.status === 'ready',
      async probe(): Promise<Pulse> {
        if (adding.status !== 'ready') {
          await connect(adding)
          throw away(place, said)
        }
        full = isFull(readInfo(await adding.info('memory')), full)
        // A full server takes no writes, and that is no reason to doubt the rest of it.
        if (full) return { full, emptied: false }
        const before = await adding.set(sign, '1', 'EX', SIGN_SECONDS, 'GET')
        const emptied = signed && before === null
        signed = true
        return { full, emptied }
      },
      mayClaim: () => true,
      verdict,
      onDrop(listener) {
        dropped.add(listener)
        return () => dropped.delete(listener)
      },
      reconnect() {
        for (const client of [adding, working])
          if (client.status === 'ready') client.disconnect(true)
      },
    },
    async close() {
      for (const client of [adding, working, ...working.members]) client.disconnect()
    },
  }
}

/** Knows its duplicates: BullMQ makes one for each worker, and cannot close it while the server is away. */
class Family extends Redis {
  readonly members: Set<Redis> = new Set()

  override duplicate(...given: Parameters<Redis['duplicate']>): Redis {
    const member = super.duplicate(...given)
    this.members.add(member)
    member.on('error', () => undefined)
    member.once('end', () => this.members.delete(member))
    return member
  }
}

function away(place: string, cause?: unknown): OrderlyError {
  const said = cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
  return new OrderlyError(
    'ORDERLY_ENGINE_UNAVAILABLE',
    `the Redis at ${place} does not answer${said}; check that it runs and that address and password are right`,
    ...(cause === undefined ? [] : [{ cause }]),
  )
}

/** What a Redis says that works and does not let us in, now or later. */
const REFUSES = /\b(WRONGPASS|NOAUTH|NOPERM|invalid password|DB index is out of range)\b/

function refused(place: string, cause: Error): OrderlyError {
  return new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    `the Redis at ${place} refuses this program: ${cause.message}; correct user, password or number of the database in queueUrl (ORDERLY_QUEUE_URL, REDIS_URL or REDIS_PASSWORD)`,
    { cause },
  )
}

async function judge(client: Redis, place: string): Promise<ReturnType<typeof judgeRedis>> {
  try {
    const info = readInfo(await client.info())
    return judgeRedis({ info, config: await readConfig(client) })
  } catch (error) {
    if (error instanceof Error && REFUSES.test(error.message)) throw refused(place, error)
    throw away(place, error)
  }
}

async function readConfig(client: Redis): Promise<Map<string, string> | undefined> {
  const config = new Map<string, string>()
  for (const name of ['maxmemory', 'maxmemory-policy', 'appendonly', 'save']) {
    let answer: unknown
    try {
      answer = await client.call('CONFIG', 'GET', name)
    } catch (error) {
      if (/unknown command|NOPERM|ERR/i.test((error as Error).message)) return undefined
      throw error
    }
    const [, value] = Array.isArray(answer) ? (answer as unknown[]) : []
    if (typeof value === 'string') config.set(name, value)
  }
  return config
}

/** Answers of a server that works, but takes nothing now. A script that meets one has not written anything yet. */
const DECLINED =
  /\b(OOM|READONLY|MISCONF|LOADING|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/
const UNSENT = /isn't writeable|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/
const UNKNOWN =
  /Connection is closed|Command timed out|Command aborted|max retries per request|ECONNRESET|EPIPE|ETIMEDOUT|socket/i

export function verdict(error: unknown): Verdict {
  const { message, name } = error as Error
  if (error instanceof OrderlyError) return verdictOfOurs(error, verdict)
  if (DECLINED.test(message)) return 'declined'
  if (UNSENT.test(message)) return 'unsent'
  if (UNKNOWN.test(message) || /AbortError|MaxRetries/.test(name)) return 'unknown'
  return 'refused'
}
