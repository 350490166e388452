// Ingredients, found by RxNorm concept, by name, or by the brand they are sold under.
import { BRANDS } from './brands.ts'
import { VOCABULARY } from './vocabulary.ts'

export interface Ingredient {
  readonly name: string
  readonly classes: readonly string[]
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
  ...BRANDS,
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
