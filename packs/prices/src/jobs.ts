// The jobs of the pack: what they are called, what they take and how they may be tried.
import { defineJob, defineQueue, exponential, fixed } from 'orderly'
import { z } from 'zod'

/** Each goes on where the last one stopped, so a machine that is restarted often is no sign against the job. */
const RESUMES = 100

/** Goes through the directory, compares with what is known, and asks for what is new or has changed (004, 1.1). */
export const praUnifiedScan = defineJob({
  name: 'pra-unified-scan',
  input: z.object({
    /** Look only at these states. */
    states: z
      .array(z.string().regex(/^[A-Z]{2}$/))
      .max(60)
      .optional(),
    /** Look only at three large states. */
    testMode: z.boolean().optional(),
    /** Download every file again, changed or not. */
    forceRefresh: z.boolean().optional(),
  }),
  output: z.object({
    scannedStates: z.array(z.string()),
    newHospitals: z.number(),
    updatedHospitals: z.number(),
    newFiles: z.number(),
    updatedFiles: z.number(),
    unchangedFiles: z.number(),
    downloadJobsCreated: z.number(),
    /** Sentences; the first hundred. */
    errors: z.array(z.string()),
    /** Milliseconds. */
    duration: z.number(),
    completedAt: z.string(),
  }),
  retry: { attempts: 2, backoff: exponential('60s') },
  timeout: '12h',
  crashes: RESUMES,
  unique: { key: () => 'scan' },
})

/** Downloads one file and keeps it with what is known of it (004, 1.2). */
export const praFileDownload = defineJob({
  name: 'pra-file-download',
  input: z.object({
    fileId: z.string().min(1).max(100),
    /** Whose server it is: no server is asked for two files at once. */
    host: z.string().min(1).max(300),
    /** Fetch it even if the server says it has not changed. */
    force: z.boolean().optional(),
  }),
  output: z.object({
    state: z.enum(['stored', 'unchanged', 'refused']),
    bytes: z.number().nullable(),
    sha256: z.string().nullable(),
    objectKey: z.string().nullable(),
  }),
  retry: { attempts: 5, backoff: exponential('60s', { jitter: 0.2 }) },
  timeout: '6h',
  crashes: RESUMES,
  concurrency: { limit: 1, key: ({ host }) => host },
  unique: { key: ({ fileId }) => fileId },
})

/** Puts the details of one hospital in order: address, place, numbers (004, 2.1). */
export const hospitalImport = defineJob({
  name: 'hospital-import',
  input: z.object({ hospitalId: z.string().min(1).max(400) }),
  output: z.object({
    addressState: z.enum(['valid', 'corrected', 'doubtful', 'unknown']),
    problems: z.array(z.string()),
  }),
  retry: { attempts: 3, backoff: exponential('2s') },
  timeout: '1m',
  unique: { key: ({ hospitalId }) => hospitalId },
})

/** Takes one file, finds out what it is, and stores its rows in normal form (004, 1.3). */
export const priceFileDownload = defineJob({
  name: 'price-file-download',
  input: z.object({
    /** What this file is a delivery of: its path under the input folder, or its URL. */
    source: z.string().min(1).max(4_000),
    /** Where to take it from: a path on this machine, an http(s) URL, or `object:` and a key of the object store. */
    location: z.string().min(1).max(4_000),
  }),
  output: z.object({
    intakeId: z.string(),
    state: z.enum(['updating', 'unchanged', 'quarantined']),
  }),
  retry: { attempts: 3, backoff: exponential('2s') },
  timeout: '6h',
  // However many processes work: deliveries of one source are read in the order they came.
  concurrency: { limit: 1, key: ({ source }) => source },
  // What reads a file that kills its reader ends it itself (`READER_LOST`), so that people see it among the files.
  crashes: RESUMES,
})

/** A newer file is another job, even while the one before waits to be loaded. */
export function loadKey(url: string, sha256: string | null): string {
  return `${url} ${sha256}`
}

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

