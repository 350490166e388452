// The order in which a line of text is drawn where some of it is read from right to left: the Unicode Bidirectional
// Algorithm (UAX #9) for a line without embeddings, whose controls are taken out before.

/** A stretch of a line, in the order it is drawn from the left. Its text is in reading order. */
export interface Run {
  readonly text: string
  readonly isRightToLeft: boolean
}

type Class = 'L' | 'R' | 'AL' | 'EN' | 'AN' | 'ES' | 'ET' | 'CS' | 'NSM' | 'ON'

const ARABIC =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Hanifi_Rohingya}\p{Script=Sogdian}]/u
const OTHER_RIGHT =
  /[\p{Script=Hebrew}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}\p{Script=Mende_Kikakui}\p{Script=Phoenician}\p{Script=Imperial_Aramaic}]/u
const CLASSES: readonly (readonly [Class, RegExp])[] = [
  ['NSM', /[\p{Mn}\p{Me}]/u],
  ['AN', /[\u0660-\u0669\u066B\u066C\u0600-\u0605\u06DD]/u],
  ['EN', /[0-9\u06F0-\u06F9\u00B2\u00B3\u00B9\u2070\u2074-\u2079\u2080-\u2089]/u],
  ['ES', /[+\-\u2212]/u],
  ['ET', /[#%\u00B0\u00B1\u066A\u2030-\u2034\p{Sc}]/u],
  ['CS', /[,./:\u00A0\u060C]/u],
  ['AL', /(?=[\p{L}\p{N}])/u],
  ['L', /[\p{L}\p{N}\p{Mc}]/u],
]

function classOf(char: string): Class {
  for (const [name, fits] of CLASSES) {
    if (!fits.test(char)) continue
    if (name !== 'AL') return name
    if (ARABIC.test(char)) return 'AL'
    if (OTHER_RIGHT.test(char)) return 'R'
  }
  return 'ON'
}

const RIGHT = new RegExp(`${ARABIC.source}|${OTHER_RIGHT.source}`, 'u')

/** Whether any of a text is read from right to left. */
export function hasRightToLeft(text: string): boolean {
  return RIGHT.test(text)
}

/** Whether a paragraph is: its first letter says so (P2, P3). */
export function startsRightToLeft(text: string): boolean {
  for (const char of text) {
    const found = classOf(char)
    if (found === 'L') return false
    if (found === 'R' || found === 'AL') return true
  }
  return false
}

/** @param isRightToLeft of the paragraph the line is of */
export function visualRuns(line: string, isRightToLeft: boolean): Run[] {
  const chars = Array.from(line)
  const base = isRightToLeft ? 1 : 0
  const levels = levelsOf(chars, base)
  // Blanks at the end stand where the paragraph ends (L1).
  for (let at = chars.length - 1; at >= 0 && /\s/u.test(chars[at]!); at--) levels[at] = base
  const runs: { level: number; chars: string[] }[] = []
  chars.forEach((char, at) => {
    const last = runs.at(-1)
    if (last !== undefined && last.level === levels[at]) last.chars.push(char)
    else runs.push({ level: levels[at]!, chars: [char] })
  })
  // From the highest level down to the lowest odd one, what stands at it or above is turned around (L2).
  for (let level = Math.max(0, ...levels); level >= 1; level--)
    for (let from = 0; from < runs.length; from++) {
      let to = from
      while (to < runs.length && runs[to]!.level >= level) to++
      if (to - from > 1) runs.splice(from, to - from, ...runs.slice(from, to).toReversed())
      from = Math.max(from, to)
    }
  return runs.map(({ chars: some, level }) => {
    const isRight = level % 2 === 1
    return { text: (isRight ? some.map(mirrored) : some).join(''), isRightToLeft: isRight }
  })
}

function levelsOf(chars: readonly string[], base: number): number[] {
  const classes = chars.map(classOf)
  const start: Class = base === 1 ? 'R' : 'L'
  resolveWeak(classes, start)
  resolveBrackets(classes, chars, start)
  resolveNeutral(classes, start)
  // I1, I2
  return classes.map((found) => {
    if (base === 0) return found === 'L' ? 0 : found === 'R' ? 1 : 2
    return found === 'R' ? 1 : 2
  })
}

/** Marks, numbers and what stands in them (W1 to W7). What is left is L, R, EN, AN and ON. */
function resolveWeak(classes: Class[], start: Class): void {
  const each = (rule: (found: Class, at: number) => Class): void =>
    classes.forEach((found, at) => (classes[at] = rule(found, at)))
  each((found, at) => (found === 'NSM' ? (classes[at - 1] ?? start) : found))
  let strong = start
  each((found) => {
    if (isStrong(found)) strong = found
    return found === 'EN' && strong === 'AL' ? 'AN' : found
  })
  each((found) => (found === 'AL' ? 'R' : found))
  each((found, at) => {
    const [before, after] = [classes[at - 1], classes[at + 1]]
    if (found === 'ES' && before === 'EN' && after === 'EN') return 'EN'
    if (found === 'CS' && before === after && (before === 'EN' || before === 'AN')) return before
    return found
  })
  for (let at = 0; at < classes.length; at++) {
    if (classes[at] !== 'ET') continue
    let end = at
    while (classes[end] === 'ET') end++
    if (classes[at - 1] === 'EN' || classes[end] === 'EN') classes.fill('EN', at, end)
    at = end - 1
  }
  each((found) => (found === 'ES' || found === 'ET' || found === 'CS' ? 'ON' : found))
  strong = start
  each((found) => {
    if (isStrong(found)) strong = found
    return found === 'EN' && strong === 'L' ? 'L' : found
  })
}

/** Both brackets of a pair go one way: the paragraph's, unless all in and before them goes the other (N0). */
function resolveBrackets(classes: Class[], chars: readonly string[], start: Class): void {
  const open: { at: number; close: string }[] = []
  const pairs: [from: number, to: number][] = []
  chars.forEach((char, at) => {
    if (classes[at] !== 'ON') return
    const close = BRACKETS.get(char)
    if (close !== undefined) open.push({ at, close })
    const own = open.findLastIndex((one) => one.close === char)
    if (own >= 0) pairs.push([open.splice(own)[0]!.at, at])
  })
  for (const [from, to] of pairs.toSorted(([one], [other]) => one - other)) {
    const inside = classes
      .slice(from + 1, to)
      .filter((found) => found !== 'ON')
      .map(wayOf)
    if (inside.length === 0) continue
    const before = classes.slice(0, from).findLast((found) => found !== 'ON')
    const other = before !== undefined && wayOf(before) !== start
    const way = inside.includes(start) || !other ? start : wayOf(before)
    classes[from] = way
    classes[to] = way
  }
}

function wayOf(found: Class): Class {
  return found === 'L' ? 'L' : 'R'
}

/** What has no direction takes that of both its sides, else that of the paragraph (N1, N2). */
function resolveNeutral(classes: Class[], start: Class): void {
  const sideOf = (found: Class | undefined): Class => (found === undefined ? start : wayOf(found))
  for (let at = 0; at < classes.length; at++) {
    if (classes[at] !== 'ON') continue
    let end = at
    while (classes[end] === 'ON') end++
    const before = sideOf(classes[at - 1])
    classes.fill(before === sideOf(classes[end]) ? before : start, at, end)
    at = end - 1
  }
}

function isStrong(found: Class): boolean {
  return found === 'L' || found === 'R' || found === 'AL'
}

const BRACKETS = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])
const PAIRS = ['()', '[]', '{}', '<>', '«»', '‹›', '≤≥']
const MIRRORS = new Map(
  PAIRS.flatMap((pair) => {
    const [one, other] = Array.from(pair) as [string, string]
    return [
      [one, other],
      [other, one],
    ] as const
  }),
)

/** What opens on the left opens on the right where reading goes that way (L4). */
function mirrored(char: string): string {
  return MIRRORS.get(char) ?? char
}
