// The scan that nobody has to ask for.
import { defineJob, handle, type Handler, type JobDefinition } from 'orderly'
import { z } from 'zod'
import { praUnifiedScan } from '../jobs.ts'
import type { HospitalDirectory } from '../directory/directory.ts'

export interface OnTimeOptions {
  /** When to scan: five fields of cron, in UTC. Every night at 03:17 once there is a directory; `null` for never. */
  readonly scanAt?: string | null
}

/** At no full hour, when everybody else's jobs ask the same servers. */
const EVERY_NIGHT = '17 3 * * *'

/** To name a directory is to ask for its hospitals; without one there is nobody to ask, and no schedule either. */
export function scanOnTime({
  directories = [],
  scanAt = EVERY_NIGHT,
}: OnTimeOptions & { readonly directories?: readonly HospitalDirectory[] }): {
  readonly jobs: readonly JobDefinition[]
  readonly handlers: readonly Handler[]
} {
  if (directories.length === 0 || scanAt === null) return { jobs: [], handlers: [] }
  const job = defineJob({
    name: 'prices-scan-on-time',
    queue: 'pra-unified-scan',
    input: z.object({}),
    timeout: '1m',
    schedule: { cron: scanAt, zone: 'UTC', input: {} },
  })
  return {
    jobs: [job],
    handlers: [handle(job, async ({ enqueue }) => void (await enqueue(praUnifiedScan, {})))],
  }
}
