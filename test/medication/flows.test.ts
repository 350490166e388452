import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobDefinition } from '../../packages/orderly/src/index.ts'
import {
  analyticsRollup,
  backup,
  interactionCheck,
  medicationImport,
  medicationReminder,
  refillCheck,
  supplyMonitor,
} from '../../packs/medication/src/index.ts'
import { keepsAllThatIsSaidAtOnce } from './at-once.ts'
import { bundleOf, fill, openClinic, order, PATIENT, type Clinic } from './clinic.ts'
import { verifyBundled, verifyEvidence } from './evidence.ts'

const ZONE = 'America/New_York'

describe.each(['sqlite', 'redis and postgres'] as const)('medication flows on %s', (store) => {
  let clinic: Clinic
  let patientId = ''
  const orderIdOf = async (name: string): Promise<string> =>
    (await clinic.pack.api.medications(patientId))!.orders.find((each) =>
      each.order.drug.name.startsWith(name),
    )!.orderId
  const mails = (): (string | undefined)[] => clinic.smtp.received.map(({ mail }) => mail.subject)

  beforeAll(async () => {
    clinic = await openClinic(store)
    clinic.clock.set('2026-03-02T12:50:00Z')
    const bundle = bundleOf(
      PATIENT,
      order('metoprolol', 'Metoprolol 50 MG Oral Tablet'),
      fill('f1', 'metoprolol', '2026-03-02T12:45:00Z', 30),
    )
    const done = await clinic.orderly.perform(medicationImport, {
      bundle: JSON.stringify(bundle),
      zone: ZONE,
    })
    expect(done).toMatchObject({
      state: 'completed',
      output: { orders: 1, scheduled: 1, fills: 1 },
    })
    patientId = done.output!.patients[0]!
  })
  afterAll(() => clinic.close())

  it('reminder: nothing before its quarter of an hour, one generic mail in it, none after it', async () => {
    const early = await clinic.orderly.perform(medicationReminder, {})
    expect(early.output).toMatchObject({ doses: 0, delivered: 0 })
    clinic.clock.set('2026-03-02T13:00:20Z')
    const due = await clinic.orderly.perform(medicationReminder, {})
    expect(due).toMatchObject({
      state: 'completed',
      output: {
        from: '2026-03-02T13:00:00.000Z',
        to: '2026-03-02T13:15:00.000Z',
        doses: 1,
        reminded: 1,
        delivered: 1,
      },
    })
    expect(mails()).toEqual(['Medication reminder'])
    expect(clinic.smtp.received[0]).toMatchObject({ to: ['jane.roe@example.org'] })
    expect(clinic.smtp.received[0]!.raw).not.toMatch(/Metoprolol|Jane Roe/)
    const listed = await clinic.orderly.notifications.list({
      user: `patient:${patientId}`,
      tenant: 'default',
      topics: [],
    })
    expect(listed).toMatchObject([{ kind: 'medication-reminder', hasDetail: true }])
    expect((await clinic.orderly.perform(medicationReminder, {})).output).toMatchObject({
      doses: 0,
      delivered: 0,
    })
    const { job_config } = await verifyEvidence(clinic, medicationReminder, {}, due)
    expect(job_config).toEqual({
      priority: 'high',
      job_type: 'medication_reminder',
      schedule: { type: 'cron', value: '*/15 * * * *' },
      retry_policy: { max_attempts: 3, delay: 300 },
      timeout: 300,
      validation_rules: { critical_path: true, evidence_required: true },
      monitoring_config: { metrics_enabled: true, alerts_enabled: true },
    })
    expect(due.evidence[0]!.checks).toContainEqual({
      name: 'every due dose was dealt with',
      passed: true,
    })
  })

  it('service failure: a mail that is refused for now is sent by the next attempt, once', async () => {
    clinic.clock.set('2026-03-03T01:00:20Z')
    clinic.smtp.clear()
    clinic.smtp.fail({ code: 450, at: 'rcpt' })
    const done = await clinic.orderly.perform(medicationReminder, {})
    expect(done).toMatchObject({
      state: 'completed',
      attempts: 2,
      output: { doses: 1, reminded: 1, delivered: 1 },
    })
    expect(mails()).toEqual(['Medication reminder'])
    await verifyEvidence(clinic, medicationReminder, {}, done)
  })

  it('an outage: what is too late is noted as missed, and what is not is sent in one mail', async () => {
    clinic.smtp.clear()
    clinic.clock.set('2026-03-05T13:20:00Z')
    const done = await clinic.orderly.perform(medicationReminder, {})
    expect(done.output).toMatchObject({ doses: 5, missed_window: 4, reminded: 1, delivered: 1 })
    expect(mails()).toHaveLength(1)
  })

  it('taken early is not reminded, and snoozed is reminded again', async () => {
    clinic.smtp.clear()
    const orderId = await orderIdOf('Metoprolol')
    const dose = (dueAt: string) => ({ patientId, orderId, no: 0, dueAt: Date.parse(dueAt) })
    clinic.clock.set('2026-03-06T00:40:00Z')
    await clinic.pack.api.noteDose(dose('2026-03-06T01:00:00Z'), {
      what: 'taken',
      at: Date.parse('2026-03-06T00:40:00Z'),
    })
    clinic.clock.set('2026-03-06T01:01:00Z')
    expect((await clinic.orderly.perform(medicationReminder, {})).output).toMatchObject({
      doses: 0,
    })
    clinic.clock.set('2026-03-06T13:01:00Z')
    await clinic.orderly.perform(medicationReminder, {})
    await clinic.pack.api.noteDose(dose('2026-03-06T13:00:00Z'), {
      what: 'snoozed',
      until: Date.parse('2026-03-06T13:30:00Z'),
    })
    expect((await clinic.orderly.perform(medicationReminder, {})).output).toMatchObject({
      reminded: 0,
    })
    clinic.clock.set('2026-03-06T13:31:00Z')
    expect((await clinic.orderly.perform(medicationReminder, {})).output).toMatchObject({
      reminded: 1,
    })
    expect(mails()).toHaveLength(2)
  })

  it('supply: 30 on hand and 2 a day last 15 days and are not critical', async () => {
    clinic.clock.set('2026-03-07T12:30:00Z')
    const orderId = await orderIdOf('Metoprolol')
    await clinic.pack.api.noteCount(patientId, orderId, 30)
    const done = await clinic.orderly.perform(supplyMonitor, { patientId })
    expect(done.output).toMatchObject({ checked: 1, critical: 0, alerted: 0 })
    expect(done.output!.supply_monitor).toEqual([
      {
        medication_id: orderId,
        current_supply: 30,
        daily_usage: 2,
        days_remaining: 15,
        is_critical: false,
        last_check: expect.stringMatching(/^2026-03-07T12:30/),
      },
    ])
    await verifyEvidence(clinic, supplyMonitor, { patientId }, done, ['supply_monitor'])
  })

  it('refill: low is told once an episode, and again when it is critical, until a fill begins a new one', async () => {
    clinic.smtp.clear()
    const orderId = await orderIdOf('Metoprolol')
    await clinic.pack.api.noteCount(patientId, orderId, 12)
    const first = await clinic.orderly.perform(refillCheck, {})
    expect(first.output).toMatchObject({
      checked: 1,
      alerted: 1,
      refills: { [orderId]: 'too-soon' },
    })
    await verifyEvidence(clinic, refillCheck, {}, first)
    expect((await clinic.orderly.perform(refillCheck, {})).output).toMatchObject({ alerted: 0 })
    clinic.clock.set('2026-03-10T12:00:00Z')
    expect((await clinic.orderly.perform(refillCheck, {})).output).toMatchObject({ alerted: 1 })
    expect((await clinic.orderly.perform(supplyMonitor, {})).output).toMatchObject({
      critical: 1,
      alerted: 0,
    })
    expect(mails()).toEqual(['Time to refill', 'A medicine is nearly used up'])
    await clinic.pack.api.importBundle(
      bundleOf(
        PATIENT,
        order('metoprolol', 'Metoprolol 50 MG Oral Tablet'),
        fill('f2', 'metoprolol', '2026-03-10T11:00:00Z', 60),
      ),
      ZONE,
    )
    expect((await clinic.orderly.perform(refillCheck, {})).output).toMatchObject({ alerted: 0 })
  })

  it('interactions: a new conflict is told once, acknowledged ones stay quiet, gone ones are closed', async () => {
    clinic.smtp.clear()
    const withVerapamil = bundleOf(
      PATIENT,
      order('metoprolol', 'Metoprolol 50 MG Oral Tablet'),
      order('verapamil', 'Verapamil 80 MG Oral Tablet'),
    )
    await clinic.pack.api.importBundle(withVerapamil, ZONE)
    const first = await clinic.orderly.perform(interactionCheck, { patientId })
    expect(first.output).toMatchObject({
      patients: 1,
      medicines: 2,
      findings: 1,
      new: 1,
      not_recognised: 0,
    })
    await verifyEvidence(clinic, interactionCheck, { patientId }, first)
    expect(mails()).toEqual(['Your medicines need a look'])
    expect(clinic.smtp.received[0]!.raw).not.toMatch(/Metoprolol|Verapamil/i)
    expect((await clinic.orderly.perform(interactionCheck, { patientId })).output).toMatchObject({
      findings: 1,
      new: 0,
    })
    await clinic.pack.api.importBundle(
      bundleOf(PATIENT, order('verapamil', 'Verapamil 80 MG Oral Tablet', { status: 'stopped' })),
      ZONE,
    )
    expect((await clinic.orderly.perform(interactionCheck, { patientId })).output).toMatchObject({
      findings: 0,
      gone: 1,
    })
    expect(mails()).toHaveLength(1)
  })

  it('missing medication: it is reported, its dosage is closed, and the others are reminded', async () => {
    await clinic.pack.api.importBundle(
      bundleOf(PATIENT, order('aspirin', 'Aspirin 81 MG Oral Tablet')),
      ZONE,
    )
    const orderId = await orderIdOf('Aspirin')
    await clinic.orderly.database.query
      .deleteFrom('med_orders' as never)
      .where('order_id' as never, '=', orderId as never)
      .execute()
    clinic.clock.set('2026-03-11T12:01:00Z')
    const done = await clinic.orderly.perform(medicationReminder, {})
    expect(done).toMatchObject({ state: 'completed', output: { unreadable: 1, reminded: 1 } })
    expect(done.evidence[0]!.checks).toContainEqual({
      name: 'every medicine was found',
      passed: false,
    })
    await verifyEvidence(clinic, medicationReminder, {}, done)
    clinic.clock.set('2026-03-12T00:01:00Z')
    expect((await clinic.orderly.perform(medicationReminder, {})).output).toMatchObject({
      unreadable: 0,
      reminded: 1,
    })
  })

  it('invalid data: no JSON fails for good without quoting it; what cannot be understood is listed, and the rest works', async () => {
    const failed = await clinic.orderly.perform(medicationImport, {
      bundle: '{"Jane Roe"',
      zone: ZONE,
    })
    expect(failed).toMatchObject({ state: 'failed', attempts: 1 })
    expect(failed.error).not.toContain('Roe')
    await verifyEvidence(clinic, medicationImport, { bundle: '{"Jane Roe"', zone: ZONE }, failed)
    const broken = order('broken', 'Ibuprofen 200 MG Oral Tablet', {
      dosageInstruction: [{ timing: { repeat: { period: 1 } } }],
    })
    const done = await clinic.orderly.perform(medicationImport, {
      bundle: JSON.stringify(bundleOf(PATIENT, broken)),
      zone: ZONE,
    })
    expect(done.output).toMatchObject({ orders: 1, scheduled: 0 })
    expect(done.output!.issues).toBeGreaterThan(0)
    expect(
      (await clinic.orderly.perform(medicationImport, { bundle: '{}', zone: 'Mars/Base' })).state,
    ).toBe('failed')
  })

  it('consistency: runs at the same time remind of each dose once', async () => {
    clinic.smtp.clear()
    clinic.clock.set('2026-03-12T12:01:00Z')
    const runs = await Promise.all(
      [1, 2, 3].map(() => clinic.orderly.perform(medicationReminder, {})),
    )
    expect(runs.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed'])
    expect(runs.reduce((sum, { output }) => sum + output!.reminded, 0)).toBe(1)
    for (const run of runs) await verifyEvidence(clinic, medicationReminder, {}, run)
    expect(new Set(clinic.smtp.received.map(({ mail }) => mail.messageId)).size).toBe(1)
  })

  it('consistency: what many say at once is all kept: holds, preferences, new versions of an order', () =>
    keepsAllThatIsSaidAtOnce(clinic))

  it('error scenarios: checks refuse bad input, fail for good on who is unknown, and keep what cannot be sent yet', async () => {
    const named = (id: string, name: string) => ({
      ...order(id, name),
      subject: { reference: 'Patient/other' },
    })
    const { patients } = await clinic.pack.api.importBundle(
      bundleOf(
        { ...PATIENT, id: 'other' },
        named('n', 'Phenelzine 15 MG Oral Tablet'),
        named('x', 'Fluoxetine 20 MG Oral Capsule'),
      ),
      'UTC',
    )
    const other = patients[0]!
    await clinic.pack.api.setPreferences(other, { reminders: false })
    const [known] = (await clinic.pack.api.medications(other))!.orders
    await clinic.pack.api.noteCount(other, known!.orderId, 4)
    const before = await clinic.orderly.countJobs()
    const checks: readonly [JobDefinition<any, any>, string, object][] = [
      [refillCheck, 'A medicine is nearly used up', { alerted: 1 }],
      [interactionCheck, 'Your medicines need a look', { new: 1 }],
    ]
    for (const [job, subject, told] of checks) {
      await expect(clinic.orderly.enqueue(job, { patientId: 5 })).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
      })
      const unknown = await clinic.orderly.perform(job, { patientId: 'nobody' })
      expect(unknown).toMatchObject({ state: 'failed', attempts: 1 })
      await verifyEvidence(clinic, job, { patientId: 'nobody' }, unknown)
      clinic.smtp.clear()
      clinic.smtp.fail({ code: 450, at: 'rcpt' })
      const done = await clinic.orderly.perform(job, { patientId: other })
      expect(done).toMatchObject({ state: 'completed', attempts: 2 })
      expect(done.output).toMatchObject(told)
      expect(mails()).toEqual([subject])
      await verifyEvidence(clinic, job, { patientId: other }, done)
    }
    const count = (counts: typeof before): number => counts.reduce((sum, { n }) => sum + n, 0)
    // Two of each were taken; what was refused was never a job.
    expect(count(await clinic.orderly.countJobs()) - count(before)).toBe(4)
  })

  it('queue: a paused job waits, goes on when it is resumed, and is counted', async () => {
    await clinic.orderly.pause({ job: 'interaction-check' }, { reason: 'wrong list', by: 'ann' })
    await clinic.orderly.start()
    const { id } = await clinic.orderly.enqueue(interactionCheck, { patientId })
    await clinic.orderly.perform(supplyMonitor, { patientId })
    // A worker may have looked at it, and laid it aside: nothing of it has run.
    expect(await clinic.orderly.evidence(id)).toEqual([])
    await clinic.orderly.resume({ job: 'interaction-check' })
    expect(await clinic.orderly.workOff({ delayed: true })).toMatchObject({ failed: 0 })
    expect((await clinic.orderly.inspectJob(id))!.state).toBe('completed')
    // Those of nobody failed, and what the mail server refused was tried again.
    const {
      error_rate: errors,
      execution_time: time,
      retry_count: retries,
    } = await clinic.orderly.jobMetrics('interaction-check')
    expect([errors > 0, errors < 100, time > 0, retries]).toEqual([true, true, true, 1])
    const life = (await clinic.orderly.inspectJob(id))!.life!.map(({ type }) => type)
    expect([life[0], ...life.slice(-2)]).toEqual(['accepted', 'started', 'completed'])
    // What waited left the same evidence as what did not.
    expect(await clinic.orderly.evidence(id)).toMatchObject([
      {
        job: 'interaction-check',
        outcome: 'completed',
        checks: expect.arrayContaining([{ name: 'every pair was checked', passed: true }]),
      },
    ])
  })

  it('backup: what was written is read back and compared before it passes', async () => {
    const done = await clinic.orderly.perform(backup, { type: 'full' })
    expect(done.output!.backup).toEqual({
      type: 'full',
      data_types: ['users', 'medications', 'schedules', 'analytics'],
      total_size: expect.stringMatching(/^\d+(\.\d)?[KMGT]?B$/),
      validation: 'passed',
      timestamp: expect.stringMatching(/^2026-03-12T/),
    })
    await verifyEvidence(clinic, backup, { type: 'full' }, done, ['backup'])
    const rolled = await clinic.orderly.perform(analyticsRollup, { timeRange: 'daily' })
    await verifyEvidence(clinic, analyticsRollup, { timeRange: 'daily' }, rolled, [
      'analytics_roll_up',
    ])
    const before = await clinic.pack.api.medications(patientId)
    await clinic.orderly.database.query.deleteFrom('med_orders' as never).execute()
    expect((await clinic.pack.api.medications(patientId))!.orders).toEqual([])
    await clinic.pack.api.restore(done.output!.backup_id)
    expect(await clinic.pack.api.medications(patientId)).toEqual(before)
  })

  it('leaves evidence that verifies as a signed bundle, with nothing but the public key', async () => {
    const types = await verifyBundled(clinic)
    expect(types).toEqual(
      expect.arrayContaining([
        'medication_reminder',
        'refill_check',
        'supply_monitor',
        'interaction_check',
        'analytics_roll_up',
        'backup',
        'medication_import',
      ]),
    )
  })
})
