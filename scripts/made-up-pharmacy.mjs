// A pharmacy, an optical laboratory and three hospitals that do not exist, with the dashboard on all packs: for pictures,
// and for a look.
// `node scripts/made-up-pharmacy.mjs [--port N] [--json]` serves it until it is stopped, and leaves nothing.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { movedClock } from '../bench/_moved-clock.mjs'
import { root } from './setup.mjs'

const load = (path) => import(pathToFileURL(join(root, path)).href)
const { createOrderly, serve } = await load('packages/orderly/dist/index.js')
const { roomsOf } = await load('packages/orderly/dist/orderly.js')
const { createUser } = await load('packages/orderly/dist/access/users.js')
const { acceptInvite } = await load('packages/orderly/dist/access/sign-in.js')
const medicine = await load('packs/medication/dist/index.js')
const optics = await load('packs/lab/dist/index.js')
const pricing = await load('packs/prices/dist/index.js')
const { startMirror } = await load('packs/prices/dist/mirror/index.js')
const { LAB, NEW_ORDER, PRACTICE, USER, settle } = await load('examples/lab-shop/dist/world.js')
const { startMailSink } = await load('examples/lab-shop/dist/mail-sink.js')

const PASSWORD = 'a pharmacy that does not exist'
const USERS = [
  { login: 'ana', name: 'Ana Ruiz', roles: ['admin', 'operator', 'developer', 'auditor'] },
  { login: 'noa', name: 'Noa Weiss', roles: ['privacy', 'operator', 'auditor'] },
]
const SYSTEM = {
  id: 'made-up',
  kind: 'system',
  name: 'made-up',
  roles: [],
  permissions: [],
  tenant: 'default',
  queues: ['*'],
}
const DAY_MS = 86_400_000
const DAYS = 21

const HOSPITALS = [
  ['river-valley', 'River Valley Hospital', '400 Main Street', 'Oakland', '94612'],
  ['harbor', 'Harbor General Hospital', '12 Ocean Avenue', 'San Diego', '92101'],
  ['lakeside', 'Lakeside Medical Center', '9 Shore Road', 'Sacramento', '95814'],
].map(([id, name, address, city, zip]) => ({
  id,
  name,
  address,
  city,
  state: 'CA',
  zip,
  files: [`${id}_standardcharges.csv`, ...(id === 'lakeside' ? ['lakeside_old.csv'] : [])],
}))

const SERVICES = [
  ['99283', 'Emergency department visit, moderate', 900],
  ['70551', 'MRI brain without contrast', 2_600],
  ['80048', 'Basic metabolic panel', 140],
  ['49505', 'Repair of inguinal hernia', 11_200],
  ['93005', 'Electrocardiogram, tracing', 310],
  ['71046', 'X-ray of the chest, two views', 420],
]
const PAYERS = [
  ['Aetna', 'PPO', 0.52],
  ['Cigna', 'Open Access', 0.47],
  ['UnitedHealthcare', 'Choice Plus', 0.58],
]

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, json: { type: 'boolean', default: false } },
})
const silent = () => undefined
const home = mkdtempSync(join(tmpdir(), 'orderly-made-up-'))
const clock = movedClock()
const sink = await startMailSink(0)
const pharmacy = medicine.medication()
const laboratory = optics.lab()
const published = join(home, 'published')
mkdirSync(published)
const mirror = await startMirror({ folder: published, hospitals: HOSPITALS })
const hospitals = pricing.prices({
  directories: [pricing.registryDirectory(`${mirror.origin}/registry.json`)],
  connectTo: mirror.connectTo,
})
const orderly = await createOrderly({
  home,
  clock,
  packs: [pharmacy, laboratory, hospitals],
  smtpUrl: sink.url,
  mailFrom: 'Made up <jobs@made-up.example>',
  log: { debug: silent, info: silent, warn: silent, error: console.error },
  grace: '1s',
})
let server
try {
  for (const user of USERS) {
    const { access } = roomsOf(orderly)
    const { invite } = await createUser(access, SYSTEM, user)
    const from = { address: '127.0.0.1', agent: 'made-up' }
    await acceptInvite(access, { token: invite, password: PASSWORD }, from)
  }
  await orderly.start()
  for (const { id } of await orderly.schedules())
    await orderly.pause({ schedule: id }, { reason: 'weeks pass in seconds', by: 'made-up' })
  await fillPharmacy()
  await fillLaboratory()
  await fillPrices()
  server = await serve(orderly, { port: Number(values.port) })
  console.log(
    values.json
      ? JSON.stringify({ url: server.url, password: PASSWORD })
      : `${server.url}\nana (everything but patients' data) and noa (reveals) sign in with: ${PASSWORD}\nCtrl-C ends it.`,
  )
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
} finally {
  await server?.close()
  await orderly.close()
  await sink.close()
  await mirror[Symbol.asyncDispose]()
  rmSync(home, { recursive: true, force: true })
}

