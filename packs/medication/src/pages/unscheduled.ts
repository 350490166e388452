// The table of dosages that have no times, as two pages show it.
import type { PageBlock } from 'orderly'
import type { Store } from '../store/store.ts'
import { listUnscheduled } from '../store/unplanned.ts'
import { maskedMedicine, patientLink, UNPLANNED_WORDS } from './words.ts'

const MOST_LISTED = 100

/** Empty where every dosage has its times. */
export async function unscheduled(
  store: Pick<Store, 'db'>,
  patientId?: string,
): Promise<readonly PageBlock[]> {
  const found = await listUnscheduled(store, patientId, MOST_LISTED)
  if (found.length === 0) return []
  return [
    {
      block: 'table',
      title: 'No times known: nobody is reminded',
      columns: [
        ...(patientId === undefined ? [{ key: 'patient', label: 'Patient' }] : []),
        { key: 'medicine', label: 'Medicine' },
        { key: 'why', label: 'Why', kind: 'state' },
        { key: 'since', label: 'Since', kind: 'time' },
      ],
      rows: found.map((row) => ({
        patient: patientLink(row.patient_id),
        medicine: maskedMedicine(row.order_id),
        why: { text: UNPLANNED_WORDS[row.why], tone: 'warning' },
        since: Date.parse(row.since),
      })),
      empty: 'Every dosage has its times.',
    },
  ]
}
