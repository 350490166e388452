// A job's options as seed configurations write them: the `job_config` of YAML files, in both directions.
import { parse, stringify } from 'yaml'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { fixed } from './backoff.ts'
import type { JobDefinition } from './define-job.ts'
import { PRIORITIES, type JobOptions, type Priority } from './options.ts'

/** Spans are seconds, as the files have them. */
export interface JobConfig {
  readonly priority: Priority
  readonly job_type: string
  readonly schedule?: { readonly type: 'cron'; readonly value: string; readonly zone?: string }
  readonly retry_policy: { readonly max_attempts: number; readonly delay: number }
  readonly timeout: number
  readonly validation_rules: {
    readonly critical_path: boolean
    readonly evidence_required: boolean
  }
  readonly monitoring_config: {
    readonly metrics_enabled: boolean
    readonly alerts_enabled: boolean
  }
}

/** The options that a `job_config` stands for; spread them into `defineJob`. */
export type ConfiguredOptions = Pick<
  JobOptions,
  'priority' | 'schedule' | 'retry' | 'timeout' | 'critical' | 'evidence' | 'monitoring'
> & { readonly type: string }

const LARGEST_TEXT = 64 * 1024

/**
 * Reads a `job_config` from YAML.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming the first field that cannot be used
 */
export function readJobConfig(text: string): ConfiguredOptions {
  if (text.length > LARGEST_TEXT) throw invalid('the file', 'is larger than 64 KiB')
  let value: unknown
  try {
    value = parse(text, { maxAliasCount: 0 })
  } catch {
    throw invalid('the file', 'is no YAML')
  }
  const config = fieldsOf(value, 'the file')['job_config']
  const fields = fieldsOf(config, 'job_config')
  const retry = fieldsOf(fields['retry_policy'] ?? {}, 'retry_policy')
  const rules = fieldsOf(fields['validation_rules'] ?? {}, 'validation_rules')
  const monitoring = fieldsOf(fields['monitoring_config'] ?? {}, 'monitoring_config')
  const type = fields['job_type']
  if (typeof type !== 'string') throw invalid('job_type', 'is a name, such as medication_reminder')
  return {
    type,
    ...given('priority', priorityOf(fields['priority'])),
    ...given('schedule', scheduleOf(fields['schedule'])),
    retry: {
      attempts: count('retry_policy.max_attempts', retry['max_attempts'] ?? 3),
      backoff: fixed(seconds('retry_policy.delay', retry['delay'] ?? 1)),
    },
    timeout: seconds('timeout', fields['timeout'] ?? 300),
    critical: flag('validation_rules.critical_path', rules['critical_path'] ?? false),
    evidence: flag('validation_rules.evidence_required', rules['evidence_required'] ?? false)
      ? 'required'
      : 'optional',
    monitoring: {
      metrics: flag('monitoring_config.metrics_enabled', monitoring['metrics_enabled'] ?? true),
      alerts: flag('monitoring_config.alerts_enabled', monitoring['alerts_enabled'] ?? true),
    },
  }
}

/** A definition as a `job_config`. */
export function jobConfigOf({ type, options }: JobDefinition<any, any>): JobConfig {
  const { retry, schedule } = options
  return {
    priority: nameOf(options.priority),
    job_type: type,
    ...(schedule === undefined
      ? {}
      : {
          schedule: {
            type: 'cron' as const,
            value: schedule.cron,
            ...(schedule.zone === 'UTC' ? {} : { zone: schedule.zone }),
          },
        }),
    retry_policy: {
      max_attempts: retry.attempts,
      delay:
        retry.backoff.type === 'custom'
          ? retry.backoff.wait(1) / 1_000
          : retry.backoff.delay / 1_000,
    },
    timeout: options.timeout / 1_000,
    validation_rules: {
      critical_path: options.critical,
      evidence_required: options.evidence === 'required',
    },
    monitoring_config: {
      metrics_enabled: options.monitoring.metrics,
      alerts_enabled: options.monitoring.alerts,
    },
  }
}

/** A definition as YAML. */
export function writeJobConfig(job: JobDefinition<any, any>): string {
  return stringify({ job_config: jobConfigOf(job) }, { singleQuote: false })
}

function nameOf(priority: number): Priority {
  const named = Object.entries(PRIORITIES).find(([, value]) => value === priority)
  return named ? (named[0] as Priority) : priority
}

function priorityOf(value: unknown): Priority | undefined {
  if (value === undefined || typeof value === 'number') return value
  if (typeof value === 'string' && Object.hasOwn(PRIORITIES, value)) return value as Priority
  throw invalid('priority', `is one of ${Object.keys(PRIORITIES).join(', ')} or a whole number`)
}

function scheduleOf(value: unknown): JobOptions['schedule'] {
  if (value === undefined) return undefined
  const { type, value: cron, zone } = fieldsOf(value, 'schedule')
  if (type !== 'cron' || typeof cron !== 'string')
    throw invalid('schedule', 'has type: cron and value: the expression in quotes')
  if (zone !== undefined && typeof zone !== 'string')
    throw invalid('schedule.zone', 'is the name of a zone, such as Europe/Berlin')
  return { cron, ...given('zone', zone) }
}

function given<Name extends string, T>(
  name: Name,
  value: T | undefined,
): { readonly [name in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [name in Name]?: T }
}

function seconds(what: string, value: unknown): Duration {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) {
    const span: Duration = `${value}s`
    milliseconds(span)
    return span
  }
  throw invalid(what, 'is a number of seconds')
}

function count(what: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw invalid(what, 'is a whole number from 1 up')
}

function flag(what: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalid(what, 'is true or false')
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw invalid(what, what === 'the file' ? 'has job_config at its top' : 'is a map of fields')
}

function invalid(what: string, rule: string): OrderlyError {
  return new OrderlyError('ORDERLY_DEFINITION_INVALID', `job_config: ${what} ${rule}`)
}
