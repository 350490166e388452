// Who a payer is, whatever a hospital calls it.
import { CANONICAL_PAYERS } from './canonical-payers.ts'

export interface Payer {
  /** Of a canonical payer, or made of the name where it is none that is known. */
  readonly id: string
  readonly name: string
  readonly isKnown: boolean
}

/** Spellings that are one word, and short names. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\bblue ?cross\b/g, 'blue cross'],
  [/\bblue ?shield\b/g, 'blue shield'],
  [/\bbc ?\/? ?bs\b|\bbcbs(?=[a-z]{2}\b)|\bbcbs\b/g, 'blue cross blue shield '],
  [/\bunited ?health ?care\b|\buhc\b|\bunited healthcare\b/g, 'unitedhealthcare'],
  [/\bhealth ?net\b/g, 'health net'],
  [/\bcare ?source\b/g, 'caresource'],
  [/\bwell ?care\b/g, 'wellcare'],
  [/\bwell ?point\b/g, 'wellpoint'],
  [/\bmulti ?plan\b/g, 'multiplan'],
  [/\bameri ?group\b/g, 'amerigroup'],
  [/\bpacific ?source\b/g, 'pacificsource'],
  [/\btri ?care\b/g, 'tricare'],
  [/\btri ?west\b/g, 'triwest'],
  [
    /\b(va|veterans administration|veterans affairs|dept of va)\b/g,
    'department of veterans affairs',
  ],
]

/** Words that tell a product or a legal form, not a payer. */
const NOISE =
  /\b(the|of|and|inc|llc|corp|co|company|insurance|ins|health ?plans?|plans?|healthcare|hmo|ppo|epo|pos|commercial|all products?|network|choice|select|exchange|advantage|medicare|medicaid|managed|group)\b/g

function words(name: string): string {
  let text = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9/& ]+/g, ' ')
  for (const [spelling, word] of SPELLINGS) text = text.replace(spelling, word)
  return text.replace(/[/&]/g, ' ').replace(/\s+/g, ' ').trim()
}

function core(name: string): string {
  return words(name).replace(NOISE, ' ').replace(/\s+/g, ' ').trim() || words(name)
}

const known = CANONICAL_PAYERS.trim()
  .split('\n')
  .map((line) => {
    const [id = '', name = ''] = line.split('=')
    return { payer: { id, name, isKnown: true } satisfies Payer, core: core(name) }
  })
const byCore = new Map(known.map((each) => [each.core, each.payer]))
/** Longest first, so that the more telling name wins. */
const inOrder = known.toSorted((a, b) => b.core.length - a.core.length)
const ALIKE = 0.94
const SHORTEST_FUZZY = 6
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
  const own = core(name)
  if (own === '') return null
  const exact = byCore.get(own)
  if (exact) return exact
  for (const each of inOrder)
    if (each.core.length >= 3 && ` ${own} `.includes(` ${each.core} `)) return each.payer
  if (own.length >= SHORTEST_FUZZY) {
    let best: { payer: Payer; alike: number } | undefined
    for (const each of inOrder) {
      if (each.core.length < SHORTEST_FUZZY) continue
      const alike = jaroWinkler(own, each.core)
      if (alike >= ALIKE && (!best || alike > best.alike)) best = { payer: each.payer, alike }
    }
    if (best) return best.payer
  }
  const id = own.replaceAll(' ', '-').slice(0, 80)
  return { id: `name:${id}`, name: name.trim(), isKnown: false }
}

/** Likeness from 0 to 1 (Jaro 1989, Winkler 1990): shared letters in about the same places, a shared beginning counts more. */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const taken = new Set<number>()
  const shared: string[] = []
  for (let at = 0; at < a.length; at++)
    for (let other = Math.max(0, at - reach); other < Math.min(b.length, at + reach + 1); other++)
      if (!taken.has(other) && a[at] === b[other]) {
        taken.add(other)
        shared.push(a[at]!)
        break
      }
  if (shared.length === 0) return 0
  const inOther = b.split('').filter((_, at) => taken.has(at))
  const moved = shared.filter((letter, at) => letter !== inOther[at]).length / 2
  const jaro =
    (shared.length / a.length +
      shared.length / b.length +
      (shared.length - moved) / shared.length) /
    3
  let same = 0
  while (same < 4 && a[same] !== undefined && a[same] === b[same]) same++
  return jaro + same * 0.1 * (1 - jaro)
}
