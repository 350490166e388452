// The jobs of the pack: what they are called, what they take and how they may be tried.
import { defineJob, defineQueue, exponential, fixed } from 'orderly'
import { z } from 'zod'

/** Takes one file, finds out what it is, and stores its rows in normal form (004, 1.3). */
/** Each goes on where the last one stopped, so a machine that is restarted often is no sign against the job. */
const RESUMES = 100

export const priceFileDownload = defineJob({
  name: 'price-file-download',
  input: z.object({
    /** What this file is a delivery of: its path under the input folder, or its URL. */
    source: z.string().min(1).max(1_000),
    /** Where to take it from: a path on this machine or an http(s) URL. */
    location: z.string().min(1).max(4_000),
  }),
  output: z.object({
    intakeId: z.string(),
    state: z.enum(['updating', 'unchanged', 'quarantined']),
  }),
  retry: { attempts: 3, backoff: exponential('2s') },
  timeout: '6h',
})

/** Normalises one batch of rows and writes it into the prices table with its lineage (004, 1.4). */
export const priceUpdate = defineJob({
  name: 'price-update',
  input: z.object({ intakeId: z.string(), seq: z.int().min(0) }),
  retry: { attempts: 5, backoff: fixed('1s', { jitter: 0.2 }) },
  timeout: '10m',
  crashes: RESUMES,
})

/** Once every batch of a file is in: closes prices that are gone, marks conflicts, counts, and makes it current. */
export const priceUpdateFinish = defineJob({
  name: 'price-update-finish',
  queue: 'price-update',
  input: z.object({ intakeId: z.string() }),
  retry: { attempts: 5, backoff: fixed('1s', { jitter: 0.2 }) },
  timeout: '1h',
  crashes: RESUMES,
})

/** Files are read one after the other, in the order they came, so that "the first of two equal files" means something. */
export const QUEUES = [
  defineQueue({ name: 'price-file-download', concurrency: 1 }),
  defineQueue({ name: 'price-update', concurrency: 1 }),
]
