import { createReadStream, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOrderly, type Orderly } from 'orderly'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  priceFileDownload,
  prices,
  reportSources,
  type FileReport,
  type PricesOptions,
} from './index.ts'
import { filePage } from './pages/file-pages.ts'
import { openIntake } from './store/intake.ts'
import type { PriceTables } from './store/tables.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const HEADER = 'CPT Code,Description,Price\n'

let home: string
let orderly: Orderly
let server: Server | undefined

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'orderly-prices-'))
})
afterEach(async () => {
  await orderly.close()
  server?.close()
  server = undefined
  rmSync(home, { recursive: true, force: true })
})

async function open(options: PricesOptions = {}): Promise<void> {
  orderly = await createOrderly({ home, log: silent, packs: [prices(options)] })
  await orderly.start()
}

async function deliver(location: string, source = 'hospital'): Promise<FileReport> {
  const since = orderly.clock.now()
  await orderly.enqueue(priceFileDownload, { source, location })
  await orderly.whenIdle()
  const [report] = await reportSources(orderly.database, [source], since)
  return report!
}

function file(text: string | Buffer, name = 'prices.csv'): string {
  const path = join(home, name)
  writeFileSync(path, text)
  return path
}

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server!.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices.csv`
}

const tables = () => orderly.database.withTables<PriceTables>().query
const current = () => tables().selectFrom('prices').selectAll().where('closed_by', '=', 0)

describe('prices of one file', () => {
  it('keep every digit as exact ten-thousandths', async () => {
    await open()
    await deliver(
      file(`${HEADER}10001,ONE,"$2,380.10 "\n10002,TWO,0.0001\n10003,THREE,1982.14095\n`),
    )
    const amounts = await current().select('amount').orderBy('amount').execute()
    expect(amounts.map(({ amount }) => amount)).toEqual([1, 19_821_410, 23_801_000])
  })

  it('count an amount that is said again as a duplicate and keep its first place', async () => {
    await open()
    const report = await deliver(file(`${HEADER}10001,ONE,1.00\n10002,TWO,2.00\n10001,ONE,1.00\n`))
    expect(report).toMatchObject({ rowsRead: 3, pricesLoaded: 2, duplicates: 1, conflicts: 0 })
    const one = await current().where('amount', '=', 10_000).executeTakeFirstOrThrow()
    expect(one).toMatchObject({ copies: 2, row_no: 2, byte_offset: HEADER.length })
  })

  it('keep both of two amounts that contradict each other, and mark them', async () => {
    await open()
    const report = await deliver(file(`${HEADER}10001,ONE,1.00\n10001,ONE,3.00\n10002,TWO,2.00\n`))
    expect(report).toMatchObject({ pricesLoaded: 3, duplicates: 0, conflicts: 1 })
    const marked = await current().where('conflict', '=', 1).execute()
    expect(marked.map(({ amount }) => amount)).toEqual([10_000, 30_000])
  })

  it('lead back to the bytes they came from', async () => {
    await open()
    const text = `${HEADER}10001,ONE,1.00\n10002,"TWO, WITH COMMA",2.00\n`
    await deliver(file(text))
    const two = await current().where('amount', '=', 20_000).executeTakeFirstOrThrow()
    expect(text.slice(two.byte_offset!)).toMatch(/^10002,/)
  })
})

describe('a file that comes again', () => {
  it('writes nothing when only its line endings and encoding differ', async () => {
    await open()
    const text = `${HEADER}10001,ONE É,1.00\n`
    await deliver(file(text))
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(text.replaceAll('\n', '\r\n'), 'utf16le'),
    ])
    expect(await deliver(file(utf16))).toMatchObject({ state: 'unchanged', pricesLoaded: 0 })
  })

  it('opens, confirms and closes prices, and remembers the closed ones', async () => {
    await open()
    await deliver(file(`${HEADER}10001,ONE,1.00\n10002,TWO,2.00\n10003,THREE,3.00\n`))
    const report = await deliver(file(`${HEADER}10001,ONE,1.00\n10002,TWO,2.50\n`))
    expect(report).toMatchObject({ pricesLoaded: 1, duplicates: 0 })
    const versions = await tables().selectFrom('versions').select('version_id').execute()
    const now = (await current().execute()).map(({ amount }) => amount)
    expect(now.toSorted((a, b) => a - b)).toEqual([10_000, 25_000])
    const closed = await tables()
      .selectFrom('prices')
      .selectAll()
      .where('closed_by', '!=', 0)
      .execute()
    expect(closed.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([20_000, 30_000])
    expect(versions).toHaveLength(2)
  })

  it('may return to an earlier content', async () => {
    await open()
    const first = `${HEADER}10001,ONE,1.00\n`
    await deliver(file(first))
    await deliver(file(`${HEADER}10001,ONE,2.00\n`))
    expect(await deliver(file(first))).toMatchObject({ state: 'loaded', pricesLoaded: 1 })
    expect(await current().execute()).toMatchObject([{ amount: 10_000 }])
  })

  it('does not touch the prices of another source', async () => {
    await open()
    await deliver(file(`${HEADER}10001,ONE,1.00\n`), 'north')
    await deliver(file(`${HEADER}10001,ONE,2.00\n`), 'south')
    const all = await current().select('amount').execute()
    expect(all).toHaveLength(2)
    expect(all.some(({ conflict }) => conflict === 1)).toBe(false)
  })
})

describe('a file that cannot be loaded', () => {
  it.each([
    ['missing', () => join(home, 'nowhere.csv')],
    ['empty', () => file('')],
    ['a template without rows', () => file(HEADER)],
    ['without a single price', () => file(`${HEADER}10001,ONE,N/A\n10002,TWO,\n`)],
  ])('is quarantined when it is %s, and leaves nothing behind', async (_what, make) => {
    await open()
    const report = await deliver(make())
    expect(report).toMatchObject({
      state: 'quarantined',
      reason: expect.stringMatching(/\w{3,} \w+/),
    })
    for (const table of ['prices', 'items', 'staged_batches', 'versions'] as const) {
      expect(await tables().selectFrom(table).selectAll().execute(), table).toEqual([])
    }
  })

  it('does not disturb an earlier delivery of its source that is still being written', async () => {
    await open()
    const path = file(`${HEADER}10001,ONE,1.00\n`)
    const since = orderly.clock.now()
    await orderly.enqueueMany(priceFileDownload, [
      { input: { source: 'hospital', location: path } },
      { input: { source: 'hospital', location: join(home, 'gone.csv') } },
    ])
    await orderly.whenIdle()
    const states = await tables().selectFrom('intakes').select('state').orderBy('state').execute()
    expect(states.map(({ state }) => state)).toEqual(['loaded', 'quarantined'])
    expect(await current().execute()).toMatchObject([{ amount: 10_000 }])
    expect(await reportSources(orderly.database, ['hospital'], since)).toHaveLength(1)
  })

  it('is quarantined when it nests deeper than anything sane', async () => {
    await open()
    const deep = 20_000
    const path = file(
      `{"standard_charge_information":[${'['.repeat(deep)}${']'.repeat(deep)}]}`,
      'deep.json',
    )
    expect(await deliver(path)).toMatchObject({
      state: 'quarantined',
      reason: expect.stringContaining('deep'),
    })
  })

  it('is quarantined when reading it fails in a way nobody foresaw', async () => {
    await open()
    // A folder opens like a file on some systems and fails only at the first read.
    const report = await deliver(home)
    expect(report).toMatchObject({ state: 'quarantined', reason: expect.stringMatching(/\w+ \w+/) })
  })

  it('keeps its bad rows listed by number and reason, without their values', async () => {
    await open()
    await deliver(file(`${HEADER}10001,ONE,1.00\n10002,TWO,12..5\n`))
    const rows = await tables().selectFrom('quarantined_rows').selectAll().execute()
    expect(rows).toMatchObject([{ row_no: 3, code: 'AMOUNT_UNREADABLE' }])
    expect(rows[0]!.reason).not.toContain('12..5')
  })
})

describe('a price cell that holds no price', () => {
  const leftOut = () =>
    tables().selectFrom('left_out_values').selectAll().orderBy('row_no').orderBy('column_name')

  it('is listed by row and column while the other prices of its row are kept', async () => {
    await open()
    const header = 'CPT Code,Description,Gross Charge,Cash Price\n'
    const rows = '10001,ONE,abc,5.00\n10002,TWO,12.00,60%\n10003,THREE,N/A,7.00\n'
    const report = await deliver(file(header + rows))
    expect(report).toMatchObject({ rowsRead: 3, rowsQuarantined: 0, valuesLeftOut: 2 })
    const listed = await leftOut().execute()
    expect(listed).toMatchObject([
      { row_no: 2, byte_offset: header.length, column_name: 'Gross Charge', code: 'AMOUNT_NO_NUMBER' },
      { row_no: 3, column_name: 'Cash Price', code: 'AMOUNT_IS_RULE' },
    ]) // prettier-ignore
    expect(JSON.stringify(listed)).not.toMatch(/abc|60%/)
    const kept = await current().select('amount').orderBy('amount').execute()
    expect(kept.map(({ amount }) => amount)).toEqual([50_000, 70_000, 120_000])
    const source = await tables().selectFrom('sources').select('source_id').executeTakeFirstOrThrow() // prettier-ignore
    const page = await filePage(orderly.database.withTables<PriceTables>(), orderly.objects, String(source.source_id)) // prettier-ignore
    expect(page).toContainEqual(
      expect.objectContaining({
        title: 'Set aside',
        rows: [
          expect.objectContaining({ row: 2, column: 'Gross Charge' }),
          expect.objectContaining({ row: 3, column: 'Cash Price' }),
        ],
      }),
    )
  })

  it('is listed in the layouts of CMS whatever words it holds, in JSON with its payer', async () => {
    await open()
    const charge = {
      setting: 'outpatient',
      gross_charge: 'N/A',
      discounted_cash: 5,
      payers_information: [
        { payer_name: 'A', plan_name: 'P', standard_charge_dollar: 3, methodology: 'fee schedule' },
        { payer_name: 'B', plan_name: 'P', standard_charge_dollar: 'see contract', methodology: 'fee schedule' },
      ],
    } // prettier-ignore
    const item = { description: 'ONE', code_information: [{ code: '10001', type: 'CPT' }], standard_charges: [charge] } // prettier-ignore
    const json = { hospital_name: 'H', version: '3.0.0', standard_charge_information: [item] }
    const report = await deliver(file(JSON.stringify(json), 'a.json'))
    expect(report).toMatchObject({ pricesLoaded: 2, valuesLeftOut: 2, rowsQuarantined: 0 })
    expect((await leftOut().execute()).map((each) => each.column_name)).toEqual([
      'gross_charge',
      'payers_information[1].standard_charge_dollar',
    ])
  })

  it('is counted once and forgotten with the delivery it belongs to', async () => {
    await open()
    const text = `${HEADER}10001,ONE,abc\n10002,TWO,1.00\n`
    await deliver(file(text))
    expect(await deliver(file(text.replaceAll('\n', '\r\n')))).toMatchObject({ state: 'unchanged' })
    expect(await leftOut().execute()).toHaveLength(1)
  })
})

describe('a file that kills what reads it', () => {
  /** As many readers as that began with the file and were not heard of again. */
  async function lose(readers: number): Promise<void> {
    const db = orderly.database.withTables<PriceTables>()
    for (let reader = 0; reader < readers; reader++)
      await openIntake(db, 'first', 'hospital', 10, orderly.clock.now())
  }

  it('ends after ten of them with its reason, and has its chances again when it is delivered again', async () => {
    await open()
    const path = file(`${HEADER}10001,ONE,1.00\n`)
    await lose(10)
    const report = await deliver(path)
    expect(report).toMatchObject({ state: 'quarantined', reason: expect.stringContaining('10 times in a row') }) // prettier-ignore
    expect(await deliver(path)).toMatchObject({ state: 'loaded', pricesLoaded: 1 })
  })

  it('is read on by the tenth, and counted anew wherever reading went on', async () => {
    await open()
    await lose(9)
    const rows = Array.from({ length: 50 }, (_, at) => `C${at},ITEM,${at + 1}\n`).join('')
    expect(await deliver(file(HEADER + rows))).toMatchObject({ state: 'loaded' })
    const [intake] = await tables().selectFrom('intakes').select('begun').execute()
    expect(intake).toEqual({ begun: 0 })
  })
})

describe('a file at a URL', () => {
  it('is downloaded, loaded and not kept', async () => {
    await open({ allowPrivateAddresses: true })
    const path = file(`${HEADER}10001,ONE,1.00\n`)
    const url = await serve((_request, response) => createReadStream(path).pipe(response))
    expect(await deliver(url)).toMatchObject({ state: 'loaded', pricesLoaded: 1 })
    expect(readdirSync(join(home, 'downloads'))).toEqual([])
  })

  it('is not asked for at a private address', async () => {
    await open()
    let asked = false
    const url = await serve((_request, response) => {
      asked = true
      response.end()
    })
    const report = await deliver(url)
    expect(asked).toBe(false)
    expect(report).toMatchObject({
      state: 'quarantined',
      reason: expect.stringContaining('private'),
    })
  })

  it('is refused when it is larger than the limit', async () => {
    await open({ allowPrivateAddresses: true, limits: { maxFileBytes: 1_000 } })
    const url = await serve((_request, response) => response.end('x'.repeat(5_000)))
    expect(await deliver(url)).toMatchObject({
      state: 'quarantined',
      reason: expect.stringContaining('1000'),
    })
  })

  it('is quarantined when the server never delivers it', async () => {
    await open({ allowPrivateAddresses: true })
    const url = await serve((_request, response) => response.writeHead(404).end())
    expect(await deliver(url)).toMatchObject({
      state: 'quarantined',
      reason: expect.stringContaining('404'),
    })
  })

  it('is asked for again when the server fails, and loaded when it answers', async () => {
    await open({ allowPrivateAddresses: true })
    let asked = 0
    const url = await serve((request, response) => {
      if (request.url === '/robots.txt') return response.writeHead(404).end()
      asked++
      if (asked === 1) response.writeHead(503).end()
      else response.end(`${HEADER}10001,ONE,1.00\n`)
    })
    expect(await deliver(url)).toMatchObject({ state: 'loaded' })
    expect(asked).toBe(2)
  })
})
