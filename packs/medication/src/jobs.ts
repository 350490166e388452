// The jobs of the pack: what they are called, what they take and give, and how they may be tried.
import { clear, defineJob, defineQueue, fixed, phi } from 'orderly'
import { z } from 'zod'
import { TIME_RANGES } from './analytics/time-range.ts'

/** As the medication service's job configuration has it: three attempts, 300 s apart, 300 s long. */
const COMMON = {
  queue: 'medication',
  retry: { attempts: 3, backoff: fixed('300s') },
  timeout: '300s',
  evidence: 'required',
  monitoring: { metrics: true, alerts: true },
  // Whatever fails in them may quote a patient: an application's own service, or a database.
  phi: true,
} as const

const count = clear(z.int().min(0))

/** Every patient, unless one is named. */
const forPatients = z.object({ patientId: clear(z.string().max(64)).optional() })

const monitor = z.object({
  medication_id: clear(z.string()),
  current_supply: phi.of('text', z.number()),
  daily_usage: phi.of('text', z.number()),
  days_remaining: phi.of('text', z.number().nullable()),
  is_critical: phi.of('text', z.boolean()),
  last_check: clear(z.string()),
})

/** Reminds of the doses of one quarter of an hour, and of what an outage left undone. */
export const medicationReminder = defineJob({
  ...COMMON,
  name: 'medication-reminder',
  input: z.object({}),
  output: z.object({
    from: clear(z.string()),
    to: clear(z.string()),
    doses: count,
    reminded: count,
    missed_window: count,
    suppressed: count,
    escalated: count,
    unreadable: count,
    delivered: count,
    failed: count,
    deferred: count,
  }),
  priority: 'high',
  critical: true,
  schedule: { cron: '*/15 * * * *', zone: 'UTC', input: {} },
})

/** Looks which medicines need a refill, and whether they may have one. */
export const refillCheck = defineJob({
  ...COMMON,
  name: 'refill-check',
  input: forPatients,
  output: z.object({
    checked: count,
    alerted: count,
    refills: phi.of('text', z.record(z.string(), z.string())),
  }),
  priority: 'high',
  critical: true,
  schedule: { cron: '0 6 * * *', zone: 'UTC', input: {} },
})

/** Works out what is left of each medicine and for how many days. */
export const supplyMonitor = defineJob({
  ...COMMON,
  name: 'supply-monitor',
  input: forPatients,
  output: z.object({
    checked: count,
    critical: count,
    low: count,
    unknown: count,
    alerted: count,
    supply_monitor: z.array(monitor),
  }),
  priority: 'high',
  critical: true,
  schedule: { cron: '5 * * * *', zone: 'UTC', input: {} },
})

/** Checks every pair of medicines of a patient. */
export const interactionCheck = defineJob({
  ...COMMON,
  name: 'interaction-check',
  input: forPatients,
  output: z.object({
    patients: count,
    medicines: count,
    findings: count,
    new: count,
    gone: count,
    not_recognised: count,
  }),
  priority: 'high',
  critical: true,
  schedule: { cron: '20 5 * * *', zone: 'UTC', input: {} },
})

/** Sums up the last whole day, week or month, and buckets something came late for. */
export const analyticsRollup = defineJob({
  ...COMMON,
  name: 'analytics-rollup',
  type: 'analytics_roll_up',
  input: z.object({ timeRange: clear(z.enum(TIME_RANGES)).default('daily') }),
  output: z.object({
    analytics_roll_up: clear(
      z.object({
        time_range: z.enum(TIME_RANGES),
        metrics_collected: z.array(z.string()),
        data_points: z.int(),
        processing_time: z.number(),
      }),
    ),
    buckets: z.array(clear(z.string())),
  }),
  priority: 'low',
  schedule: { cron: '10 1 * * *', zone: 'UTC', input: { timeRange: 'daily' } },
})

/** Backs up the pack's data, restores it from what was written, and compares. */
export const backup = defineJob({
  ...COMMON,
  name: 'backup',
  input: z.object({ type: clear(z.enum(['full', 'incremental'])).default('full') }),
  output: z.object({
    backup: clear(
      z.object({
        type: z.string(),
        data_types: z.array(z.string()),
        total_size: z.string(),
        validation: z.string(),
        timestamp: z.string(),
      }),
    ),
    backup_id: clear(z.string()),
  }),
  timeout: '1h',
  critical: true,
  schedule: { cron: '30 2 * * *', zone: 'UTC', input: { type: 'full' } },
})

const cleaned = z.object({ removed: count, kept: count, before: clear(z.string()) })

/** Removes notifications whose time is over. */
export const notificationCleanup = defineJob({
  ...COMMON,
  name: 'notification-cleanup',
  input: z.object({}),
  output: cleaned,
  priority: 'low',
  schedule: { cron: '40 3 * * *', zone: 'UTC', input: {} },
})

/** Sums runs up by the hour and removes what is summed up. */
export const metricsRollup = defineJob({
  ...COMMON,
  name: 'metrics-rollup',
  input: z.object({}),
  output: cleaned.extend({ hours: count }),
  priority: 'low',
  schedule: { cron: '2 * * * *', zone: 'UTC', input: {} },
})

/** Removes old errors and operations from the pack's log; the audit trail has a longer life. */
export const errorCleanup = defineJob({
  ...COMMON,
  name: 'error-cleanup',
  input: z.object({}),
  output: cleaned,
  priority: 'low',
  schedule: { cron: '50 3 * * *', zone: 'UTC', input: {} },
})

/** Characters of a bundle. */
export const MOST_BUNDLE = 16_000_000

const MOST_ISSUES_TOLD = 1_000

/** Takes a FHIR R4 bundle in. */
export const medicationImport = defineJob({
  ...COMMON,
  name: 'medication-import',
  input: z.object({
    /** The bundle, as it is or as JSON text; a job carries 150 KiB of it. */
    bundle: z
      .union([phi.text().max(MOST_BUNDLE), phi.of('text', z.record(z.string(), z.unknown()))])
      .optional(),
    /** A larger one, by the name it was put aside under: HTTP and the command line do that by themselves. */
    stored: clear(z.string().max(80).optional()),
    zone: clear(z.string().max(64)),
  }),
  output: z.object({
    patients: z.array(clear(z.string())),
    orders: count,
    scheduled: count,
    unplanned: count,
    fills: count,
    issues: count,
    /** What could not be understood, by its place in the bundle: never a value of it. The first thousand. */
    issue_list: clear(
      z
        .array(
          z.object({
            code: z.string(),
            severity: z.enum(['error', 'warning', 'information']),
            at: z.string(),
            text: z.string(),
          }),
        )
        .max(MOST_ISSUES_TOLD),
    ),
  }),
})

export const JOBS = [
  medicationReminder,
  refillCheck,
  supplyMonitor,
  interactionCheck,
  analyticsRollup,
  backup,
  notificationCleanup,
  metricsRollup,
  errorCleanup,
  medicationImport,
] as const

export const QUEUES = [defineQueue({ name: 'medication', concurrency: 2 })]
