// What a job wrote to its log, masked where its queue holds PHI.
import { queueIdOf } from '../job/record-id.ts'
import type { Rooms } from '../runtime/rooms.ts'

export interface JobLog {
  data: { level: string; message: string }[]
  total: number
}

/** What a job wrote to its log, from a line on; masked where its queue holds PHI. */
export async function readLog(
  rooms: Rooms,
  job: { readonly id: string; readonly queue: string },
  from: number,
  limit: number,
): Promise<JobLog> {
  const hides = rooms.classes.suiteOf(job.queue) === 'encrypted'
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

const LEVELS: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error'])
