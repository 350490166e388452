// The name of a medicine as an order writes it: what is in it, in what form, and where it is used.
import { NAMES } from './ingredients.ts'

export type MatchedBy = 'code' | 'name' | 'spelling'

/** Where a medicine acts: `local` ones hardly reach the blood, `inhaled` ones little. */
export type Reach = 'systemic' | 'inhaled' | 'local'

export interface NamedIngredient {
  /** Its name in the vocabulary, or the words that are left of the name when it is not known. */
  readonly ingredient: string
  readonly by: MatchedBy
  readonly known: boolean
}

const LOCAL_PLACE =
  /\b(topical|cutaneous|ophthalmic|otic|vaginal|rectal (?:cream|ointment|foam)|shampoo|toothpaste|mouthwash)\b/
const LOCAL_FORM = /\b(cream|ointment|lotion|gel)\b/
const SYSTEMIC = /\b(transdermal|oral gel|mucosal spray|ring)\b/
/** "Oral tablet, gel coated" is no gel. */
const SWALLOWED_OR_INJECTED =
  /\b(oral|by mouth|tablets?|capsules?|injection|injectable|intravenous|subcutaneous|intramuscular|sublingual)\b/
/** What is rubbed in to act in the whole body. */
const THROUGH_SKIN = /\b(nitroglycerin|glyceryl trinitrate|testosterone|oxybutynin)\b/
const INHALED = /\b(inhal\w*|nasal|nebuli\w*)\b/

/** Words of strength, form and package: never part of an ingredient's name. */
const NOISE = new RegExp(
  String.raw`\b(?:nda\d+|anda\d+|\d+(?:[.,/]\d+)*\s*(?:mg|mcg|ug|g|ml|unt|units?|iu|meq|mmol|actuat|hr|hour|day|pack|%)(?:\s*/\s*(?:\d+(?:\.\d+)?\s*)?(?:mg|mcg|g|ml|actuat|hr|24hr|unt)(?![a-z]))*)(?![a-z])`,
  'g',
)

/** Where the medicine is used, by route of the order or by the form in its name. */
export function reachOf(name: string, route?: string): Reach {
  for (const text of [route, name]) {
    if (text === undefined) continue
    const lower = text.toLowerCase()
    if (SYSTEMIC.test(lower)) return 'systemic'
    if (INHALED.test(lower)) return 'inhaled'
    if (LOCAL_PLACE.test(lower) || (LOCAL_FORM.test(lower) && !SWALLOWED_OR_INJECTED.test(lower)))
      return THROUGH_SKIN.test(name.toLowerCase()) ? 'systemic' : 'local'
    if (SWALLOWED_OR_INJECTED.test(lower)) return 'systemic'
  }
  return 'systemic'
}

/** What is in a medicine by its name. Only whole words match: cortisone is not found in hydrocortisone. */
export function ingredientsOfName(name: string): readonly NamedIngredient[] {
  const lower = name
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[‘’ʼ`´]/g, "'")
  const brand = /\[([^\]]+)\]/.exec(lower)?.[1]
  const parts = lower
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(NOISE, ' ')
    .split(/\/|\s\+\s|\sand\s|;/)
    .flatMap(unhyphened)
  const found: NamedIngredient[] = []
  const add = (one: NamedIngredient): void => {
    if (!found.some(({ ingredient }) => ingredient === one.ingredient)) found.push(one)
  }
  const unknown: string[] = []
  for (const part of parts) {
    const words = wordsOf(part)
    const matches = matchWords(words)
    for (const match of matches) add(match)
    if (matches.length === 0 && words.length > 0) unknown.push(words.join(' '))
  }
  if (found.length === 0 && brand !== undefined)
    for (const match of matchWords(wordsOf(brand))) add(match)
  // A part that nobody knows is kept under its own words, so that two orders of it are still seen as one medicine.
  for (const words of unknown) {
    const bare = words
      .split(' ')
      .filter((word) => !FORM_WORDS.has(word) && !/^\d/.test(word))
      .join(' ')
    if (bare !== '') add({ ingredient: bare, by: 'name', known: false })
  }
  return found
}

const FORM_WORDS = new Set(
  `oral tablet tablets capsule capsules injection injectable solution suspension extended release delayed chewable
  disintegrating prefilled syringe auto-injector autoinjector topical cream ointment gel lotion patch transdermal system
  metered dose inhaler dry powder mucosal spray nasal ophthalmic otic vaginal ring drug implant pack day per in product
  hydrochloride hcl sodium potassium sulfate hydrobromide succinate tartrate maleate besylate propionate human regular
  70 30 of the`.split(/\s+/),
)

/** The parts of `lisinopril-hydrochlorothiazide`: hyphens join ingredients where one of the two is known by itself. */
function unhyphened(text: string): string[] {
  const parts = ['']
  const add = (word: string): void => void (parts[parts.length - 1] += ` ${word}`)
  for (const word of text.split(/\s+/)) {
    const pieces = word.replace(/[^\p{L}\p{N}'.-]/gu, '').split('-')
    const isJoined =
      pieces.length > 1 && !NAMES.has(pieces.join('-')) && pieces.some((piece) => NAMES.has(piece))
    if (!isJoined) add(word)
    // What is short beside a name is a form (`-xl`, `-ds`), not an ingredient.
    else
      for (const [n, piece] of pieces
        .filter((each) => each.length > LONGEST_SUFFIX && !FORM_WORDS.has(each))
        .entries()) {
        if (n > 0) parts.push('')
        add(piece)
      }
  }
  return parts
}

const LONGEST_SUFFIX = 3

function wordsOf(text: string): string[] {
  return text
    .replace(/[^\p{L}\p{N}'. -]/gu, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^[.'-]+|[.'-]+$/g, ''))
    .filter((word) => word !== '')
}

const LONGEST_NAME_WORDS = 3

function matchWords(words: readonly string[]): NamedIngredient[] {
  const found: NamedIngredient[] = []
  for (let at = 0; at < words.length;) {
    let taken = 0
    for (let length = Math.min(LONGEST_NAME_WORDS, words.length - at); length > 0; length--) {
      const names = NAMES.get(words.slice(at, at + length).join(' '))
      if (!names) continue
      for (const ingredient of names) found.push({ ingredient, by: 'name', known: true })
      taken = length
      break
    }
    at += Math.max(1, taken)
  }
  if (found.length > 0) return found
  for (const word of words) {
    const near = nearest(word)
    if (near) for (const ingredient of near) found.push({ ingredient, by: 'spelling', known: true })
  }
  return found
}

/** Shorter words have neighbours that are other medicines. */
const LEAST_LENGTH_TO_CORRECT = 8

/** The names of one word that differ in one letter, when they all mean the same. */
function nearest(word: string): readonly string[] | undefined {
  if (word.length < LEAST_LENGTH_TO_CORRECT || FORM_WORDS.has(word)) return undefined
  const near = [...NAMES].filter(
    ([name]) => name.length >= LEAST_LENGTH_TO_CORRECT && isOneEditApart(word, name),
  )
  const [first] = near
  return first && near.every(([, names]) => names.join() === first[1].join()) ? first[1] : undefined
}

/** Whether two words differ by one letter that is added, left out or another, or by two that changed places. */
export function isOneEditApart(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (
    end < Math.min(a.length, b.length) - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  )
    end++
  const restA = a.slice(start, a.length - end)
  const restB = b.slice(start, b.length - end)
  if (restA.length <= 1 && restB.length <= 1) return true
  return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0]
}
