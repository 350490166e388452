// Refuses new jobs while their queue, this process or its disk has no room for them.
import { statfs } from 'node:fs/promises'
import { getHeapStatistics } from 'node:v8'
import type { QueueDefinition } from '../job/define-queue.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'

export interface Arrival {
  readonly queue: QueueDefinition
  /** How many jobs are about to be added. */
  readonly add: number
  /** How many wait now. Asked for all that come meanwhile, and those that come within a moment. */
  readonly count: () => Promise<number>
  /** The way into the queue that `count` looks at, where there are several. */
  readonly way?: string
}

export interface Backpressure {
  /**
   * Runs `work`, which adds jobs, once there is room for them. They have their places from before it begins: what many
   * add at once is counted together. Places of `work` that throws are free again.
   *
   * @throws OrderlyError `ORDERLY_QUEUE_FULL`, `ORDERLY_OVERLOADED`, and what `work` throws
   */
  admit<T>(arrival: Arrival, work: () => Promise<T>): Promise<T>
}

export interface BackpressureOptions {
  /** Share of the heap's limit above which new jobs are refused. 0.95 unless told. */
  readonly memory?: number
  /** Mebibytes that must be free where the embedded stores are. 64 unless told. */
  readonly disk?: number
}

const MEBIBYTE = 1_048_576
/** How old what is known of a queue or the machine may be. */
const FRESH_MS = 250

export interface Gauges {
  /** Share of the heap's limit in use. */
  heap(): number
  /** Mebibytes free; undefined where that is not known. */
  disk(): Promise<number | undefined>
}

/** @param folder where the embedded stores are */
export function machineGauges(folder: string): Gauges {
  return {
    heap() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
      return used / limit
    },
    async disk() {
      try {
        const { bavail, bsize } = await statfs(folder)
        return (bavail * bsize) / MEBIBYTE
      } catch {
        return undefined
      }
    },
  }
}

export function openBackpressure(
  clock: Clock,
  gauges: Gauges,
  { memory = 0.95, disk = 64 }: BackpressureOptions = {},
): Backpressure {
  let looked = -Infinity
  let free: number | undefined
  const rooms = new Map<string, Room>()

  const checkMachine = async (): Promise<void> => {
    if (clock.elapsed() - looked > FRESH_MS) {
      looked = clock.elapsed()
      free = await gauges.disk()
    }
    if (gauges.heap() > memory)
      throw new OrderlyError(
        'ORDERLY_OVERLOADED',
        `this process uses more than ${Math.round(memory * 100)} % of its memory; try again later or raise --max-old-space-size`,
      )
    if (free !== undefined && free < disk)
      throw new OrderlyError(
        'ORDERLY_OVERLOADED',
        `less than ${disk} MiB are free where the jobs are stored; free some space`,
      )
  }

  const look = async (room: Room, count: Arrival['count']): Promise<void> => {
    const at = clock.elapsed()
    // Nobody can say of those on their way whether the count has them: they are counted once too often, not too rarely.
    const { arriving } = room
    try {
      room.waiting = arriving + (await count())
      room.at = at
    } finally {
      room.looking = undefined
    }
  }

  return {
    async admit({ queue: { name, maxWaiting }, add, count, way = '' }, work) {
      await checkMachine()
      if (maxWaiting === undefined) return work()
      const key = `${name}/${way}`
      let room = rooms.get(key)
      if (!room) rooms.set(key, (room = { at: -Infinity, waiting: 0, arriving: 0 }))
      if (clock.elapsed() - room.at > FRESH_MS) await (room.looking ??= look(room, count))
      if (room.waiting + add > maxWaiting)
        throw new OrderlyError(
          'ORDERLY_QUEUE_FULL',
          `queue "${name}" holds as many waiting jobs as it may (${maxWaiting}); try again when some are done`,
        )
      room.waiting += add
      room.arriving += add
      try {
        return await work()
      } catch (error) {
        room.waiting -= add
        throw error
      } finally {
        room.arriving -= add
      }
    },
  }
}

/** What is known of the room in a queue. */
interface Room {
  /** When it was looked at. Milliseconds of `clock.elapsed`. */
  at: number
  waiting: number
  /** How many of those are being added. */
  arriving: number
  looking?: Promise<void> | undefined
}
