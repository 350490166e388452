// Refuses new jobs while their queue, this process or its disk has no room for them.
import { statfs } from 'node:fs/promises'
import { getHeapStatistics } from 'node:v8'
import type { QueueDefinition } from '../job/define-queue.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'

export interface Backpressure {
  /**
   * @param add how many jobs are about to be added
   * @param count how many wait in the queue now
   * @throws OrderlyError `ORDERLY_QUEUE_FULL`, `ORDERLY_OVERLOADED`
   */
  check(queue: QueueDefinition, add: number, count: () => Promise<number>): Promise<void>
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
  const counts = new Map<string, { at: number; waiting: number }>()

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

  return {
    async check({ name, maxWaiting }, add, count) {
      await checkMachine()
      if (maxWaiting === undefined) return
      let known = counts.get(name)
      if (!known || clock.elapsed() - known.at > FRESH_MS) {
        known = { at: clock.elapsed(), waiting: await count() }
        counts.set(name, known)
      }
      if (known.waiting + add > maxWaiting)
        throw new OrderlyError(
          'ORDERLY_QUEUE_FULL',
          `queue "${name}" holds as many waiting jobs as it may (${maxWaiting}); try again when some are done`,
        )
      known.waiting += add
    },
  }
}
