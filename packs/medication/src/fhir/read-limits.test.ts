// Limits of doses taken as needed: counted, or the dosage is not followed; never passed over.
import { describe, expect, it } from 'vitest'
import { asNeededRule } from '../store/as-needed.ts'
import { IssueList } from './issue.ts'
import { readDosages } from './read-dosage.ts'

const TABLET = { doseQuantity: { value: 1, unit: 'TAB' } }

function read(more: object, rate: object = TABLET) {
  const issues = new IssueList()
  const value = { asNeededBoolean: true, doseAndRate: [rate], ...more }
  const [dosage] = readDosages([value], 'dosage', true, issues)
  return { rule: dosage && asNeededRule(dosage), refused: dosage?.refused, issues: issues.all }
}
const per = (unit: string, value = 4, of = 'TAB', count = 24) => ({
  maxDosePerPeriod: { numerator: { value, unit: of }, denominator: { value: count, unit } },
})

describe('a limit of doses taken as needed', () => {
  it.each([
    ['h', 24],
    ['hr', 24],
    ['hours', 24],
    ['days', 24 * 24],
    ['mo', 24 * 31 * 24],
  ])('is counted over %s', (unit, hours) => {
    expect(read(per(unit))).toMatchObject({ rule: { most: { doses: 4, hours } }, issues: [] })
  })

  it.each([
    ['in another unit than the dose', per('h', 2_000, 'mg')],
    ['over a time of no known unit', per('moons')],
    ['of less than one dose', per('h', 0.5)],
    ['of a lifetime', { maxDosePerLifetime: { value: 10, unit: 'TAB' } }],
    ['of one dose, in another unit', { maxDosePerAdministration: { value: 10, unit: 'mg' } }],
    ['of one dose, less than that', { maxDosePerAdministration: { value: 0.5, unit: 'TAB' } }],
  ])('%s is not passed over: the dosage is not followed', (_, more) => {
    const { issues, refused, rule } = read(more)
    expect({ refused, rule }).toEqual({ refused: true, rule: undefined })
    expect(issues.map(({ code }) => code)).toEqual(['limit-not-read'])
  })

  it('counts the greatest dose of a range', () => {
    const range = { doseRange: { low: { value: 1, unit: 'TAB' }, high: { value: 2, unit: 'TAB' } } }
    expect(read(per('h'), range).rule).toEqual({ most: { doses: 2, hours: 24 } })
  })

  it('holds for a rhythm of months', () => {
    const timing = { repeat: { frequency: 1, period: 1, periodUnit: 'mo' } }
    expect(read({ timing }).rule).toEqual({ most: { doses: 1, hours: 31 * 24 } })
  })
})
