import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readBundle } from '../fhir/read-bundle.ts'
import { BUILT_IN } from './built-in.ts'
import { checkInteractions, type CheckedMedicine } from './check.ts'
import { ingredientsOfName, isOneEditApart, reachOf } from './drug-name.ts'
import { INGREDIENTS, NAMES } from './ingredients.ts'
import { NEVER_INTERRUPT } from './never-interrupt.ts'
import { SEVERITIES } from './rule.ts'
import { VOCABULARY } from './vocabulary.ts'

const folder = new URL('../../fixtures/', import.meta.url)
const reference = JSON.parse(readFileSync(new URL('reference-pairs.json', folder), 'utf8')) as {
  readonly ingredients: Readonly<Record<string, readonly string[]>>
  readonly pairs: readonly (readonly [string, string])[]
}
const bundles = readdirSync(new URL('synthea/', folder)).map((file) => ({
  file,
  read: readBundle(JSON.parse(readFileSync(new URL(`synthea/${file}`, folder), 'utf8'))),
}))

const named = (...names: string[]): CheckedMedicine[] =>
  names.map((name, n) => ({ id: `m${n}`, drug: { name, rxcuis: [], codes: [] } }))
const rulesOf = (...names: string[]): string[] =>
  checkInteractions(named(...names)).findings.map(({ rule, severity }) => `${severity} ${rule}`)

