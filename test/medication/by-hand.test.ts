// What people do by hand, over HTTP and from a terminal: who may, what is checked, what becomes of it, what is on record.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryOf } from '../../packages/orderly/src/http/auth.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { medication } from '../../packs/medication/src/index.ts'
import { commands } from '../../packs/medication/src/cli/commands.ts'
import { doseId } from '../../packs/medication/src/reminder/due-doses.ts'
import type { MedicationTables } from '../../packs/medication/src/store/tables.ts'
import { ask, openWorld, type World } from '../http/world.ts'
import { bundleOf, order, PATIENT } from './clinic.ts'

const pack = medication()
let world: World
let patient = ''
let orderId = ''
const HOUR = 3_600_000
const due = Math.floor(Date.now() / HOUR) * HOUR - HOUR
const at = new Date(due).toISOString()
const db = () => world.orderly.database.withTables<MedicationTables>().query

beforeAll(async () => {
  world = await openWorld({ jobs: [], handlers: [], queues: [], workflows: [], packs: [pack] })
  const bundle = bundleOf(
    PATIENT,
    order('m', 'Metoprolol 50 MG Oral Tablet'),
    order('v', 'Verapamil 80 MG Oral Tablet', {
      dosageInstruction: [{ text: 'as told' }],
    }),
    order('p', 'Acetaminophen 500 MG Oral Tablet', {
      dosageInstruction: [
        {
          asNeededBoolean: true,
          timing: { repeat: { frequency: 1, period: 6, periodUnit: 'h' } },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
        },
      ],
    }),
  )
  patient = (await pack.api.importBundle(bundle, 'UTC')).patients[0]!
  const { orders } = (await pack.api.medications(patient))!
  orderId = orders.find(({ order: { drug } }) => drug.name.startsWith('Metop'))!.orderId
})
afterAll(() => world.close())

const act = (action: string, body: object, as = 'operator') =>
  ask(world, 'POST', `/api/v1/packs/medication/actions/${action}`, { as, body: { input: body } })
const doses = () =>
  db().selectFrom('med_doses').selectAll().where('patient_id', '=', patient).execute()
const preferences = async () => (await pack.api.medications(patient))!.patient.preferences

it('throws at what is no bundle, so that nobody believes that it was imported', async () => {
  for (const given of [{ foo: 1 }, null, 'text', undefined, { resourceType: 'Patient' }])
    await expect(pack.api.importBundle(given, 'UTC')).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
      message: expect.stringContaining('resourceType "Bundle"'),
    })
})

/** A dose that was reminded an hour ago. */
async function remindedDose(): Promise<void> {
  await db().deleteFrom('med_doses').execute()
  await db()
    .insertInto('med_doses')
    .values({
      dose_id: doseId(orderId, 0, due),
      patient_id: patient,
      order_id: orderId,
      no: 0,
      due_at: due,
      state: 'reminded',
      remind_at: null,
      reminded_at: due,
      taken_at: null,
      escalated_at: 0,
      note: null,
    })
    .execute()
}

async function command(name: string, args: string[], options: Record<string, string | boolean>) {
  const out: string[] = []
  const code = await commands
    .find((each) => each.name === name)!
    .run({
      args,
      options: { json: true, ...options },
      home: world.orderly.settings.home,
      print: (line) => void out.push(line),
      say: (line) => void out.push(line),
    })
  return { code, out: out.join('\n') }
}

