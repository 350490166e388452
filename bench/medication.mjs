// How long the medication jobs take: one quarter of an hour for 10,000 patients who all have doses due, and the checks
// of one patient. The quarter of an hour once without mail and once with a real mail server. Then the same checks of patients
// who have a year of doses behind them, and an order that changed. `npm run bench -- medication [--patients N] [--checks N] [--years N] [--json]`.
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
      years: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
    },
  })
  const patients = Number(values.patients)
  const years = await measureYears(Number(values.years))
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
  report({ patients, years, inApp, byMail }, values.json)
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

const YEAR_END = Date.parse('2026-03-02T07:30:00Z')
const DAY = 86_400_000

/**
 * Patients with a year of two doses a day of each medicine, all noted, most of them at other times than they were due,
 * fills by the month, and a dosage that changed in the middle. Milliseconds of what is done for one of them.
 */
async function measureYears(patients) {
  const home = await mkdtemp(join(tmpdir(), 'orderly-medication-'))
  const clock = movedClock()
  const pack = medication()
  const orderly = await createOrderly({ home, packs: [pack], clock, log: silent })
  try {
    await orderly.start()
    for (const { id } of await orderly.schedules())
      await orderly.pause({ schedule: id }, { reason: 'a benchmark runs the jobs', by: 'bench' })
    const took = { import: [], 'dose noted': [] }
    const timed = async (what, work) => {
      const started = performance.now()
      await work()
      took[what].push(performance.now() - started)
    }
    for (let n = 0; n < patients; n++) {
      clock.set(YEAR_END - 365 * DAY)
      const { patients: ids } = await pack.api.importBundle(
        yearOf(n, '08:00:00'),
        'America/New_York',
      )
      await pack.api.setPreferences(ids[0], { fromLastTaken: true })
      const { orders } = await pack.api.medications(ids[0])
      await noteYear(orderly, ids[0], orders)
      clock.set(YEAR_END - 180 * DAY)
      await dealtWithUntil(orderly, YEAR_END - 180 * DAY)
      await pack.api.importBundle(yearOf(n, '07:00:00'), 'America/New_York')
      clock.set(YEAR_END)
      await dealtWithUntil(orderly, YEAR_END)
      await timed('import', () => pack.api.importBundle(yearOf(n, '07:30:00'), 'America/New_York'))
      const dose = {
        patientId: ids[0],
        orderId: orders[0].orderId,
        no: 0,
        dueAt: YEAR_END - 60_000,
      }
      await timed('dose noted', () => pack.api.noteDose(dose, { what: 'taken', at: YEAR_END }))
    }
    const found = {}
    for (const [what, all] of Object.entries(took)) found[what] = quantilesOf(all)
    const ids = await pack.api.patients('', patients)
    for (const job of [supplyMonitor, refillCheck, interactionCheck]) {
      for (const patientId of ids)
        await orderly.enqueueAndWait(job, { patientId }, { timeout: '1m' })
      found[job.name] = await quantiles(orderly, job.name)
    }
    return found
  } finally {
    await orderly.close()
    await rm(home, { recursive: true, force: true })
  }
}

function yearOf(n, morning) {
  const bundle = bundleOf(n)
  const resources = bundle.entry.map(({ resource }) => resource)
  const fill = resources.find(({ resourceType }) => resourceType === 'MedicationDispense')
  for (const order of resources.filter(
    ({ resourceType }) => resourceType === 'MedicationRequest',
  )) {
    order.authoredOn = '2025-01-01'
    order.dosageInstruction[0].timing.repeat.timeOfDay[0] = morning
    for (let month = 0; month < 12; month++)
      bundle.entry.push({
        resource: {
          ...fill,
          id: `${order.id}-${month}`,
          medicationCodeableConcept: order.medicationCodeableConcept,
          whenHandedOver: new Date(YEAR_END - (364 - month * 30) * DAY).toISOString(),
          authorizingPrescription: [{ reference: `MedicationRequest/${order.id}` }],
        },
      })
  }
  return bundle
}

/** As if a reminder had run every quarter of an hour until then. */
async function dealtWithUntil({ database }, at) {
  await database.query.updateTable('med_dosages').set({ next_due_at: at }).execute()
}

/** As if the jobs and the patient had done it day by day. */
async function noteYear({ database }, patientId, orders) {
  const rows = orders.flatMap(({ orderId }, m) =>
    Array.from({ length: 365 * 2 }, (_, n) => {
      const at = YEAR_END - (365 - n / 2) * DAY + (n % 7) * 600_000
      return [`${orderId}.${n}`, patientId, orderId, 0, at, n % 9 === m ? 'skipped' : 'taken', at]
    }),
  )
  await database.transaction((tx) =>
    tx.many(
      `insert into med_doses (dose_id, patient_id, order_id, no, due_at, state, taken_at)
       values (?, ?, ?, ?, ?, ?, ?)`,
      rows,
    ),
  )
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
  return quantilesOf(rows.map(({ ms }) => ms))
}

function quantilesOf(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return { runs: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) }
}

function report({ patients, years, inApp, byMail }, asJson) {
  const all = [...Object.values(inApp.checks), ...Object.values(years)]
  const worst = Math.max(...all.map(({ p95 }) => p95))
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
    after_a_year: years,
    within_aims: inApp.runMs < AIM.run && byMail.runMs < AIM.run && worst < AIM.patient,
  }
  if (asJson) return console.log(JSON.stringify(result))
  console.log(`${patients} patients on ${result.cores} cores, SQLite`)
  console.log(`import: ${result.import_ms_per_patient.toFixed(1)} ms a patient`)
  tell('told in the application', result.reminder)
  tell('told there and by mail', result.reminder_by_mail)
  for (const [name, found] of Object.entries(inApp.checks)) tellQuantiles(name, found)
  for (const [name, found] of Object.entries(years)) tellQuantiles(`${name}, after a year`, found)
}

function tellQuantiles(name, { max, p50, p95, runs }) {
  console.log(
    `${name}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, most ${max.toFixed(1)} ms of ${runs} (aim: under ${AIM.patient} ms)`,
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
