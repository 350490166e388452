// The pack's pages on the dashboard, said as data. Names are masked on the server.
import type { PackPage, PageBlock, PageMasked, PageTone, PageValue } from 'orderly'
import type { Metrics } from '../analytics/measure.ts'
import type { MedicationServices, Supply } from '../services/ports.ts'
import { nextDose, planOrder } from '../schedule/order.ts'
import { dayOfPatient } from '../store/patients.ts'
import type { Store } from '../store/store.ts'

const MOST_LISTED = 200
const DAYS_SHOWN = 90

export function medicationPages(store: Store, services: MedicationServices): PackPage[] {
  return [
    { id: 'patients', title: 'Patients', inRail: true, load: () => patients(store, services) },
    {
      id: 'patient',
      title: 'Patient',
      inRail: false,
      params: ['id'],
      load: ({ id }) => patient(store, services, id ?? ''),
    },
    { id: 'schedule', title: 'Schedule', inRail: true, load: () => schedule(store) },
    { id: 'supply', title: 'Supply', inRail: true, load: () => supply(store) },
    { id: 'findings', title: 'Findings', inRail: true, load: () => findings(store) },
    { id: 'adherence', title: 'Adherence', inRail: true, load: () => adherence(store) },
  ]
}

async function patients(store: Store, { medication }: MedicationServices): Promise<PageBlock[]> {
  const ids = await medication.patients('', MOST_LISTED)
  const rows = await Promise.all(
    ids.map(async (id): Promise<Record<string, PageValue>> => {
      const found = await medication.medications(id)
      return {
        patient: link(id),
        name: maskedName(found?.patient.identity.name, id),
        zone: found?.patient.zone ?? '',
        medicines: found?.orders.filter(({ order }) => order.status === 'active').length ?? 0,
      }
    }),
  )
  const issues = await store.db.query
    .selectFrom('med_issues')
    .select(['code', 'severity', (expression) => expression.fn.countAll().as('n')])
    .groupBy(['code', 'severity'])
    .orderBy('code')
    .execute()
  return [
    {
      block: 'table',
      title: 'Patients',
      columns: [
        { key: 'patient', label: 'Patient' },
        { key: 'name', label: 'Name' },
        { key: 'zone', label: 'Time zone' },
        { key: 'medicines', label: 'Active medicines', kind: 'number' },
      ],
      rows,
      empty: 'Nobody yet: run orderly medication import.',
    },
    {
      block: 'table',
      title: 'What could not be understood',
      columns: [
        { key: 'code', label: 'What' },
        { key: 'severity', label: 'How bad', kind: 'state' },
        { key: 'n', label: 'How often', kind: 'number' },
      ],
      rows: issues.map((row) => ({ code: row.code, severity: row.severity, n: Number(row.n) })),
      empty: 'Everything was understood.',
    },
  ]
}

async function patient(
  store: Store,
  { medication }: MedicationServices,
  id: string,
): Promise<PageBlock[]> {
  const found = await medication.medications(id)
  if (!found) return [{ block: 'note', tone: 'warning', text: 'There is no such patient.' }]
  const now = store.clock.now()
  const day = dayOfPatient(found.patient)
  const { identity } = found.patient
  const supplies = new Map(
    (await medication.supply(found, now)).map((each) => [each.orderId, each]),
  )
  const open = await store.db.query
    .selectFrom('med_findings')
    .select(['finding_id', 'severity', 'state', 'found_at'])
    .where('patient_id', '=', id)
    .where('state', '!=', 'gone')
    .limit(MOST_LISTED)
    .execute()
  return [
    {
      block: 'facts',
      facts: [
        { label: 'Name', value: maskedName(identity.name, id) },
        { label: 'Born', value: maskedDate(identity.birthDate, id) },
        { label: 'Time zone', value: found.patient.zone },
      ],
    },
    {
      block: 'table',
      title: 'Medicines',
      columns: [
        { key: 'medicine', label: 'Medicine' },
        { key: 'status', label: 'Status', kind: 'state' },
        { key: 'next', label: 'Next dose', kind: 'time' },
        { key: 'left', label: 'Days left', kind: 'number' },
        { key: 'refill', label: 'Refill', kind: 'state' },
      ],
      rows: found.orders.slice(0, MOST_LISTED).map(({ order, orderId }) => {
        const next = planOrder(order, day).plans.flatMap((plan) => nextDose(plan, now) ?? [])
        const own = supplies.get(orderId)
        return {
          medicine: {
            masked: '[medicine]',
            kind: 'text',
            reveal: { record: orderId, field: 'drug' },
          },
          status: order.status,
          next: next.length === 0 ? null : Math.min(...next),
          left: own?.monitor?.days_remaining ?? null,
          refill: own?.refill.state ?? '',
        }
      }),
      empty: 'No medicines.',
    },
    {
      block: 'table',
      title: 'Findings',
      columns: [
        { key: 'severity', label: 'How bad', kind: 'state' },
        { key: 'medicines', label: 'Medicines' },
        { key: 'state', label: 'State', kind: 'state' },
        { key: 'found', label: 'Found', kind: 'time' },
      ],
      rows: open.map((row) => ({
        severity: row.severity,
        medicines: maskedPair(row.finding_id),
        state: row.state,
        found: row.found_at,
      })),
      empty: 'Nothing found.',
    },
  ]
}