describe('names of medicines', () => {
  it.each(Object.entries(reference.ingredients))('are read: %s', (name, wanted) => {
    expect(
      ingredientsOfName(name)
        .map(({ ingredient }) => ingredient)
        .toSorted(),
    ).toEqual(wanted.toSorted())
  })

  it.each([
    ['Metoprolol/Hydrochlorothiazide 50/12.5 MG Tablet', 'hydrochlorothiazide metoprolol'],
    ['sulfamethoxazole-trimethoprim 800-160 mg tablet', 'sulfamethoxazole trimethoprim'],
    ['Lisinopril-Hydrochlorothiazide', 'hydrochlorothiazide lisinopril'],
    ['lisinopril-hydrochlorothiazide 20-12.5 mg', 'hydrochlorothiazide lisinopril'],
    ['Spironolactone/HCTZ 25/25', 'hydrochlorothiazide spironolactone'],
    ['acetaminophen-codeine #3', 'acetaminophen codeine'],
    ['Pseudoephedrine/Frobnazol 60/5 MG', 'frobnazol? pseudoephedrine'],
    ['Lisinopril-Frobnazol', 'frobnazol? lisinopril'],
    ['Metoprolol-XL 50 MG', 'metoprolol'],
    ['Nitroglycerin 0.02 MG/MG Topical Ointment', 'nitroglycerin'],
    ['120 ACTUAT Fluticasone 0.044 MG/ACTUAT Metered Dose Inhaler', 'fluticasone'],
  ])('are split where two are joined: %s', (name, wanted) => {
    const found = ingredientsOfName(name).map(
      ({ ingredient, known }) => `${ingredient}${known ? '' : '?'}`,
    )
    expect(found.toSorted().join(' ')).toBe(wanted)
  })

  it.each([
    ['Nitroglycerin 20 MG/G Ointment', undefined, 'systemic'],
    ['Nitroglycerin 0.02 MG/MG Topical Ointment', 'Topical', 'systemic'],
    ['Ketoconazole 200 MG Oral Tablet, gel coated', undefined, 'systemic'],
    ['Ketoconazole gel coated tablet', undefined, 'systemic'],
    ['Miconazole 20 MG/G Oral Gel', undefined, 'systemic'],
    ['Ketoconazole 20 MG/G Topical Cream', undefined, 'local'],
    ['Ketoconazole 20 MG/G Cream', 'Oral', 'systemic'],
    ['Hydrocortisone 10 MG/G Gel', undefined, 'local'],
    ['Clotrimazole 100 MG Vaginal Tablet', undefined, 'local'],
    ['Albuterol 0.09 MG/ACTUAT Inhalation Capsule', undefined, 'inhaled'],
  ] as const)('tell where it acts: %s, route %s', (name, route, reach) => {
    expect(reachOf(name, route)).toBe(reach)
  })

  it('of the vocabulary are each found as it writes them, and no concept stands for two', () => {
    for (const [name, ingredients] of NAMES) {
      const found = ingredientsOfName(`${name.toUpperCase()} 10 MG Oral Tablet`)
      expect(
        found.map(({ by, ingredient, known }) => [ingredient, by, known]),
        name,
      ).toEqual(ingredients.map((each) => [each, 'name', true]))
      expect(
        ingredients.every((each) => INGREDIENTS.has(each)),
        name,
      ).toBe(true)
    }
    const coded = VOCABULARY.split('\n').flatMap((line) => line.split('|')[1] || [])
    expect(new Set(coded).size).toBe(coded.length)
    expect(rulesOf('St. John’s Wort 300 MG', 'Darunavir 800 MG')).toEqual([
      'contraindicated protease-inducer',
    ])
    expect(rulesOf('Zocor 20 MG', 'Biaxin 500 MG')).toEqual(['contraindicated statin-cyp3a4'])
  })

  it('joined in one word are checked like those that are not', () => {
    expect(rulesOf('Sildenafil 50 MG Oral Tablet', 'Nitroglycerin 20 MG/G Ointment')).toEqual(
      rulesOf('Sildenafil 50 MG Oral Tablet', 'Nitroglycerin 0.4 MG Sublingual Tablet'),
    )
    expect(rulesOf('Phenelzine 15 MG', 'Pseudoephedrine/Frobnazol 60/5 MG')).not.toEqual([])
  })

  it('match whole words only', () => {
    expect(ingredientsOfName('Hydrocortisone 10 MG').map(({ ingredient }) => ingredient)).toEqual([
      'hydrocortisone',
    ])
    expect(ingredientsOfName('Levothyroxine 50 MCG').map(({ ingredient }) => ingredient)).toEqual([
      'levothyroxine',
    ])
    expect(rulesOf('Hydromorphone 2 MG Oral Tablet', 'Morphine 15 MG Oral Tablet')).toEqual([])
  })

  it('forgive one wrong letter in a long name, and none in a short one', () => {
    expect(ingredientsOfName('Simvistatin 10 MG')).toEqual([
      { ingredient: 'simvastatin', by: 'spelling', known: true },
    ])
    expect(ingredientsOfName('Warfarim')).toEqual([
      { ingredient: 'warfarin', by: 'spelling', known: true },
    ])
    expect(ingredientsOfName('Digoxim')).toEqual([
      { ingredient: 'digoxim', by: 'name', known: false },
    ])
    expect(isOneEditApart('abcd', 'abdc')).toBe(true)
    expect(isOneEditApart('abcd', 'badc')).toBe(false)
  })

  it('are beaten by RxNorm concepts', () => {
    const coded: CheckedMedicine[] = [
      { id: 'a', drug: { name: 'house brand', rxcuis: ['36567'], codes: [] } },
      { id: 'b', drug: { name: 'other', rxcuis: ['999'], codes: [] } },
    ]
    const { findings } = checkInteractions(coded, {
      bridge: new Map([['999', ['clarithromycin']]]),
    })
    expect(findings).toMatchObject([
      { ingredients: ['clarithromycin', 'simvastatin'], severity: 'contraindicated', by: 'code' },
    ])
  })
})

