// The jobs of the scheduled queue: what the clock begins.
import { defineJob, fixed } from 'orderly'
import { z } from 'zod'

const common = {
  queue: 'scheduled',
  timeout: '10m',
  retry: { attempts: 3, backoff: fixed('1m') },
} as const

/** The briefing, the forecast and the anomalies of every company, each as a job of its own. */
export const morningRound = defineJob({
  ...common,
  name: 'lab.scheduled.morning-round',
  input: z.object({}),
  output: z.object({ companies: z.int() }),
  schedule: { cron: '0 8 * * *', zone: 'UTC', input: {} },
})

/** Asks the LIMS about every order it works on, for news that was lost on its way. */
export const limsPoll = defineJob({
  ...common,
  name: 'lab.scheduled.lims-poll',
  input: z.object({}),
  output: z.object({ asked: z.int(), moved: z.int() }),
  schedule: { cron: '*/15 * * * *', zone: 'UTC', input: {} },
})

/** Takes mails, news and chats off the record that are older than their time. */
export const labCleanup = defineJob({
  ...common,
  name: 'lab.scheduled.cleanup',
  input: z.object({}),
  output: z.object({ removed: z.int() }),
  schedule: { cron: '30 3 * * *', zone: 'UTC', input: {} },
})

export const SCHEDULED_JOBS = { morningRound, limsPoll, labCleanup }
