// The page of all patients: who needs a look first, and what of their bundles could not be understood.
import type { PageBlock, PageLink, PageValue } from 'orderly'
import { explain } from '../fhir/issue.ts'
import { SEVERITIES, type Severity } from '../interactions/rule.ts'
import type { MedicationServices } from '../services/ports.ts'
import { groupBy } from '../store/group.ts'
import type { Store } from '../store/store.ts'
import { badge, LEVELS, maskedName, patientLink, SEVERITY_WORDS } from './words.ts'

const MOST_LISTED = 100

export async function patientsPage(
  store: Store,
  { medication }: MedicationServices,
): Promise<PageBlock[]> {
  const ids = await medication.patients('', MOST_LISTED)
  const { query } = store.db
  const [findings, alerts, next] = await Promise.all([
    query
      .selectFrom('med_findings')
      .select(['patient_id', 'severity'])
      .where('patient_id', 'in', ['', ...ids])
      .where('state', '=', 'open')
      .execute(),
    query
      .selectFrom('med_supply')
      .select(['patient_id', 'alerted'])
      .where('patient_id', 'in', ['', ...ids])
      .where('alerted', 'is not', null)
      .execute(),
    query
      .selectFrom('med_dosages')
      .select(['patient_id', (expression) => expression.fn.min('next_due_at').as('at')])
      .where('patient_id', 'in', ['', ...ids])
      .groupBy('patient_id')
      .execute(),
  ])
  const found = groupBy(findings, (row) => row.patient_id)
  const told = groupBy(alerts, (row) => row.patient_id)
  const nextDose = new Map(next.map((row) => [row.patient_id, row.at]))
  const rows = await Promise.all(
    ids.map(async (id) => {
      const known = await medication.medications(id)
      const own = found.get(id) ?? []
      const worst = Math.max(-1, ...own.map((row) => SEVERITIES.indexOf(row.severity as Severity)))
      const isCritical = told.get(id)?.some(({ alerted }) => alerted === 'critical') ?? false
      const row: Record<string, PageValue> = {
        patient: patientLink(id),
        name: maskedName(known?.patient.identity.name, id),
        medicines: known?.orders.filter(({ order }) => order.status === 'active').length ?? 0,
        next: nextDose.get(id) ?? null,
        supply: told.has(id) ? badge(LEVELS[isCritical ? 'critical' : 'low']) : null,
        findings: openFindings(own.length, SEVERITIES[worst]),
        zone: known?.patient.zone ?? '',
      }
      return { row, need: (worst + 1) * 2 + (isCritical ? 5 : told.has(id) ? 2 : 0) }
    }),
  )
  return [
    ...(ids.length < MOST_LISTED
      ? []
      : [
          {
            block: 'note' as const,
            tone: 'neutral' as const,
            text: `Only ${MOST_LISTED} patients are listed here; orderly medication supply and due list all of them.`,
          },
        ]),
    {
      block: 'table',
      title: 'Who needs a look first',
      columns: [
        { key: 'patient', label: 'Patient' },
        { key: 'name', label: 'Name' },
        { key: 'findings', label: 'Open findings', kind: 'state' },
        { key: 'supply', label: 'Supply', kind: 'state' },
        { key: 'medicines', label: 'Medicines', kind: 'number' },
        { key: 'next', label: 'Next dose', kind: 'time' },
        { key: 'zone', label: 'Time zone' },
      ],
      rows: rows.toSorted((a, b) => b.need - a.need).map(({ row }) => row),
      empty: 'Nobody yet: run orderly medication import.',
    },
    await notUnderstood(store),
  ]
}

function openFindings(n: number, worst: Severity | undefined): PageLink | null {
  if (worst === undefined) return null
  const [word, tone] = SEVERITY_WORDS[worst]
  return { text: n === 1 ? word : `${n}, worst ${word}`, tone }
}

async function notUnderstood({ db }: Store): Promise<PageBlock> {
  const issues = await db.query
    .selectFrom('med_issues')
    .select(['code', (expression) => expression.fn.countAll().as('n')])
    .groupBy('code')
    .orderBy('n', 'desc')
    .execute()
  return {
    block: 'table',
    title: 'What could not be understood',
    columns: [
      { key: 'text', label: 'What it means' },
      { key: 'severity', label: 'How bad', kind: 'state' },
      { key: 'n', label: 'How often', kind: 'number' },
    ],
    rows: issues.map(({ code, n }) => {
      const known = explain(code)
      return {
        text: known?.text ?? code,
        severity: known
          ? { text: SHORT[known.severity], tone: ISSUE_TONES[known.severity] }
          : { text: code, tone: 'neutral' },
        n: Number(n),
      }
    }),
    empty: 'Everything was understood.',
  }
}

const ISSUE_TONES = { error: 'bad', warning: 'warning', information: 'neutral' } as const
const SHORT = { error: 'left out', warning: 'left out in part', information: 'assumed' } as const
