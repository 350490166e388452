import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { LAB, NEW_ORDER, PATIENT, settle } from '../../packs/lab/fixtures/lakeside.ts'
import { lab, queueWork, type Desk } from '../../packs/lab/src/index.ts'
import { medication } from '../../packs/medication/src/index.ts'
import { bundleOf, order, PATIENT as PERSON } from '../medication/clinic.ts'
import { ask, openWorld, type World } from './world.ts'

const clinic = medication()
const shop = lab()
let world: World
let desk: Desk

beforeAll(async () => {
  world = await openWorld({
    jobs: [],
    handlers: [],
    queues: [],
    workflows: [],
    packs: [clinic, shop],
  })
  desk = shop.desk()
  await settle(desk)
  for (const [name, roles] of [
    ['privacy', 'privacy'],
    ['operator', 'operator'],
  ] as const) {
    const actor = world.actors.get(roles)!
    const session = { ...actor.session!, id: 's', mfa: null, authenticatedAt: Date.now() }
    world.actors.set(`${name} at the desk`, { ...actor, session })
  }
  await world.orderly.start()
})
afterAll(() => world.close())

const because = { purpose: 'TREAT', text: 'the patient is on the telephone' }
const reveal = (pack: string, body: object, as = 'privacy at the desk') =>
  ask(world, 'POST', `/api/v1/packs/${pack}/reveal`, { as, body: { ...because, ...body } })
const import_ = (bundle: unknown) =>
  ask(world, 'POST', '/jobs/medication/import', { body: { bundle, zone: 'America/New_York' } })
const ended = async (id: string) => {
  await world.orderly.whenIdle()
  return (await ask(world, 'GET', `/api/v1/jobs/${id}`)).json
}
const stashes = (): string[] => {
  const folder = join(world.orderly.settings.home, 'objects')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes('medication/imports/'),
  )
}

describe('a bundle that is sent to the API', () => {
  it('is imported, and what could not be understood is told by place and code', async () => {
    const words = order('words', 'Ibuprofen 200 MG Oral Tablet', {
      dosageInstruction: [{ text: 'one when it hurts' }],
    })
    const sent = await import_(bundleOf(PERSON, order('m', 'Metoprolol 50 MG Oral Tablet'), words))
    expect(sent.status).toBe(201)
    const job = await ended(sent.json.id)
    expect(job).toMatchObject({ state: 'completed', output: { orders: 2, scheduled: 1 } })
    expect(job.output.issue_list).toContainEqual({
      code: 'timing-text-only',
      severity: 'warning',
      at: expect.stringMatching(/^entry\[2\]\.MedicationRequest\.dosageInstruction\[0\]/),
      text: expect.stringContaining('not guessed'),
    })
    expect(JSON.stringify(job)).not.toMatch(/Roe|Ibuprofen|hurts/)
  })

  it('may be larger than a job: it is put aside under seal, and gone when it is imported', async () => {
    const many = Array.from({ length: 900 }, (_, n) =>
      order(`o${n}`, 'Metoprolol 50 MG Oral Tablet', { dosageInstruction: [] }),
    )
    const bundle = bundleOf({ ...PERSON, id: 'p-2' }, ...many)
    expect(JSON.stringify(bundle).length).toBeGreaterThan(256 * 1024)
    await world.orderly.quiet()
    const sent = await import_(bundle)
    expect(sent.status).toBe(201)
    const [path] = stashes()
    const stored = readFileSync(join(world.orderly.settings.home, 'objects', path!), 'latin1')
    expect(stored).not.toMatch(/Metoprolol|Jane/)
    await world.orderly.start()
    expect(await ended(sent.json.id)).toMatchObject({ state: 'completed' })
    expect(stashes()).toEqual([])
    // Asked for once more there is nothing to import, and that is said.
    const again = await ask(world, 'POST', '/jobs/medication/import', {
      body: { stored: path!.split('/').at(-1), zone: 'UTC' },
    })
    expect(await ended(again.json.id)).toMatchObject({ state: 'failed' })
  })

  it('is refused for who may not add jobs', async () => {
    const body = { bundle: bundleOf(PERSON), zone: 'UTC' }
    for (const [as, status] of [
      ['', 401],
      ['viewer', 403],
    ] as const)
      expect((await ask(world, 'POST', '/jobs/medication/import', { as, body })).status).toBe(
        status,
      )
  })
})

