// Looks after the supply of one patient: writes the figures, and alerts once an episode for each level.
import type { Medications, MedicationServices, Supply } from '../services/ports.ts'
import { addNotices, sealNotices, type NewNotice } from '../store/notices.ts'
import { idOf, type Store } from '../store/store.ts'
import type { SupplyLevel } from '../supply/days-left.ts'

export interface Watched {
  readonly supplies: readonly Supply[]
  readonly alerted: number
}

const RANK: Readonly<Record<string, number>> = { ok: 0, unknown: 0, low: 1, critical: 2 }

/** @param from the level from which to alert */
export async function watchSupply(
  store: Store,
  { medication }: MedicationServices,
  medications: Medications,
  from: Extract<SupplyLevel, 'low' | 'critical'>,
): Promise<Watched> {
  const { clock, db, vault } = store
  const now = clock.now()
  const { patientId } = medications.patient
  const supplies = await medication.supply(medications, now)
  const before = new Map(
    (
      await db.query
        .selectFrom('med_supply')
        .select(['order_id', 'alerted', 'episode'])
        .where('patient_id', '=', patientId)
        .execute()
    ).map((row) => [row.order_id, row]),
  )
  const alerts = supplies.filter(
    ({ level, orderId }) =>
      RANK[level]! >= RANK[from]! && RANK[level]! > RANK[before.get(orderId)?.alerted ?? 'ok']!,
  )
  const names = new Map(medications.orders.map(({ order, orderId }) => [orderId, order.drug.name]))
  const notices = alerts.map((supply): NewNotice => {
    const episode = before.get(supply.orderId)?.episode ?? 1
    return {
      id: idOf('supply', supply.orderId, episode, supply.level),
      patientId,
      kind: 'refill-alert',
      urgent: supply.level === 'critical',
      title: supply.level === 'critical' ? 'A medicine is nearly used up' : 'Time to refill',
      body: 'A medicine of yours is running low. Sign in to see which, and what to do.',
      detail: {
        medicine: names.get(supply.orderId) ?? null,
        supply_monitor: supply.monitor,
        refill: supply.refill.state,
      },
    }
  })
  const sealed = await sealNotices(store, notices)
  const rows = await Promise.all(
    supplies.map(async (supply) => ({
      order_id: supply.orderId,
      patient_id: patientId,
      detail: await vault.seal(supply, {
        table: 'med_supply',
        column: 'detail',
        row: supply.orderId,
      }),
      checked_at: now,
      alerted: alerts.includes(supply)
        ? supply.level
        : (before.get(supply.orderId)?.alerted ?? null),
    })),
  )
  await db.transaction(async (tx) => {
    for (const row of rows)
      await tx.query
        .insertInto('med_supply')
        .values({ ...row, counted: null, counted_at: null, episode: 1 })
        .onConflict((on) =>
          on
            .column('order_id')
            .doUpdateSet({ detail: row.detail, checked_at: now, alerted: row.alerted }),
        )
        .execute()
    await addNotices(tx, sealed)
  })
  return { supplies, alerted: alerts.length }
}
