import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import S3rver from 's3rver'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  cmsHptDirectory,
  praDirectory,
  praUnifiedScan,
  prices,
  registryDirectory,
  reportRecent,
  type HospitalDirectory,
} from '../index.ts'
import type { ListedHospital, Listing } from '../directory/directory.ts'
import { startMirror, type Mirror, type MirrorHospital } from '../mirror/index.ts'
import type { PriceTables } from '../store/tables.ts'

const HEADER = 'CPT Code,Description,Price\n'
const HOSPITALS: readonly MirrorHospital[] = [
  {
    id: 'h1', name: 'North Hospital', ccn: '110035', address: '677 Church Street', city: 'Marietta', state: 'GA',
    zip: '30060', beds: 633, files: ['north.csv'],
  },
  {
    id: 'h2', name: 'South Hospital', address: '1 Main St, Dothan, AL 36301', state: 'AL', files: ['south.csv', 'shared.csv'],
  },
  { id: 'h3', name: 'East Hospital', state: 'TX', files: ['shared.csv'] },
] // prettier-ignore

const NOBODY: ListedHospital = {
  externalId: '', ccn: null, npi: null, name: '', address: null, city: null, state: 'TX', zip: null, phone: null,
  website: null, beds: null, latitude: null, longitude: null, files: [],
} // prettier-ignore

let root: string
let folder: string
let mirror: Mirror
let hospitals: readonly MirrorHospital[]
let orderly: TestOrderly

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'orderly-mirror-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let count = 0
beforeEach(async () => {
  folder = join(root, String(++count))
  mkdirSync(folder)
  write('north.csv', '10001,ONE,1.00\n10002,TWO,2.00\n')
  write('south.csv', '10001,ONE,3.00\n')
  write('shared.csv', '10001,ONE,5.00\n10003,THREE,5.50\n')
  hospitals = HOSPITALS
  mirror = await startMirror({ folder, hospitals: () => hospitals })
})
afterEach(async () => {
  await orderly.close()
  await mirror[Symbol.asyncDispose]()
})

function write(name: string, rows: string): void {
  writeFileSync(join(folder, name), HEADER + rows)
}

async function open(
  directory: HospitalDirectory = registryDirectory(`${mirror.origin}/registry.json`),
): Promise<void> {
  orderly = await createTestOrderly({
    packs: [prices({ directories: [directory], connectTo: mirror.connectTo })],
  })
}

async function scan(
  input: Parameters<typeof orderly.enqueue<typeof praUnifiedScan.input>>[1] = {},
) {
  const scanned = await orderly.perform(praUnifiedScan, input)
  await orderly.workOff()
  return scanned.output!
}

async function newest() {
  return (await reportRecent(orderly.database, 1))[0]
}

const query = () => orderly.database.withTables<PriceTables>().query

describe.each([
  ['a cms-hpt.txt', () => cmsHptDirectory([mirror.origin])],
  ['a registry in JSON', () => registryDirectory(`${mirror.origin}/registry.json`)],
  ['a registry in CSV', () => registryDirectory(`${mirror.origin}/registry.csv`)],
  ['a PRA-shaped service', () => praDirectory({ origin: mirror.origin, pauseMs: 0 })],
])('a scan of %s', (_, directory) => {
  it('finds every hospital, stores every file once and loads its prices', async () => {
    await open(directory())
    const found = await scan()
    expect(found).toMatchObject({
      newHospitals: 3, updatedHospitals: 0, newFiles: 3, unchangedFiles: expect.any(Number) as number,
      downloadJobsCreated: 3, errors: [],
    }) // prettier-ignore
    const files = await query().selectFrom('price_files').select(['state', 'name']).execute()
    expect(files.map(({ state }) => state)).toEqual(['stored', 'stored', 'stored'])
    expect((await reportRecent(orderly.database, 9)).map(({ state }) => state)).toEqual([
      'loaded', 'loaded', 'loaded',
    ]) // prettier-ignore
    const links = await query().selectFrom('hospital_files').selectAll().execute()
    expect(links).toHaveLength(4)
    const again = await scan()
    expect(again).toMatchObject({
      newHospitals: 0, updatedHospitals: 0, newFiles: 0, updatedFiles: 0, downloadJobsCreated: 0,
    }) // prettier-ignore
  })
})

