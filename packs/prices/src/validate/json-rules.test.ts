import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ours, theirs } from '../../fixtures/judges.ts'
import { fixture, scratch } from '../../fixtures/scratch.ts'
import { checkCms } from './cms.ts'
import { RULES, type CmsVersion, type RuleId } from './rules.ts'

const files = scratch()
afterAll(() => files.remove())

const V3 = 'cms/v3_json_format_example.json'
const V2 = 'cms/V2.0.0_JSON_Format_Example.json'

type Json = Record<string, any>
const read = (name: string): Json =>
  JSON.parse(readFileSync(fixture(name), 'utf8').replace(/^\ufeff/, '')) as Json

const GOOD_ITEM: Json = {
  description: 'Visit',
  code_information: [{ code: '99213', type: 'CPT' }],
  standard_charges: [{ setting: 'outpatient', gross_charge: 10, minimum: 4, maximum: 9 }],
}
const PERCENT: Json = {
  payer_name: 'A', plan_name: 'B', methodology: 'fee schedule', standard_charge_percentage: 70.5, count: '12',
  median_amount: 5, '10th_percentile': 4, '90th_percentile': 6,
} // prettier-ignore

/** A file of one item with one payer, who pays in percent. */
function smallest(name: string, without: readonly string[] = [], also: Json = {}): Json {
  const payer = { ...PERCENT, ...also }
  for (const each of without) delete payer[each]
  const item = structuredClone(GOOD_ITEM)
  item['standard_charges'][0]['payers_information'] = [payer]
  return { ...read(name), standard_charge_information: [item] }
}
const itemOf = (file: Json): Json => file['standard_charge_information'][0]
const chargeOf = (file: Json): Json => itemOf(file)['standard_charges'][0]
const payerOf = (file: Json): Json => chargeOf(file)['payers_information'][0]

const BROKEN: readonly (readonly [RuleId, (file: Json) => unknown])[] = [
  ['CMS.HEAD.MISSING', (file) => delete file['hospital_name']],
  ['CMS.HEAD.MISSING', (file) => (file['type_2_npi'] = [])],
  ['CMS.HEAD.DATE', (file) => (file['last_updated_on'] = '2026-02-30')],
  ['CMS.HEAD.STATE', (file) => (file['license_information'].state = 'XX')],
  ['CMS.HEAD.STATE', (file) => delete file['license_information'].state],
  ['CMS.HEAD.STATEMENT', (file) => (file['attestation'].attestation = 'Yes.')],
  ['CMS.HEAD.VALUE', (file) => (file['attestation'].attester_name = '')],
  ['CMS.ROW.DESCRIPTION', (file) => (itemOf(file)['description'] = '')],
  ['CMS.ROW.SHAPE', (file) => (itemOf(file)['code_information'] = [])],
  ['CMS.ROW.CODE_MISSING', (file) => delete itemOf(file)['code_information'][0].code],
  ['CMS.ROW.CODE_TYPE', (file) => (itemOf(file)['code_information'][0].type = 'X')],
  ['CMS.ROW.CODE_TYPE', (file) => delete itemOf(file)['code_information'][0].type],
  ['CMS.ROW.NDC_DRUG', (file) => (itemOf(file)['code_information'][0].type = 'NDC')],
  ['CMS.ROW.DRUG_PAIR', (file) => (itemOf(file)['drug_information'] = { unit: '1', type: 'ML' })],
  ['CMS.ROW.DRUG_PAIR', (file) => (itemOf(file)['drug_information'] = { unit: 1 })],
  ['CMS.ROW.SETTING', (file) => (chargeOf(file)['setting'] = 'BOTH')],
  ['CMS.ROW.NUMBER', (file) => (chargeOf(file)['gross_charge'] = 0)],
  ['CMS.ROW.NUMBER', (file) => (payerOf(file)['standard_charge_percentage'] = '70.5')],
  ['CMS.ROW.NO_CHARGE', (file) => {
    delete chargeOf(file)['gross_charge']
    delete chargeOf(file)['payers_information']
  }],
  ['CMS.ROW.MIN_MAX', (file) => {
    payerOf(file)['standard_charge_dollar'] = 5
    delete chargeOf(file)['minimum']
  }],
  ['CMS.ROW.PAYER_MISSING', (file) => delete payerOf(file)['payer_name']],
  ['CMS.ROW.PAYER_MISSING', (file) => delete payerOf(file)['plan_name']],
  ['CMS.ROW.PAYER_MISSING', (file) => delete payerOf(file)['methodology']],
  ['CMS.ROW.METHODOLOGY', (file) => (payerOf(file)['methodology'] = 'guess')],
  ['CMS.ROW.OTHER_NOTES', (file) => (payerOf(file)['methodology'] = 'other')],
  ['CMS.ROW.PAYER_ALONE', (file) => delete payerOf(file)['standard_charge_percentage']],
  ['CMS.ROW.COUNT', (file) => (payerOf(file)['count'] = 12)],
  ['CMS.ROW.COUNT', (file) => (payerOf(file)['count'] = '7')],
  ['CMS.ROW.COUNT_MISSING', (file) => delete payerOf(file)['count']],
  ['CMS.ROW.MEDIAN', (file) => delete payerOf(file)['median_amount']],
  ['CMS.ROW.P10', (file) => delete payerOf(file)['10th_percentile']],
  ['CMS.ROW.P90', (file) => delete payerOf(file)['90th_percentile']],
  ['CMS.ROW.ZERO_NOTES', (file) => (payerOf(file)['count'] = '0')],
  ['CMS.FILE.NO_ROWS', (file) => (file['standard_charge_information'] = [])],
] // prettier-ignore

