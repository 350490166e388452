// Ingredients, found by RxNorm concept, by name, or by the brand they are sold under.
import { VOCABULARY } from './vocabulary.ts'

export interface Ingredient {
  readonly name: string
  readonly classes: readonly string[]
}

/** Brand names that stand alone in orders, and what is in them. */
const BRANDS: Readonly<Record<string, readonly string[]>> = {
  lasix: ['furosemide'],
  toprol: ['metoprolol'],
  lopressor: ['metoprolol'],
  trinessa: ['ethinyl estradiol', 'norgestimate'],
  'ortho tri-cyclen': ['ethinyl estradiol', 'norgestimate'],
  jolivette: ['norethindrone'],
  camila: ['norethindrone'],
  errin: ['norethindrone'],
  enovid: ['mestranol', 'norethynodrel'],
  nuvaring: ['ethinyl estradiol', 'etonogestrel'],
  nexplanon: ['etonogestrel'],
  implanon: ['etonogestrel'],
  yaz: ['ethinyl estradiol', 'drospirenone'],
  seasonique: ['ethinyl estradiol', 'levonorgestrel'],
  natazia: ['estradiol', 'dienogest'],
  humulin: ['insulin', 'insulin isophane'],
  novolin: ['insulin'],
  lantus: ['insulin glargine'],
  humalog: ['insulin lispro'],
  novolog: ['insulin aspart'],
  coumadin: ['warfarin'],
  jantoven: ['warfarin'],
  eliquis: ['apixaban'],
  xarelto: ['rivaroxaban'],
  zocor: ['simvastatin'],
  mevacor: ['lovastatin'],
  lipitor: ['atorvastatin'],
  crestor: ['rosuvastatin'],
  plavix: ['clopidogrel'],
  lanoxin: ['digoxin'],
  calan: ['verapamil'],
  cardizem: ['diltiazem'],
  norvasc: ['amlodipine'],
  nardil: ['phenelzine'],
  parnate: ['tranylcypromine'],
  marplan: ['isocarboxazid'],
  prozac: ['fluoxetine'],
  zoloft: ['sertraline'],
  paxil: ['paroxetine'],
  celexa: ['citalopram'],
  lexapro: ['escitalopram'],
  effexor: ['venlafaxine'],
  cymbalta: ['duloxetine'],
  viagra: ['sildenafil'],
  revatio: ['sildenafil'],
  cialis: ['tadalafil'],
  entresto: ['sacubitril', 'valsartan'],
  bactrim: ['sulfamethoxazole', 'trimethoprim'],
  septra: ['sulfamethoxazole', 'trimethoprim'],
  augmentin: ['amoxicillin', 'clavulanate'],
  percocet: ['oxycodone', 'acetaminophen'],
  vicodin: ['hydrocodone', 'acetaminophen'],
  tylenol: ['acetaminophen'],
  advil: ['ibuprofen'],
  motrin: ['ibuprofen'],
  aleve: ['naproxen'],
  kaletra: ['lopinavir', 'ritonavir'],
  paxlovid: ['ritonavir'],
  xanax: ['alprazolam'],
  valium: ['diazepam'],
  ativan: ['lorazepam'],
  klonopin: ['clonazepam'],
  advair: ['fluticasone', 'salmeterol'],
  ventolin: ['albuterol'],
  synthroid: ['levothyroxine'],
  glucophage: ['metformin'],
  imuran: ['azathioprine'],
  uloric: ['febuxostat'],
  zyloprim: ['allopurinol'],
  zanaflex: ['tizanidine'],
}

export const INGREDIENTS: ReadonlyMap<string, Ingredient> = new Map(
  lines().map(([name, , classes]) => [name!, { name: name!, classes: split(classes) }]),
)

const BY_RXCUI: ReadonlyMap<string, readonly string[]> = new Map(
  lines()
    .filter(([, rxcui]) => rxcui !== '')
    .map(([name, rxcui]) => [rxcui!, [name!]]),
)

/** Every name in lower case, of one word or several, and the ingredients it stands for. */
export const NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ...Object.entries(BRANDS),
  ...lines().flatMap(([name, , , synonyms]): [string, string[]][] =>
    [name!, ...split(synonyms)].map((each) => [each, [name!]]),
  ),
])

/** The ingredient of an RxNorm concept of the kind "ingredient"; clinical drugs need a bridge. */
export function ingredientsOfRxcui(rxcui: string): readonly string[] | undefined {
  return BY_RXCUI.get(rxcui)
}

export function classesOf(ingredient: string): readonly string[] {
  return INGREDIENTS.get(ingredient)?.classes ?? []
}

function lines(): string[][] {
  return VOCABULARY.trim()
    .split('\n')
    .map((line) => line.split('|'))
}

function split(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(',')
}