it('leaves no file waiting for a download that is about to end when a second hospital names it', async () => {
  const shared = {
    url: `${mirror.origin}/files/shared.csv`,
    name: null,
    pageUrl: null,
    size: null,
    retrieved: null,
  }
  const named = (externalId: string): Listing => ({
    hospital: { ...NOBODY, externalId, name: externalId, files: [shared] },
  })
  const twice: HospitalDirectory = {
    name: 'twice',
    async *scan({ clock }) {
      yield named('first')
      while ((await stateOfOnly()) !== 'stored') await clock.turn()
      yield named('second')
    },
  }
  await open(twice)
  for (let round = 0; round < 10; round++) {
    await scan({ forceRefresh: true })
    expect(await stateOfOnly()).toBe('stored')
  }
})

async function stateOfOnly(): Promise<string> {
  return (await query().selectFrom('price_files').select('state').executeTakeFirstOrThrow()).state
}

describe('scans that follow', () => {
  it('fetch again what was downloaded and could not be stored', async () => {
    const publish = (price: string): void =>
      writeFileSync(join(folder, 'north.csv.gz'), gzipSync(`${HEADER}10001,ONE,${price}\n`))
    hospitals = [{ ...HOSPITALS[0]!, files: ['north.csv.gz'] }]
    publish('1.00')
    await open()
    await scan()
    publish('222.00')
    const objects = join(orderly.settings.home, 'objects')
    renameSync(objects, `${objects}.away`)
    writeFileSync(objects, 'no folder')
    await scan()
    rmSync(objects)
    renameSync(`${objects}.away`, objects)
    await orderly.workOff({ delayed: true })
    const shown = query().selectFrom('prices').where('closed_by', '=', 0).select('amount')
    expect(await shown.execute()).toEqual([{ amount: 2_220_000 }])
  })

  it('download and reprice nothing until something has changed, and then that alone', async () => {
    await open()
    await scan()
    const sent = mirror.sent.bytes
    const before = await query().selectFrom('prices').selectAll().execute()
    expect(await scan()).toMatchObject({ unchangedFiles: 4, downloadJobsCreated: 0 })
    expect(mirror.sent.bytes).toBe(sent)
    expect(await query().selectFrom('prices').selectAll().execute()).toEqual(before)

    const asked = mirror.asked.length
    write('north.csv', '10001,ONE,1.00\n10002,TWO,2.50\n')
    expect(await scan()).toMatchObject({ updatedFiles: 1, downloadJobsCreated: 1 })
    const fetched = mirror.asked.slice(asked).filter((line) => line.startsWith('GET /files'))
    expect(fetched).toEqual(['GET /files/north.csv'])
    expect(await newest()).toMatchObject({ state: 'loaded', pricesLoaded: 1 })
    const gone = query().selectFrom('prices').where('closed_by', '!=', 0).selectAll()
    expect(await gone.execute()).toMatchObject([{ amount: 20_000 }])
  })

  it('decide by content: other bytes, another address and a server that says nothing reprice nothing (90)', async () => {
    await open()
    await scan()
    const rows = `${HEADER}10001,ONE,1.00\n10002,TWO,2.00\n`
    writeFileSync(join(folder, 'north.csv'), rows.replaceAll('\n', '\r\n'))
    expect(await scan()).toMatchObject({ downloadJobsCreated: 1 })
    expect(await newest()).toMatchObject({ state: 'unchanged', pricesLoaded: 0 })

    copyFileSync(join(folder, 'north.csv'), join(folder, 'moved.csv'))
    hospitals = HOSPITALS.map((each) =>
      each.id === 'h1' ? { ...each, files: ['moved.csv'] } : each,
    )
    expect(await scan()).toMatchObject({ newFiles: 1, downloadJobsCreated: 1 })
    expect(await newest()).toMatchObject({
      name: mirror.urlOf('north.csv'),
      state: 'unchanged',
      reason: 'same content as when it was last loaded',
    })

    mirror.fail('south.csv', { is: 'no-validators' })
    expect(await scan()).toMatchObject({ downloadJobsCreated: 1 })
    expect(await newest()).toMatchObject({ state: 'unchanged', pricesLoaded: 0 })

    expect(await scan({ forceRefresh: true })).toMatchObject({ downloadJobsCreated: 3 })
  })
})

