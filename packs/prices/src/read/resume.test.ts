import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { fixture, scratch } from '../../fixtures/scratch.ts'
import { type Cursor, openPriceFile, PriceFileError, type RowBatch } from './index.ts'

const made = scratch()
afterAll(() => made.remove())

async function batches(path: string, from?: Cursor): Promise<RowBatch[]> {
  const file = await openPriceFile(path)
  try {
    const found: RowBatch[] = []
    for await (const batch of file.batches(from === undefined ? {} : { from })) found.push(batch)
    return found
  } finally {
    await file.close()
  }
}

async function expectSameRest(path: string, atLeast: number): Promise<void> {
  const whole = await batches(path)
  expect(whole.length).toBeGreaterThanOrEqual(atLeast)
  for (const [index, batch] of whole.entries()) {
    const cursor = JSON.parse(JSON.stringify(batch.cursor)) as Cursor
    expect(await batches(path, cursor)).toEqual(whole.slice(index + 1))
  }
}

function bigJson(): string {
  const item = (index: number): string =>
    JSON.stringify({
      description: `Item ${index} {["]}`,
      code_information: [{ code: `${10_000 + index}`, type: 'CPT' }],
      standard_charges: [
        { setting: 'inpatient', gross_charge: index + 0.25 },
        { setting: 'outpatient', gross_charge: index + 0.5, discounted_cash: 1 },
      ],
    })
  const items = Array.from({ length: 2600 }, (_, index) => item(index)).join(',\n  ')
  return `{"hospital_name":"H","version":"3.0.0","standard_charge_information":[\n${items}\n],"modifier_information":[]}`
}

describe('reading on from a cursor', () => {
  it.each([
    ['real/kennestone_medications_2019-01-17_crlf.txt', 4],
    ['real/spectrum_2019_facility-columns.csv', 6],
    ['real/oshpd_106190958_metro-state_2018.xls', 1],
    ['real/bwh_2018_xlsx-in.zip', 7],
    ['cms/V3.0.0_Wide_CSV_Format_Example.csv', 1],
  ])('%s gives the same rest after every batch', (name, atLeast) =>
    expectSameRest(fixture(name), atLeast),
  )

  it('gives the same rest of an XML file', async () => {
    const path = fixture('real/adventhealth-manchester_2019.xml')
    const whole = await batches(path)
    expect(await batches(path, whole[9]?.cursor)).toEqual(whole.slice(10))
  })

  it('gives the same rest of JSON, and of JSON in UTF-16', async () => {
    const json = bigJson()
    await expectSameRest(made.write(json), 6)
    await expectSameRest(
      made.write(Buffer.from(`\ufeff${json.replaceAll('Item', 'Îtem 😀')}`, 'utf16le')),
      6,
    )
  })

  it('begins at a byte offset, without reading what came before', async () => {
    const path = fixture('real/kennestone_medications_latest_lf.txt')
    const whole = await batches(path)
    const cursor = whole[0]?.cursor
    const bytes = readFileSync(path)
    // The first batch made unreadable: a reader that went through it again would trip.
    const header = bytes.indexOf('\n') + 1
    bytes.fill('"', header + 40_000, (cursor?.byte ?? 0) - 1)
    expect((await batches(made.write(bytes), cursor)).map((batch) => batch.digest)).toEqual(
      whole.slice(1).map((batch) => batch.digest),
    )
  })

  it('cuts batches by content alone, so that an encoding does not move them', async () => {
    const text = readFileSync(fixture('real/grady_2019.txt'), 'latin1')
    const plain = await batches(made.write(text))
    const wide = await batches(made.write(Buffer.from(text.replaceAll('\r\n', '\n'), 'utf16le')))
    expect(wide.map((batch) => batch.digest)).toEqual(plain.map((batch) => batch.digest))
    expect(plain.map((batch) => batch.rowsRead)).toEqual([1000, 1000, 1000, 1000, 1000, 1000, 670])
    expect(plain.at(-1)?.bytesRead).toBe(plain.at(-1)?.bytesTotal)
  })

  it('refuses a cursor that belongs to no file of this shape', async () => {
    const path = fixture('real/grady_2019.txt')
    await expect(batches(path, { part: 3, sheet: 0, row: 1, byte: 2 })).rejects.toThrow(
      PriceFileError,
    )
  })

  it('stops when its signal is aborted', async () => {
    const file = await openPriceFile(fixture('real/grady_2019.txt'))
    const abort = new AbortController()
    await expect(async () => {
      for await (const _ of file.batches({ signal: abort.signal })) abort.abort(new Error('enough'))
    }).rejects.toThrow('enough')
    await file.close()
  })
})