/** Ten synthetic patients of Synthea and three with fills, through three weeks of reminders, doses and checks. */
async function fillPharmacy() {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  clock.set(today - DAYS * DAY_MS + 3_600_000)
  const folder = join(root, 'packs/medication/fixtures/synthea')
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')))
    await pharmacy.api.importBundle(
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
      'America/Chicago',
    )
  for (const [n, zone] of ['America/Chicago', 'America/New_York', 'Europe/Madrid'].entries())
    await pharmacy.api.importBundle(bundleOf(n, today - DAYS * DAY_MS), zone)
  for (let day = DAYS; day > 0; day--) {
    for (const hour of [7, 13, 14, 16, 22, 23]) {
      clock.set(today - day * DAY_MS + hour * 3_600_000)
      await orderly.enqueueAndWait(medicine.medicationReminder, {}, { timeout: '1m' })
      await noteDoses()
    }
    clock.set(today - day * DAY_MS + DAY_MS + 4_200_000)
    await orderly.enqueueAndWait(
      medicine.analyticsRollup,
      { timeRange: 'daily' },
      { timeout: '1m' },
    )
  }
  clock.set(Date.now())
  for (const job of [
    medicine.supplyMonitor,
    medicine.refillCheck,
    medicine.interactionCheck,
    medicine.medicationReminder,
  ])
    await orderly.enqueueAndWait(job, {}, { timeout: '1m' })
  const [first] = await pharmacy.api.patients()
  for (const { id } of (await pharmacy.api.findings(first)).slice(0, 1))
    await pharmacy.api.acknowledge(id, 'pharmacist', 'seen with the prescriber')
}

/** Most doses are taken, some late, some skipped, some forgotten: the same each time. */
async function noteDoses() {
  const reminded = await orderly.database.query
    .selectFrom('med_doses')
    .selectAll()
    .where('state', '=', 'reminded')
    .where('due_at', '>', clock.now() - DAY_MS / 2)
    .execute()
  for (const dose of reminded) {
    let luck = 7
    for (const letter of dose.dose_id) luck = (luck * 31 + letter.charCodeAt(0)) % 1_000_003
    luck %= 23
    const at = dose.due_at + (luck < 6 ? 7_500_000 : 600_000)
    // What is taken later is noted in a later round.
    if (luck < 2 || at > clock.now()) continue
    await pharmacy.api.noteDose(
      { patientId: dose.patient_id, orderId: dose.order_id, no: dose.no, dueAt: dose.due_at },
      luck === 3 ? { what: 'skipped', reason: 'felt unwell' } : { what: 'taken', at },
    )
  }
}