async function schedule({ clock, db }: Store): Promise<PageBlock[]> {
  const now = clock.now()
  const due = await db.query
    .selectFrom('med_dosages')
    .select(['patient_id', 'dosage_id', 'next_due_at'])
    .where('next_due_at', 'is not', null)
    .orderBy('next_due_at')
    .limit(MOST_LISTED)
    .execute()
  const states = await db.query
    .selectFrom('med_doses')
    .select(['state', (expression) => expression.fn.countAll().as('n')])
    .where('due_at', '>=', now - 86_400_000)
    .groupBy('state')
    .execute()
  return [
    {
      block: 'facts',
      title: 'Doses of the last 24 hours',
      facts: states.map((row) => ({
        label: row.state,
        value: Number(row.n),
        tone: row.state === 'missed-window' ? ('warning' as const) : ('neutral' as const),
      })),
    },
    {
      block: 'table',
      title: 'Next doses',
      columns: [
        { key: 'at', label: 'Due', kind: 'time' },
        { key: 'patient', label: 'Patient' },
      ],
      rows: due.map((row) => ({ at: row.next_due_at, patient: link(row.patient_id) })),
      empty: 'Nothing is scheduled.',
    },
  ]
}

async function supply({ db, vault }: Store): Promise<PageBlock[]> {
  const rows = await db.query
    .selectFrom('med_supply')
    .selectAll()
    .where('detail', 'is not', null)
    .orderBy('alerted')
    .limit(MOST_LISTED)
    .execute()
  const opened = await Promise.all(
    rows.map(async (row) => ({
      row,
      figures: await vault.open<Supply>(row.detail!, {
        table: 'med_supply',
        column: 'detail',
        row: row.order_id,
      }),
    })),
  )
  return [
    {
      block: 'table',
      title: 'Supply',
      columns: [
        { key: 'patient', label: 'Patient' },
        { key: 'level', label: 'Level', kind: 'state' },
        { key: 'left', label: 'Days left', kind: 'number' },
        { key: 'refill', label: 'Refill', kind: 'state' },
        { key: 'checked', label: 'Checked', kind: 'time' },
      ],
      rows: opened.map(({ figures, row }) => ({
        patient: link(row.patient_id),
        level: figures.level,
        left: figures.monitor?.days_remaining ?? null,
        refill: figures.refill.state,
        checked: row.checked_at,
      })),
      empty: 'No supply has been checked yet.',
    },
  ]
}

async function findings({ db }: Store): Promise<PageBlock[]> {
  const rows = await db.query
    .selectFrom('med_findings')
    .select(['finding_id', 'patient_id', 'severity', 'state', 'found_at'])
    .where('state', '!=', 'gone')
    .orderBy('found_at', 'desc')
    .limit(MOST_LISTED)
    .execute()
  return [
    {
      block: 'table',
      title: 'Findings',
      columns: [
        { key: 'severity', label: 'How bad', kind: 'state' },
        { key: 'patient', label: 'Patient' },
        { key: 'medicines', label: 'Medicines' },
        { key: 'state', label: 'State', kind: 'state' },
        { key: 'found', label: 'Found', kind: 'time' },
      ],
      rows: rows.map((row) => ({
        severity: row.severity,
        patient: link(row.patient_id),
        medicines: maskedPair(row.finding_id),
        state: row.state,
        found: row.found_at,
      })),
      empty: 'Nothing found.',
    },
  ]
}

/** Which medicines somebody takes tells what they have. */
function maskedPair(findingId: string): PageMasked {
  return { masked: '[two medicines]', kind: 'text', reveal: { record: findingId, field: 'drugs' } }
}

async function adherence({ db }: Store): Promise<PageBlock[]> {
  const rows = await db.query
    .selectFrom('med_rollups')
    .select(['day', 'metrics'])
    .where('time_range', '=', 'daily')
    .orderBy('day', 'desc')
    .limit(DAYS_SHOWN)
    .execute()
  const days = rows
    .toReversed()
    .map((row) => ({ day: row.day, metrics: JSON.parse(row.metrics) as Metrics }))
  const [last] = days.slice(-1)
  const tone: PageTone = (last?.metrics.adherence.share ?? 1) >= 0.8 ? 'good' : 'warning'
  return [
    {
      block: 'facts',
      title: 'Last day',
      facts: last
        ? [
            { label: 'Taken of due', value: percent(last.metrics.adherence.share), tone },
            { label: 'Missed', value: last.metrics.adherence.missed },
            { label: 'Skipped', value: last.metrics.adherence.skipped },
          ]
        : [],
    },
    {
      block: 'chart',
      title: 'Taken of due',
      kind: 'line',
      x: { label: 'Day', kind: 'category', values: days.map(({ day }) => day) },
      series: [
        {
          label: 'Taken',
          unit: '%',
          values: days.map(({ metrics }) =>
            (metrics.adherence.share ?? null) === null
              ? null
              : Math.round(metrics.adherence.share! * 100),
          ),
        },
      ],
    },
    {
      block: 'chart',
      title: 'Doses',
      kind: 'bar',
      x: { label: 'Day', kind: 'category', values: days.map(({ day }) => day) },
      series: (['onTime', 'late', 'skipped', 'missed'] as const).map((label) => ({
        label,
        values: days.map(({ metrics }) => metrics.adherence[label]),
      })),
    },
  ]
}

function percent(share: number | undefined): string {
  return share === undefined ? 'none due' : `${Math.round(share * 100)} %`
}

function link(id: string): PageValue {
  return { text: id.slice(0, 8), page: 'patient', params: { id } }
}

function maskedName(name: string | undefined, id: string): PageMasked {
  const masked = (name ?? '')
    .split(' ')
    .map((part) => `${part.slice(0, 1)}***`)
    .join(' ')
  return { masked, kind: 'name', reveal: { record: id, field: 'name' } }
}

function maskedDate(date: string | undefined, id: string): PageMasked {
  return {
    masked: date === undefined ? '' : `${date.slice(0, 4)}-**-**`,
    kind: 'date',
    reveal: { record: id, field: 'birthDate' },
  }
}
