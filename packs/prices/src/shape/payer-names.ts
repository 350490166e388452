// Who a payer is, whatever a hospital calls it. A name that does not tell stays its own: a wrong payer is worse than none.
import { bluePlanOf } from './blue-plans.ts'
import { CANONICAL_PAYERS } from './canonical-payers.ts'

export interface Payer {
  /** Of a canonical payer, or made of the name where it is none that is known. */
  readonly id: string
  readonly name: string
  readonly isKnown: boolean
}

/** Spellings that are one word, and short names. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\bblue ?cross\b/g, ' blue cross '],
  [/\bblue ?shield\b/g, ' blue shield '],
  [/\bbcbst\b/g, ' blue cross blue shield of tennessee '],
  [/\bbcbsm\b/g, ' blue cross blue shield of michigan '],
  [/\bbcbs(?=[a-z]{2}\b)/g, ' blue cross blue shield of '],
  [/\b(?:bc ?\/? ?bs|bcbs|blues)\b/g, ' blue cross blue shield '],
  [/\bunited ?health ?care\b|\buhc\b/g, ' unitedhealthcare '],
  [/\bhealth ?net\b/g, ' health net '],
  [/\bcare ?source\b/g, ' caresource '],
  [/\bwell ?care\b/g, ' wellcare '],
  [/\bwell ?point\b/g, ' wellpoint '],
  [/\bmulti ?plan\b/g, ' multiplan '],
  [/\bameri ?group\b/g, ' amerigroup '],
  [/\bpacific ?source\b/g, ' pacificsource '],
  [/\bdenta ?quest\b/g, ' dentaquest '],
  [/\beye ?med\b/g, ' eyemed '],
  [/\bmet ?life\b/g, ' metlife '],
  [/\btri ?care\b/g, ' tricare '],
  [/\btri ?west\b/g, ' triwest '],
  [/\bsutter ?select\b/g, ' sutterselect '],
  // VA is Virginia as well, wherever it does not stand first or beside what the department buys.
  [
    /\b(?:veterans administration|veterans affairs|dept of va|va (?:ccn|pc3|community care|hospital|medical center))\b|^va$|^va (?!premier\b|blue\b|anthem\b|medicaid\b)/g,
    ' department of veterans affairs ',
  ],
  [/\bdep(?:t|artment) of\s+department of veterans affairs\b/g, ' department of veterans affairs '],
]

/** Words that tell a product, not a payer; left out before a name is searched for misspellings and made an id. */
const PRODUCTS =
  /\b(the|and|inc|llc|corp|co|company|insurance|ins|hmo|ppo|epo|pos|commercial|all products?|exchange|advantage|medicare|medicaid)\b/g

/** Programmes of the state that companies run: the programme pays. */
const PROGRAMMES = new Set(['tricare', 'department_of_veterans_affairs'])
/** Networks that are named beside the company they are of. */
const NETWORKS_OF: Readonly<Record<string, string>> = { phcs: 'multiplan' }

function wordsOf(name: string): string {
  let text = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9/& ]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  for (const [spelling, word] of SPELLINGS) text = text.replace(spelling, word)
  return text
    .replace(/[/&]|\band\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

interface Spelling {
  readonly payer: Payer
  readonly words: string
  /** Means the payer only as the whole name. */
  readonly isWhole: boolean
}

const spellings: readonly Spelling[] = CANONICAL_PAYERS.trim()
  .split('\n')
  .flatMap((line) => {
    const [id = '', name = '', list = ''] = line.split(':')
    const payer: Payer = { id, name, isKnown: true }
    return list.split('|').map((text): Spelling => {
      const isWhole = text.startsWith('=')
      return { payer, isWhole, words: isWhole ? text.slice(1) : text }
    })
  })
  // The more telling spelling is looked for first, and what it covers is not read again.
  .toSorted((a, b) => b.words.length - a.words.length)

const SHORTEST_MISSPELT = 6
const MOST_SEEN = 20_000
const seen = new Map<string, Payer | null>()

/** The payer a name means; null for no name. The same name has the same payer in every run. */
export function payerOf(name: string): Payer | null {
  let found = seen.get(name)
  if (found === undefined) {
    found = find(name)
    if (seen.size >= MOST_SEEN) seen.clear()
    seen.set(name, found)
  }
  return found
}

function find(name: string): Payer | null {
  const words = wordsOf(name)
  if (words === '') return null
  const blue = bluePlanOf(words)
  const named = payersIn(words)
  if (blue !== undefined) {
    if (blue && named.length === 0) return { ...blue, isKnown: true }
    return unknown(name, words)
  }
  const [payer] = named
  if (payer && named.length === 1) return payer
  if (named.length > 1) return unknown(name, words)
  return misspelt(words) ?? unknown(name, words)
}

/** Every payer the words name; one where one of them is the programme or the company of the others. */
function payersIn(words: string): readonly Payer[] {
  let rest = ` ${words} `
  const found = new Map<string, Payer>()
  for (const { payer, words: text, isWhole } of spellings) {
    if (isWhole ? words.replace(PRODUCTS, '').trim() !== text : !rest.includes(` ${text} `))
      continue
    found.set(payer.id, payer)
    rest = rest.replaceAll(` ${text} `, ' | ')
  }
  const payers = [...found.values()]
  const programme = payers.find(({ id }) => PROGRAMMES.has(id))
  if (programme) return [programme]
  return payers.filter(({ id }) => !found.has(NETWORKS_OF[id] ?? ''))
}

function unknown(name: string, words: string): Payer {
  const own = words.replace(PRODUCTS, ' ').replace(/\s+/g, ' ').trim() || words
  return {
    id: `name:${own.replaceAll(' ', '-').slice(0, 80)}`,
    name: name.trim(),
    isKnown: false,
  }
}

/** One letter too many, too few, wrong or in the wrong place, in the whole name: `Humanna`. More could be somebody else. */
function misspelt(words: string): Payer | undefined {
  const own = words.replace(PRODUCTS, ' ').replace(/\s+/g, ' ').trim()
  if (own.length < SHORTEST_MISSPELT) return undefined
  const alike = new Set<Payer>()
  for (const { payer, words: text } of spellings)
    if (text.length >= SHORTEST_MISSPELT && !text.includes(' ') && isOneSlip(own, text))
      alike.add(payer)
  const [only] = alike
  return alike.size === 1 ? only : undefined
}

function isOneSlip(a: string, b: string): boolean {
  if (a[0] !== b[0] || Math.abs(a.length - b.length) > 1) return false
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const [restA, restB] = [a.slice(at), b.slice(at)]
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  )
}
