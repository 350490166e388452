// Reads larger sets of interactions that an installation has a licence for, and the way from clinical drugs to ingredients.
import type { RxcuiBridge } from './check.ts'
import { NAMES } from './ingredients.ts'
import type { InteractionRule, RuleSet, Severity } from './rule.ts'

/** What of a file was left out, by its line from 1: never its content. */
export interface LeftOut {
  readonly line: number
  readonly why: 'columns-missing' | 'severity-unknown' | 'same-twice'
}

export interface ReadSet {
  readonly set: RuleSet
  readonly leftOut: readonly LeftOut[]
}

const MOST_ROWS = 1_000_000
const MOST_LEFT_OUT = 10_000

/** Columns by what they are called in the sets that are around; others are passed over. */
const COLUMNS: Readonly<Record<'a' | 'b' | 'severity' | 'effect' | 'advice', RegExp>> = {
  a: /^(drug[ _]?(a|1)|object|drug a name)$/i,
  b: /^(drug[ _]?(b|2)|precipitant|drug b name)$/i,
  severity: /^(severity|level|risk|risk level)$/i,
  effect: /^(effect|description|interaction)$/i,
  advice: /^(advice|management|action)$/i,
}

/** Words of severity as sets write them, from the worst; the first that fits counts. */
const WORDS: readonly (readonly [RegExp, Severity])[] = [
  [/contra-?indicat/i, 'contraindicated'],
  [/n[o0][rt] recommended|major|severe|high/i, 'major'],
  [/precaution|moderate|medium/i, 'moderate'],
  [/take into account|minor|mild|low/i, 'minor'],
]

/**
 * Rules from a CSV file of pairs with a header, such as `drug_a,drug_b,severity,effect,advice` or DDInter's
 * `DDInterID_A,Drug_A,DDInterID_B,Drug_B,Level`. Names are ingredients; brands and synonyms of the vocabulary are known.
 * Which licence a set has, and whether it may be used, is for who gives it.
 *
 * @throws RangeError when the header has no two drugs and a severity, or there are more than a million rows
 */
export function readPairs(
  text: string,
  { name, version, source = name }: { name: string; version: string; source?: string },
): ReadSet {
  const rows = csvRows(text)
  const header = rows.next()
  const names = header.done ? [] : header.value.map((cell) => cell.trim())
  const at = (column: keyof typeof COLUMNS): number =>
    names.findIndex((each) => COLUMNS[column].test(each))
  const [a, b, severity, effect, advice] = [
    at('a'),
    at('b'),
    at('severity'),
    at('effect'),
    at('advice'),
  ]
  if (a < 0 || b < 0 || severity < 0)
    throw new RangeError(
      'the first line names the columns: drug_a, drug_b and severity at least, and effect and advice where there are any',
    )
  const rules = new Map<string, InteractionRule>()
  const leftOut: LeftOut[] = []
  let line = 1
  for (const cells of rows) {
    if (++line > MOST_ROWS) throw new RangeError('a set has a million rows at most; split it')
    const leave = (why: LeftOut['why']): void => {
      if (leftOut.length < MOST_LEFT_OUT) leftOut.push({ line, why })
    }
    const pair = [cells[a], cells[b]].map((cell) => cell?.trim().toLowerCase() ?? '').toSorted()
    if (pair.includes('') || pair[0] === pair[1]) {
      if (cells.some((cell) => cell.trim() !== '')) leave('columns-missing')
      continue
    }
    const known = WORDS.find(([word]) => word.test(cells[severity] ?? ''))?.[1]
    if (!known) {
      leave('severity-unknown')
      continue
    }
    const id = `${name}:${pair.join('+')}`
    if (rules.has(id)) {
      leave('same-twice')
      continue
    }
    rules.set(id, {
      id,
      severity: known,
      a: { ingredients: ingredientsOf(pair[0]!) },
      b: { ingredients: ingredientsOf(pair[1]!) },
      effect: cells[effect]?.trim() ?? '',
      advice: cells[advice]?.trim() ?? '',
      sources: [source],
    })
  }
  return { set: { name, version, rules: [...rules.values()] }, leftOut }
}

/** As the vocabulary calls it, where it knows it as one ingredient. */
function ingredientsOf(name: string): readonly string[] {
  const known = NAMES.get(name)
  return known?.length === 1 ? known : [name]
}

/**
 * The way from clinical drugs to ingredients: a CSV file `rxcui,ingredient`, a line for each ingredient of a drug.
 *
 * @throws RangeError when there are more than a million rows
 */
export function readBridge(text: string): RxcuiBridge {
  const bridge = new Map<string, string[]>()
  let rows = 0
  for (const [rxcui = '', name = ''] of csvRows(text)) {
    if (++rows > MOST_ROWS) throw new RangeError('a bridge has a million rows at most; split it')
    if (!/^\d+$/.test(rxcui.trim()) || name.trim() === '') continue
    const known = bridge.get(rxcui.trim())
    const found = ingredientsOf(name.trim().toLowerCase())
    if (known) known.push(...found)
    else bridge.set(rxcui.trim(), [...found])
  }
  return bridge
}

/** RFC 4180, line by line. */
function* csvRows(text: string): Generator<string[]> {
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at <= text.length; at++) {
    const mark = text[at]
    if (isQuoted && mark !== undefined) {
      if (mark !== '"') cell += mark
      else if (text[at + 1] === '"') cell += text[at++]
      else isQuoted = false
    } else if (mark === '"' && cell === '') isQuoted = true
    else if (mark === ',') {
      cells.push(cell)
      cell = ''
    } else if (mark === '\n' || mark === undefined) {
      if (cells.length > 0 || cell !== '' || mark !== undefined)
        yield [...cells, cell.replace(/\r$/, '')]
      cells = []
      cell = ''
    } else cell += mark
  }
}
