// The page of doses: what became of the last day's, who has not confirmed, and what is due next.
import type { PageActs, PageBlock } from 'orderly'
import { DAY_MS } from '../schedule/zone.ts'
import type { Store } from '../store/store.ts'
import type { DoseState } from '../store/tables.ts'
import { unscheduled } from './unscheduled.ts'
import { badgeOf, DOSE_WORDS, patientLink, wallTime } from './words.ts'

const MOST_LISTED = 100

export async function schedulePage(store: Store): Promise<PageBlock[]> {
  const now = store.clock.now()
  const { query } = store.db
  const [states, unconfirmed, due] = await Promise.all([
    query
      .selectFrom('med_doses')
      .select(['state', (expression) => expression.fn.countAll().as('n')])
      .where('due_at', '>=', now - DAY_MS)
      .where('due_at', '<=', now)
      .groupBy('state')
      .execute(),
    query
      .selectFrom('med_doses')
      .innerJoin('med_patients', 'med_patients.patient_id', 'med_doses.patient_id')
      .select(['med_doses.patient_id', 'zone', 'due_at', 'state'])
      .select((expression) => [
        expression.fn.countAll().as('n'),
        expression.fn.max('escalated_at').as('escalated'),
      ])
      .where('state', 'in', ['reminded', 'missed-window'])
      .where('due_at', '>=', now - DAY_MS)
      .where('due_at', '<=', now)
      .groupBy(['med_doses.patient_id', 'zone', 'due_at', 'state'])
      .orderBy('due_at', 'desc')
      .limit(MOST_LISTED)
      .execute(),
    query
      .selectFrom('med_dosages')
      .innerJoin('med_patients', 'med_patients.patient_id', 'med_dosages.patient_id')
      .select(['med_dosages.patient_id', 'zone', 'next_due_at'])
      .select((expression) => expression.fn.countAll().as('n'))
      .where('next_due_at', 'is not', null)
      .groupBy(['med_dosages.patient_id', 'zone', 'next_due_at'])
      .orderBy('next_due_at')
      .limit(MOST_LISTED)
      .execute(),
  ])
  const counts = new Map(states.map(({ n, state }) => [state, Number(n)]))
  return [
    {
      block: 'facts',
      title: 'Doses of the last 24 hours',
      facts: (Object.keys(DOSE_WORDS) as DoseState[])
        .filter((state) => counts.has(state) || state === 'taken')
        .map((state) => ({
          label: DOSE_WORDS[state][0],
          value: counts.get(state) ?? 0,
          tone: counts.has(state) ? DOSE_WORDS[state][1] : 'neutral',
        })),
    },
    {
      block: 'table',
      title: 'Not confirmed in the last 24 hours',
      columns: [
        { key: 'patient', label: 'Patient' },
        { key: 'n', label: 'Doses', kind: 'number' },
        { key: 'at', label: 'Were due', kind: 'time' },
        { key: 'wall', label: 'Their clock' },
        { key: 'state', label: 'State', kind: 'state' },
        { key: 'told', label: 'Caregiver told', kind: 'time' },
        { key: 'acts', label: 'Do' },
      ],
      rows: unconfirmed.map((row) => ({
        patient: patientLink(row.patient_id),
        n: Number(row.n),
        at: row.due_at,
        wall: wallTime(row.due_at, row.zone),
        state: badgeOf<DoseState>(DOSE_WORDS, row.state),
        told: toldAt(row.escalated),
        acts: doseActs(row.patient_id, row.due_at),
      })),
      empty: 'Every dose was confirmed.',
    },
    {
      block: 'table',
      title: 'Next doses',
      columns: [
        { key: 'patient', label: 'Patient' },
        { key: 'n', label: 'Doses', kind: 'number' },
        { key: 'at', label: 'Due', kind: 'time' },
        { key: 'wall', label: 'Their clock' },
        { key: 'zone', label: 'Time zone' },
      ],
      rows: due.map((row) => ({
        patient: patientLink(row.patient_id),
        n: Number(row.n),
        at: row.next_due_at,
        wall: wallTime(row.next_due_at!, row.zone),
        zone: row.zone,
      })),
      empty: 'Nothing is scheduled.',
    },
    ...(await unscheduled(store)),
  ]
}

function doseActs(patient: string, dueAt: number): PageActs {
  const given = { patient, due: new Date(dueAt).toISOString() }
  return { acts: ['taken', 'skipped', 'snooze'].map((action) => ({ action, given })) }
}

/** 0: there is nobody to tell. PostgreSQL gives a maximum as text. */
function toldAt(at: number | string | null): number | null {
  const told = Number(at ?? 0)
  return told > 0 ? told : null
}