describe('over HTTP', () => {
  it('is listed with its form, and refused to whoever may only look', async () => {
    const { json } = await ask(world, 'GET', '/api/v1/packs', { as: 'viewer' })
    const { actions } = json.data.find(({ name }: { name: string }) => name === 'medication')
    expect(actions.map(({ id }: { id: string }) => id)).toEqual([
      'remind',
      'no-reminders',
      'quiet-hours',
      'no-quiet-hours',
      'caregiver',
      'no-caregiver',
      'meals',
      'acknowledge',
      'taken',
      'skipped',
      'snooze',
      'hold',
      'resume',
      'count',
      'as-needed',
      'preferences',
    ])
    expect(actions[7].input).toMatchObject({
      required: ['finding', 'reason'],
      properties: { reason: { title: 'Reason' } },
    })
    expect(actions[8].input.properties.order).toMatchObject({ 'x-for-programs': true })
    for (const as of ['viewer', 'privacy', 'auditor'])
      expect((await act('taken', { patient, due: at }, as)).status).toBe(403)
    expect((await act('taken', { patient, due: at }, '')).status).toBe(401)
    expect((await act('nothing', {})).status).toBe(404)
  })

  it('notes a dose as taken, skipped or for later, and says when there is none', async () => {
    await remindedDose()
    expect(await act('snooze', { patient, due: at, minutes: 20 })).toMatchObject({ status: 200 })
    expect(await doses()).toMatchObject([{ state: 'snoozed' }])
    expect((await act('skipped', { patient, due: at, reason: 'felt sick of it' })).status).toBe(200)
    expect(await doses()).toMatchObject([{ state: 'skipped' }])
    expect((await act('taken', { patient, due: at })).status).toBe(200)
    expect(await doses()).toMatchObject([{ state: 'taken', due_at: due }])
    const later = new Date(due + 12 * HOUR).toISOString()
    expect((await act('taken', { patient, due: later })).status).toBe(404)
    const early = { patient, due: later, order: orderId }
    expect((await act('taken', { ...early, dosage: 7 })).status).toBe(404)
    expect((await act('taken', { ...early, dosage: 0 })).status).toBe(200)
    expect(await doses()).toHaveLength(2)
    expect((await act('taken', { patient: 'somebody', due: at })).status).toBe(404)
    expect((await act('snooze', { patient, due: at, minutes: 1 })).status).toBe(422)
    expect((await act('taken', { patient, due: 'soon' })).status).toBe(422)
  })

  it('notes what is left, and a dose as needed that is not too soon', async () => {
    const orders = (await pack.api.medications(patient))!.orders
    const order = orders.find(({ order: { drug } }) => drug.name.startsWith('Acet'))!.orderId
    expect((await act('count', { patient, order, counted: 12 })).status).toBe(200)
    const left = async () =>
      (await pack.api.supply(patient)).find((each) => each.orderId === order)!.monitor!
    expect(await left()).toMatchObject({ current_supply: 12 })
    expect((await act('as-needed', { patient, order })).status).toBe(200)
    expect(await left()).toMatchObject({ current_supply: 11 })
    const soon = await act('as-needed', { patient, order })
    expect(soon).toMatchObject({ status: 409, text: expect.stringContaining('too soon') })
    expect((await command('as-needed', [patient, order], {})).code).toBe(1)
    expect((await command('count', [patient, order, '8'], {})).code).toBe(0)
    expect(await left()).toMatchObject({ current_supply: 8 })
    // Metoprolol has its times, and there is no such order.
    expect((await act('as-needed', { patient, order: orderId })).status).toBe(404)
    expect((await act('count', { patient, order: 'none', counted: 1 })).status).toBe(404)
    expect((await act('count', { patient, order, counted: -1 })).status).toBe(422)
    const own = await ask(world, 'GET', `/api/v1/packs/medication/pages/patient?id=${patient}`, {
      as: 'viewer',
    })
    for (const action of ['count', 'as-needed'])
      expect(own.text).toContain(
        `{"action":"${action}","given":{"patient":"${patient}","order":"${order}"}}`,
      )
  })

  it('lets a finding stand, once, by the name of who asked, and never by a name in the body', async () => {
    await world.orderly.start()
    const { interactionCheck } = await import('../../packs/medication/src/index.ts')
    await world.orderly.enqueueAndWait(interactionCheck, { patientId: patient })
    const [finding] = await pack.api.findings(patient)
    const reason = 'known, the pulse is watched'
    const given = { finding: finding!.id, reason, by: 'Dr. Nobody' }
    expect((await act('acknowledge', { finding: 'no-such', reason })).status).toBe(404)
    expect((await act('acknowledge', { ...given, reason: 'x' })).status).toBe(422)
    expect((await act('acknowledge', given)).status).toBe(200)
    expect((await act('acknowledge', given)).status).toBe(404)
    expect(await pack.api.findings(patient)).toMatchObject([
      { state: 'acknowledged', acknowledgement: { by: 'operator', reason } },
    ])
    const log = await db()
      .selectFrom('med_log')
      .select('facts')
      .where('what', '=', 'finding acknowledged')
      .execute()
    expect(log.map(({ facts }) => JSON.parse(facts))).toEqual([{ finding: finding!.id }])
    const entries = await findEntries(roomsOf(world.orderly).ledger.database, { limit: 100 })
    expect(JSON.stringify(entries)).not.toContain(reason)
  })

  it('rests an order and lets it go on, and sets what is named of the preferences', async () => {
    const isHeld = async () =>
      (await pack.api.medications(patient))!.orders.some(({ order: { holds } }) =>
        holds.some(({ until = Infinity }) => until > Date.now() + HOUR),
      )
    expect((await act('hold', { patient, order: orderId })).status).toBe(200)
    expect(await isHeld()).toBe(true)
    expect((await act('resume', { patient, order: orderId })).status).toBe(200)
    expect(await isHeld()).toBe(false)
    expect((await act('hold', { patient, order: 'none' })).status).toBe(404)
    const set = (change: object) => act('preferences', { patient, ...change })
    expect((await set({ grace: 30, quiet: { from: '22:00', to: '07:30' } })).status).toBe(200)
    expect((await set({ times: { breakfast: '07:45' } })).status).toBe(200)
    expect(await preferences()).toMatchObject({
      grace: 30,
      quiet: { from: 1_320, to: 450 },
      times: { breakfast: 465, bed: 1_320 },
    })
    expect((await set({ quiet: null })).status).toBe(200)
    expect(await preferences()).toMatchObject({ grace: 30 })
    expect(await preferences()).not.toHaveProperty('quiet')
    const part = (action: string, change: object) => act(action, { patient, ...change })
    expect((await part('quiet-hours', { from: '21:00', to: '06:30' })).status).toBe(200)
    expect((await part('caregiver', { email: 'carer@example.org' })).status).toBe(200)
    expect((await part('meals', { bed: '23:00' })).status).toBe(200)
    expect((await part('no-reminders', {})).status).toBe(200)
    expect(await preferences()).toMatchObject({
      quiet: { from: 1_260, to: 390 },
      caregiver: { email: 'carer@example.org', after: 30 },
      // What is left out stays.
      times: { breakfast: 465, bed: 1_380 },
      reminders: false,
      grace: 30,
    })
    expect((await part('no-caregiver', {})).status).toBe(200)
    expect(await preferences()).not.toHaveProperty('caregiver')
    expect((await set({ grace: -1 })).status).toBe(422)
    expect((await act('preferences', { patient: 'none', grace: 5 })).status).toBe(404)
  })
})

