// The page of findings: the worst and still open first.
import type { PageBlock, PageValue } from 'orderly'
import { SEVERITIES, type Severity } from '../interactions/rule.ts'
import type { Store } from '../store/store.ts'
import { badgeOf, count, maskedPair, patientLink, SEVERITY_WORDS } from './words.ts'

const MOST_LISTED = 200

export const FINDING_COLUMNS = [
  { key: 'severity', label: 'How bad', kind: 'state' },
  { key: 'medicines', label: 'Medicines' },
  { key: 'patient', label: 'Patient' },
  { key: 'state', label: 'State', kind: 'state' },
  { key: 'found', label: 'Found', kind: 'time' },
  { key: 'acts', label: 'Do' },
] as const

export async function findingsPage(store: Store): Promise<PageBlock[]> {
  const counts = await store.db.query
    .selectFrom('med_findings')
    .select(['severity', (expression) => expression.fn.countAll().as('n')])
    .where('state', '=', 'open')
    .groupBy('severity')
    .execute()
  const rows = await findingRows(store, {})
  const open = new Map(counts.map(({ n, severity }) => [severity, Number(n)]))
  const facts = SEVERITIES.toReversed().map((severity) =>
    count(severity, open.get(severity) ?? 0, SEVERITY_WORDS[severity][1]),
  )
  return [
    ...(rows.length === 0 ? [] : [{ block: 'facts' as const, title: 'Open', facts }]),
    {
      block: 'table',
      title: 'Findings',
      columns: FINDING_COLUMNS,
      rows,
      empty: 'Nothing was found.',
    },
  ]
}

/** Findings that stand, of one patient or of all. */
export async function findingRows(
  { db }: Store,
  { patientId }: { readonly patientId?: string },
): Promise<Record<string, PageValue>[]> {
  let query = db.query
    .selectFrom('med_findings')
    .select(['finding_id', 'patient_id', 'severity', 'state', 'found_at'])
    .where('state', '!=', 'gone')
  if (patientId !== undefined) query = query.where('patient_id', '=', patientId)
  const rows = await query
    .orderBy(({ eb }) => eb.case().when('state', '=', 'open').then(0).else(1).end())
    .orderBy(({ eb }) =>
      eb
        .case()
        .when('severity', '=', 'contraindicated')
        .then(0)
        .when('severity', '=', 'major')
        .then(1)
        .when('severity', '=', 'moderate')
        .then(2)
        .else(3)
        .end(),
    )
    .orderBy('found_at', 'desc')
    .limit(MOST_LISTED)
    .execute()
  return rows.map((row) => ({
    severity: badgeOf<Severity>(SEVERITY_WORDS, row.severity),
    patient: patientLink(row.patient_id),
    medicines: maskedPair(row.finding_id),
    state:
      row.state === 'open'
        ? { text: 'open', tone: 'neutral' }
        : { text: 'acknowledged', tone: 'good' },
    found: row.found_at,
    acts:
      row.state === 'open'
        ? { acts: [{ action: 'acknowledge', given: { finding: row.finding_id } }] }
        : null,
  }))
}