describe('a scan', () => {
  it('goes through some states only, when told or in test mode', async () => {
    await open()
    expect(await scan({ states: ['GA'] })).toMatchObject({ newHospitals: 1, scannedStates: ['GA'] })
    expect(await scan({ testMode: true })).toMatchObject({ newHospitals: 1, scannedStates: ['TX'] })
  })

  it('puts details in order: number, address, county and coordinates', async () => {
    await open()
    await scan()
    const north = await query()
      .selectFrom('hospitals')
      .selectAll()
      .where('hospital_id', '=', 'ccn:110035')
      .executeTakeFirstOrThrow()
    expect(north).toMatchObject({
      street: '677 CHURCH ST', place: 'Marietta', county: 'Cobb', county_fips: '13067', address_state: 'valid',
      problems: '[]',
    }) // prettier-ignore
    expect(north.latitude).toBeCloseTo(33.94, 1)
    expect(readdirSync(join(orderly.settings.home, 'downloads'))).toEqual([])
    const south = await query()
      .selectFrom('hospitals')
      .selectAll()
      .where('name', '=', 'South Hospital')
      .executeTakeFirstOrThrow()
    expect(south).toMatchObject({
      street: '1 MAIN ST',
      place: 'Dothan',
      county: 'Houston',
      zip: '36301',
    })
  })

  it('tells of a directory that fails and goes on with the others', async () => {
    await open()
    await orderly.close()
    orderly = await createTestOrderly({
      packs: [
        prices({
          directories: [
            registryDirectory(`${mirror.origin}/nothing.json`),
            cmsHptDirectory([`${mirror.origin}/nowhere`, mirror.origin]),
          ],
          connectTo: mirror.connectTo,
        }),
      ],
    })
    const found = await scan()
    expect(found.newHospitals).toBe(3)
    expect(found.errors).toEqual([
      expect.stringContaining('registry: The registry could not be fetched'),
      expect.stringContaining('has no cms-hpt.txt'),
    ])
  })

  it('keeps files in a bucket as well as in a folder', async () => {
    await open()
    await orderly.close()
    const server = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory: join(root, 's3'),
      configureBuckets: [{ name: 'files', configs: [] }],
    })
    const { port } = await server.run()
    orderly = await createTestOrderly({
      objectsUrl: `s3://S3RVER:S3RVER@storage/files?endpoint=http://127.0.0.1:${port}`,
      packs: [
        prices({
          directories: [registryDirectory(`${mirror.origin}/registry.json`)],
          connectTo: mirror.connectTo,
        }),
      ],
    })
    try {
      await scan()
      const states = (await reportRecent(orderly.database, 9)).map(({ state }) => state)
      expect(states).toEqual(['loaded', 'loaded', 'loaded'])
      const stored = await query()
        .selectFrom('price_files')
        .select(['object_key', 'bytes'])
        .execute()
      for (const { object_key: key, bytes } of stored)
        expect(await orderly.objects.head(key!)).toMatchObject({ size: bytes })
      expect(readdirSync(join(orderly.settings.home, 'downloads'))).toEqual([])
    } finally {
      await orderly.close()
      await server.close()
    }
  })
})
