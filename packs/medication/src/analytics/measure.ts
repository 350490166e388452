// The figures of one bucket: adherence, supply, safety, performance.
import { daysCovered } from '../adherence/days-covered.ts'
import { doseLog, type DoseLog } from '../adherence/dose-log.ts'
import { possession } from '../adherence/possession.ts'
import { treatmentsOf, type FilledDrug } from '../adherence/treatments.ts'
import type { Drug } from '../fhir/regimen.ts'
import { reachOf } from '../interactions/drug-name.ts'
import { startOfText } from '../schedule/date-text.ts'
import { DAY_MS, zoneOf, type Day } from '../schedule/zone.ts'
import type { MedicationService } from '../services/ports.ts'
import { groupBy } from '../store/group.ts'
import { LOOK_BACK_DAYS } from '../store/reopen.ts'
import type { Store } from '../store/store.ts'
import { DUE_STATES } from '../store/tables.ts'
import type { Bucket } from './bucket.ts'

export interface Metrics {
  readonly patients: number
  readonly adherence: DoseLog & {
    /** Mean over patients and treatments with fills, of the 365 days up to the bucket's end; null for a day. */
    readonly daysCovered: number | null
    readonly possession: number | null
    /** Of those in the measure, the share with 80 % of days covered or more, of antiretrovirals 90 %. */
    readonly adherent: number | null
    /** How many treatments of patients these are of, and how many of them are in the measure. A class is one treatment. */
    readonly treatments: number
    readonly measured: number
  }
  /** Supply and safety are those of the day the bucket was first summed up: they are told from no log. */
  readonly supply: { readonly low: number; readonly critical: number; readonly tracked: number }
  readonly safety: {
    readonly open: Readonly<Record<string, number>>
    readonly found: number
    readonly acknowledged: number
  }
  readonly performance: {
    readonly runs: number
    readonly failed: number
    readonly meanMs: number
    readonly mostMs: number
  }
}

export interface Measured {
  readonly metrics: Metrics
  readonly dataPoints: number
}

export const METRICS = ['adherence', 'supply', 'safety', 'performance'] as const

const PATIENTS_AT_ONCE = 200

export interface MeasureParts {
  readonly store: Store
  readonly service: MedicationService
  readonly ingredientsOf: (drug: Drug) => readonly string[]
}

/** @param before what the bucket was summed up to before; something has come late for it since */
export async function measureBucket(
  parts: MeasureParts,
  bucket: Bucket,
  before: Metrics | undefined,
  signal: AbortSignal,
): Promise<Measured> {
  const { store } = parts
  const { query } = store.db
  const from = bucket.start * DAY_MS
  const to = bucket.end * DAY_MS
  const doses = await query
    .selectFrom('med_doses')
    .select(['patient_id', 'due_at', 'taken_at', 'state'])
    .where('due_at', '>=', from)
    .where('due_at', '<', to)
    // Named one by one, so that the index of states and times leads to them.
    .where('state', 'in', DUE_STATES)
    .execute()
  const log = doseLog(
    doses.map((row) => ({
      dueAt: row.due_at,
      takenAt: row.taken_at ?? undefined,
      skipped: row.state === 'skipped',
    })),
    store.clock.now(),
  )
  const fills = bucket.range === 'daily' ? undefined : await fillMeasures(parts, bucket, signal)
  const supply = await query.selectFrom('med_supply').select('alerted').execute()
  const findings = await query
    .selectFrom('med_findings')
    .select(['severity', 'state', 'found_at'])
    .where('state', '!=', 'gone')
    .execute()
  const points = await query
    .selectFrom('med_points')
    .select(['ms', 'ok'])
    .where('at', '>=', from)
    .where('at', '<', to)
    .execute()
  const hours = await query
    .selectFrom('med_hours')
    .selectAll()
    .where('at', '>=', from)
    .where('at', '<', to)
    .execute()
  const runs = hours.length > 0 ? sumHours(hours) : sumPoints(points)
  const bySeverity = groupBy(
    findings.filter((row) => row.state === 'open'),
    (row) => row.severity,
  )
  return {
    metrics: {
      patients: new Set(doses.map((row) => row.patient_id)).size,
      adherence: {
        ...log,
        daysCovered: fills?.daysCovered ?? null,
        possession: fills?.possession ?? null,
        adherent: fills?.adherent ?? null,
        treatments: fills?.treatments ?? 0,
        measured: fills?.measured ?? 0,
      },
      supply: before?.supply ?? {
        low: supply.filter((row) => row.alerted === 'low').length,
        critical: supply.filter((row) => row.alerted === 'critical').length,
        tracked: supply.length,
      },
      safety: before?.safety ?? {
        open: Object.fromEntries(
          [...bySeverity].map(([severity, rows]) => [severity, rows.length]),
        ),
        found: findings.filter((row) => row.found_at >= from && row.found_at < to).length,
        acknowledged: findings.filter((row) => row.state === 'acknowledged').length,
      },
      performance: runs,
    },
    dataPoints:
      doses.length +
      supply.length +
      findings.length +
      points.length +
      hours.length +
      (fills?.fills ?? 0),
  }
}

