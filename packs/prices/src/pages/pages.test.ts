// What pages make of files: their normal form, and lines of prices over the days of their versions.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PageBlock } from 'orderly'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fixture } from '../../fixtures/scratch.ts'
import { priceFileDownload, prices } from '../index.ts'
import { pricePages } from '../pages.ts'
import { sourceId } from '../store/identity.ts'

let folder: string
let orderly: TestOrderly

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-pages-'))
  orderly = await createTestOrderly({ packs: [prices()] })
})
afterAll(async () => {
  await orderly.close()
  rmSync(folder, { recursive: true, force: true })
})

async function load(source: string, location: string): Promise<void> {
  await orderly.perform(priceFileDownload, { source, location })
  await orderly.workOff()
}

const page = (id: string, params: Record<string, string>): Promise<readonly PageBlock[]> =>
  pricePages(orderly)
    .find((each) => each.id === id)!
    .load(params)

type Block<Kind extends PageBlock['block']> = Extract<PageBlock, { block: Kind }>
const only = <Kind extends PageBlock['block']>(blocks: readonly PageBlock[], kind: Kind) =>
  blocks.filter((block): block is Block<Kind> => block.block === kind)

/** A column of the file, and the field it is read into. */
async function formOf(source: string, location: string) {
  await load(source, location)
  const tables = only(await page('form', { id: String(sourceId(source)) }), 'table')
  const [columns, items] = tables as [Block<'table'>, Block<'table'>]
  const fields = columns.rows.map(({ column, field, adds }) => [column, field, adds])
  return { fields, items: items.rows }
}

it('shows the normal form of a wide table, with the payers its columns name', async () => {
  const { fields, items } = await formOf('wide', fixture('cms/V3.0.0_Wide_CSV_Format_Example.csv'))
  expect(fields).toContainEqual(['description', 'description', null])
  expect(fields).toContainEqual(['code|1|type', 'codes.type', null])
  const negotiated = fields.filter(([, field]) => field === 'amounts.negotiated')
  expect(negotiated.length).toBeGreaterThan(1)
  for (const [column, , adds] of negotiated) {
    const [, payer, plan] = (column as string).split('|').map((part) => part.trim()) // prettier-ignore
    expect(adds).toBe(`payer ${payer}, plan ${plan}`)
  }
  expect(items[0]).toMatchObject({ row: 4, codes: expect.stringMatching(/^[A-Z-]+ \S+/) as string })
})

it('shows it for JSON, for a workbook with its sheets, and for a table of a hospital’s own', async () => {
  const json = await formOf('json', fixture('cms/v3_json_format_example.json'))
  expect(json.fields).toContainEqual(['payers_information[].standard_charge_dollar', 'amounts.negotiated', null]) // prettier-ignore
  expect(json.items.length).toBeGreaterThan(3)

  await load('book', fixture('real/henry-ford-allegiance_2018.xlsx'))
  const [columns] = only(await page('form', { id: String(sourceId('book')) }), 'table')
  expect(columns!.columns.map(({ label }) => label)).toContain('Sheet')

  const own = join(folder, 'own.csv')
  writeFileSync(own, 'CPT Code,Description,Aetna Negotiated Rate,Gross Charge,Remark\n99213,VISIT,50,100,x\n') // prettier-ignore
  const { fields, items } = await formOf('own', own)
  expect(fields).toEqual([
    ['CPT Code', 'codes.CPT/HCPCS', null],
    ['Description', 'description', null],
    ['Aetna Negotiated Rate', 'amounts.negotiated', expect.stringContaining('payer Aetna')],
    ['Gross Charge', 'amounts.gross', null],
    ['Remark', expect.anything(), null],
  ])
  expect(items).toMatchObject([{ codes: 'CPT 99213', prices: expect.stringContaining('gross $100.00') }]) // prettier-ignore
})

it('leads from a file to its normal form, and says so when there is none', async () => {
  const [facts] = only(await page('file', { id: String(sourceId('json')) }), 'facts')
  const { value } = facts!.facts.find(({ label }) => label === 'Normal form')!
  expect(value).toMatchObject({ page: 'form', params: { id: String(sourceId('json')) } })
  expect(await page('form', { id: 'x' })).toMatchObject([{ tone: 'bad' }])
})

it('draws a line for each hospital by the days of its versions, whenever the others have theirs', async () => {
  const write = (name: string, day: string, dollars: number): Promise<void> => {
    const path = join(folder, name)
    writeFileSync(path, `Updated ${day}\nCPT Code,Description,Gross Charge\n10001,ONE,${dollars}\n`)
    return load(name, path)
  }
  await write('a.csv', '2024-01-05', 100)
  await write('b.csv', '2024-06-01', 300)
  await write('a.csv', '2025-02-01', 110)
  await write('b.csv', '2025-07-01', 290)
  const charts = only(await page('compare', { type: 'CPT', code: '10001' }), 'chart')
  const trend = charts.find(({ kind }) => kind === 'line')!
  expect(trend.x).toMatchObject({ kind: 'category', values: ['2024-01-05', '2024-06-01', '2025-02-01', '2025-07-01'] }) // prettier-ignore
  const lines = trend.series.map(({ values }) => values)
  expect(lines).toContainEqual([100, 100, 110, 110])
  expect(lines).toContainEqual([null, 300, 300, 290])
})
