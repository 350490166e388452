// What a check found: all of it counted, the first of each rule kept with its place.
import { RULES, type RuleId, type Severity } from './rules.ts'

/** Where: a cell such as `EC17`, a row, a JSON pointer, or the file as a whole. */
export interface Finding {
  readonly rule: RuleId
  readonly cell: string
  /** A sentence, without a value of the file. */
  readonly detail: string
}

export interface RuleCount {
  readonly rule: RuleId
  readonly severity: Severity
  readonly title: string
  readonly count: number
  readonly samples: readonly { readonly cell: string; readonly detail: string }[]
}

const SAMPLES = 25

export class Findings {
  readonly #counts = new Map<
    RuleId,
    { count: number; samples: { cell: string; detail: string }[] }
  >()
  readonly #onFinding: ((finding: Finding) => void) | undefined

  /** @param onFinding is told of every one */
  constructor(onFinding?: (finding: Finding) => void) {
    this.#onFinding = onFinding
  }

  add(rule: RuleId, cell: string, detail: string, times = 1): void {
    let known = this.#counts.get(rule)
    if (!known) this.#counts.set(rule, (known = { count: 0, samples: [] }))
    known.count += times
    if (known.samples.length < SAMPLES) known.samples.push({ cell, detail })
    this.#onFinding?.({ rule, cell, detail })
  }

  count(severity: Severity): number {
    let sum = 0
    for (const [rule, { count }] of this.#counts)
      if (RULES[rule].severity === severity) sum += count
    return sum
  }

  /** In the order of the table of rules. */
  list(): RuleCount[] {
    return (Object.keys(RULES) as RuleId[]).flatMap((rule) => {
      const known = this.#counts.get(rule)
      const { severity, title } = RULES[rule]
      return known ? [{ rule, severity, title, ...known }] : []
    })
  }
}

/** As spreadsheets name cells. @param row and @param column from 0; a column below 0 means the row as a whole */
export function cellName(row: number, column: number): string {
  if (column < 0) return `row ${row + 1}`
  let name = ''
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1)
    name = String.fromCharCode(65 + (rest % 26)) + name
  return `${name}${row + 1}`
}