function bundleOf(n, since) {
  const on = (days) => new Date(since + days * DAY_MS).toISOString()
  const subject = { reference: `Patient/made-up-${n}` }
  const medicines = [
    [
      [
        'Metoprolol 50 MG Oral Tablet',
        'Verapamil 80 MG Oral Tablet',
        'Clarithromycin 250 MG Oral Tablet',
      ][n],
      60,
    ],
    ['Warfarin Sodium 5 MG Oral Tablet', 30 + n * 8],
    ['Simvastatin 20 MG Oral Tablet', 46 + n * 4],
  ]
  const entry = [
    {
      resourceType: 'Patient',
      id: `made-up-${n}`,
      name: [
        {
          given: [['Jane', 'Omar', 'Lucía'][n]],
          family: ['Roe-Lindqvist', 'Haddad', 'Fernández Ortega'][n],
        },
      ],
      birthDate: `19${61 + n}-04-05`,
      telecom: [{ system: 'email', value: `patient${n}@example.org` }],
    },
  ]
  for (const [m, [text, tablets]] of medicines.entries()) {
    entry.push({
      resourceType: 'MedicationRequest',
      id: `order-${n}-${m}`,
      status: 'active',
      intent: 'order',
      subject,
      authoredOn: on(0).slice(0, 10),
      medicationCodeableConcept: { text },
      dosageInstruction: [
        {
          timing: {
            repeat: {
              frequency: 2,
              period: 1,
              periodUnit: 'd',
              timeOfDay: ['08:00:00', '17:00:00'],
            },
          },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
        },
      ],
      dispenseRequest: {
        numberOfRepeatsAllowed: 3,
        validityPeriod: { end: on(300).slice(0, 10) },
      },
    })
    entry.push({
      resourceType: 'MedicationDispense',
      id: `fill-${n}-${m}`,
      status: 'completed',
      subject,
      medicationCodeableConcept: { text },
      whenHandedOver: on(0),
      quantity: { value: tablets, unit: 'TAB' },
      daysSupply: { value: Math.floor(tablets / 2), code: 'd' },
      authorizingPrescription: [{ reference: `MedicationRequest/order-${n}-${m}` }],
    })
  }
  return { resourceType: 'Bundle', entry: entry.map((resource) => ({ resource })) }
}

/** Orders in every state with their mails and documents, news of a LIMS, and half a year of figures. */
async function fillLaboratory() {
  const desk = laboratory.desk()
  await settle(desk)
  for (const queue of ['email', 'pdf', 'ai'])
    await orderly.overrideLimit(
      { queue, limit: 'rate' },
      { value: 10_000, reason: 'weeks pass in seconds', by: 'made-up' },
    )
  await fillFigures(desk)
  const work = optics.queueWork(orderly)
  const steps = ['in_production', 'quality_check', 'shipped', 'delivered']
  const secrets = { labId: LAB, secrets: ['made-up'] }
  for (let n = 0; n < 14; n++) {
    clock.set(Date.now() - (14 - n) * 5 * 3_600_000)
    const { id } = await desk.createOrder({
      ...NEW_ORDER,
      dueOn: new Date(Date.now() + (n - 8) * DAY_MS).toISOString().slice(0, 10),
    })
    await orderly.database.query
      .updateTable('lab_orders')
      .set({ lims_job: `J-${n}` })
      .where('order_id', '=', id)
      .execute()
    await work.queueOrderConfirmationEmail(id, USER)
    await work.queueOrderSheetPDF(id)
    if (n % 3 === 0) await work.queueLabWorkTicketPDF(id)
    for (const step of steps.slice(0, Math.max(0, 4 - Math.floor(n / 3))))
      await desk.moveOrder(
        LAB,
        id,
        step,
        step === 'shipped' ? { carrier: 'UPS', tracking: `1Z${n}` } : {},
      )
    if (n < 3) {
      await work.queueInvoicePDF(id)
      await work.queueShipmentNotificationEmail(id, USER, `1Z${n}`)
    }
    // Late news of the oldest, what is known already of most, and one word that nobody knows.
    const said = ['Processing', 'Shipped', 'Quality check', 'QC', 'Started'][Math.floor(n / 3)]
    const status = n === 10 ? 'Polished twice' : said
    const body = Buffer.from(JSON.stringify({ jobId: `J-${n}`, jobStatus: status, orderId: id }))
    const timestamp = String(Math.floor(clock.now() / 1_000))
    await desk.receiveLimsNews(secrets, {
      body,
      timestamp,
      signature: optics.signNews(body, Number(timestamp), 'made-up'),
    })
    await orderly.whenIdle()
  }
  clock.set(Date.now())
  await work.queueMarketplaceConnectionEmail('c-1', PRACTICE, LAB)
  await work.queueDemandForecast(LAB)
  for (const metric of ['orders', 'revenue']) await work.queueAnomalyDetection(LAB, metric)
  await work.queueDailyBriefing(LAB, new Date().toISOString().slice(0, 10))
  await orderly.whenIdle()
  await orderly.database.query
    .updateTable('lab_mails')
    .set({
      state: 'unsure',
      reason:
        'nobody knows whether this mail was sent: the worker or the connection died while it was; look whether it arrived, then send it again or leave it',
    })
    .where('kind', '=', 'shipment')
    .execute()
}

