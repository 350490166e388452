// Finds the rules that may be about an ingredient, so that a set of hundreds of thousands costs no more than a small one.
import { classesOf } from './ingredients.ts'
import type { InteractionRule, RuleSet } from './rule.ts'

export interface RuleIndex {
  /** Rules that name both ingredients or classes of them, on whatever side, in the order of their sets. */
  between(x: string, y: string): readonly InteractionRule[]
}

type Numbered = readonly number[]

const known = new WeakMap<readonly RuleSet[], RuleIndex>()

/** The index of these sets; worked out once for a list of sets. */
export function indexOf(sets: readonly RuleSet[]): RuleIndex {
  let index = known.get(sets)
  if (!index) known.set(sets, (index = build(sets)))
  return index
}

function build(sets: readonly RuleSet[]): RuleIndex {
  const rules = sets.flatMap((set) => set.rules)
  const places = new Map<string, number[]>()
  for (const [at, { a, b }] of rules.entries())
    for (const { classes = [], ingredients = [] } of [a, b])
      for (const name of [...ingredients, ...classes.map((each) => `#${each}`)]) {
        const place = places.get(name)
        if (!place) places.set(name, [at])
        else if (place.at(-1) !== at) place.push(at)
      }
  const naming = (ingredient: string): Numbered => [
    ...new Set(
      [ingredient, ...classesOf(ingredient).map((each) => `#${each}`)].flatMap(
        (name) => places.get(name) ?? [],
      ),
    ),
  ]
  return {
    between(x, y) {
      const [first, second] = [naming(x), new Set(naming(y))]
      return first
        .filter((at) => second.has(at))
        .toSorted((a, b) => a - b)
        .map((at) => rules[at]!)
    },
  }
}