/** Checks a loaded version: the rules of CMS, sense and change; writes a report, and publishes or holds it (004, 2.3). */
export const dataValidation = defineJob({
  name: 'data-validation',
  input: z.object({ intakeId: z.string() }),
  output: z.object({
    state: z.enum(['published', 'held', 'rejected', 'superseded']),
    verdict: z.enum(['valid', 'invalid', 'not-cms']).nullable(),
    score: z.number().nullable(),
    reasons: z.array(z.string()),
  }),
  retry: { attempts: 3, backoff: exponential('1500ms') },
  timeout: '2h',
  crashes: RESUMES,
  unique: { key: ({ intakeId }) => intakeId },
})

/** Publishes or rejects versions that were held (004, 2.3). Who decided is kept. */
export const pricePublish = defineJob({
  name: 'price-publish',
  queue: 'data-validation',
  input: z.object({
    versionIds: z.array(z.number()).min(1).max(10_000),
    approved: z.boolean(),
    by: z.string().min(1).max(200),
  }),
  output: z.object({ decided: z.number() }),
  retry: { attempts: 3, backoff: exponential('1500ms') },
  timeout: '5m',
})

/** Waits until every file that was asked for is stored, loaded and checked, and says what is held. */
export const pricesSettle = defineJob({
  name: 'prices-settle',
  queue: 'pra-unified-scan',
  input: z.object({}),
  output: z.object({
    files: z.number(),
    published: z.number(),
    held: z.array(z.number()),
    refused: z.number(),
  }),
  retry: { attempts: 3, backoff: exponential('2s') },
  timeout: '1m',
  crashes: RESUMES,
})

/** Works out anew what the prices of a published version, or of a file whose hospital is elsewhere now, have a part in (004, 2.2). */
export const analyticsRefresh = defineJob({
  name: 'analytics-refresh',
  input: z.object({
    /** What one version has changed. */
    versionId: z.number().optional(),
    /** Everything of one source. Without either, of every published price. */
    sourceId: z.number().optional(),
  }),
  output: z.object({ codes: z.number(), statistics: z.number(), unchanged: z.number() }),
  retry: { attempts: 2, backoff: fixed('5s') },
  timeout: '2h',
  crashes: RESUMES,
  unique: {
    key: ({ versionId, sourceId }) => versionId ?? (sourceId && `source ${sourceId}`) ?? 'all',
  },
})

/** Writes prices or statistics to a file in the object store, with a manifest. */
export const exportData = defineJob({
  name: 'export-data',
  input: z.object({
    what: z.enum(['prices', 'statistics']),
    format: z.enum(['csv', 'json', 'parquet']),
    filter: z
      .object({
        codeType: z.string().max(20),
        code: z.string().max(40),
        kind: z.enum(['gross', 'cash', 'negotiated', 'min', 'max']),
        setting: z.string().max(20),
        payerId: z.string().max(100),
        /** Statistics of one market; prices of hospitals in one state. */
        market: z.string().max(10),
        /** The address or path a file came from. */
        source: z.string().max(4_000),
      })
      .partial()
      .optional(),
    /** Withhold statistics of fewer hospitals than this. 3 unless told. */
    smallCell: z.int().min(1).max(100).optional(),
  }),
  output: z.object({
    objectKey: z.string(),
    manifestKey: z.string(),
    rows: z.number(),
    bytes: z.number(),
    sha256: z.string(),
  }),
  retry: { attempts: 2, backoff: fixed('3s') },
  timeout: '2h',
})

/** Files are read one after the other, in the order they came: versions of a file are then checked in that order too. */
export const QUEUES = [
  defineQueue({ name: 'pra-unified-scan', concurrency: 2 }),
  defineQueue({ name: 'pra-file-download', concurrency: 8 }),
  defineQueue({ name: 'hospital-import', concurrency: 5 }),
  defineQueue({ name: 'price-file-download', concurrency: 1 }),
  defineQueue({ name: 'price-update', concurrency: 1 }),
  defineQueue({ name: 'data-validation', concurrency: 1 }),
  defineQueue({ name: 'analytics-refresh', concurrency: 1 }),
  defineQueue({ name: 'export-data', concurrency: 1 }),
]
