// What a job wrote to its log, masked where its queue holds PHI unless somebody may see it.
import { queueIdOf } from '../job/record-id.ts'
import type { Rooms } from './rooms.ts'

export interface JobLog {
  data: { level: string; message: string }[]
  total: number
}

type LoggedJob = { readonly id: string; readonly queue: string }

/** What a job wrote to its log, from a line on; masked where its queue holds PHI. */
export function readLog(
  rooms: Rooms,
  job: LoggedJob,
  from: number,
  limit: number,
): Promise<JobLog> {
  return read(rooms, job, [from, limit], rooms.classes.suiteOf(job.queue) === 'encrypted')
}

/** The first lines of a log in the clear, for who may see them. */
export async function openLog(rooms: Rooms, job: LoggedJob): Promise<JobLog['data']> {
  return (await read(rooms, job, [0, MOST_OPENED], false)).data
}

async function read(
  rooms: Rooms,
  job: LoggedJob,
  [from, limit]: readonly [number, number],
  hides: boolean,
): Promise<JobLog> {
  for (const { engine } of rooms.engines.reachable()) {
    const queue = engine.queue(job.queue)
    const { logs, count } = await queue.getJobLogs(
      queueIdOf(job.queue, job.id),
      from,
      from + limit - 1,
    )
    if (count > 0) return { data: logs.map((line) => shownLine(line, hides)), total: count }
  }
  return { data: [], total: 0 }
}

function shownLine(text: string, hides: boolean): { level: string; message: string } {
  let level = 'info'
  let message = text
  try {
    const line = JSON.parse(text) as { level?: unknown; message?: unknown }
    if (typeof line.level === 'string') ({ level } = line as { level: string })
    if (typeof line.message === 'string') ({ message } = line as { message: string })
  } catch {
    // A line that a handler wrote through BullMQ's own job is text.
  }
  return {
    level: LEVELS.has(level) ? level : 'info',
    message: hides ? `[masked:text ${message.length}]` : message,
  }
}

const MOST_OPENED = 2_000

const LEVELS: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error'])
