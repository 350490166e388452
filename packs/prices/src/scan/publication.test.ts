// What is shown, whatever comes when: two versions at once, equal files, several files of a hospital, hospitals that move.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  analyticsRefresh,
  compare,
  dataValidation,
  exportData,
  hospitalImport,
  praUnifiedScan,
  priceFileDownload,
  pricePublish,
  prices,
  pricesSettle,
  priceUpdate,
  registryDirectory,
} from '../index.ts'
import { startMirror, type Mirror, type MirrorHospital } from '../mirror/index.ts'
import type { PriceTables } from '../store/tables.ts'

const HEADER = 'CPT Code,Description,Gross Charge\n'
const A: MirrorHospital = { id: 'a', name: 'A', city: 'Marietta', state: 'GA', zip: '30060', files: ['a.csv'] } // prettier-ignore
const B: MirrorHospital = { id: 'b', name: 'B', city: 'Houston', state: 'TX', zip: '77001', files: ['b.csv'] } // prettier-ignore

let folder: string
let mirror: Mirror
let orderly: TestOrderly
let hospitals: readonly MirrorHospital[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-shown-'))
  hospitals = [A, B]
  mirror = await startMirror({ folder, hospitals: () => hospitals })
  const directories = [registryDirectory(`${mirror.origin}/registry.json`)]
  orderly = await createTestOrderly({
    packs: [prices({ directories, connectTo: mirror.connectTo })],
  })
})
afterEach(async () => {
  await orderly.close()
  await mirror[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const write = (name: string, ...dollars: readonly string[]): void =>
  writeFileSync(
    join(folder, name),
    HEADER + dollars.map((each, at) => `1000${at + 1},ITEM ${at + 1},${each}\n`).join(''),
  )

async function scan() {
  const scanned = await orderly.perform(praUnifiedScan, {})
  await orderly.workOff()
  return scanned.output!
}

const db = () => orderly.database.withTables<PriceTables>().query

/** What exports say of the first code: file and dollars. */
async function shown(): Promise<readonly string[]> {
  const made = await orderly.perform(exportData, { what: 'prices', format: 'json', filter: { code: '10001' } }) // prettier-ignore
  const found = await orderly.objects.get(made.output!.objectKey)
  const chunks: Uint8Array[] = []
  for await (const chunk of found!.body) chunks.push(chunk)
  const rows = JSON.parse(Buffer.concat(chunks).toString()) as { source: string; dollars: string }[]
  return rows.map((row) => `${row.source.split('/').at(-1)} ${Number(row.dollars)}`).toSorted()
}

async function inMarket(market: string) {
  const found = await compare(orderly.database, { code: '10001', market, smallCell: 1 })
  const gross = found.find(({ kind }) => kind === 'gross')
  return gross && { hospitals: gross.hospitals, median: gross.figures!.median / 10_000 }
}

/** Scans until that many loaded versions wait for their check. */
async function scanUnchecked(waiting: number): Promise<void> {
  await orderly.enqueue(praUnifiedScan, {})
  while ((await orderly.enqueued(dataValidation)).length < waiting) await orderly.clock.turn()
}

it('shows a version once it is checked, not while it waits, and never because statistics are worked out meanwhile', async () => {
  write('a.csv', '100')
  write('b.csv', '120')
  await scan()
  await orderly.pause({ queue: 'data-validation' }, { reason: 'test' })
  write('a.csv', '100000')
  await scanUnchecked(1)
  await orderly.perform(analyticsRefresh, {})
  expect(await shown()).toEqual(['a.csv 100', 'b.csv 120'])
  expect(await inMarket('GA')).toEqual({ hospitals: 1, median: 100 })
  await orderly.resume({ queue: 'data-validation' })
  await orderly.workOff()
  expect(await shown()).toEqual(['a.csv 100', 'b.csv 120'])
  expect(await inMarket('GA')).toEqual({ hospitals: 1, median: 100 })

  const held = await db().selectFrom('publications').selectAll().where('state', '=', 'held').execute() // prettier-ignore
  const decision = { versionIds: held.map((each) => each.version_id), approved: true, by: 'ann' }
  await orderly.perform(pricePublish, decision)
  await orderly.workOff()
  expect(await shown()).toEqual(['a.csv 100000', 'b.csv 120'])
  expect(await inMarket('GA')).toEqual({ hospitals: 1, median: 100_000 })
})

it('compares each of two versions that wait at once with what is shown, in the order they came', async () => {
  write('a.csv', '100', '5')
  await scan()
  await orderly.pause({ queue: 'data-validation' }, { reason: 'test' })
  write('a.csv', '100000', '5')
  await scanUnchecked(1)
  write('a.csv', '100000', '5.10')
  await scanUnchecked(2)
  await orderly.resume({ queue: 'data-validation' })
  await orderly.workOff()
  const publications = () => db().selectFrom('publications').select('state').orderBy('decided_at').execute() // prettier-ignore
  expect((await publications()).map(({ state }) => state)).toEqual(['published', 'held', 'held'])
  expect(await shown()).toEqual(['a.csv 100'])

  await orderly.pause({ queue: 'data-validation' }, { reason: 'test' })
  write('a.csv', '101', '5')
  await scanUnchecked(1)
  write('a.csv', '900000', '5')
  await scanUnchecked(2)
  await orderly.resume({ queue: 'data-validation' })
  await orderly.workOff()
  // The first of the two is good, and is shown although the second has come and is held.
  expect(await shown()).toEqual(['a.csv 101'])
  const trend = await db().selectFrom('price_trends').select('median').where('code', '=', '10001').execute() // prettier-ignore
  expect(trend.map(({ median }) => median / 10_000).toSorted((a, b) => a - b)).toEqual([100, 101])
})

it('loads equal files for each hospital, so that one may change while the other stays', async () => {
  write('a.csv', '100')
  write('b.csv', '100')
  await scan()
  expect(await inMarket('TX')).toEqual({ hospitals: 1, median: 100 })
  write('a.csv', '110')
  await scan()
  expect(await shown()).toEqual(['a.csv 110', 'b.csv 100'])
  // Now it becomes what the other one is.
  write('a.csv', '100')
  await scan()
  expect(await shown()).toEqual(['a.csv 100', 'b.csv 100'])
  write('b.csv', '90')
  await scan()
  expect(await shown()).toEqual(['a.csv 100', 'b.csv 90'])
  expect(await inMarket('us')).toEqual({ hospitals: 2, median: 95 })
})

it('gives a hospital one voice, however many files it has, and a file that hospitals share one for each', async () => {
  hospitals = [{ ...A, files: ['a.csv', 'a2.csv', 'a3.csv'] }, B, { ...B, id: 'c', name: 'C' }]
  write('a.csv', '100')
  write('a2.csv', '300')
  write('a3.csv', '500')
  write('b.csv', '50')
  await scan()
  expect(await inMarket('GA')).toEqual({ hospitals: 1, median: 300 })
  expect(await inMarket('us')).toEqual({ hospitals: 3, median: 50 })
})

it('takes a file of another name in the place of the one it replaces as its next version', async () => {
  write('a.csv', '100')
  write('b.csv', '120')
  await scan()
  hospitals = [{ ...A, files: ['a-2025.csv'] }, B]
  write('a-2025.csv', '100000')
  await scan()
  const states = await db().selectFrom('publications').select('state').orderBy('decided_at').execute() // prettier-ignore
  expect(states.map(({ state }) => state).toSorted()).toEqual(['held', 'published', 'published'])
  expect(await shown()).toEqual(['a.csv 100', 'b.csv 120'])
  // Named again beside its successor, it is a file of its own.
  hospitals = [{ ...A, files: ['a.csv', 'a-2025.csv'] }, B]
  await scan()
  await scan()
  expect((await shown()).map((each) => each.replace(/#\d+/, ''))).toEqual(['a.csv 100', 'a.csv 100', 'b.csv 120']) // prettier-ignore
})

describe('several files that are renamed at once', () => {
  const sources = async (): Promise<Record<string, string>> => {
    const files = await db().selectFrom('price_files').select(['name', 'source']).execute()
    return Object.fromEntries(files.map(({ name, source }) => [name, source.split('/').at(-1)!]))
  }
  const list = (...files: readonly string[]): void => {
    hospitals = [{ ...A, files }]
  }

  it('go on with their histories where names tell which follows which', async () => {
    const [in24, in25] = ['ER-charges_2024-12-01_v2.csv', 'ER-charges_2025_v3.csv']
    const [ein24, ein25] = ['12-3456789_north-hospital_standardcharges.csv', '123456789_north-medical-center_standardcharges.csv'] // prettier-ignore
    list(in24, ein24, 'drugs.csv')
    for (const [at, name] of [in24, ein24, 'drugs.csv'].entries()) write(name, `${at + 1}00`)
    await scan()
    list(in25, ein25, 'medicines.csv')
    for (const [at, name] of [in25, ein25, 'medicines.csv'].entries()) write(name, `${at + 1}10`)
    expect((await scan()).errors).toEqual([])
    expect(await sources()).toMatchObject({ [in25]: in24, [ein25]: ein24, 'medicines.csv': 'drugs.csv' }) // prettier-ignore
    expect(await shown()).toEqual([`${ein24} 210`, `${in24} 110`, 'drugs.csv 310'].toSorted())
    expect(await db().selectFrom('sources').selectAll().execute()).toHaveLength(3)
  })

  it('follow what they equal to the byte, and the scan says where nothing tells', async () => {
    list('x.csv', 'y.csv', 'z.csv')
    for (const [at, name] of ['x.csv', 'y.csv', 'z.csv'].entries()) write(name, `${at + 1}00`)
    await scan()
    list('one.csv', 'two.csv', 'three.csv')
    write('one.csv', '200')
    write('two.csv', '111')
    write('three.csv', '100')
    expect((await scan()).errors).toEqual([expect.stringMatching(/^A: which of 3 new files follow which of 3/)]) // prettier-ignore
    expect(await sources()).toMatchObject({ 'one.csv': 'y.csv', 'two.csv': 'two.csv', 'three.csv': 'x.csv' }) // prettier-ignore
    expect(await shown()).toEqual(['two.csv 111', 'x.csv 100', 'y.csv 200'])
    expect(await inMarket('us')).toEqual({ hospitals: 1, median: 111 })
  })

  it('go on with the history of a file that hospitals share, whichever of them is listed first', async () => {
    hospitals = [{ ...A, files: ['both.csv'] }, { ...B, files: ['both.csv'] }] // prettier-ignore
    write('both.csv', '100')
    await scan()
    hospitals = [{ ...A, files: ['system.csv'] }, { ...B, files: ['system.csv'] }] // prettier-ignore
    write('system.csv', '110')
    await scan()
    expect(await sources()).toMatchObject({ 'system.csv': 'both.csv' })
    expect(await shown()).toEqual(['both.csv 110'])
  })
})

it('asks again for what was stored, loaded or checked by a job that is gone', async () => {
  write('a.csv', '100')
  write('b.csv', '120')
  await scan()
  for (const [at, job] of [priceFileDownload, priceUpdate, dataValidation].entries()) {
    const { queue } = job
    write('a.csv', `${101 + at}`)
    await orderly.pause({ queue }, { reason: 'test' })
    await orderly.enqueue(praUnifiedScan, {})
    while ((await orderly.enqueued<typeof job.input>(job)).length === 0) await orderly.clock.turn()
    for (const { id } of await orderly.enqueued<typeof job.input>(job)) await orderly.cancel(id)
    await orderly.resume({ queue })
    await orderly.workOff()
    expect(await shown(), queue).toContain(`a.csv ${100 + at}`)
    await scan()
    expect(await shown(), queue).toEqual([`a.csv ${101 + at}`, 'b.csv 120'])
  }
})

it('ends what is cancelled while it is fetched or read with a reason, and nobody waits for it', async () => {
  write('a.csv', '100')
  const settled = () => orderly.perform(pricesSettle, {})
  const endOf = async (code: string): Promise<void> => {
    const ended = db().selectFrom('intakes').select('code').where('code', '=', code)
    while ((await ended.execute()).length === 0) await orderly.clock.turn()
  }
  hospitals = [A]
  mirror.fail('a.csv', { is: 'silence' }, 1)
  await orderly.start()
  await orderly.enqueue(praUnifiedScan, {})
  while (!mirror.asked.includes('GET /files/a.csv')) await orderly.clock.turn()
  const running = async (name: string): Promise<string> => (await orderly.findJobs({ name, state: 'active' }))[0]!.id // prettier-ignore
  await orderly.cancel(await running('pra-file-download'))
  await endOf('STOPPED')
  expect((await settled()).output).toMatchObject({ files: 1, published: 0 })
  expect(await db().selectFrom('price_files').select(['state', 'code']).execute()).toEqual([{ state: 'listed', code: 'STOPPED' }]) // prettier-ignore

  const many = Array.from({ length: 50_000 }, (_, at) => `C${at},ITEM ${at},${at + 1}\n`).join('')
  writeFileSync(join(folder, 'a.csv'), `Charge Code,Description,Gross Charge\n${many}`)
  await orderly.enqueue(praUnifiedScan, {})
  while ((await db().selectFrom('intakes').select('state').where('state', '=', 'reading').execute()).length === 0) await orderly.clock.turn() // prettier-ignore
  await orderly.cancel(await running('price-file-download'))
  const stopped = db().selectFrom('intakes').select('state').where('code', '=', 'STOPPED')
  while ((await stopped.execute()).length < 2) await orderly.clock.turn()
  expect((await settled()).output).toMatchObject({ files: 1, published: 0 })
  expect(await shown()).toEqual([])

  write('a.csv', '100')
  await scan()
  expect(await shown()).toEqual(['a.csv 100'])
})

it('calls the hospital of a file that does not name it in price_list as its directory does', async () => {
  write('a.csv', '100')
  write('b.csv', '120')
  await scan()
  const names = async (): Promise<unknown> =>
    (await sql<{ hospital: string }>`select hospital from price_list order by hospital`.execute(db())).rows.map(({ hospital }) => hospital) // prettier-ignore
  expect(await names()).toEqual(['A', 'B'])
  hospitals = [{ ...A, name: 'Old A' }]
  await scan()
  expect(await names()).toEqual(['Old A'])
})

it('leaves out what no listing names any more, and takes it in when it is named again', async () => {
  write('a.csv', '100')
  write('b.csv', '120')
  await scan()
  hospitals = [{ ...A, files: [] }, B]
  await scan()
  expect(await shown()).toEqual(['b.csv 120'])
  expect(await inMarket('us')).toEqual({ hospitals: 1, median: 120 })
  hospitals = [A]
  await scan()
  expect(await shown()).toEqual(['a.csv 100'])
  expect(await inMarket('TX')).toBeUndefined()
  hospitals = [A, B]
  await scan()
  expect(await inMarket('us')).toEqual({ hospitals: 2, median: 110 })
})

it('moves statistics with their hospital, also when its place is known later than its prices', async () => {
  write('a.csv', '100')
  write('b.csv', '120')
  await orderly.pause({ queue: 'hospital-import' }, { reason: 'test' })
  await orderly.start()
  await orderly.enqueue(praUnifiedScan, {})
  while ((await inMarket('us'))?.hospitals !== 2) await orderly.clock.turn()
  expect(await inMarket('13067')).toBeUndefined()
  await orderly.resume({ queue: 'hospital-import' })
  await orderly.workOff()
  expect(await inMarket('13067')).toEqual({ hospitals: 1, median: 100 })

  hospitals = [{ ...A, city: 'Dothan', state: 'AL', zip: '36301' }, { ...B, files: ['b.csv', 'a.csv'] }] // prettier-ignore
  await scan()
  expect(await inMarket('GA')).toBeUndefined()
  expect(await inMarket('13067')).toBeUndefined()
  expect(await inMarket('AL')).toEqual({ hospitals: 1, median: 100 })
  expect(await inMarket('TX')).toEqual({ hospitals: 1, median: 110 })
  await orderly.perform(hospitalImport, { hospitalId: 'registry:a' })
  expect(await orderly.enqueued(analyticsRefresh)).toEqual([])
})
