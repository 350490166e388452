import { describe, expect, it } from 'vitest'
import type { ItemDescription } from './row.ts'
import { naturalKey, primaryCode } from './natural-key.ts'

const ITEM: ItemDescription = {
  description: 'ASPIRIN 81 MG',
  codes: [{ type: 'CPT', code: '99213' }],
  setting: null,
  billingClass: null,
  facility: null,
  modifiers: [],
  drug: null,
}
const keyOf = (change: Partial<ItemDescription>): string => naturalKey({ ...ITEM, ...change })

describe('the primary code', () => {
  it('is the most telling one, wherever it stands', () => {
    const codes = [
      { type: 'CDM', code: '1' },
      { type: 'HCPCS', code: 'J1234' },
      { type: 'NDC', code: '00002-1433-80' },
      { type: 'RC', code: '0636' },
    ]
    expect(primaryCode(codes)).toEqual({ type: 'NDC', code: '00002-1433-80' })
    expect(primaryCode(codes.toReversed())).toEqual({ type: 'NDC', code: '00002-1433-80' })
  })

  it('is the first of the hospital’s own codes when there is no other', () => {
    const codes = [
      { type: 'RC', code: '0250' },
      { type: 'CDM', code: '7' },
    ]
    expect(primaryCode(codes)).toEqual({ type: 'RC', code: '0250' })
  })
})

describe('the natural key', () => {
  it('leaves the description out where a shared code identifies the item', () => {
    expect(keyOf({ description: 'OFFICE VISIT' })).toBe(
      keyOf({ description: 'Office or other visit' }),
    )
  })

  it('takes the description in where only the hospital knows the code', () => {
    const codes = [{ type: 'CDM', code: '1' }]
    expect(keyOf({ codes, description: 'ROOM A' })).not.toBe(
      keyOf({ codes, description: 'ROOM B' }),
    )
    expect(keyOf({ codes, description: 'ROOM A' })).toBe(keyOf({ codes, description: 'Room A' }))
  })

  it.each<[string, Partial<ItemDescription>]>([
    ['setting', { setting: 'inpatient' }],
    ['billing class', { billingClass: 'professional' }],
    ['facility', { facility: 'North' }],
    ['modifiers', { modifiers: ['26'] }],
    ['drug unit', { drug: { unit: '10', type: 'ML' } }],
    ['leading zeros of a code', { codes: [{ type: 'CPT', code: '099213' }] }],
  ])('tells items apart by %s', (_what, change) => {
    expect(keyOf(change)).not.toBe(keyOf({}))
  })

  it('does not depend on the order of modifiers', () => {
    expect(keyOf({ modifiers: ['26', 'TC'] })).toBe(keyOf({ modifiers: ['TC', '26'] }))
  })
})