describe('a masked value of a page', () => {
  const masked = async (page: string, name: string): Promise<{ record: string; field: string }> => {
    const { json, text } = await ask(world, 'GET', `/api/v1/packs/medication/pages/${page}`)
    expect(text).not.toMatch(/Jane|Metoprolol/)
    const cells = JSON.stringify(json).matchAll(/"reveal":(\{[^}]*\})/g)
    const found = [...cells].map(([, cell]) => JSON.parse(cell!) as never)
    return found.find(({ field }) => field === name)!
  }

  it('is shown to who may see it and says why, and the log says so first', async () => {
    const listed = await ask(world, 'GET', '/api/v1/packs/medication/pages/patients')
    // The patient of the large bundle has no medicines of its own.
    const row = listed.json.blocks[0].rows.find(({ medicines }: any) => medicines > 0)
    const name: { record: string; field: string } = row.name.reveal
    const shown = await reveal('medication', name)
    expect(shown).toMatchObject({ status: 200, json: { value: 'Jane Roe' } })
    const page = `patient?id=${name.record}`
    expect((await reveal('medication', await masked(page, 'birthDate'))).json.value).toBe(
      '1961-04-05',
    )
    const drug = await reveal('medication', await masked(page, 'drug'))
    expect(drug).toMatchObject({ status: 200 })
    expect(drug.json.value).toMatch(/Metoprolol|Ibuprofen/)
    const all = await reveal('medication', await masked(page, 'medicines'))
    expect(all.json.value).toMatch(/^Metoprolol 50 MG Oral Tablet: \w{3} \d\d:00 1 TAB, /m)
    const { ledger } = roomsOf(world.orderly)
    const entries = await findEntries(ledger.database, { op: 'phi.reveal', limit: 10 })
    expect(entries.find(({ id }) => id === shown.json.entry)).toMatchObject({
      outcome: 'ok',
      resource: { kind: 'pack/medication', id: name.record, fields: ['/name'] },
      why: { purpose: 'TREAT' },
    })
  })

  it('is masked on every page, among figures that are not', async () => {
    for (const [page, words] of [
      ['schedule', 'Next doses'],
      ['supply', 'No supply has been checked yet'],
      ['findings', 'Nothing was found'],
      ['adherence', 'No day has been summed up yet'],
    ]) {
      const { status, text } = await ask(world, 'GET', `/api/v1/packs/medication/pages/${page}`)
      expect(status).toBe(200)
      expect(text).toContain(words)
      expect(text).not.toMatch(/Jane|Metoprolol|Ibuprofen/)
    }
  })

  it('is shown to nobody else, and no record or field that a page does not name', async () => {
    const name = await masked('patients', 'name')
    const statuses = [
      await reveal('medication', name, ''),
      await reveal('medication', name, 'operator at the desk'),
      // Without a session of their own nobody sees a value: a key cannot say why.
      await reveal('medication', name, 'privacy'),
      await reveal('medication', { ...name, text: 'because' }),
      await reveal('medication', { ...name, purpose: 'FUN' }),
      await reveal('medication', { ...name, record: 'pAAAAAAAAAAAA' }),
      await reveal('medication', { ...name, field: 'constructor' }),
      await reveal('medication', { ...name, field: 'phone' }),
      await reveal('none', name),
    ].map(({ status }) => status)
    expect(statuses).toEqual([401, 403, 403, 400, 400, 404, 404, 404, 404])
  })
})

describe('a document of a pack', () => {
  it('is open when it is not clinical; a clinical one is shown to who says why', async () => {
    const made = await desk.createOrder(NEW_ORDER)
    const { queueInvoicePDF, queueLabWorkTicketPDF } = queueWork(world.orderly)
    await queueInvoicePDF(made.id)
    await queueLabWorkTicketPDF(made.id)
    await world.orderly.whenIdle()
    const { json, text } = await ask(world, 'GET', '/api/v1/packs/lab/pages/documents')
    expect(text).not.toContain(PATIENT)
    const ids = json.blocks[0].rows.map((row: any) => row.document.params.id)
    expect(ids.toSorted()).toEqual([`invoice.${made.id}`, `lab-work-ticket.${made.id}`])

    const page = await ask(
      world,
      'GET',
      `/api/v1/packs/lab/pages/document?id=${encodeURIComponent(`invoice.${made.id}`)}`,
    )
    const { href } = page.json.blocks.find(({ block }: { block: string }) => block === 'document')
    const invoice = await ask(world, 'GET', href, { as: 'viewer' })
    expect(invoice).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/pdf', 'content-disposition': 'inline' },
    })
    expect(invoice.text.slice(0, 5)).toBe('%PDF-')

    const ticket = `lab-work-ticket.${made.id}`
    const closed = `/api/v1/packs/lab/documents/${ticket}`
    expect(await ask(world, 'GET', closed)).toMatchObject({
      status: 404,
      json: { code: 'ORDERLY_NOT_FOUND' },
    })
    expect((await ask(world, 'GET', closed, { as: '' })).status).toBe(401)
    const shown = await reveal('lab', { record: ticket, field: 'document' })
    expect(shown.json.value.contentType).toBe('application/pdf')
    const pdf = Buffer.from(shown.json.value.base64, 'base64')
    expect(pdf).toEqual(Buffer.from(await desk.document(LAB, ticket)))
    const details = await reveal('lab', { record: made.id, field: 'details' })
    expect(details.json.value.patient).toBe(PATIENT)
    const card = await reveal('lab', { record: made.id, field: 'card' })
    expect(card.json.value.split('\n').slice(0, 2)).toEqual([
      PATIENT,
      expect.stringMatching(/^R [+-]\d/),
    ])
  })
})
