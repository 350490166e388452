import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { zip } from '../fixtures/zip.ts'
import { priceFileDownload, prices, reportSources } from './index.ts'
import type { PriceTables } from './store/tables.ts'

const CSV = 'CPT Code,Description,Price\n10001,ONE,1.00\n'
const MOST_GROWTH = 200 * 2 ** 20

let folder: string
let orderly: TestOrderly

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-bombs-'))
  orderly = await createTestOrderly({ packs: [prices()] })
})
afterAll(async () => {
  await orderly.close()
  rmSync(folder, { recursive: true, force: true })
})

async function deliver(name: string, content: string | Buffer) {
  const location = join(folder, name)
  writeFileSync(location, content)
  await orderly.perform(priceFileDownload, { source: name, location })
  await orderly.workOff()
  const [report] = await reportSources(orderly.database, [name], 0)
  rmSync(location)
  return report!
}

/** Zip within zip within zip, each holding the one below sixteen times. */
function matryoshka(): Buffer {
  let inner: Buffer = Buffer.alloc(4_000_000)
  for (let depth = 0; depth < 5; depth++)
    inner = zip(Array.from({ length: 16 }, (_, n) => ({ name: `${n}.zip`, content: inner })))
  return inner
}

/** A million rows that all say the same. */
function sameString(): Buffer {
  const xml = (text: string): Buffer => Buffer.from(`<?xml version="1.0"?>${text}`)
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const packages = 'http://schemas.openxmlformats.org/package/2006'
  const row = '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>'
  return zip([
    { name: '[Content_Types].xml', content: xml(`<Types xmlns="${packages}/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`) },
    { name: '_rels/.rels', content: xml(`<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`) },
    { name: 'xl/workbook.xml', content: xml(`<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`) },
    { name: 'xl/_rels/workbook.xml.rels', content: xml(`<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`) },
    { name: 'xl/sharedStrings.xml', content: xml(`<sst xmlns="${main}"><si><t>${'x'.repeat(30_000)}</t></si></sst>`) },
    { name: 'xl/worksheets/sheet1.xml', content: xml(`<worksheet xmlns="${main}"><sheetData>${row.repeat(1_000_000)}</sheetData></worksheet>`) },
  ]) // prettier-ignore
}

function fivefold(): Buffer {
  let content = Buffer.alloc(50_000_000)
  for (let layer = 0; layer < 5; layer++) content = gzipSync(content)
  return content
}

/** Ten entities of ten entities of …, ten deep. */
function laughs(): string {
  const entities = Array.from(
    { length: 10 },
    (_, n) => `<!ENTITY l${n} "${n === 0 ? 'lol' : `&l${n - 1};`.repeat(10)}">`,
  )
  return `<?xml version="1.0"?><!DOCTYPE l [${entities.join('')}]><l><row><a>&l9;</a><b>1.00</b></row></l>`
}

describe('a file that was made to exhaust the machine (attack 38)', () => {
  it.each([
    ['42.zip', matryoshka, 'NO_PRICE_TABLE'],
    ['same.xlsx', sameString, 'LIMIT_EXCEEDED'],
    ['five.csv.gz', fivefold, 'FORMAT_UNKNOWN'],
    ['line.csv', () => `${CSV}10002,"${'x'.repeat(10_000_000)}",2.00\n`, 'LIMIT_EXCEEDED'],
    ['laughs.xml', laughs, 'FILE_CORRUPT'],
  ] as const)('%s ends with a code in bounded memory, and work goes on', async (name, make, code) => {
    const content = make()
    const before = process.memoryUsage.rss()
    expect(await deliver(name, content)).toMatchObject({ state: 'quarantined' })
    expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_GROWTH)
    const [intake] = await orderly.database.withTables<PriceTables>().query
      .selectFrom('intakes').innerJoin('sources', 'sources.source_id', 'intakes.source_id').select('code').where('name', '=', name).execute()
    expect(intake).toEqual({ code })
    expect(await deliver(`good-after-${name}`, CSV.replace('1.00', `${name.length}.00`))).toMatchObject({ state: 'loaded' })
  }) // prettier-ignore
})
