// Writes a briefing from its facts, and refuses one that says a number which is not among them.
import { changeOf, type BriefingFacts, type Figure } from './facts.ts'
import { numbersIn, vagueIn } from './numbers.ts'

export interface Highlight {
  readonly text: string
  readonly tone: 'good' | 'bad' | 'neutral'
  readonly weight: number
}

/** Changes below this are the day's chance. */
const LEAST_CHANGE = 10
const MOST_HIGHLIGHTS = 6

/** What stands out, most important first: what went wrong before what went well. */
export function highlightsOf(facts: BriefingFacts): Highlight[] {
  return facts.figures
    .flatMap((figure) => {
      const change = changeOf(figure)
      if (change === null || Math.abs(change) < LEAST_CHANGE) return []
      const tone =
        figure.good === null ? 'neutral' : change > 0 === (figure.good === 'up') ? 'good' : 'bad'
      const way = change > 0 ? 'above' : 'below'
      return [
        {
          text: `${figure.label}: ${shown(figure.value, figure, facts)}, ${Math.abs(change)}% ${way} the usual ${shown(figure.usual!, figure, facts)}`,
          tone,
          weight: Math.abs(change) * (tone === 'bad' ? 2 : 1),
        } as const,
      ]
    })
    .toSorted((one, other) => other.weight - one.weight)
    .slice(0, MOST_HIGHLIGHTS)
}

/** The briefing in plain text, the same for the same facts. */
export function writeBriefing(facts: BriefingFacts): string {
  const highlights = highlightsOf(facts)
  const told = [
    `${facts.company}, ${facts.day}`,
    '',
    ...(highlights.length > 0
      ? highlights.map(({ text }) => `- ${text}`)
      : ['- A usual day: nothing stands out']),
    ...facts.notes.map((note) => `- ${note}`),
    '',
    'All figures:',
    ...facts.figures.map((each) => `- ${each.label}: ${shown(each.value, each, facts)}`),
  ]
  return told.join('\n')
}

export function shown(
  value: number,
  { unit }: Pick<Figure, 'unit'>,
  { currency }: Pick<BriefingFacts, 'currency'>,
): string {
  if (unit === 'money')
    return new Intl.NumberFormat('en-US', {
      style: 'currency',
      currency,
      maximumFractionDigits: 0,
    }).format(value)
  const text = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(value)
  if (unit === 'percent') return `${text}%`
  return unit === 'days' ? `${text} days` : text
}

const LONGEST_TEXT = 6_000

/**
 * Whether a text that somebody else wrote may be used as the briefing.
 *
 * @returns why not; null when every number in it is among the facts
 */
export function refuseBriefing(text: string, facts: BriefingFacts): string | null {
  if (text.trim() === '') return 'it is empty'
  if (text.length > LONGEST_TEXT) return `it is longer than ${LONGEST_TEXT} characters`
  if (/https?:|www\.|<[a-z!/]/i.test(text)) return 'it holds a link or markup'
  const known = numbersOf(facts)
  const said = new Set(textsOf(facts).flatMap(vagueIn))
  const codes = new Set(textsOf(facts).flatMap(codesIn))
  const invented = [
    ...numbersIn(withoutCodes(text, codes)).filter((number) => !known.has(key(number))),
    ...vagueIn(text).filter((word) => !said.has(word)),
    ...sweepingIn(text, facts).filter((word) => word !== 'no' || !known.has('0')),
  ]
  return invented.length === 0 ? null : `${invented.length} numbers in it are not among the facts`
}

const WORD = /\b[a-z][a-z\d-]*/gi

/** `no orders` and `most of your patients` state an amount too: of what the facts count, none may be said but theirs. */
function sweepingIn(text: string, { figures }: BriefingFacts): string[] {
  const counted = figures.flatMap(({ label }) => label.toLowerCase().match(/[a-z]{4,}/g) ?? [])
  // `All figures` heads a list of them.
  const counts = [...new Set(counted)].filter((word) => !word.startsWith('figure'))
  if (counts.length === 0) return []
  const things = counts.map((word) => `${word.replace(/s$/, '')}s?`).join('|')
  const shape = new RegExp(
    String.raw`\b(no|all|most|every|each)\s+(?:of\s+)?(?:(?:the|your|our|these|those)\s+)?(?:[a-z]+\s+)?(?:${things})\b`,
    'g',
  )
  return [...text.toLowerCase().matchAll(shape)].map(([, word]) => word!)
}

/** The codes of products, such as `PR-160`: their digits count nothing. */
function codesIn(text: string): string[] {
  return (text.match(WORD) ?? []).filter((word) => /\d/.test(word))
}

function withoutCodes(text: string, codes: ReadonlySet<string>): string {
  return text.replaceAll(WORD, (word) => (codes.has(word) ? ' ' : word))
}

/** What the facts say in words. */
function textsOf(facts: BriefingFacts): string[] {
  return [facts.company, ...facts.notes, ...facts.figures.map(({ label }) => label)]
}

/** Every number the facts hold, as they are and as they are shown. */
function numbersOf(facts: BriefingFacts): Set<string> {
  const texts = [
    facts.day,
    ...textsOf(facts).map((each) => withoutCodes(each, new Set(codesIn(each)))),
    ...facts.figures.flatMap((each) => [
      shown(each.value, each, facts),
      ...(each.usual === null ? [] : [shown(each.usual, each, facts)]),
    ]),
  ]
  const plain = facts.figures.flatMap((each) => [
    each.value,
    each.usual ?? each.value,
    ...(changeOf(each) === null ? [] : [Math.abs(changeOf(each)!)]),
  ])
  const [year, month, day] = facts.day.split('-').map(Number)
  return new Set([...texts.flatMap(numbersIn), ...plain, year!, month!, day!].map(key))
}

function key(number: number): string {
  return String(Math.round(number * 1_000) / 1_000)
}
