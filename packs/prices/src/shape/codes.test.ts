import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalCode } from './codes.ts'
import { Draft } from './draft.ts'
import type { PriceRow, RowSink } from './row.ts'

const CODES = `
CPT 99213 > CPT 99213
HCPCS 99213 > CPT 99213
CPT J1234 > HCPCS J1234
HCPCS j1234 > HCPCS J1234
CPT 0001u > CPT 0001U
HCPCS D0120 > CDT D0120
CPT 99213.0 > CPT 99213
CPT/HCPCS 99213 > CPT 99213
CPT/HCPCS ROOM > LOCAL ROOM
CPT 77067-26 > CPT 77067 26
HCPCS 77067 TC > CPT 77067 TC
CPT 77067TC > CPT 77067 TC
CPT 77067-26-LT > CPT 77067 26 LT
CPT not-a-code > CPT NOT-A-CODE
NDC 00409-1234-01 > NDC 00409123401
NDC 0409-1234-01 > NDC 00409123401
NDC 00409-123-01 > NDC 00409012301
NDC 00409-1234-1 > NDC 00409123401
NDC 00409123401 > NDC 00409123401
NDC N400409123401 > NDC 00409123401
NDC 0409123401 > NDC 0409123401
NDC 409-123-1 > NDC 409-123-1
RC 450 > RC 0450
RC 0450 > RC 0450
RC REV 450 > RC 0450
RC 450.0 > RC 0450
APC 5012 > APC 5012
MS-DRG 3 > MS-DRG 003
MS-DRG 003 > MS-DRG 003
MS-DRG MS-DRG 470 > MS-DRG 470
APR-DRG 1941 > APR-DRG 194-1
APR-DRG 194-1 > APR-DRG 194-1
APR-DRG 194 > APR-DRG 194
ICD j18.9 > ICD J189
CDM 00450 > CDM 00450
LOCAL a-1 > LOCAL a-1
`
  .trim()
  .split('\n')
  .map((line) => /^(\S+) (.*) > (.*)$/.exec(line)!.slice(1) as [string, string, string])

describe('a code', () => {
  it.each(CODES)('%s %s is %s', (type, text, form) => {
    const { modifiers = [], ...code } = canonicalCode(type, text)
    expect([code.type, code.code, ...modifiers].join(' ')).toBe(form)
  })

  it('has one form only: making it canonical again changes nothing', () => {
    const types = fc.constantFrom('CPT', 'HCPCS', 'CDT', 'NDC', 'RC', 'APC', 'MS-DRG', 'APR-DRG', 'ICD', 'HIPPS', 'CDM') // prettier-ignore
    const text = fc.oneof(
      fc.constantFrom(...CODES.map(([, each]) => each)),
      fc.stringMatching(/^[A-Va-v0-9]\d{2,5}[-. ]?[0-9TC]{0,4}$/),
    )
    fc.assert(
      fc.property(types, text, (type, cell) => {
        const once = canonicalCode(type, cell)
        expect(canonicalCode(once.type, once.code)).toEqual({ type: once.type, code: once.code })
      }),
      { numRuns: 500 },
    )
  })

  it('gives its row the modifiers that stand with it, beside those of their own column', () => {
    const draft = new Draft(true)
    draft.begin()
    draft.code('HCPCS', '77067-26')
    draft.amount('100', 'gross', 'gross', null, null, null)
    const sink: RowSink = { rows: [], rejected: [], leftOut: [], valuesLeftOut: 0, amounts: 0 }
    const row = { lineage: { sheet: null, row: 4, byte: null }, description: 'X', setting: null } as const // prettier-ignore
    draft.finish({ ...row, billingClass: null, facility: null, modifiers: ['lt', '26'], drug: null, notes: null }, sink) // prettier-ignore
    const [made] = sink.rows as PriceRow[]
    expect(made).toMatchObject({ codes: [{ type: 'CPT', code: '77067' }], modifiers: ['LT', '26'] })
  })
})