describe('the built-in rules', () => {
  it('are whole: known names, known classes, a source and an advice each', () => {
    const classes = new Set([...INGREDIENTS.values()].flatMap((one) => one.classes))
    for (const rule of BUILT_IN.rules) {
      expect(SEVERITIES).toContain(rule.severity)
      expect(rule.sources.length).toBeGreaterThan(0)
      expect(rule.advice).not.toBe('')
      for (const name of [...(rule.a.classes ?? []), ...(rule.b.classes ?? [])])
        expect(classes).toContain(name)
      for (const name of [...(rule.a.ingredients ?? []), ...(rule.b.ingredients ?? [])])
        expect(INGREDIENTS.has(name), name).toBe(true)
    }
    for (const { a, b } of NEVER_INTERRUPT)
      for (const name of [...(a.ingredients ?? []), ...(b.ingredients ?? [])])
        expect(INGREDIENTS.has(name), name).toBe(true)
    expect(new Set(BUILT_IN.rules.map(({ id }) => id)).size).toBe(BUILT_IN.rules.length)
  })

  it('give one finding for a pair, with the worst first', () => {
    expect(rulesOf('Phenelzine 15 MG', 'Fluoxetine 20 MG')).toEqual([
      'contraindicated maoi-antidepressant',
    ])
    expect(
      rulesOf('Sildenafil 50 MG Oral Tablet', 'Nitroglycerin 0.4 MG/ACTUAT Mucosal Spray'),
    ).toEqual(['contraindicated nitrate-pde5'])
    expect(rulesOf('Metoprolol 50 MG', 'Verapamil 80 MG', 'Digoxin 0.125 MG')).toEqual([
      'major digoxin-level',
      'major beta-blocker-verapamil',
      'moderate digoxin-rate',
    ])
  })

  it('see duplicates of an ingredient and of a class, and none inside one combination', () => {
    expect(rulesOf('Ibuprofen 200 MG', 'Ibuprofen 400 MG')).toEqual([
      'moderate duplicate-ingredient',
    ])
    expect(rulesOf('Ibuprofen 200 MG', 'Naproxen 220 MG')).toEqual(['moderate duplicate-class'])
    expect(rulesOf('Trinessa 28 Day Pack')).toEqual([])
  })

  it('leave out what stays on the skin and lower what is inhaled', () => {
    expect(rulesOf('Ketoconazole 20 MG/ML Topical Cream', 'Simvastatin 20 MG Oral Tablet')).toEqual(
      [],
    )
    expect(rulesOf('Timolol 5 MG/ML Ophthalmic Solution', 'Verapamil 80 MG')).toEqual([])
    expect(rulesOf('Zolmitriptan 5 MG Nasal Spray', 'Phenelzine 15 MG')).toEqual([
      'major maoi-triptan',
    ])
  })

  it('count what was stopped for as long as it works', () => {
    const after = (days: number): number =>
      checkInteractions([
        { id: 'a', drug: { name: 'Fluoxetine 20 MG', rxcuis: [], codes: [] }, stoppedDays: days },
        { id: 'b', drug: { name: 'Phenelzine 15 MG', rxcuis: [], codes: [] } },
      ]).findings.filter(({ washout }) => washout).length
    expect([0, 13, 34, 35].map(after)).toEqual([1, 1, 1, 0])
  })
})

describe('ten Synthea patients', () => {
  it.each(bundles)(
    '$file: the ONC pairs that the reference list gives, and no other',
    ({ read }) => {
      const { findings } = checkInteractions(read.orders.map(({ drug, id }) => ({ id, drug })))
      const found = findings
        .filter(({ sources }) => sources.some((source) => source.startsWith('ONC')))
        .map(({ ingredients }) => ingredients.join(' '))
      const present = new Set(read.orders.flatMap(({ drug }) => reference.ingredients[drug.name]!))
      const wanted = reference.pairs
        .filter((pair) => pair.every((name) => present.has(name)))
        .map((pair) => pair.toSorted().join(' '))
      expect(found.toSorted()).toEqual(wanted.toSorted())
      // Whatever else is found is of ingredients that are really there.
      expect(
        findings.every(({ ingredients }) => ingredients.every((name) => present.has(name))),
      ).toBe(true)
    },
  )

  it('have every order read or in the list of issues', () => {
    for (const { file, read } of bundles) {
      const raw = JSON.parse(readFileSync(new URL(`synthea/${file}`, folder), 'utf8')) as {
        entry: { resource: { resourceType: string } }[]
      }
      const orders = raw.entry.filter(
        ({ resource }) => resource.resourceType === 'MedicationRequest',
      ).length
      expect(
        read.orders.length +
          read.issues.filter(
            ({ severity, code }) => severity === 'error' && code !== 'timing-invariant',
          ).length,
      ).toBe(orders)
      expect(read.patients).toHaveLength(1)
      for (const order of read.orders.filter(({ status }) => status === 'active'))
        for (const dosage of order.dosages)
          if (!dosage.timing && !dosage.asNeeded)
            expect(read.issues.some(({ code }) => code.startsWith('timing-'))).toBe(true)
    }
  })
})
