// Keeps the findings of one patient: new ones are told, known ones are not told again, gone ones are closed.
import type { Finding } from '../interactions/check.ts'
import { isWorse } from '../interactions/rule.ts'
import type { Medications, MedicationServices } from '../services/ports.ts'
import { addNotices, sealNotices, type NewNotice } from '../store/notices.ts'
import { idOf, type Store } from '../store/store.ts'

export interface CheckedPatient {
  readonly medicines: number
  readonly findings: number
  readonly fresh: number
  readonly gone: number
  readonly notRecognised: number
  readonly left: number
}

export async function keepFindings(
  store: Store,
  { medication }: MedicationServices,
  medications: Medications,
): Promise<CheckedPatient> {
  const { clock, db, vault } = store
  const now = clock.now()
  const { patientId } = medications.patient
  const { findings, issues, left, version } = await medication.interactions(medications, now)
  const known = new Map(
    (
      await db.query
        .selectFrom('med_findings')
        .select(['finding_id', 'state', 'gone_at'])
        .where('patient_id', '=', patientId)
        .execute()
    ).map((row) => [row.finding_id, row]),
  )
  const rows = await Promise.all(
    findings.map(async (finding) => {
      const id = await findingId(store, patientId, finding)
      return {
        id,
        finding,
        sealed: await vault.seal(finding, { table: 'med_findings', column: 'detail', row: id }),
      }
    }),
  )
  // What was closed and is back is told again; what is open or acknowledged is not.
  const fresh = rows.filter(({ id }) => (known.get(id)?.state ?? 'gone') === 'gone')
  const current = new Set(rows.map(({ id }) => id))
  const gone = [...known].filter(([id, { state }]) => state !== 'gone' && !current.has(id))
  const sealed = await sealNotices(
    store,
    fresh
      .filter(({ finding }) => !finding.quiet && isWorse(finding.severity, 'moderate'))
      .map(({ finding, id }) => warning(patientId, id, known.get(id)?.gone_at ?? 0, finding)),
  )
  await db.transaction(async (tx) => {
    for (const { finding, id, sealed: detail } of rows) {
      const change = { detail, rules_version: version, gone_at: null }
      const isBack = known.get(id)?.state === 'gone'
      await tx.query
        .insertInto('med_findings')
        .values({
          finding_id: id,
          patient_id: patientId,
          severity: finding.severity,
          state: 'open',
          found_at: now,
          acknowledgement: null,
          ...change,
        })
        .onConflict((on) =>
          on
            .column('finding_id')
            .doUpdateSet(
              isBack ? { ...change, state: 'open', found_at: now, acknowledgement: null } : change,
            ),
        )
        .execute()
    }
    for (const [id] of gone)
      await tx.query
        .updateTable('med_findings')
        .set({ state: 'gone', gone_at: now })
        .where('finding_id', '=', id)
        .execute()
    await addNotices(tx, sealed)
  })
  return {
    medicines: medications.orders.filter(({ order }) => order.status === 'active').length,
    findings: findings.length,
    fresh: fresh.length,
    gone: gone.length,
    left,
    notRecognised: issues.filter(({ code }) => code === 'ingredient-not-known').length,
  }
}

/** The same for the same pair, rule and severity: a new set of rules brings up only what it judges otherwise. */
async function findingId(
  store: Store,
  patientId: string,
  { ingredients, rule, severity }: Finding,
): Promise<string> {
  return idOf(patientId, await store.blindId('pair', ingredients.join('|')), rule, severity)
}

/** @param since when it was last gone: two checks at once tell the same, one time */
function warning(patientId: string, id: string, since: number, finding: Finding): NewNotice {
  return {
    id: idOf('interaction', id, since),
    patientId,
    kind: 'interaction-warning',
    urgent: finding.severity === 'contraindicated',
    title: 'Your medicines need a look',
    body: 'Two of your medicines may not go together. Do not stop any by yourself: sign in, and ask your pharmacist.',
    detail: {
      drugs: finding.drugs,
      severity: finding.severity,
      effect: finding.effect,
      advice: finding.advice,
      sources: finding.sources,
    },
  }
}

/** Somebody has looked at a finding and says why it may stand. It is not told again while it stays as it is. */
export async function acknowledge(
  { clock, db, vault }: Store,
  findingId: string,
  by: string,
  reason: string,
): Promise<boolean> {
  const sealed = await vault.seal(
    { by, reason, at: clock.now() },
    { table: 'med_findings', column: 'acknowledgement', row: findingId },
  )
  const done = await db.query
    .updateTable('med_findings')
    .set({ state: 'acknowledged', acknowledgement: sealed })
    .where('finding_id', '=', findingId)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

/** The pseudonym of whom a finding is about; undefined when there is no such finding. */
export async function patientOfFinding(
  { db }: Store,
  findingId: string,
): Promise<string | undefined> {
  const row = await db.query
    .selectFrom('med_findings')
    .select('patient_id')
    .where('finding_id', '=', findingId)
    .executeTakeFirst()
  return row?.patient_id
}

/** A finding as it is kept. */
export interface KeptFinding extends Finding {
  readonly id: string
  readonly state: 'open' | 'acknowledged'
  readonly foundAt: number
  /** The sets of rules it was last found by. */
  readonly rulesVersion: string
  readonly acknowledgement: Acknowledgement | undefined
}

export interface Acknowledgement {
  readonly by: string
  readonly reason: string
  readonly at: number
}

/** The findings of a patient that stand, the newest first. */
export async function listFindings(
  { db, vault }: Store,
  patientId: string,
): Promise<KeptFinding[]> {
  const rows = await db.query
    .selectFrom('med_findings')
    .selectAll()
    .where('patient_id', '=', patientId)
    .where('state', '!=', 'gone')
    .orderBy('found_at', 'desc')
    .orderBy('finding_id')
    .execute()
  const open = <T>(column: string, row: string, envelope: string): Promise<T> =>
    vault.open<T>(envelope, { table: 'med_findings', column, row })
  return Promise.all(
    rows.map(async (row) => ({
      ...(await open<Finding>('detail', row.finding_id, row.detail)),
      id: row.finding_id,
      state: row.state as KeptFinding['state'],
      foundAt: row.found_at,
      rulesVersion: row.rules_version,
      acknowledgement:
        row.acknowledgement === null
          ? undefined
          : await open<Acknowledgement>('acknowledgement', row.finding_id, row.acknowledgement),
    })),
  )
}