async function fillMeasures(
  { ingredientsOf, service, store }: MeasureParts,
  bucket: Bucket,
  signal: AbortSignal,
) {
  const covered: number[] = []
  /** Of each treatment in the measure whether the patient is adherent. */
  const measured: boolean[] = []
  const ratios: number[] = []
  let fills = 0
  for (let after = ''; ;) {
    // Who has died or left was treated until then.
    const ids = await service.patients(after, PATIENTS_AT_ONCE, 'all')
    for (const id of ids) {
      signal.throwIfAborted()
      await store.clock.turn()
      const found = await service.medications(id)
      if (!found || found.fills.length === 0) continue
      const zone = zoneOf(found.patient.zone)
      const period = { start: bucket.end - LOOK_BACK_DAYS, end: bucket.end - 1 }
      const all = found.fills.flatMap((fill): FilledDrug[] =>
        fill.days === undefined
          ? []
          : [
              {
                ingredients: ingredientsOf(fill.drug),
                systemic: reachOf(fill.drug.name) === 'systemic',
                on: zone.dayOf(fill.filledAt),
                days: fill.days,
              },
            ],
      )
      fills += all.length
      const { birthDate, deceasedOn } = found.patient.identity
      const dayOf = (text: string | undefined): Day | undefined =>
        text === undefined ? undefined : zone.dayOf(startOfText(text, zone))
      const end = Math.min(period.end, dayOf(deceasedOn) ?? period.end)
      const inPeriod = all.filter(({ on }) => on >= period.start && on <= end)
      for (const { adherentFrom, excluded, fills: own, rule } of treatmentsOf(inPeriod)) {
        const days = daysCovered(own, period, {
          birth: dayOf(birthDate),
          endsOn: dayOf(deceasedOn),
          excluded,
          rule,
        })
        if (!days) continue
        covered.push(days.share)
        ratios.push(possession(own, { start: days.fills[0]?.on ?? period.start, end }).capped)
        if (days.notMeasured === undefined) measured.push(days.share >= adherentFrom)
      }
    }
    if (ids.length < PATIENTS_AT_ONCE) break
    after = ids.at(-1)!
  }
  return {
    fills,
    daysCovered: mean(covered),
    possession: mean(ratios),
    adherent: mean(measured.map(Number)),
    treatments: covered.length,
    measured: measured.length,
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function sumHours(
  hours: readonly { runs: number; failed: number; total_ms: number; most_ms: number }[],
): Metrics['performance'] {
  const runs = hours.reduce((sum, row) => sum + row.runs, 0)
  return {
    runs,
    failed: hours.reduce((sum, row) => sum + row.failed, 0),
    meanMs: runs === 0 ? 0 : hours.reduce((sum, row) => sum + row.total_ms, 0) / runs,
    mostMs: Math.max(0, ...hours.map((row) => row.most_ms)),
  }
}

function sumPoints(points: readonly { ms: number; ok: number }[]): Metrics['performance'] {
  return {
    runs: points.length,
    failed: points.filter((row) => row.ok === 0).length,
    meanMs: mean(points.map((row) => row.ms)) ?? 0,
    mostMs: points.reduce((most, row) => Math.max(most, row.ms), 0),
  }
}