describe('from a terminal', () => {
  it('does the same, and says with its exit code whether there was anything to do', async () => {
    await remindedDose()
    expect(await command('taken', [patient, at], {})).toEqual({ code: 0, out: '{"done":true}' })
    expect(await doses()).toMatchObject([{ state: 'taken' }])
    expect(await command('taken', ['nobody', at], {})).toEqual({ code: 1, out: '{"done":false}' })
    expect((await command('preferences', [patient, '{"grace":45}'], {})).code).toBe(0)
    expect(await preferences()).toMatchObject({ grace: 45 })
    const wrong = await command('preferences', [patient, '{"grace":"Jane Roe"}'], {})
    expect(wrong).toMatchObject({ code: 1, out: expect.stringContaining('grace') })
    expect(wrong.out).not.toContain('Jane')
    const { out } = await command('unscheduled', [], {})
    expect(JSON.parse(out)).toMatchObject({
      unscheduled: [{ patient_id: patient, why: 'no-timing' }],
    })
  })
})

describe('the pages', () => {
  it('offer what can be done where it stands, with what they know of it', async () => {
    await remindedDose()
    const page = (id: string, query = '') =>
      ask(world, 'GET', `/api/v1/packs/medication/pages/${id}${query}`, { as: 'viewer' })
    const schedule = await page('schedule')
    expect(schedule.text).toContain(
      `{"action":"taken","given":{"patient":"${patient}","due":"${at}"}}`,
    )
    const own = await page('patient', `?id=${patient}`)
    expect(own.text).toContain(
      `{"action":"hold","given":{"patient":"${patient}","order":"${orderId}"}}`,
    )
    expect(own.text).toContain(`{"action":"no-quiet-hours","given":{"patient":"${patient}"}}`)
    await db().updateTable('med_findings').set({ state: 'open' }).execute()
    expect((await page('findings')).text).toContain('"action":"acknowledge"')
  })

  it('and its page are on the audit log with whom it was done to, by pseudonyms alone', () => {
    const resource = { kind: 'pack/medication', id: patient }
    const of = (operation: string) =>
      world.entries.filter((call) => call.operation === operation && call.status === 200)
    const acts = of('packs.act').map((call) => entryOf(call, {}))
    expect(acts.length).toBeGreaterThan(10)
    for (const entry of acts) expect(entry).toMatchObject({ resource, detail: { patient } })
    const byAction = (action: string) => acts.find(({ detail }) => detail?.['action'] === action)
    expect(byAction('hold')).toMatchObject({ detail: { order: orderId } })
    expect(byAction('acknowledge')).toMatchObject({ detail: { finding: expect.any(String) } })
    expect(of('packs.page').map((call) => entryOf(call, {}))).toContainEqual(
      expect.objectContaining({ resource }),
    )
    const all = JSON.stringify(world.entries)
    for (const phi of ['Jane', 'Roe', 'pulse', 'felt sick', 'carer@'])
      expect(all).not.toContain(phi)
  })
})
