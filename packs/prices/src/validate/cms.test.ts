import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ours, theirs } from '../../fixtures/judges.ts'
import { fixture, scratch } from '../../fixtures/scratch.ts'
import { readCsv } from '../directory/csv.ts'
import { checkCms } from './cms.ts'
import { ruleReference } from './reference.ts'
import type { RuleId } from './rules.ts'

const files = scratch()
afterAll(() => files.remove())

const TALL = 'cms/V3.0.0_Tall_CSV_Format_Example.csv'
const WIDE = 'cms/V3.0.0_Wide_CSV_Format_Example.csv'
const TALL_V2 = 'cms/V2.0.0_Tall_CSV_Format_Example.csv'
const WIDE_V2 = 'cms/V2.0.0_Wide_CSV_Format_Example.csv'
const JSON_V3 = 'cms/v3_json_format_example.json'

describe('the examples of CMS', () => {
  it.each([
    [TALL, '3.0.0'],
    [WIDE, '3.0.0'],
    [JSON_V3, '3.0.0'],
    [TALL_V2, '2.0.0'],
    [TALL_V2, '2.2.0'],
    [WIDE_V2, '2.0.0'],
    [WIDE_V2, '2.2.0'],
    ['cms/V2.0.0_JSON_Format_Example.json', '2.0.0'],
    ['cms/V2.0.0_JSON_Format_Example.json', '2.2.0'],
  ] as const)('%s has the verdict of CMS by %s', async (name, version) => {
    const path = fixture(name)
    const [mine, reference] = await Promise.all([ours(path, version), theirs(path, version)])
    expect(mine.valid).toBe(reference.valid)
    expect(mine.cells).toEqual(reference.cells)
  })
})

/** A change to one cell of a row, by column. */
type Change = Readonly<Record<string, string>>

function variantOf(name: string, change: Change): string {
  const records = recordsOf(name)
  const headers = records[2]!.map(key)
  const row = records.length - 1
  for (const [column, value] of Object.entries(change)) {
    const at = headers.findIndex((header) => header.endsWith(key(column)))
    if (at < 0) throw new Error(`no column ${column}`)
    records[row]![at] = value
  }
  return textOf(records)
}

function recordsOf(name: string): string[][] {
  return readCsv(readFileSync(fixture(name), 'utf8').replace(/^\ufeff/, ''))
}

function textOf(records: readonly (readonly string[])[]): string {
  return `${records.map((cells) => cells.map(quote).join(',')).join('\n')}\n`
}

const key = (header: string): string => header.toLowerCase().replaceAll(' ', '')
const quote = (cell: string): string =>
  /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

const NOTHING: Change = {
  'standard_charge|gross': '', 'standard_charge|discounted_cash': '', 'standard_charge|negotiated_dollar': '',
  'standard_charge|negotiated_percentage': '', 'standard_charge|negotiated_algorithm': '', payer_name: '',
  plan_name: '', 'standard_charge|methodology': '', median_amount: '', '10th_percentile': '', '90th_percentile': '',
  count: '', 'standard_charge|min': '', 'standard_charge|max': '', additional_generic_notes: '', modifiers: '',
  'code|1': '99213', 'code|1|type': 'CPT', 'code|2': '', 'code|2|type': '', drug_unit_of_measurement: '',
  drug_type_of_measurement: '', setting: 'outpatient', description: 'Visit',
} // prettier-ignore
const PAYER = { payer_name: 'A', plan_name: 'B', 'standard_charge|methodology': 'fee schedule' }
const PERCENT = { ...NOTHING, ...PAYER, 'standard_charge|negotiated_percentage': '70.5', count: '12', median_amount: '5', '10th_percentile': '4', '90th_percentile': '6' } // prettier-ignore
const GROSS = { ...NOTHING, 'standard_charge|gross': '10' }

