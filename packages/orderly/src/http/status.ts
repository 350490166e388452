// What the status page shows, as data.
import type { Orderly, OrderlyStatus } from '../orderly.ts'
import type { JobSummary, QueueSummary } from '../runtime/read.ts'

export interface Status {
  readonly engine: Pick<OrderlyStatus, 'mode' | 'reason' | 'since'>
  readonly queues: readonly QueueSummary[]
  readonly jobs: readonly JobSummary[]
  readonly panels: readonly {
    readonly title: string
    readonly columns: readonly string[]
    readonly rows: readonly (readonly (string | number | null)[])[]
  }[]
}

const SHOWN_JOBS = 50

export async function readStatus(orderly: Orderly): Promise<Status> {
  const [queues, jobs, panels] = await Promise.all([
    orderly.queues(),
    orderly.recentJobs(SHOWN_JOBS),
    Promise.all(
      orderly.panels.map(async ({ title, columns, rows }) => ({
        title,
        columns,
        rows: await rows(),
      })),
    ),
  ])
  const { mode, reason, since } = orderly.status()
  return { engine: { mode, reason, since }, queues, jobs, panels }
}
