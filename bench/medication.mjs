// How long the medication jobs take: one quarter of an hour for 10,000 patients who all have doses due, and the checks
// of one patient. `npm run bench -- medication [--patients N] [--checks N] [--json]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { createOrderly } from 'orderly'
import {
  interactionCheck,
  medication,
  medicationReminder,
  refillCheck,
  supplyMonitor,
} from '@orderly/medication'
import { movedClock } from './_moved-clock.mjs'

const AIM = { run: 900_000, patient: 100 }
const MEDICINES = [
  'Metoprolol 50 MG Oral Tablet',
  'Simvastatin 20 MG Oral Tablet',
  'Warfarin Sodium 5 MG Oral Tablet',
]
const silent = { debug() {}, info() {}, warn() {}, error: console.error }

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      patients: { type: 'string', default: '10000' },
      checks: { type: 'string', default: '200' },
      json: { type: 'boolean', default: false },
    },
  })
  const patients = Number(values.patients)
  const home = await mkdtemp(join(tmpdir(), 'orderly-medication-'))
  const clock = movedClock()
  const pack = medication()
  const orderly = await createOrderly({ home, packs: [pack], clock, log: silent })
  try {
    await orderly.start()
    for (const { id } of await orderly.schedules())
      await orderly.pause({ schedule: id }, { reason: 'a benchmark runs the jobs', by: 'bench' })
    clock.set(Date.parse('2026-03-02T07:30:00Z'))
    const imported = performance.now()
    for (let n = 0; n < patients; n++) await pack.api.importBundle(bundleOf(n), 'UTC')
    const importMs = performance.now() - imported
    clock.set(Date.parse('2026-03-02T08:00:05Z'))
    const started = performance.now()
    const ran = await orderly.enqueueAndWait(medicationReminder, {}, { timeout: '15m' })
    const runMs = performance.now() - started
    const checks = {}
    const ids = await pack.api.patients('', Number(values.checks))
    for (const job of [supplyMonitor, refillCheck, interactionCheck]) {
      for (const patientId of ids)
        await orderly.enqueueAndWait(job, { patientId }, { timeout: '1m' })
      checks[job.name] = await quantiles(orderly, job.name)
    }
    report({ patients, importMs, runMs, ran, checks }, values.json)
  } finally {
    await orderly.close()
    await rm(home, { recursive: true, force: true })
  }
}

async function quantiles(orderly, job) {
  const rows = await orderly.database.query
    .selectFrom('med_points')
    .select('ms')
    .where('job', '=', job)
    .orderBy('ms')
    .execute()
  const at = (share) => rows[Math.min(rows.length - 1, Math.floor(rows.length * share))].ms
  return { runs: rows.length, p50: at(0.5), p95: at(0.95), max: at(1) }
}

function report({ patients, importMs, runMs, ran, checks }, asJson) {
  const worst = Math.max(...Object.values(checks).map(({ p95 }) => p95))
  const result = {
    cores: availableParallelism(),
    patients,
    import_ms_per_patient: importMs / patients,
    reminder: { ms: runMs, doses: ran.doses, delivered: ran.delivered, aim_ms: AIM.run },
    handlers: checks,
    within_aims: runMs < AIM.run && worst < AIM.patient,
  }
  if (asJson) return console.log(JSON.stringify(result))
  console.log(`${patients} patients on ${result.cores} cores, SQLite`)
  console.log(`import: ${result.import_ms_per_patient.toFixed(1)} ms a patient`)
  console.log(
    `medication-reminder: ${ran.doses} doses, ${ran.delivered} notices delivered in ${(runMs / 1_000).toFixed(1)} s (aim: under ${AIM.run / 1_000} s)`,
  )
  for (const [name, { p50, p95, runs }] of Object.entries(checks))
    console.log(
      `${name}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms of ${runs} (aim: under ${AIM.patient} ms)`,
    )
}

function bundleOf(n) {
  const subject = { reference: `Patient/p${n}` }
  const medicine = (name) => ({ text: name })
  const orders = MEDICINES.map((name, m) => ({
    resourceType: 'MedicationRequest',
    id: `r${n}-${m}`,
    status: 'active',
    intent: 'order',
    subject,
    authoredOn: '2026-01-01',
    medicationCodeableConcept: medicine(name),
    dosageInstruction: [
      {
        timing: {
          repeat: { timeOfDay: ['08:00:00', '20:00:00'], frequency: 2, period: 1, periodUnit: 'd' },
        },
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
      },
    ],
    dispenseRequest: { numberOfRepeatsAllowed: 3, validityPeriod: { end: '2026-12-31' } },
  }))
  const fills = MEDICINES.map((name, m) => ({
    resourceType: 'MedicationDispense',
    id: `d${n}-${m}`,
    status: 'completed',
    subject,
    medicationCodeableConcept: medicine(name),
    whenHandedOver: '2026-03-01T09:00:00Z',
    quantity: { value: 60, unit: 'TAB' },
    daysSupply: { value: 30, code: 'd' },
    authorizingPrescription: [{ reference: `MedicationRequest/r${n}-${m}` }],
  }))
  const patient = { resourceType: 'Patient', id: `p${n}`, name: [{ text: `Patient ${n}` }] }
  return {
    resourceType: 'Bundle',
    entry: [patient, ...orders, ...fills].map((resource) => ({ resource })),
  }
}
