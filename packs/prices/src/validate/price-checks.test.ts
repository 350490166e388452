// Doubts about prices that the rules of CMS allow: each is found where it is, and nowhere else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { priceFileDownload, prices } from '../index.ts'
import type { PriceTables } from '../store/tables.ts'
import { RULES, type RuleId } from './rules.ts'
import type { QualityReport } from './report.ts'

const HEAD = [
  'hospital_name,last_updated_on,version,location_name,hospital_address,license_number|GA,type_2_npi,attester_name',
  'A,2026-04-01,3.0.0,A,Main St,1,1234567893,B',
  'description,code|1,code|1|type,setting,standard_charge|gross,standard_charge|discounted_cash,payer_name,plan_name,' +
    'standard_charge|negotiated_dollar,standard_charge|negotiated_percentage,standard_charge|methodology,' +
    'standard_charge|min,standard_charge|max,median_amount,10th_percentile,90th_percentile,count,additional_generic_notes',
] // prettier-ignore

let folder: string
let orderly: TestOrderly

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-doubts-'))
  orderly = await createTestOrderly({ packs: [prices()] })
})
afterAll(async () => {
  await orderly.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Line {
  readonly code: string
  readonly type?: string
  readonly description?: string
  readonly gross?: string
  readonly cash?: string
  readonly payer?: string
  readonly dollars?: string
  readonly percent?: string
  readonly min?: string
  readonly max?: string
}

function lineOf(line: Line): string {
  const { code, type = 'CPT', description = 'ITEM', gross = '100', cash = '', payer = '' } = line
  const { dollars = '', percent = '', min = '', max = '' } = line
  const plan = payer === '' ? ',' : `${payer},PPO`
  return `${description},${code},${type},outpatient,${gross},${cash},${plan},${dollars},${percent},${payer && 'fee schedule'},${min},${max},,,,,`
}

/** Where each doubt about a file was found. */
async function doubts(source: string, ...lines: readonly Line[]) {
  const location = join(folder, source)
  writeFileSync(location, [...HEAD, ...lines.map(lineOf), ''].join('\n'))
  await orderly.perform(priceFileDownload, { source, location })
  await orderly.workOff()
  const { report_key: key } = await orderly.database
    .withTables<PriceTables>()
    .query.selectFrom('publications')
    .innerJoin('sources', 'sources.current_version', 'publications.version_id')
    .select('report_key')
    .where('name', '=', source)
    .executeTakeFirstOrThrow()
  const found = await orderly.objects.get(key!)
  const chunks: Uint8Array[] = []
  for await (const chunk of found!.body) chunks.push(chunk)
  const report = JSON.parse(Buffer.concat(chunks).toString()) as QualityReport
  return Object.fromEntries(
    report.findings
      .filter(({ rule }) => /^(DATA|CHANGE)\./.test(rule))
      .map(({ rule, samples }) => [rule, samples.map(({ cell }) => cell)]),
  ) as Partial<Record<RuleId, string[]>>
}

const seen = new Set<string>()

it('finds nothing where nothing is to be doubted', async () => {
  const payer = { payer: 'Aetna', dollars: '50', percent: '70.5', min: '40', max: '60' }
  expect(await doubts('good.csv', { code: '99213', cash: '80', ...payer })).toEqual({})
})

it.each<[RuleId, readonly Line[], readonly string[]]>([
  ['DATA.RANGE.PERCENT', [{ code: '99211', payer: 'A', percent: '0.705' }, { code: '99212', payer: 'A', percent: '150' }, { code: '99213', payer: 'A', percent: '100' }], ['row 4', 'row 5']],
  ['DATA.RANGE.PLACEHOLDER', [{ code: '99211', gross: '1.00' }, { code: '99212', gross: '0.01' }, { code: '99213', gross: '99999999' }, { code: '99214', gross: '1.01' }], ['row 4', 'row 5', 'row 6']],
  ['DATA.RANGE.CASH_ABOVE_GROSS', [{ code: '99211', cash: '101' }, { code: '99212', cash: '100' }], ['row 4']],
  ['DATA.RANGE.OUTSIDE_MIN_MAX', [{ code: '99211', payer: 'A', dollars: '39', min: '40', max: '60' }, { code: '99212', payer: 'A', dollars: '61', min: '40', max: '60' }, { code: '99213', payer: 'A', dollars: '60', min: '40', max: '60' }], ['row 4', 'row 5']],
  ['DATA.RANGE.ABOVE_GROSS', [{ code: '99211', payer: 'A', dollars: '301' }, { code: '99212', payer: 'A', dollars: '300' }], ['row 4']],
  ['DATA.CONFLICT', [{ code: '99211', gross: '100' }, { code: '99211', gross: '120' }], ['row 4', 'row 5']],
  ['DATA.FORMAT.CODE', [{ code: 'ABC' }, { code: '99213' }, { code: '123', type: 'NDC' }, { code: '000', type: 'MS-DRG' }], ['row 4', 'row 6', 'row 7']],
  ['DATA.OUTLIER', ['50', '51', '52', '53', '54', '55', '56', '57', '5700'].map((dollars, at) => ({ code: '99211', gross: '9000', payer: `P${at}`, dollars })), ['row 12']],
  ['DATA.COMPLETE.CODE', [{ code: '99211' }, { code: '1', type: 'LOCAL' }, { code: '2', type: 'LOCAL' }], ['file']],
  ['DATA.COMPLETE.DESCRIPTION', [{ code: '99211' }, { code: '99212', description: '' }], ['file']],
  ['DATA.COMPLETE.ROWS', [{ code: '99211' }, { code: '99212', gross: '12..5' }], ['file']],
])('finds %s, where it is', async (rule, lines, places) => {
  expect(await doubts(`${rule}.csv`, ...lines)).toEqual({ [rule]: places })
  seen.add(rule)
}) // prettier-ignore

it('finds what has changed too much since the version that is shown', async () => {
  const many = (gross: string): Line[] => Array.from({ length: 10 }, (_, at) => ({ code: String(99_201 + at), gross })) // prettier-ignore
  await doubts('change.csv', ...many('100'))
  const [first, ...others] = many('100')
  const jumped = await doubts('change.csv', { ...first!, gross: '1001' }, ...others)
  expect(jumped).toEqual({ 'CHANGE.JUMP': ['row 4'] })
  expect(await doubts('change.csv', ...others.slice(0, 6))).toEqual({ 'CHANGE.DROP': ['file'] })
  for (const rule of ['CHANGE.JUMP', 'CHANGE.DROP']) seen.add(rule)
  expect(Object.keys(RULES).filter((id) => /^(DATA|CHANGE)\./.test(id) && !seen.has(id))).toEqual(
    [],
  )
})
