import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob } from './define-job.ts'
import { jobConfigOf, readJobConfig, writeJobConfig } from './job-config.ts'

/** Seed 001, section 4, field by field. */
const SEED = `job_config:
  priority: high
  job_type: medication_reminder
  schedule:
    type: cron
    value: "*/15 * * * *"
  retry_policy:
    max_attempts: 3
    delay: 300
  timeout: 300
  validation_rules:
    critical_path: true
    evidence_required: true
  monitoring_config:
    metrics_enabled: true
    alerts_enabled: true
`

function defined(text: string) {
  return defineJob({ name: 'medication.reminder', input: z.object({}), ...readJobConfig(text) })
}

describe('job_config', () => {
  it('becomes the options of a definition', () => {
    const job = defined(SEED)
    expect(job.type).toBe('medication_reminder')
    expect(job.options).toMatchObject({
      priority: 10,
      timeout: 300_000,
      critical: true,
      evidence: 'required',
      schedule: { cron: '*/15 * * * *', zone: 'UTC' },
      retry: { attempts: 3, backoff: { type: 'fixed', delay: 300_000 } },
      monitoring: { metrics: true, alerts: true },
    })
  })

  it('is printed as it was read', () => {
    expect(writeJobConfig(defined(SEED))).toBe(SEED)
  })

  it('names every field of a definition that has none', () => {
    const job = defineJob({ name: 'lab.order-pdf', input: z.object({}), priority: 7 })
    expect(jobConfigOf(job)).toEqual({
      priority: 7,
      job_type: 'lab_order_pdf',
      retry_policy: { max_attempts: 3, delay: 1 },
      timeout: 300,
      validation_rules: { critical_path: false, evidence_required: false },
      monitoring_config: { metrics_enabled: true, alerts_enabled: true },
    })
  })

  it.each([
    ['nothing', '', 'the file'],
    ['no YAML', 'job_config: [', 'the file'],
    ['aliases', 'job_config: &a\n  job_type: *a', 'the file'],
    ['no type', 'job_config: {}', 'job_type'],
    ['a schedule of another kind', 'job_config: {job_type: a, schedule: {type: moon}}', 'schedule'],
    [
      'half an attempt',
      'job_config: {job_type: a, retry_policy: {max_attempts: 1.5}}',
      'max_attempts',
    ],
    ['a timeout in words', 'job_config: {job_type: a, timeout: soon}', 'timeout'],
    [
      'a flag in words',
      'job_config: {job_type: a, validation_rules: {critical_path: "yes"}}',
      'critical_path',
    ],
    ['an unknown priority', 'job_config: {job_type: a, priority: urgent}', 'priority'],
  ])('is refused with %s, naming the field', (_what, text, field) => {
    expect(() => readJobConfig(text)).toThrowError(
      expect.objectContaining({
        code: 'ORDERLY_DEFINITION_INVALID',
        message: expect.stringContaining(field),
      }),
    )
  })
})
