// refill-check.ts: what the job takes and gives, and how it is run.
import { defineJob, exponential } from 'orderly'
import { z } from 'zod'

export const refillCheck = defineJob({
  name: 'refill-check',
  input: z.object({ medicationId: z.string() }),
  output: z.object({ daysLeft: z.number() }),
  retry: { attempts: 5, backoff: exponential('2s', { max: '10m' }) },
  timeout: '1m',
  priority: 'high',
})
