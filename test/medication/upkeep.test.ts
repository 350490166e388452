import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  analyticsRollup,
  errorCleanup,
  medicationReminder,
  metricsRollup,
  notificationCleanup,
  shareable,
} from '../../packs/medication/src/index.ts'
import type { MedicationTables } from '../../packs/medication/src/store/tables.ts'
import { bundleOf, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

let clinic: Clinic
let patientId = ''
let orderId = ''
const db = () => clinic.orderly.database.withTables<MedicationTables>().query

beforeAll(async () => {
  clinic = await openClinic('sqlite')
  clinic.clock.set('2026-04-01T11:00:00Z')
  const bundle = bundleOf(PATIENT, order('m', 'Metoprolol 50 MG Oral Tablet'))
  patientId = (await clinic.pack.api.importBundle(bundle, 'UTC')).patients[0]!
  orderId = (await clinic.pack.api.medications(patientId))!.orders[0]!.orderId
})
afterAll(() => clinic.close())

describe('figures', () => {
  const day = async (name: string) =>
    (await clinic.pack.api.rollups(50)).find(
      ({ day: own, range }) => own === name && range === 'daily',
    )!.metrics
  const rollUp = async (at: string) => {
    clinic.clock.set(at)
    return (await clinic.orderly.perform(analyticsRollup, { timeRange: 'daily' })).output!
  }

  it('of a day are summed up anew when something comes late, and then no more', async () => {
    clinic.clock.set('2026-04-01T20:00:30Z')
    await clinic.orderly.perform(medicationReminder, {})
    expect(await rollUp('2026-04-02T01:10:00Z')).toMatchObject({ buckets: ['daily/2026-04-01'] })
    expect((await day('2026-04-01')).adherence).toMatchObject({ due: 1, onTime: 0, missed: 1 })
    const dueAt = Date.parse('2026-04-01T20:00:00Z')
    await clinic.pack.api.noteDose(
      { patientId, orderId, no: 0, dueAt },
      { what: 'taken', at: dueAt + 60_000 },
    )
    const again = await rollUp('2026-04-03T01:10:00Z')
    expect(again.buckets.toSorted()).toEqual(['daily/2026-04-01', 'daily/2026-04-02'])
    expect((await day('2026-04-01')).adherence).toMatchObject({ due: 1, onTime: 1, missed: 0 })
    expect((await rollUp('2026-04-04T01:10:00Z')).buckets).toEqual(['daily/2026-04-03'])
  })

  it('stand on the page of adherence, by days of the calendar', async () => {
    const { pages } = clinic.orderly.packs.find(({ name }) => name === 'medication')!
    const blocks = await pages.find(({ id }) => id === 'adherence')!.load({})
    const stacked = blocks.find((block) => block.block === 'chart' && block.kind === 'bar')
    expect(stacked).toMatchObject({
      x: { kind: 'category', values: ['2026-04-01', '2026-04-02', '2026-04-03'] },
      series: [
        { label: 'On time', tone: 'good', values: [1, 0, 0] },
        { label: 'Late' },
        { label: 'Skipped' },
        { label: 'Missed', tone: 'bad' },
      ],
    })
  })

  it('of fewer patients than eleven tell nothing of them to others', async () => {
    const metrics = await day('2026-04-01')
    expect(shareable(metrics)).toEqual({ performance: metrics.performance, suppressed: true })
  })

  it('leave out small counts, and what they could be worked out from', async () => {
    const metrics = await day('2026-04-01')
    const log = { due: 100, onTime: 60, late: 20, skipped: 0, missed: 20, open: 0, share: 0.8 }
    const fills = { daysCovered: 0.9, possession: 1, treatments: 40, measured: 30, adherent: 0.5 }
    const many = {
      ...metrics,
      patients: 12,
      adherence: { ...log, ...fills },
      supply: { low: 11, critical: 1, tracked: 40 },
      safety: { open: { contraindicated: 1, minor: 20 }, found: 0, acknowledged: 10 },
    }
    expect(shareable(many)).toEqual({
      ...many,
      suppressed: false,
      supply: { low: 11, critical: null, tracked: 40 },
      safety: { open: { contraindicated: null, minor: 20 }, found: 0, acknowledged: null },
    })
    const few = shareable({
      ...many,
      adherence: { ...log, ...fills, late: 79, onTime: 1, measured: 30, adherent: 29 / 30 },
    })
    // 79 of 80 taken late would tell of the one that was not; and 29 of 30 of the one who is not adherent.
    expect(few).toMatchObject({
      adherence: { onTime: null, late: 79, due: null, share: null, adherent: null, measured: 30 },
    })
    const none = shareable({ ...many, adherence: { ...log, ...fills, treatments: 5, measured: 3 } })
    expect(none).toMatchObject({
      adherence: { treatments: null, measured: null, daysCovered: null, possession: null },
    })
  })
})

describe('what is past its time', () => {
  it('is removed, counted and written down; what waits, and the trail of it, stay', async () => {
    const sent = await db().selectFrom('med_notifications').selectAll().execute()
    expect(sent.length).toBeGreaterThan(0)
    await db()
      .insertInto('med_notifications')
      .values({ ...sent[0]!, notification_id: 'waits', state: 'pending', due_at: 9e15 })
      .execute()
    clinic.clock.set('2026-08-01T00:00:00Z')
    await db()
      .insertInto('med_log')
      .values({
        log_id: 'old-error',
        at: Date.parse('2026-04-02T00:00:00Z'),
        kind: 'error',
        job: 'backup',
        what: 'BACKUP_MISSING',
        facts: '{}',
      })
      .execute()
    const before = await db().selectFrom('med_log').select('kind').execute()
    const cleaned = await clinic.orderly.perform(notificationCleanup, {})
    expect(cleaned.output).toMatchObject({ removed: sent.length, kept: 1 })
    const errors = await clinic.orderly.perform(errorCleanup, {})
    expect(errors.output!.removed).toBeGreaterThan(0)
    const left = await db().selectFrom('med_log').selectAll().execute()
    expect(left.some(({ log_id: id }) => id === 'old-error')).toBe(false)
    const audits = (rows: readonly { kind: string }[]): number =>
      rows.filter(({ kind }) => kind === 'audit').length
    expect(audits(left)).toBe(audits(before) + 2)
    expect(
      left.filter(({ what }) => what === 'removed by policy').map(({ facts }) => JSON.parse(facts)),
    ).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ job: 'notification-cleanup', removed: sent.length }),
      ]),
    )
  })

  it('of runs is summed up by the hour first, and the same sum is found again', async () => {
    const points = await db().selectFrom('med_points').selectAll().execute()
    const runs = points.filter(({ at }) => at < Date.parse('2026-05-01T00:00:00Z')).length
    expect(runs).toBeGreaterThan(3)
    const hours = async () =>
      (await db().selectFrom('med_hours').selectAll().execute()).reduce(
        (sum, row) => sum + row.runs,
        0,
      )
    clinic.clock.set('2026-04-05T00:30:00Z')
    await clinic.orderly.perform(metricsRollup, {})
    const summed = await hours()
    expect(summed).toBeGreaterThanOrEqual(runs)
    clinic.clock.set('2026-08-02T00:30:00Z')
    const rolled = await clinic.orderly.perform(metricsRollup, {})
    expect(rolled.output!.removed).toBeGreaterThanOrEqual(runs)
    expect(await hours()).toBeGreaterThanOrEqual(summed)
    const left = await db().selectFrom('med_points').selectAll().execute()
    expect(left.some(({ at }) => at < Date.parse('2026-05-01T00:00:00Z'))).toBe(false)
  })
})