describe('JSON that breaks a rule', () => {
  it.each(BROKEN)('%s is found, as CMS finds it', async (rule, change) => {
    const file = smallest(V3)
    expect((await ours(files.write(JSON.stringify(file)), '3.0.0')).rules).toEqual([])
    change(file)
    const path = files.write(JSON.stringify(file))
    const [mine, reference] = await Promise.all([ours(path, '3.0.0'), theirs(path, '3.0.0')])
    expect([mine.valid, reference.valid]).toEqual([false, false])
    expect(mine.rules).toContain(rule)
  })

  it('is tried for every rule that JSON can break', () => {
    const elsewhere =
      /^CMS\.(COLUMN|FILE\.(LAYOUT|AMBIGUOUS|JSON_BROKEN)|HEAD\.(BLANK|DUPLICATE)|ROW\.(CODE_PAIR|ESTIMATE|MODIFIER_ALONE))/
    const errors = (Object.keys(RULES) as RuleId[]).filter((id) => RULES[id].severity === 'error')
    const tried = new Set(BROKEN.map(([rule]) => rule))
    expect(errors.filter((id) => !elsewhere.test(id) && !tried.has(id))).toEqual([])
  })

  const DERIVED = ['count', 'median_amount', '10th_percentile', '90th_percentile']
  it.each<[RuleId, CmsVersion, Json]>([
    ['CMS.ROW.ESTIMATE', '2.2.0', smallest(V2, DERIVED)],
    ['CMS.ROW.OTHER_NOTES', '2.2.0', smallest(V2, DERIVED, { methodology: 'other', estimated_amount: 5 })],
    ['CMS.ROW.MIN_MAX', '2.2.0', smallest(V2, DERIVED, { standard_charge_dollar: 5 })],
    ['CMS.ROW.NDC_DRUG', '2.2.0', smallest(V2, DERIVED, { estimated_amount: 5 })],
    ['CMS.ROW.NO_CHARGE', '2.1.0', smallest(V2, DERIVED)],
  ])('%s holds by %s as it does with CMS, and by the versions before as there', async (rule, since, file) => {
    if (rule === 'CMS.ROW.MIN_MAX') delete chargeOf(file)['minimum']
    if (rule === 'CMS.ROW.NDC_DRUG') itemOf(file)['code_information'][0].type = 'NDC'
    if (rule === 'CMS.ROW.NO_CHARGE') {
      delete chargeOf(file)['gross_charge']
      delete chargeOf(file)['payers_information']
    }
    const path = files.write(JSON.stringify(file))
    expect((await ours(path, since)).rules).toEqual([rule])
    for (const version of ['2.0.0', '2.1.0', '2.2.0'] as const)
      expect([version, (await ours(path, version)).valid]).toEqual([version, (await theirs(path, version)).valid])
  }) // prettier-ignore

  it.each([
    [V3, '3.0.0', 40],
    [V2, '2.2.0', 25],
    [V2, '2.0.0', 15],
  ] as const)('%s by %s is judged as CMS does, whatever one of its values becomes', async (name, version, numRuns) => {
    const whole = read(name)
    whole['standard_charge_information'] = whole['standard_charge_information'].slice(0, 2)
    const places = pathsOf(whole)
    const value = fc.constantFrom<unknown>(
      undefined, null, '', 0, 1, -1, '1', 'x', true, [], {}, ['a'], [''], 999_999_999, '0', '1 through 10', '12', 'other',
      'both', 'NDC', '2026-02-30', 'CA', 'case rate',
    ) // prettier-ignore
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), value, async (place, put) => {
        const file = structuredClone(whole)
        const owner = place.slice(0, -1).reduce<Json>((at, key) => at[key] as Json, file)
        if (put === undefined) delete owner[place.at(-1)!]
        else owner[place.at(-1)!] = put
        const path = files.write(JSON.stringify(file))
        const [mine, reference] = await Promise.all([ours(path, version), theirs(path, version)])
        expect(mine.valid).toBe(reference.valid)
      }),
      { numRuns },
    )
  }) // prettier-ignore
})

