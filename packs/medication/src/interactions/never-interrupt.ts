// Pairs that are shown and never told: warnings nobody heeds make people miss those that matter.
import { classesOf } from './ingredients.ts'
import { onSide, type Side } from './rule.ts'

/** A pair of sides, either way round. */
export interface QuietPair {
  readonly a: Side
  readonly b: Side
}

/**
 * Class pairs of the list of low-priority interactions that experts asked by the U.S. Office of the National Coordinator
 * would not interrupt anybody for (Phansalkar et al., JAMIA 2013;20:489-493): 21 of its 33, those whose classes the
 * vocabulary has or whose medicines can be named one by one.
 */
const TABLE = `
#ace-inhibitor | aspirin, salsalate, diflunisal
niacin | #statin
#beta-blocker | #ssri
#thiazide | #ace-inhibitor
#thyroid | calcium carbonate, calcium acetate
#thyroid | #statin
#thiazide | #nsaid
#beta-blocker | #thyroid
everolimus, sirolimus, tacrolimus | #corticosteroid
aluminum hydroxide, calcium carbonate, magnesium oxide, sodium bicarbonate | #corticosteroid
#bisphosphonate | calcium carbonate, calcium acetate
folic acid | methotrexate
#sulfonylurea | #ace-inhibitor
#anticoagulant | #corticosteroid
#anticoagulant | acetaminophen
#anticoagulant | #ppi
#nsaid | #beta-blocker
clopidogrel | aspirin, salsalate, diflunisal
#contraceptive | #corticosteroid
#beta-blocker | amlodipine, felodipine, nifedipine, nicardipine, nisoldipine, isradipine
#ace-inhibitor | #nsaid
`

export const NEVER_INTERRUPT: readonly QuietPair[] = parseQuietPairs(TABLE)

/** One pair a line, its sides apart by `|`: ingredients by name, classes of the vocabulary with `#`. */
export function parseQuietPairs(table: string): QuietPair[] {
  return table
    .split('\n')
    .filter((line) => line.includes('|') && !line.startsWith('//'))
    .map((line) => {
      const [a, b] = line.split('|').map(sideOf)
      return { a: a!, b: b! }
    })
}

function sideOf(text: string): Side {
  const names = text.split(',').map((name) => name.trim().toLowerCase())
  return {
    ingredients: names.filter((name) => name !== '' && !name.startsWith('#')),
    classes: names.filter((name) => name.startsWith('#')).map((name) => name.slice(1)),
  }
}

export function isQuietPair(
  pairs: readonly QuietPair[],
  [x, y]: readonly [string, string],
): boolean {
  const [xs, ys] = [classesOf(x), classesOf(y)]
  return pairs.some(
    ({ a, b }) => (onSide(a, x, xs) && onSide(b, y, ys)) || (onSide(a, y, ys) && onSide(b, x, xs)),
  )
}
