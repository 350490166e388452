// Opens what the pages show masked. Whoever asks is on the audit log by then.
import { dosesBetween, planOrder } from '../schedule/order.ts'
import { DAY_MS } from '../schedule/zone.ts'
import { dayOfPatient, findMedications, openOrder, openPatient } from '../store/patients.ts'
import type { Store } from '../store/store.ts'
import type { Finding } from '../interactions/check.ts'
import { wallTime } from './words.ts'

type Open = (store: Store, record: string) => Promise<unknown>

/** By the field that a masked value names. */
const FIELDS: Readonly<Record<string, Open>> = {
  name: async (store, id) => (await patientOf(store, id))?.name,
  birthDate: async (store, id) => (await patientOf(store, id))?.birthDate,
  async medicines(store, id) {
    const found = await findMedications(store, id)
    if (!found) return undefined
    const { patient } = found
    const now = store.clock.now()
    const lines = found.orders
      .filter(({ order }) => order.status === 'active')
      .map(({ order }) => {
        const times = planOrder(order, dayOfPatient(patient)).plans.flatMap((plan) =>
          dosesBetween(plan, now, now + DAY_MS).map((at) => {
            const { dose } = plan.dosage
            return `${wallTime(at, patient.zone)}${dose ? ` ${dose.value} ${dose.unit ?? ''}` : ''}`.trim()
          }),
        )
        return `${order.drug.name}: ${times.length === 0 ? 'no times in the next 24 hours' : times.join(', ')}`
      })
    return lines.length === 0 ? 'No medicine is active.' : lines.join('\n')
  },
  async drug(store, id) {
    const row = await store.db.query
      .selectFrom('med_orders')
      .selectAll()
      .where('order_id', '=', id)
      .executeTakeFirst()
    return row && (await openOrder(store, row)).order.drug.name
  },
  async drugs(store, id) {
    const row = await store.db.query
      .selectFrom('med_findings')
      .select('detail')
      .where('finding_id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    const at = { table: 'med_findings', column: 'detail', row: id }
    const { advice, drugs, effect } = await store.vault.open<Finding>(row.detail, at)
    return `${drugs.join(' + ')}. ${effect} ${advice}`
  },
}

/** @returns undefined when there is no such record, or nothing is known of the field */
export async function revealField(store: Store, record: string, field: string): Promise<unknown> {
  return Object.hasOwn(FIELDS, field) ? FIELDS[field]!(store, record) : undefined
}

async function patientOf(store: Store, id: string) {
  const row = await store.db.query
    .selectFrom('med_patients')
    .selectAll()
    .where('patient_id', '=', id)
    .executeTakeFirst()
  return row && (await openPatient(store, row)).identity
}