describe('a row that breaks a rule', () => {
  it.each<[RuleId, Change]>([
    ['CMS.ROW.DESCRIPTION', { ...GROSS, description: '' }],
    ['CMS.ROW.SETTING', { ...GROSS, setting: 'ambulatory' }],
    ['CMS.ROW.CODE_PAIR', { ...GROSS, 'code|1': '', 'code|1|type': '' }],
    ['CMS.ROW.CODE_MISSING', { ...GROSS, 'code|1': '' }],
    ['CMS.ROW.CODE_TYPE', { ...GROSS, 'code|1|type': 'XYZ' }],
    ['CMS.ROW.CODE_TYPE', { ...GROSS, 'code|1|type': '' }],
    ['CMS.ROW.NUMBER', { ...GROSS, 'standard_charge|gross': '$10.00' }],
    ['CMS.ROW.NUMBER', { ...GROSS, 'standard_charge|gross': '0' }],
    ['CMS.ROW.METHODOLOGY', { ...PERCENT, 'standard_charge|methodology': 'guess' }],
    ['CMS.ROW.COUNT', { ...PERCENT, count: '7' }],
    ['CMS.ROW.PAYER_MISSING', { ...PERCENT, payer_name: '' }],
    ['CMS.ROW.PAYER_MISSING', { ...PERCENT, plan_name: '' }],
    ['CMS.ROW.PAYER_MISSING', { ...PERCENT, 'standard_charge|methodology': '' }],
    ['CMS.ROW.PAYER_ALONE', { ...GROSS, ...PAYER }],
    ['CMS.ROW.OTHER_NOTES', { ...PERCENT, 'standard_charge|methodology': 'other' }],
    ['CMS.ROW.NO_CHARGE', NOTHING],
    ['CMS.ROW.MIN_MAX', { ...NOTHING, ...PAYER, 'standard_charge|negotiated_dollar': '5' }],
    ['CMS.ROW.COUNT_MISSING', { ...PERCENT, count: '' }],
    ['CMS.ROW.MEDIAN', { ...PERCENT, median_amount: '' }],
    ['CMS.ROW.P10', { ...PERCENT, '10th_percentile': '' }],
    ['CMS.ROW.P90', { ...PERCENT, '90th_percentile': '' }],
    ['CMS.ROW.ZERO_NOTES', { ...PERCENT, count: '0' }],
    ['CMS.ROW.DRUG_PAIR', { ...GROSS, drug_unit_of_measurement: '1' }],
    ['CMS.ROW.DRUG_PAIR', { ...GROSS, drug_type_of_measurement: 'ML' }],
    ['CMS.ROW.NDC_DRUG', { ...GROSS, 'code|1|type': 'NDC' }],
    ['CMS.ROW.MODIFIER_ALONE', { ...NOTHING, modifiers: '26', 'code|1': '', 'code|1|type': '' }],
  ])('%s is found where CMS finds it', async (rule, change) => {
    const path = files.write(variantOf(TALL, change))
    const [mine, reference] = await Promise.all([ours(path, '3.0.0'), theirs(path, '3.0.0')])
    expect(mine.rules).toContain(rule)
    expect(mine.valid).toBe(false)
    expect(mine.cells).toEqual(reference.cells)
  })

  it('of 2.2 without an estimated amount is found, and by 2.1 it is none', async () => {
    const path = files.write(
      readFileSync(fixture('cms/V2.0.0_Tall_CSV_Format_Example.csv'), 'latin1'),
    )
    for (const version of ['2.1.0', '2.2.0'] as const)
      expect((await ours(path, version)).cells).toEqual((await theirs(path, version)).cells)
  })

  it.each([
    [TALL, '3.0.0', 60],
    [WIDE, '3.0.0', 30],
    [TALL_V2, '2.2.0', 30],
    [TALL_V2, '2.1.0', 15],
    [TALL_V2, '2.0.0', 15],
    [WIDE_V2, '2.2.0', 30],
    [WIDE_V2, '2.0.0', 15],
  ] as const)('of %s is judged by %s as CMS does, whatever is in its cells', async (name, version, numRuns) => {
    const records = recordsOf(name)
    const cell = fc.constantFrom('', '', '0', '1', '12', '1 through 10', '-3', '$4', 'x', 'NDC', 'CPT', 'other', 'per diem', 'both', 'ML', '999999999') // prettier-ignore
    const { length } = records[2]!
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: length, maxLength: length }), async (cells) => {
        const described = cells.map((text, at) => (key(records[2]![at]!) === 'description' ? text || 'd' : text))
        const path = files.write(textOf([...records.slice(0, -1), described]))
        const [mine, reference] = await Promise.all([ours(path, version), theirs(path, version)])
        expect(mine.cells).toEqual(reference.cells)
      }),
      { numRuns },
    )
  }) // prettier-ignore
})

