// How long the medication jobs take: one quarter of an hour for 10,000 patients who all have doses due, and the checks
// of one patient. The quarter of an hour once without mail and once with a real mail server. `npm run bench -- medication [--patients N] [--checks N] [--json]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { SMTPServer } from 'smtp-server'
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
  const inApp = await measure({ patients, checks: Number(values.checks) })
  const sink = await startMailSink()
  let byMail
  try {
    byMail = await measure({ patients, checks: 0, smtpUrl: sink.url })
    if (sink.received !== patients)
      throw new Error(`${sink.received} mails came in for ${patients} patients`)
  } finally {
    await sink.close()
  }
  report({ patients, inApp, byMail }, values.json)
}

/** One quarter of an hour for so many patients, told in the application, and by mail where there is a server. */
async function measure({ patients, checks: most, smtpUrl }) {
  const home = await mkdtemp(join(tmpdir(), 'orderly-medication-'))
  const clock = movedClock()
  const pack = medication()
  const mail = smtpUrl === undefined ? {} : { smtpUrl, mailFrom: 'bench@example.org' }
  const orderly = await createOrderly({ home, packs: [pack], clock, log: silent, ...mail })
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
    const ids = await pack.api.patients('', most)
    for (const job of most === 0 ? [] : [supplyMonitor, refillCheck, interactionCheck]) {
      for (const patientId of ids)
        await orderly.enqueueAndWait(job, { patientId }, { timeout: '1m' })
      checks[job.name] = await quantiles(orderly, job.name)
    }
    return { importMs, runMs, ran, checks }
  } finally {
    await orderly.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** A real SMTP server on this machine that counts what it takes. */
async function startMailSink() {
  const sink = { received: 0, url: '', close: async () => undefined }
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, _session, done) {
      stream.resume()
      stream.on('end', () => {
        sink.received++
        done()
      })
    },
  })
  await new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  sink.url = `smtp://127.0.0.1:${server.server.address().port}`
  sink.close = () => new Promise((resolve) => server.close(resolve))
  return sink
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

function report({ patients, inApp, byMail }, asJson) {
  const worst = Math.max(...Object.values(inApp.checks).map(({ p95 }) => p95))
  const run = ({ ran, runMs }) => ({
    ms: runMs,
    doses: ran.doses,
    delivered: ran.delivered,
    aim_ms: AIM.run,
  })
  const result = {
    cores: availableParallelism(),
    patients,
    import_ms_per_patient: inApp.importMs / patients,
    reminder: run(inApp),
    reminder_by_mail: run(byMail),
    handlers: inApp.checks,
    within_aims: inApp.runMs < AIM.run && byMail.runMs < AIM.run && worst < AIM.patient,
  }
  if (asJson) return console.log(JSON.stringify(result))
  console.log(`${patients} patients on ${result.cores} cores, SQLite`)
  console.log(`import: ${result.import_ms_per_patient.toFixed(1)} ms a patient`)
  tell('told in the application', result.reminder)
  tell('told there and by mail', result.reminder_by_mail)
  for (const [name, { p50, p95, runs }] of Object.entries(inApp.checks))
    console.log(
      `${name}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms of ${runs} (aim: under ${AIM.patient} ms)`,
    )
}

function tell(how, { ms, doses, delivered }) {
  console.log(
    `medication-reminder, ${how}: ${doses} doses, ${delivered} notices delivered in ${(ms / 1_000).toFixed(1)} s (aim: under ${AIM.run / 1_000} s)`,
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
  const telecom = [{ system: 'email', value: `p${n}@example.org` }]
  const patient = {
    resourceType: 'Patient',
    id: `p${n}`,
    name: [{ text: `Patient ${n}` }],
    telecom,
  }
  return {
    resourceType: 'Bundle',
    entry: [patient, ...orders, ...fills].map((resource) => ({ resource })),
  }
}
