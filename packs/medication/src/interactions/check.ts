// Checks a list of medicines: every pair, duplicates, and what was stopped and still works.
import type { Drug } from '../fhir/regimen.ts'
import { BUILT_IN, DUPLICATE_CLASSES } from './built-in.ts'
import {
  ingredientsOfName,
  reachOf,
  type MatchedBy,
  type NamedIngredient,
  type Reach,
} from './drug-name.ts'
import { classesOf, ingredientsOfRxcui } from './ingredients.ts'
import { isQuietPair, NEVER_INTERRUPT, type QuietPair } from './never-interrupt.ts'
import {
  isWorse,
  onSide,
  SEVERITIES,
  type InteractionRule,
  type RuleSet,
  type Severity,
} from './rule.ts'
import { indexOf, type RuleIndex } from './rule-index.ts'

/** Ingredients of clinical drugs by RxNorm concept, from a set the installation was given. */
export type RxcuiBridge = ReadonlyMap<string, readonly string[]>

export interface CheckedMedicine {
  readonly id: string
  readonly drug: Drug
  readonly route?: string | undefined
  /** Whole days since it was stopped; undefined while it is taken. */
  readonly stoppedDays?: number | undefined
}

export interface Finding {
  /** The names as ordered, in alphabetical order of their ingredients. */
  readonly drugs: readonly [string, string]
  readonly ingredients: readonly [string, string]
  readonly orders: readonly [string, string]
  readonly severity: Severity
  /** The rule that says the worst; `rules` has all. */
  readonly rule: string
  readonly rules: readonly string[]
  readonly effect: string
  readonly advice: string
  readonly sources: readonly string[]
  /** How the least certain of the two was recognised. */
  readonly by: MatchedBy
  /** That one of the two was stopped and still works. */
  readonly washout: boolean
  /** That nobody is told of it by himself: it is on the list of pairs that never interrupt, and not contraindicated. */
  readonly quiet: boolean
}

export interface MedicineIssue {
  readonly medicine: string
  readonly code: 'ingredient-not-known' | 'name-corrected'
}

export interface Checked {
  readonly findings: readonly Finding[]
  readonly issues: readonly MedicineIssue[]
  /** Medicines that were not compared with the others: there are more than anybody can look at. */
  readonly left: number
}

export interface CheckOptions {
  readonly rules?: readonly RuleSet[]
  readonly bridge?: RxcuiBridge
  /** Pairs that are shown and not told; `NEVER_INTERRUPT` unless given. */
  readonly neverInterrupt?: readonly QuietPair[]
}

interface Known {
  readonly medicine: CheckedMedicine
  readonly ingredients: readonly NamedIngredient[]
  readonly reach: Reach
}

const BUILT_IN_ONLY: readonly RuleSet[] = [BUILT_IN]
const MOST_MEDICINES = 200
const CERTAINTY: readonly MatchedBy[] = ['code', 'name', 'spelling']

/** Every pair once, the worst first. */
export function checkInteractions(
  medicines: readonly CheckedMedicine[],
  { bridge, neverInterrupt = NEVER_INTERRUPT, rules = BUILT_IN_ONLY }: CheckOptions = {},
): Checked {
  const known = medicines.slice(0, MOST_MEDICINES).map((medicine) => ({
    medicine,
    ingredients: ingredientsOf(medicine.drug, bridge),
    reach: reachOf(medicine.drug.name, medicine.route),
  }))
  const index = indexOf(rules)
  const findings = new Map<string, Finding>()
  for (const [i, first] of known.entries())
    for (const second of known.slice(i + 1))
      for (const finding of [...pairFindings(first, second, index), ...duplicates(first, second)]) {
        const key = finding.ingredients.join('|')
        const before = findings.get(key)
        findings.set(key, before ? joined(before, finding) : finding)
      }
  return {
    findings: [...findings.values()]
      .map((finding) => ({
        ...finding,
        quiet:
          finding.severity !== 'contraindicated' &&
          isQuietPair(neverInterrupt, finding.ingredients),
      }))
      .toSorted(byWorst),
    issues: known.flatMap(issuesOf),
    left: medicines.length - known.length,
  }
}

/** What is in a medicine: by its RxNorm concepts where they are known, else by its name. */
export function ingredientsOf(drug: Drug, bridge?: RxcuiBridge): readonly NamedIngredient[] {
  for (const rxcui of drug.rxcuis) {
    const names = bridge?.get(rxcui) ?? ingredientsOfRxcui(rxcui)
    if (names && names.length > 0)
      return names.map((ingredient) => ({ ingredient, by: 'code', known: true }))
  }
  return ingredientsOfName(drug.name)
}

function pairFindings(first: Known, second: Known, rules: RuleIndex): Finding[] {
  const found: Finding[] = []
  for (const x of first.ingredients)
    for (const y of second.ingredients) {
      // One ingredient twice is a duplicate, never an interaction with itself.
      if (x.ingredient === y.ingredient) continue
      const matching = rules
        .between(x.ingredient, y.ingredient)
        .filter((rule) => applies(rule, first, second, x.ingredient, y.ingredient))
      // Of two that are as bad the first stays the one that is named: a set that is added later re-opens nothing by it.
      const worst = matching.toSorted(
        (a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity),
      )[0]
      if (!worst) continue
      const severity = atReach(worst.severity, first.reach, second.reach)
      if (!severity) continue
      found.push({
        ...pairOf(first, second, x, y),
        severity,
        rule: worst.id,
        rules: matching.map(({ id }) => id),
        effect: worst.effect,
        advice: worst.advice,
        sources: [...new Set(matching.flatMap(({ sources }) => sources))],
      })
    }
  return found
}

