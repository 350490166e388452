// Says every few seconds that this process lives and how it is, and reads what others say.
import { hostname } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { putStart } from '../state/starts.ts'
import { dropWorker, dropWorkersBefore, findWorkers, putWorker } from '../state/workers.ts'
import type { Rooms } from './rooms.ts'

/** What a process says of itself. */
export interface WorkerState {
  readonly queues: readonly string[]
  /** Jobs it runs now. */
  readonly running: number
  /** Handlers that go on although their attempts are over. */
  readonly stuck: number
  /** Kinds of job it put aside unrun, and why. */
  readonly held: readonly {
    readonly job: string
    readonly reason: string
    readonly times: number
  }[]
  /** Mebibytes. */
  readonly memory: number
  /** Share of one processor since the last time, from 0 up. */
  readonly cpu: number
  /** 99th percentile of how late the event loop was since the last time, in milliseconds. */
  readonly lag: number
  readonly release: string
}

export interface WorkerProcess extends WorkerState {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** Milliseconds since 1970 UTC, as is the next. */
  readonly startedAt: number
  readonly seenAt: number
}

export const BEAT_MS = 5_000
/** Not heard of for three beats: it is gone or stuck. */
const GONE_MS = 3 * BEAT_MS
const FORGET_MS = 86_400_000
const MEBIBYTE = 1_048_576

export interface Beat {
  /** Writes down how the process is now. */
  write(rooms: Rooms): Promise<void>
  /** Says that it is gone. */
  end(rooms: Rooms): Promise<void>
}

/** @param queues the queues this process works on */
export function openBeat(id: string, queues: readonly string[], startedAt: number): Beat {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  let before = process.cpuUsage()
  let beforeAt = process.hrtime.bigint()
  let isNoted = false
  return {
    async write(rooms) {
      const { user, system } = process.cpuUsage(before)
      const now = process.hrtime.bigint()
      const microseconds = Number(now - beforeAt) / 1_000
      before = process.cpuUsage()
      beforeAt = now
      const lag = delay.count === 0 ? 0 : delay.percentile(99) / 1e6
      delay.reset()
      const body: WorkerState = {
        queues,
        running: rooms.running.ids().length,
        stuck: rooms.running.stuck(),
        held: rooms.running.held(),
        memory: Math.round(process.memoryUsage.rss() / MEBIBYTE),
        cpu: microseconds === 0 ? 0 : Math.round(((user + system) / microseconds) * 1_000) / 1_000,
        lag: Math.round(lag * 10) / 10,
        release: rooms.release,
      }
      const seenAt = rooms.clock.now()
      const start = { worker: id, host: hostname(), release: rooms.release, at: startedAt }
      if (!isNoted) await putStart(rooms.state, start)
      isNoted = true
      await putWorker(rooms.state, {
        id,
        host: hostname(),
        pid: process.pid,
        started_at: startedAt,
        seen_at: seenAt,
        body: JSON.stringify(body),
      })
      await dropWorkersBefore(rooms.state, seenAt - FORGET_MS)
    },
    async end(rooms) {
      delay.disable()
      await dropWorker(rooms.state, id)
    },
  }
}

/** The processes that work on jobs now. */
export async function readWorkers(rooms: Rooms): Promise<WorkerProcess[]> {
  const rows = await findWorkers(rooms.state, rooms.clock.now() - GONE_MS)
  return rows.map(({ id, host, pid, started_at, seen_at, body }) => ({
    id,
    host,
    pid,
    startedAt: started_at,
    seenAt: seen_at,
    ...(JSON.parse(body) as WorkerState),
  }))
}

/** Whether a process of this machine that worked on jobs is dead and never said that it was going. */
export async function hasDeadNeighbour({ state, clock }: Rooms): Promise<boolean> {
  const rows = await findWorkers(state, clock.now() - FORGET_MS)
  return rows.some(({ host, pid, started_at }) => {
    if (host !== hostname()) return false
    // In a container the next one has the same number.
    return pid === process.pid ? started_at < performance.timeOrigin : !isAlive(pid)
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // That of another user is alive, too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