async function fillFigures(desk) {
  const today = Math.floor(Date.now() / DAY_MS)
  const csv = readFileSync(join(root, 'packs/lab/fixtures/online-retail-daily.csv'), 'utf8')
  const sold = new Map()
  for (const line of csv.trim().split(/\r?\n/).slice(1)) {
    const [code, date, quantity] = line.split(',')
    if (!sold.has(code)) sold.set(code, new Map())
    sold.get(code).set(Math.floor(Date.parse(date.slice(0, 10)) / DAY_MS), Number(quantity))
  }
  const codes = [...sold.keys()].slice(0, 4)
  const last = Math.max(...codes.map((code) => Math.max(...sold.get(code).keys())))
  const shift = today - 1 - last - ((today - 1 - last) % 7)
  const rows = []
  for (const [n, code] of codes.entries()) {
    const sku = ['SV-160', 'PR-160', 'BF-150', 'SV-174'][n]
    for (let day = last - 180; day <= last; day++)
      rows.push([`sku:${sku}`, day + shift, Math.max(0, sold.get(code).get(day) ?? 0)])
    await desk.saveStock({
      companyId: LAB,
      sku,
      name: sku,
      onHand: [30, 900, 200, 60][n],
      onOrder: 0,
      leadDays: 7,
      packSize: 10,
    })
  }
  // A working day.
  const poor = today - 40 - ((today - 40) % 7 > 4 ? 2 : 0)
  for (let day = today - 180; day < today; day++) {
    const usual = 40 + [6, 4, 2, 0, 3, -18, -30][day % 7] + ((day * 37) % 11)
    const orders = Math.max(0, usual + (day === today - 3 ? 45 : 0) - (day === poor ? 25 : 0))
    rows.push(['orders', day, orders], ['revenue', day, orders * 178 + ((day * 53) % 400)])
  }
  // Orders that are taken later add to these.
  const insert = rows.map(([metric, day, value]) => ({ company_id: LAB, metric, day, value }))
  for (let at = 0; at < insert.length; at += 100)
    await orderly.database.query
      .insertInto('lab_daily')
      .values(insert.slice(at, at + 100))
      .onConflict((on) => on.doNothing())
      .execute()
}

/** Three versions of each of three price lists, the last one with a jump that waits for somebody. */
async function fillPrices() {
  const [head, values, header] = readFileSync(
    join(root, 'packs/prices/fixtures/cms/V3.0.0_Tall_CSV_Format_Example.csv'),
    'utf8',
  ).split('\n')
  const publish = ({ id, name }, on, factor) => {
    const rows = SERVICES.flatMap(([code, description, gross], at) => {
      const charge = gross * factor * (1 + ((at * 7) % 5) / 20)
      const dollars = (share) => (charge * share).toFixed(2)
      return PAYERS.map(([payer, plan, share]) => ({
        description: `"${description}"`,
        'code|1': code,
        'code|1|type': 'CPT',
        setting: 'outpatient',
        'standard_charge|gross': dollars(1),
        'standard_charge|discounted_cash': dollars(0.6),
        'standard_charge|min': dollars(0.47),
        'standard_charge|max': dollars(0.58),
        payer_name: payer,
        plan_name: plan,
        'standard_charge|negotiated_dollar': dollars(share),
        'standard_charge|methodology': id === 'lakeside' && at === 3 ? 'guessed' : 'fee schedule',
      }))
    })
    const columns = header
      .trim()
      .split(',')
      .map((each) => each.replaceAll(' ', ''))
    const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','))
    const said = values.replace('West Mercy Hospital,4/1/2026', `${name},${on}`)
    writeFileSync(
      join(published, `${id}_standardcharges.csv`),
      [head, said, header, ...lines, ''].join('\n'),
    )
  }
  writeFileSync(join(published, 'lakeside_old.csv'), '<!doctype html><title>Not found</title>')
  for (const [version, on] of ['1/2/2026', '4/1/2026', '7/1/2026'].entries()) {
    for (const [n, hospital] of HOSPITALS.entries())
      publish(hospital, on, (1 + n * 0.3) * (version === 2 && n === 2 ? 14 : 1 + version * 0.04))
    await orderly.enqueueAndWait(pricing.praUnifiedScan, {}, { timeout: '2m' })
    await orderly.whenIdle()
  }
}
