import { describe, expect, it } from 'vitest'
import { BUILT_IN } from './built-in.ts'
import { checkInteractions } from './check.ts'
import { isQuietPair, NEVER_INTERRUPT, parseQuietPairs } from './never-interrupt.ts'
import { readBridge, readPairs } from './read-set.ts'
import { indexOf } from './rule-index.ts'

const named = { name: 'licensed', version: '7' }
const drug = (id: string, name: string, rxcuis: string[] = []) => ({
  id,
  drug: { name, rxcuis, codes: [] },
})

describe('a set of pairs', () => {
  it('is read by its header, whatever it is called, with quotes and line ends of any kind', () => {
    const ddinter =
      '\uFEFFDDInterID_A,Drug_A,DDInterID_B,Drug_B,Level\r\nDDInter1,Abacavir,DDInter2,Orlistat,Moderate\r\n'
    expect(readPairs(ddinter, named)).toEqual({
      set: {
        ...named,
        rules: [
          {
            id: 'licensed:abacavir+orlistat',
            severity: 'moderate',
            a: { ingredients: ['abacavir'] },
            b: { ingredients: ['orlistat'] },
            effect: '',
            advice: '',
            sources: ['licensed'],
          },
        ],
      },
      leftOut: [],
    })
    const own = readPairs(
      'drug_a,drug_b,severity,effect,advice\nTylenol,"warfarin",Nor recommended,"Bleeding, ""rare""",Look\n',
      named,
    )
    expect(own.set.rules[0]).toMatchObject({
      a: { ingredients: ['acetaminophen'] },
      severity: 'major',
      effect: 'Bleeding, "rare"',
      advice: 'Look',
    })
  })

  it('says by line what it leaves out, and refuses what has no such columns', () => {
    const { leftOut, set } = readPairs(
      'drug_a,drug_b,severity\na,b,Unknown\na,,major\nA,A,major\na,b,major\nb,a,minor\n\n',
      named,
    )
    expect(set.rules.map(({ id }) => id)).toEqual(['licensed:a+b'])
    expect(leftOut).toEqual([
      { line: 2, why: 'severity-unknown' },
      { line: 3, why: 'columns-missing' },
      { line: 4, why: 'columns-missing' },
      { line: 6, why: 'same-twice' },
    ])
    expect(() => readPairs('one,two\n1,2\n', named)).toThrow(RangeError)
    expect(() => readPairs('', named)).toThrow(RangeError)
  })

  it('of 50,000 rules has those of a pair at hand', () => {
    const lines = ['drug_a,drug_b,severity']
    for (let n = 0; n < 50_000; n++) lines.push(`substance ${n % 1_500},other ${n},minor`)
    lines.push('metformin,levothyroxine,moderate')
    const { set } = readPairs(lines.join('\n'), named)
    expect(set.rules).toHaveLength(50_001)
    const medicines = ['Metformin 500 MG Oral Tablet', 'Levothyroxine 50 MCG Tablet'].map(
      (name, n) => drug(String(n), name),
    )
    const rules = [BUILT_IN, set]
    expect(checkInteractions(medicines, { rules }).findings).toMatchObject([
      { rule: 'licensed:levothyroxine+metformin', severity: 'moderate' },
    ])
    // What is looked at for a pair are the rules that name both, not the set.
    expect(indexOf(rules).between('metformin', 'levothyroxine')).toHaveLength(1)
    expect(indexOf(rules).between('metformin', 'substance 1')).toHaveLength(0)
  })

  it('knows clinical drugs by a bridge', () => {
    const bridge = readBridge(
      'rxcui,ingredient\n314076,Lisinopril\n900,Zocor\n900,amlodipine\nx,y\n',
    )
    expect([...bridge]).toEqual([
      ['314076', ['lisinopril']],
      ['900', ['simvastatin', 'amlodipine']],
    ])
    const { findings } = checkInteractions(
      [drug('1', 'Blue pill', ['900']), drug('2', 'Clarithromycin 500 MG')],
      { bridge },
    )
    expect(findings[0]).toMatchObject({ rule: 'statin-cyp3a4', by: 'name' })
  })
})

describe('pairs that never interrupt', () => {
  it('are known either way round, by ingredient and by class', () => {
    const quiet = (x: string, y: string): boolean => isQuietPair(NEVER_INTERRUPT, [x, y])
    expect(NEVER_INTERRUPT).toHaveLength(21)
    expect(quiet('lisinopril', 'ibuprofen')).toBe(true)
    expect(quiet('ibuprofen', 'lisinopril')).toBe(true)
    expect(quiet('methotrexate', 'folic acid')).toBe(true)
    expect(quiet('warfarin', 'ibuprofen')).toBe(false)
    expect(parseQuietPairs('// none\n')).toEqual([])
  })

  it('are found and marked, but never what is contraindicated', () => {
    const list = readPairs('drug_a,drug_b,severity\nlisinopril,ibuprofen,major\n', named).set
    const check = (neverInterrupt?: typeof NEVER_INTERRUPT) =>
      checkInteractions([drug('1', 'Lisinopril 10 MG'), drug('2', 'Ibuprofen 200 MG')], {
        rules: [list],
        ...(neverInterrupt ? { neverInterrupt } : {}),
      }).findings
    expect(check()).toMatchObject([{ severity: 'major', quiet: true }])
    expect(check([])).toMatchObject([{ severity: 'major', quiet: false }])
    const both = parseQuietPairs('simvastatin | clarithromycin')
    const worst = checkInteractions(
      [drug('1', 'Simvastatin 20 MG'), drug('2', 'Clarithromycin 500 MG')],
      { neverInterrupt: both },
    )
    expect(worst.findings).toMatchObject([{ severity: 'contraindicated', quiet: false }])
  })
})
