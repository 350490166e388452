// Evidence of a run against the seed's shapes, and against what went in and came out.
import { expect } from 'vitest'
import { RUNS } from '../../packages/orderly/src/evidence/bundle.ts'
import { verifyBundle } from '../../packages/orderly/src/evidence/verify.ts'
import { readZip } from '../../packages/orderly/src/evidence/zip.ts'
import { bundleOf } from '../../packages/orderly/src/evidence-maintenance.ts'
import type { JobDefinition, RunEvidence } from '../../packages/orderly/src/index.ts'
import { parseVkey } from '../../packages/orderly/src/ledger/note.ts'
import { ledgerKey } from '../../packages/orderly/src/ledger/seal.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { findEvidence } from '../../packages/orderly/src/state/evidence.ts'
import { evidencePlace } from '../../packages/orderly/src/state/sealed-values.ts'
import type { Performed } from '../../packages/orderly/src/testing/index.ts'
import type { Clinic } from './clinic.ts'

const AT = '2024-12-24T21:25:16+01:00'

/** The records of the seed, as it writes them. */
const SEED = {
  job_config: {
    priority: 'high',
    job_type: 'medication_reminder',
    schedule: { type: 'cron', value: '*/15 * * * *' },
    retry_policy: { max_attempts: 3, delay: 300 },
    timeout: 300,
    validation_rules: { critical_path: true, evidence_required: true },
    monitoring_config: { metrics_enabled: true, alerts_enabled: true },
  },
  job_metrics: {
    execution_time: 127.45,
    success_rate: 99.98,
    error_rate: 0.02,
    retry_count: 1,
    timeout_count: 0,
    validation_status: { is_valid: true, timestamp: AT },
    evidence: { path: '/evidence/jobs/medication_reminder/' },
  },
  supply_monitor: {
    medication_id: 'med_123',
    current_supply: 30,
    daily_usage: 2,
    days_remaining: 15,
    is_critical: false,
    last_check: AT,
  },
  analytics_roll_up: {
    time_range: 'daily',
    metrics_collected: ['adherence', 'supply', 'safety', 'performance'],
    data_points: 2_486,
    processing_time: 45.3,
  },
  backup: {
    type: 'full',
    data_types: ['users', 'medications', 'schedules', 'analytics'],
    total_size: '2.3GB',
    validation: 'passed',
    timestamp: AT,
  },
} as const

type Shape = string | { readonly [name: string]: Shape }

/** Names in their order, and the kind of each value; a time is told from other text. */
function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return `list of ${JSON.stringify(value.map(shapeOf))}`
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]))
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) && value.includes('T')
    ? 'time'
    : typeof value
}

function expectShape(name: keyof typeof SEED, value: unknown): void {
  expect([name, JSON.stringify(shapeOf(value))]).toEqual([
    name,
    JSON.stringify(shapeOf(SEED[name])),
  ])
}

/**
 * Verifies what a run left: it is about this run, opens where it was sealed and nowhere else, has the seed's records, and
 * commits to this input and output and to no other.
 */
export async function verifyEvidence(
  { orderly }: Clinic,
  job: JobDefinition<any, any>,
  input: unknown,
  done: Performed<unknown>,
  records: readonly Exclude<keyof typeof SEED, 'job_config' | 'job_metrics'>[] = [],
): Promise<Readonly<Record<string, unknown>>> {
  const rooms = roomsOf(orderly)
  const rows = await findEvidence(rooms.state, done.id)
  const told = done.evidence.at(-1)!
  const { attached } = rows.at(-1)!
  expect(told).toMatchObject({
    job: job.name,
    job_type: job.type,
    outcome: done.state,
    path: `/evidence/jobs/${job.type}/`,
    validation_status: {
      is_valid: done.state === 'completed' && told.checks.every(({ passed }) => passed),
      timestamp: told.ended_at,
    },
  })
  const place = (run: number) => evidencePlace(job.queue, told.job_id, run)
  const opened = JSON.parse(await rooms.vault.open(attached!, place(told.run))) as Record<
    string,
    unknown
  >
  await expect(rooms.vault.open(attached!, place(told.run + 1))).rejects.toThrow()
  expect(Object.keys(opened)).toEqual(told.attached)
  const { job_type, priority, ...config } = opened['job_config'] as Record<string, unknown>
  // A job that nobody schedules has no schedule to tell of.
  const { schedule } = SEED.job_config
  expectShape('job_config', {
    priority,
    job_type,
    ...(job.options.schedule ? config : { schedule, ...config }),
  })
  for (const record of records) {
    const value = opened[record]
    for (const each of record === 'supply_monitor' ? (value as unknown[]) : [value])
      expectShape(record, each)
    expect(value).toEqual((done.output as Record<string, unknown>)[record])
  }
  const commit = (what: string, value: unknown): Promise<string> =>
    rooms.vault.blindIndex(`evidence/${what}/${told.job_id}`, JSON.stringify(value))
  expect(told.input_commitment).toBe(await commit('input', input))
  expect(told.input_commitment).not.toBe(await commit('input', { other: 1 }))
  expect(told.output_commitment).toBe(
    done.state === 'completed' ? await commit('output', done.output) : null,
  )
  const { external_error_rate: _ours, ...metrics } = await orderly.jobMetrics(job.name)
  expectShape('job_metrics', metrics)
  return opened
}

/**
 * Takes all evidence out as `orderly evidence export` does, verifies it as `orderly evidence verify` does, and sees that one
 * changed run is found.
 *
 * @returns the types of job that left some
 */
export async function verifyBundled({ orderly }: Clinic): Promise<readonly string[]> {
  const rooms = roomsOf(orderly)
  const trusted = [parseVkey((await ledgerKey(rooms.ledger.keys)).signer.vkey)!]
  const { archive } = await bundleOf(rooms, {})
  const files = readZip(archive)
  const found = verifyBundle(files, trusted)
  expect(found.findings).toEqual([])
  const lines = files.get(RUNS)!.toString('utf8').trimEnd().split('\n')
  expect(found.about?.runs).toBe(lines.length)
  const altered = new Map(files)
  altered.set(RUNS, Buffer.from([lines[0]!, ...lines.slice(2)].join('\n')))
  expect(verifyBundle(altered, trusted).findings.length).toBeGreaterThan(0)
  const types = lines.map((line) => {
    const { payload } = JSON.parse(line) as { payload: string }
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as {
      predicate: RunEvidence
    }
    return predicate.job_type
  })
  return [...new Set(types)]
}