/** Every member of every object in it. */
function pathsOf(value: unknown, before: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...before, key]
    const inside = pathsOf(inner, path)
    // What leaves a hole in a list is no JSON.
    return Array.isArray(value) ? inside : [path, ...inside]
  })
}

describe('JSON as a text', () => {
  const text = readFileSync(fixture(V3), 'utf8').trimEnd()
  it.each([
    ['it breaks off', text.slice(0, text.length / 2)],
    ['something stands behind its end', `${text}\nxx`],
    ['a second value stands behind its end', `${text}${text}`],
    ['a comma stands behind its end', `${text},`],
    ['a comma stands before a brace', text.replace(/\}$/, ',}')],
    ['a comma is missing', text.replace(',', '')],
    ['two commas stand together', text.replace(',', ',,')],
  ])('is broken where %s', async (_, broken) => {
    const { verdict, findings } = await checkCms(files.write(broken))
    expect(verdict).toBe('invalid')
    expect(findings.list().map(({ rule }) => rule)).toContain('CMS.FILE.JSON_BROKEN')
  })

  it('is whole with blanks of every kind around it', async () => {
    const { verdict } = await checkCms(files.write(`\n\t ${text}\r\n ${' '.repeat(2_000_000)}\n`))
    expect(verdict).toBe('valid')
  })

  it('is judged by its own version, wherever that stands', async () => {
    const { version, standard_charge_information: items, ...rest } = read(V2)
    const last = files.write(
      JSON.stringify({ standard_charge_information: items, ...rest, version }),
    )
    expect(await checkCms(last)).toMatchObject({ verdict: 'valid', version: '2.0.0' })
    const first = files.write(
      JSON.stringify({ version, ...rest, standard_charge_information: items }),
    )
    expect(await checkCms(first)).toMatchObject({ verdict: 'valid', version: '2.0.0' })
  })
})