function applies(
  rule: InteractionRule,
  first: Known,
  second: Known,
  x: string,
  y: string,
): boolean {
  const xs = classesOf(x)
  const ys = classesOf(y)
  const within = (known: Known, days: number | undefined): boolean =>
    known.medicine.stoppedDays === undefined || known.medicine.stoppedDays < (days ?? 0)
  // Two medicines that were both stopped do no harm to each other.
  if (first.medicine.stoppedDays !== undefined && second.medicine.stoppedDays !== undefined)
    return false
  const { a, b, washout } = rule
  return (
    (onSide(a, x, xs) &&
      onSide(b, y, ys) &&
      within(first, washout?.a) &&
      within(second, washout?.b)) ||
    (onSide(a, y, ys) &&
      onSide(b, x, xs) &&
      within(second, washout?.a) &&
      within(first, washout?.b))
  )
}

/** What hardly reaches the blood does not interact there; what is inhaled does so less. */
function atReach(severity: Severity, first: Reach, second: Reach): Severity | undefined {
  if (first === 'local' || second === 'local') return undefined
  if (first === 'systemic' && second === 'systemic') return severity
  return SEVERITIES[SEVERITIES.indexOf(severity) - 1]
}

function duplicates(first: Known, second: Known): Finding[] {
  if (first.medicine.stoppedDays !== undefined || second.medicine.stoppedDays !== undefined)
    return []
  if (first.reach !== second.reach) return []
  const found: Finding[] = []
  for (const x of first.ingredients)
    for (const y of second.ingredients) {
      if (x.ingredient === y.ingredient) {
        found.push(
          duplicate(
            first,
            second,
            x,
            y,
            'duplicate-ingredient',
            'The same ingredient is ordered twice.',
          ),
        )
        continue
      }
      // Two ingredients of one combination belong together, in whatever order they are met.
      if (second.ingredients.some(({ ingredient }) => ingredient === x.ingredient)) continue
      const shared = classesOf(x.ingredient).find(
        (name) => DUPLICATE_CLASSES.includes(name) && classesOf(y.ingredient).includes(name),
      )
      if (shared !== undefined)
        found.push(
          duplicate(
            first,
            second,
            x,
            y,
            'duplicate-class',
            `Two medicines of one class (${shared}).`,
          ),
        )
    }
  return found
}

function duplicate(
  first: Known,
  second: Known,
  x: NamedIngredient,
  y: NamedIngredient,
  rule: string,
  effect: string,
): Finding {
  return {
    ...pairOf(first, second, x, y),
    severity: 'moderate',
    rule,
    rules: [rule],
    effect,
    advice: 'Ask whether both are meant.',
    sources: [],
  }
}

function pairOf(
  first: Known,
  second: Known,
  x: NamedIngredient,
  y: NamedIngredient,
): Pick<Finding, 'drugs' | 'ingredients' | 'orders' | 'by' | 'washout' | 'quiet'> {
  const isOrdered =
    x.ingredient < y.ingredient ||
    (x.ingredient === y.ingredient && first.medicine.drug.name <= second.medicine.drug.name)
  const pair = isOrdered ? ([first, second] as const) : ([second, first] as const)
  const names = isOrdered ? ([x, y] as const) : ([y, x] as const)
  return {
    drugs: [pair[0].medicine.drug.name, pair[1].medicine.drug.name],
    ingredients: [names[0].ingredient, names[1].ingredient],
    orders: [pair[0].medicine.id, pair[1].medicine.id],
    by: CERTAINTY[Math.max(CERTAINTY.indexOf(x.by), CERTAINTY.indexOf(y.by))]!,
    washout: first.medicine.stoppedDays !== undefined || second.medicine.stoppedDays !== undefined,
    quiet: false,
  }
}

/** One finding for a pair, however many orders it stands in. */
function joined(before: Finding, more: Finding): Finding {
  const [worst, other] = isWorse(more.severity, before.severity) ? [more, before] : [before, more]
  return {
    ...worst,
    washout: before.washout && more.washout,
    rules: [...new Set([...worst.rules, ...other.rules])],
    sources: [...new Set([...worst.sources, ...other.sources])],
  }
}

function byWorst(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    (a.ingredients.join('|') < b.ingredients.join('|') ? -1 : 1)
  )
}

function issuesOf({ ingredients, medicine }: Known): MedicineIssue[] {
  if (ingredients.length === 0 || ingredients.some(({ known }) => !known))
    return [{ medicine: medicine.id, code: 'ingredient-not-known' }]
  return ingredients.some(({ by }) => by === 'spelling')
    ? [{ medicine: medicine.id, code: 'name-corrected' }]
    : []
}
