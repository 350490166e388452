// Fills by what they are a treatment with: a class of the Quality Alliance's measures, or else one medicine.
import type { Fill, MeasureRule } from './days-covered.ts'

export interface FilledDrug extends Omit<Fill, 'drugs'> {
  readonly ingredients: readonly string[]
  /** Whether it works in the whole body: drops and creams are in no class. */
  readonly systemic: boolean
}

export interface Treatment {
  /** The class, or the ingredients of a medicine that is in none. */
  readonly name: string
  readonly fills: readonly Fill[]
  /** Whether a fill of something else takes the patient out of the measure. */
  readonly excluded: boolean
  readonly rule: MeasureRule
  /** From this share of days on a patient counts as adherent. */
  readonly adherentFrom: number
}

interface MeasuredClass {
  readonly drugs: ReadonlySet<string>
  readonly excludedBy: ReadonlySet<string>
  readonly rule?: MeasureRule
  readonly adherentFrom?: number
}

const ADHERENT = 0.8

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean))

/**
 * The target medicines of PDC-STA, PDC-RASA, PDC-DR, PDC-BB, PDC-CCB, PDC-DOAC and PDC-ARV, and what excludes a patient.
 * What PDC-DOAC asks beside is as Crivera et al. have it (Curr Med Res Opin 2015;31:1889-95). Ritonavir and cobicistat
 * only make others work longer: they are none of three antiretrovirals.
 */
const CLASSES: Readonly<Record<string, MeasuredClass>> = {
  statins: {
    drugs: words(
      'atorvastatin fluvastatin lovastatin pitavastatin pravastatin rosuvastatin simvastatin',
    ),
    excludedBy: new Set(),
  },
  'renin-angiotensin antagonists': {
    drugs:
      words(`benazepril captopril enalapril fosinopril lisinopril moexipril perindopril quinapril ramipril trandolapril
      azilsartan candesartan eprosartan irbesartan losartan olmesartan telmisartan valsartan aliskiren`),
    excludedBy: words('sacubitril'),
  },
  'diabetes medications': {
    drugs:
      words(`metformin chlorpropamide glimepiride glipizide glyburide tolazamide tolbutamide pioglitazone
      rosiglitazone alogliptin linagliptin saxagliptin sitagliptin dulaglutide exenatide liraglutide lixisenatide
      semaglutide tirzepatide nateglinide repaglinide bexagliflozin canagliflozin dapagliflozin empagliflozin
      ertugliflozin`),
    excludedBy: new Set([
      'insulin',
      'insulin isophane',
      'insulin glargine',
      'insulin lispro',
      'insulin aspart',
    ]),
  },
  'beta-blockers': {
    drugs:
      words(`acebutolol atenolol betaxolol bisoprolol carvedilol labetalol metoprolol nadolol nebivolol pindolol
      propranolol timolol`),
    excludedBy: new Set(),
  },
  'calcium channel blockers': {
    drugs: words(
      'amlodipine diltiazem felodipine isradipine levamlodipine nicardipine nifedipine nisoldipine verapamil',
    ),
    excludedBy: new Set(),
  },
  'direct-acting oral anticoagulants': {
    drugs: words('apixaban dabigatran edoxaban rivaroxaban'),
    excludedBy: words('warfarin heparin enoxaparin dalteparin tinzaparin'),
    rule: { leastSupply: 60, leastSpan: 180 },
  },
  antiretrovirals: {
    drugs:
      words(`abacavir atazanavir bictegravir cabotegravir darunavir didanosine dolutegravir doravirine efavirenz
      elvitegravir emtricitabine enfuvirtide etravirine fosamprenavir indinavir lamivudine lopinavir maraviroc
      nelfinavir nevirapine raltegravir rilpivirine saquinavir stavudine tenofovir tipranavir zidovudine`),
    excludedBy: new Set(),
    rule: { together: 3 },
    adherentFrom: 0.9,
  },
}

/**
 * A switch within a class goes on with one treatment, and a combination counts for the class of each of its parts.
 * Within a class the same drug is what shares an ingredient of it.
 */
export function treatmentsOf(fills: readonly FilledDrug[]): Treatment[] {
  const found = new Map<string, Fill[]>()
  const add = (name: string, fill: Fill): void => {
    const own = found.get(name)
    if (own) own.push(fill)
    else found.set(name, [fill])
  }
  for (const { days, ingredients, on, systemic } of fills) {
    const classes = Object.entries(systemic ? CLASSES : {}).flatMap(([name, { drugs }]) => {
      const own = ingredients.filter((each) => drugs.has(each))
      return own.length === 0 ? [] : [{ name, own }]
    })
    for (const { name, own } of classes) add(name, { drugs: own, on, days })
    const whole = `${systemic ? '' : 'local '}${ingredients.toSorted().join('+')}`
    if (classes.length === 0) add(whole, { drugs: [whole], on, days })
  }
  return [...found].map(([name, own]) => ({
    name,
    fills: own,
    excluded: fills.some(({ ingredients }) =>
      ingredients.some((each) => CLASSES[name]?.excludedBy.has(each)),
    ),
    rule: CLASSES[name]?.rule ?? {},
    adherentFrom: CLASSES[name]?.adherentFrom ?? ADHERENT,
  }))
}