describe('a head that breaks a rule', () => {
  const source = readFileSync(fixture(TALL), 'utf8')
  it.each<[RuleId, string]>([
    ['CMS.HEAD.MISSING', source.replace('type_2_npi', 'npi')],
    ['CMS.HEAD.STATE', source.replace('license_number|CA', 'license_number|XX')],
    ['CMS.HEAD.STATE', source.replace('license_number|CA', 'license_number')],
    ['CMS.HEAD.DATE', source.replace('4/1/2026', '2/31/2026')],
    ['CMS.HEAD.VALUE', source.replace('West Mercy Hospital,4/1/2026', ',4/1/2026')],
    ['CMS.HEAD.STATEMENT', source.replace('TRUE,Leigh', 'MAYBE,Leigh')],
    ['CMS.HEAD.DUPLICATE', source.replace('general_contract_provisions', 'version')],
    ['CMS.COLUMN.MISSING', source.replace('90th_percentile', 'percentile_90')],
    ['CMS.COLUMN.DUPLICATE', source.replace('additional_generic_notes', 'description')],
    ['CMS.FILE.AMBIGUOUS', source.replace('payer_name', 'insurer')],
    ['CMS.COLUMN.PLACEHOLDER', source.replace('code | 2,', 'code | [i],')],
    ['CMS.HEAD.BLANK', `\n${source}`],
    ['CMS.FILE.NO_ROWS', source.split('\n').slice(0, 3).join('\n')],
  ])('%s ends the check as it does with CMS', async (rule, text) => {
    const path = files.write(text)
    const [mine, reference] = await Promise.all([ours(path, '3.0.0'), theirs(path, '3.0.0')])
    expect(mine.rules).toContain(rule)
    expect([mine.valid, reference.valid]).toEqual([false, false])
  })

  it('is told of when it is no fault: a statement that is false, nine nines, an old version', async () => {
    const path = files.write(
      source.replace('TRUE,Leigh', 'FALSE,Leigh').replace('4/1/2026,3.0.0', '4/1/2026,2.2.0'),
    )
    const { findings, verdict } = await checkCms(path, { version: '3.0.0' })
    expect(verdict).toBe('valid')
    expect(findings.list().map(({ rule }) => rule)).toEqual([
      'CMS.HEAD.STATEMENT_FALSE',
      'CMS.HEAD.VERSION',
    ])
  })
})

describe('what the tool of CMS lets pass', () => {
  it('is found: a payer column without a plan', async () => {
    const wide = readFileSync(fixture(WIDE), 'utf8')
    const header = wide.split('\n')[2]!
    const column = header.split(',').find((cell) => /negotiated_dollar/.test(cell))!
    const parts = column.split('|')
    const path = files.write(
      wide.replace(header, `${header.trimEnd()},${parts[0]}|Some Payer|negotiated_dollar`),
    )
    expect((await theirs(path, '3.0.0')).valid).toBe(true)
    expect((await ours(path, '3.0.0')).rules).toEqual(['CMS.COLUMN.PLAN_MISSING'])
  })

  it('is named: a file in no layout of CMS', async () => {
    expect((await checkCms(fixture('real/grady_2019.txt'))).verdict).toBe('not-cms')
    expect((await checkCms(fixture('real/bwh_2018_xlsx-in.zip'))).verdict).toBe('not-cms')
    expect((await checkCms(files.write('{"a": 1}'))).verdict).toBe('not-cms')
  })
})

describe('the reference of rules', () => {
  // The formatter lines up tables; what they say is what counts.
  const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')

  it('says what the table of rules says', () => {
    const page = new URL('../../../../docs/reference/price-rules.md', import.meta.url)
    expect(plain(readFileSync(page, 'utf8'))).toBe(plain(ruleReference()))
  })
})
