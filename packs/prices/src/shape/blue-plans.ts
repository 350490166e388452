// The Blue Cross and Blue Shield plans: some thirty companies under one name, told apart by state or brand.

export interface BluePlan {
  readonly id: string
  readonly name: string
}

const STATES =
  `al alabama|ak alaska|az arizona|ar arkansas|ca california|co colorado|ct connecticut|de delaware|
dc district of columbia|fl florida|ga georgia|hi hawaii|id idaho|il illinois|in indiana|ia iowa|ks kansas|ky kentucky|
la louisiana|me maine|md maryland|ma massachusetts|mi michigan|mn minnesota|ms mississippi|mo missouri|mt montana|
ne nebraska|nv nevada|nh new hampshire|nj new jersey|nm new mexico|ny new york|nc north carolina|nd north dakota|
oh ohio|ok oklahoma|or oregon|pa pennsylvania|ri rhode island|sc south carolina|sd south dakota|tn tennessee|tx texas|
ut utah|vt vermont|va virginia|wa washington|wv west virginia|wi wisconsin|wy wyoming`
    .replaceAll('\n', '')
    .split('|')
    .map((each) => [each.slice(0, 2), each.slice(3)] as const)
const STATE_NAMES = new Map(STATES)
/** Longest first: West Virginia is not Virginia. */
const BY_NAME = STATES.toSorted(([, a], [, b]) => b.length - a.length)
/** Abbreviations that are words as well. */
const WORDS = new Set(['in', 'or', 'me', 'oh', 'hi', 'ok', 'la', 'de', 'ma', 'pa'])

/** States with one company for cross and shield, under no other name. */
const ONE_COMPANY = new Set('al az ar fl ga hi il ks la ma mi mn ms mt ne nj nm nc nd ok ri sc tn tx vt wy'.split(' ')) // prettier-ignore
const ANTHEM = new Set('co ct ga in ky me mo nv nh oh va wi'.split(' '))

/** Companies known by a brand of their own, wherever they are. */
const BRANDS: readonly (readonly [RegExp, string, string])[] = [
  [/\bpremera\b/, 'premera_blue_cross', 'Premera Blue Cross'],
  [/\bcare ?first\b/, 'carefirst', 'CareFirst BlueCross BlueShield'],
  [/\bhighmark\b/, 'highmark', 'Highmark'],
  [/\bwellmark\b/, 'wellmark', 'Wellmark Blue Cross and Blue Shield'],
  [/\bexcellus\b/, 'excellus', 'Excellus BlueCross BlueShield'],
  [/\bindependence blue cross\b/, 'independence_blue_cross', 'Independence Blue Cross'],
  [/\bcapital blue cross\b/, 'capital_blue_cross', 'Capital Blue Cross'],
  [/\bblue (kc|cross( blue shield)? of kansas city)\b/, 'blue_kc', 'Blue Cross and Blue Shield of Kansas City'], // prettier-ignore
]
const BRAND_STATES: readonly (readonly [RegExp, string])[] = [
  [/\bhorizon\b/, 'nj'],
  [/\bflorida blue\b/, 'fl'],
  [/\barkansas blue\b/, 'ar'],
]
const REGENCE_STATES = new Set(['id', 'or', 'ut', 'wa'])

const BLUE =
  /\b(blue cross|blue shield|anthem|regence|premera|care ?first|highmark|wellmark|excellus|florida blue|arkansas blue|blue kc)\b/

/**
 * The plan a name means; null for a Blue plan that the name does not tell from the others; undefined for no Blue plan.
 *
 * @param words lower-case words with single spaces; `bcbs` and its kin spelled out
 */
export function bluePlanOf(words: string): BluePlan | null | undefined {
  if (!BLUE.test(words)) return undefined
  const brands = BRANDS.filter(([pattern]) => pattern.test(words))
  if (brands.length > 0) {
    const [[, id, name]] = brands as [(typeof BRANDS)[number]]
    return brands.length === 1 ? { id, name } : null
  }
  const states = statesIn(words)
  for (const [pattern, state] of BRAND_STATES) if (pattern.test(words)) states.add(state)
  const [state] = states
  const cross = /\bblue cross\b/.test(words)
  const shield = /\bblue shield\b/.test(words)
  if (state === undefined)
    // Anthem calls itself so, without "Blue Shield", in California alone.
    return /^anthem blue cross$/.test(words) ? ANTHEM_CALIFORNIA : null
  if (states.size > 1) return null
  const place = titled(STATE_NAMES.get(state)!)
  if (/\bregence\b/.test(words)) {
    if (!REGENCE_STATES.has(state)) return null
    return { id: `regence_blueshield_${idOf(state)}`, name: `Regence BlueShield of ${place}` }
  }
  if (/\banthem\b/.test(words) && state !== 'ga') {
    if (state === 'ca') return shield ? null : ANTHEM_CALIFORNIA
    if (!ANTHEM.has(state)) return null
    return { id: `anthem_bcbs_${idOf(state)}`, name: `Anthem Blue Cross and Blue Shield ${place}` }
  }
  if (state === 'ca') return cross === shield ? null : cross ? ANTHEM_CALIFORNIA : SHIELD_CALIFORNIA
  if (state === 'id') return cross && !shield ? CROSS_IDAHO : null
  if (!ONE_COMPANY.has(state)) return null
  return { id: `bcbs_${idOf(state)}`, name: `Blue Cross Blue Shield of ${place}` }
}

const ANTHEM_CALIFORNIA = { id: 'anthem_blue_cross_california', name: 'Anthem Blue Cross California' } // prettier-ignore
const SHIELD_CALIFORNIA = { id: 'blue_shield_california', name: 'Blue Shield of California' }
const CROSS_IDAHO = { id: 'blue_cross_idaho', name: 'Blue Cross of Idaho' }

function statesIn(words: string): Set<string> {
  const found = new Set<string>()
  let rest = ` ${words.replace(/\bkansas city\b/g, ' ')} `
  for (const [code, name] of BY_NAME)
    if (rest.includes(` ${name} `)) {
      found.add(code)
      rest = rest.replaceAll(` ${name} `, ' ')
    }
  const near =
    /\b(?:blue cross|blue shield|of|anthem|regence) (?:of )?([a-z]{2})\b|^([a-z]{2}) (?:blue|anthem|regence)/g
  for (const [whole, after, before] of rest.trim().matchAll(near)) {
    const code = after ?? before ?? ''
    if (STATE_NAMES.has(code) && (!WORDS.has(code) || / of [a-z]{2}$/.test(whole) || before))
      found.add(code)
  }
  return found
}

function idOf(state: string): string {
  return STATE_NAMES.get(state)!.replaceAll(' ', '_')
}

function titled(text: string): string {
  return text.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
}
