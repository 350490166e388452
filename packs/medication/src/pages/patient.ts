// The page of one patient: medicines with what is left of them, two weeks of doses, findings.
import type { PageBlock, PageValue } from 'orderly'
import { nextDose, planOrder, type Hold } from '../schedule/order.ts'
import { isoDate, zoneOf } from '../schedule/zone.ts'
import type { Medications, MedicationServices, Supply } from '../services/ports.ts'
import { dayOfPatient } from '../store/patients.ts'
import type { Store } from '../store/store.ts'
import type { DoseState } from '../store/tables.ts'
import { findingRows, FINDING_COLUMNS } from './findings.ts'
import { unscheduled } from './unscheduled.ts'
import {
  badge,
  isoDays,
  LEVELS,
  maskedDate,
  maskedMedicine,
  maskedName,
  refillBadge,
  UNKNOWN_WORDS,
  wallTime,
} from './words.ts'

const MOST_LISTED = 100
const DAYS_SHOWN = 14

export async function patientPage(
  store: Store,
  { medication }: MedicationServices,
  id: string,
): Promise<PageBlock[]> {
  const found = await medication.medications(id)
  if (!found) return [{ block: 'note', tone: 'warning', text: 'There is no such patient.' }]
  const now = store.clock.now()
  const supplies = new Map(
    (await medication.supply(found, now)).map((each) => [each.orderId, each]),
  )
  const { identity, preferences: wishes, zone } = found.patient
  const active = found.orders.filter(({ order }) => order.status === 'active')
  const findings = await findingRows(store, { patientId: id })
  return [
    {
      block: 'facts',
      facts: [
        { label: 'Name', value: maskedName(identity.name, id) },
        { label: 'Born', value: maskedDate(identity.birthDate, id) },
        {
          label: 'All medicines',
          value: {
            masked: `[${active.length} medicines]`,
            kind: 'medicine',
            reveal: { record: id, field: 'medicines' },
          },
        },
        { label: `Clock in ${zone}`, value: wallTime(now, zone) },
        {
          label: 'Reminders',
          value: {
            acts: [
              wishes.reminders ? 'no-reminders' : 'remind',
              wishes.quiet ? 'no-quiet-hours' : 'quiet-hours',
              'meals',
              wishes.caregiver ? 'no-caregiver' : 'caregiver',
            ].map((action) => ({ action, given: { patient: id } })),
          },
        },
        { label: 'Medicines that ended', value: found.orders.length - active.length },
      ],
    },
    {
      block: 'table',
      title: 'Medicines',
      columns: [
        { key: 'medicine', label: 'Medicine' },
        { key: 'next', label: 'Next dose', kind: 'time' },
        { key: 'wall', label: 'Their clock' },
        { key: 'level', label: 'Supply', kind: 'state' },
        { key: 'left', label: 'Days left', kind: 'number' },
        { key: 'refill', label: 'Refill', kind: 'state' },
        { key: 'acts', label: 'Do' },
      ],
      rows: active
        .slice(0, MOST_LISTED)
        .map((each) => medicineRow(found, each, supplies.get(each.orderId), now)),
      empty: 'No medicine is active.',
    },
    ...(await unscheduled(store, id)),
    await doses(store, id, zone, now),
    {
      block: 'table',
      title: 'Findings',
      columns: FINDING_COLUMNS.filter(({ key }) => key !== 'patient'),
      rows: findings,
      empty: 'Nothing was found.',
    },
  ]
}

function medicineRow(
  { patient }: Medications,
  { order, orderId }: Medications['orders'][number],
  supply: Supply | undefined,
  now: number,
): Record<string, PageValue> {
  const { plans } = planOrder(order, dayOfPatient(patient))
  const next = plans.flatMap((plan) => nextDose(plan, now) ?? [])
  const at = next.length === 0 ? null : Math.min(...next)
  return {
    medicine: maskedMedicine(orderId),
    next: at,
    wall: at === null ? 'no times' : wallTime(at, patient.zone),
    level:
      supply?.unknown === undefined
        ? badge(LEVELS[supply?.level ?? 'unknown'])
        : { text: UNKNOWN_WORDS[supply.unknown], tone: 'neutral' },
    left: supply?.monitor?.days_remaining ?? null,
    refill: supply ? refillBadge(supply.refill) : null,
    acts: {
      acts: [
        {
          action: isResting(order.holds, now) ? 'resume' : 'hold',
          given: { patient: patient.patientId, order: orderId },
        },
        { action: 'count', given: { patient: patient.patientId, order: orderId } },
        ...(order.dosages.some(({ asNeeded }) => asNeeded)
          ? [{ action: 'as-needed', given: { patient: patient.patientId, order: orderId } }]
          : []),
      ],
    },
  }
}

function isResting(holds: readonly Hold[], now: number): boolean {
  return holds.some(({ from, until = Infinity }) => from <= now && now < until)
}

/** What became of the doses of two weeks, by the patient's own days. */
async function doses(
  { db }: Store,
  patientId: string,
  zoneId: string,
  now: number,
): Promise<PageBlock> {
  const zone = zoneOf(zoneId)
  const today = zone.dayOf(now)
  const days = isoDays(today, DAYS_SHOWN)
  const rows = await db.query
    .selectFrom('med_doses')
    .select(['due_at', 'state'])
    .where('patient_id', '=', patientId)
    .where('due_at', '>=', zone.startOf(today - DAYS_SHOWN + 1))
    .where('due_at', '<=', now)
    .where('state', '!=', 'as-needed')
    .execute()
  const countOf = (states: readonly DoseState[]): number[] => {
    const counts = new Map(days.map((day) => [day, 0]))
    for (const { due_at: at, state } of rows) {
      const day = isoDate(zone.dayOf(at))
      if (states.includes(state) && counts.has(day)) counts.set(day, counts.get(day)! + 1)
    }
    return [...counts.values()]
  }
  if (rows.length === 0)
    return { block: 'note', tone: 'neutral', text: 'No dose was due in the last two weeks.' }
  return {
    block: 'chart',
    title: 'Doses of the last two weeks',
    kind: 'bar',
    stacked: true,
    x: { label: 'Day', kind: 'category', values: days },
    series: [
      { label: 'Taken', tone: 'good', values: countOf(['taken']) },
      { label: 'Skipped', tone: 'warning', values: countOf(['skipped']) },
      {
        label: 'Not confirmed',
        tone: 'bad',
        values: countOf(['reminded', 'missed-window', 'suppressed', 'snoozed', 'due']),
      },
    ],
  }
}
