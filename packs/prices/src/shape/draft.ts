// Owns the making of one row: cells that every layout reads in the same way, and the flags they earn.
import { canonicalCode, looksLikeDate } from './codes.ts'
import { isPlaceholder, plainMoney, readMoney, type MoneyReading } from './money.ts'
import type {
  Amount,
  AmountKind,
  BillingClass,
  Cells,
  Code,
  Flag,
  LeftOutValue,
  Lineage,
  PayerTerm,
  RejectCode,
  RowSink,
  Setting,
} from './row.ts'

/** A batch lists no more of them; all are counted. */
const MOST_LEFT_OUT = 10_000

const NOTHING: readonly never[] = Object.freeze([])

/** One row in the making; used again for every record, so that a row costs only what it keeps. */
export class Draft {
  amounts: Amount[] = []
  terms: PayerTerm[] | null = null
  codes: Code[] = []
  flags: Flag[] | null = null
  rejection: { code: RejectCode; reason: string } | null = null
  /** The entry of a list that is being read, for messages. */
  within: string | null = null
  #leftOut: Omit<LeftOutValue, 'lineage'>[] | null = null
  /** Those that stood with a code. */
  #modifiers: readonly string[] | null = null
  readonly #strict: boolean

  /** `strict` layouts allow plain decimals only; what else can be read earns a flag there. */
  constructor(strict: boolean) {
    this.#strict = strict
  }

  begin(): void {
    this.amounts = []
    this.terms = null
    this.codes = []
    this.flags = null
    this.rejection = null
    this.#modifiers = null
  }

  flag(flag: Flag): void {
    if (this.flags === null) this.flags = [flag]
    else if (!this.flags.includes(flag)) this.flags.push(flag)
  }

  reject(code: RejectCode, reason: string): void {
    this.rejection ??= { code, reason }
  }

  amount(
    text: string,
    kind: AmountKind,
    column: string,
    payer: string | null,
    plan: string | null,
    methodology: string | null,
  ): void {
    if (text === '') return
    const plain = plainMoney(text)
    if (plain > 0) {
      if (isPlaceholder(plain)) this.flag('placeholder')
      this.amounts.push({ kind, amount: plain, payer, plan, methodology })
      return
    }
    const reading = readMoney(text)
    switch (reading.is) {
      case 'none':
        this.#leave(reading, column)
        return
      case 'amount':
        if (reading.rounded) this.flag('rounded')
        else if (this.#strict && plain < 0) this.flag('lenient-number')
        this.#push(kind, reading.amount, payer, plan, methodology)
        return
      case 'range':
        this.flag('range')
        if (reading.rounded) this.flag('rounded')
        this.#push('min', reading.low, payer, plan, methodology)
        this.#push('max', reading.high, payer, plan, methodology)
        return
      case 'negative':
        this.reject('AMOUNT_NEGATIVE', `Column "${this.#named(column)}" holds a negative amount.`)
        return
      case 'unreadable':
        this.reject(
          'AMOUNT_UNREADABLE',
          `Column "${this.#named(column)}" holds no amount that can be read.`,
        )
    }
  }

  #push(
    kind: AmountKind,
    amount: number,
    payer: string | null,
    plan: string | null,
    methodology: string | null,
  ): void {
    if (amount === 0) {
      this.flag('zero-amount')
      return
    }
    if (isPlaceholder(amount)) this.flag('placeholder')
    this.amounts.push({ kind, amount, payer, plan, methodology })
  }

  #named(column: string): string {
    return this.within === null ? column : `${this.within}.${column}`
  }

  /** Notes a cell that holds no price. In tables of a hospital's own a dash or `N/A` says so itself. */
  #leave({ because }: Extract<MoneyReading, { is: 'none' }>, column: string): void {
    if (because === 'blank' && !this.#strict) return
    const named = this.#named(column)
    this.#leftOut ??= []
    this.#leftOut.push(
      because === 'rule'
        ? {
            column: named,
            code: 'AMOUNT_IS_RULE',
            reason: `Column "${named}" holds a percentage or a rule, no amount.`,
          }
        : {
            column: named,
            code: 'AMOUNT_NO_NUMBER',
            reason: `Column "${named}" holds words, no amount.`,
          },
    )
  }

  /** An amount beside the price: estimated, median, percentile. */
  figure(text: string, column: string): number | null {
    if (text === '') return null
    const reading = readMoney(text)
    switch (reading.is) {
      case 'amount':
        if (reading.rounded) this.flag('rounded')
        if (isPlaceholder(reading.amount)) this.flag('placeholder')
        return reading.amount
      case 'none':
        this.#leave(reading, column)
        return null
      case 'negative':
        this.reject('AMOUNT_NEGATIVE', `Column "${this.#named(column)}" holds a negative amount.`)
        return null
      case 'range':
      case 'unreadable':
        this.reject(
          'AMOUNT_UNREADABLE',
          `Column "${this.#named(column)}" holds no amount that can be read.`,
        )
        return null
    }
  }

  percent(text: string): string | null {
    if (text === '') return null
    if (plainMoney(text) >= 0) return text
    const bare = /^(\d*\.?\d+)\s*%$/.exec(text)?.[1]
    if (bare !== undefined) {
      this.flag('lenient-number')
      return bare
    }
    if (!/^\d*\.?\d+$/.test(text)) this.flag('percent-unreadable')
    return text
  }

  count(text: string): string | null {
    if (/^9{7,}$/.test(text)) this.flag('placeholder')
    return text === '' ? null : text
  }

  code(type: string, code: string): void {
    if (code.length <= 10 && code.length >= 5 && looksLikeDate(code)) this.flag('code-date')
    const one = canonicalCode(type, code)
    this.codes.push({ type: one.type, code: one.code })
    if (one.modifiers) this.#modifiers = [...(this.#modifiers ?? []), ...one.modifiers]
  }

  term(term: PayerTerm): void {
    if (this.terms === null) this.terms = [term]
    else this.terms.push(term)
  }

  setting(text: string): Setting | null {
    const setting = readSetting(text)
    if (setting === null && text !== '') this.flag('setting-unknown')
    return setting
  }

  /** Cells beyond the header can belong to no column. */
  checkWidth(cells: Cells, width: number): void {
    if (cells.count < width) this.flag('short-row')
    for (let index = width; index < cells.count; index++)
      if (cells.text(index) !== '') {
        this.reject(
          'SURPLUS_CELLS',
          `The row has ${cells.count} cells under a header of ${width} columns.`,
        )
        return
      }
  }

  /** Hands the row on with the values it is without, or its rejection. What was begun and not finished is part of it. */
  finish(
    row: {
      lineage: Lineage
      description: string
      setting: Setting | null
      billingClass: BillingClass | null
      facility: string | null
      modifiers: readonly string[]
      drug: { unit: string; type: string } | null
      notes: string | null
    },
    sink: RowSink,
  ): void {
    if (this.rejection === null && row.description === '' && this.codes.length === 0)
      this.reject('NO_ITEM', 'The row has neither a description nor a code.')
    const leftOut = this.#leftOut
    this.#leftOut = null
    if (this.rejection !== null) {
      sink.rejected.push({ lineage: row.lineage, ...this.rejection })
      return
    }
    if (leftOut !== null) {
      sink.valuesLeftOut += leftOut.length
      for (const value of leftOut.slice(0, MOST_LEFT_OUT - sink.leftOut.length))
        sink.leftOut.push({ lineage: row.lineage, ...value })
    }
    if (this.amounts.length === 0 && this.terms === null) this.flag('no-amount')
    sink.amounts += this.amounts.length + (this.terms === null ? 0 : this.terms.length)
    sink.rows.push({
      lineage: row.lineage,
      description: row.description,
      codes: this.codes,
      setting: row.setting,
      billingClass: row.billingClass,
      facility: row.facility,
      modifiers: modifiersOf(row.modifiers, this.#modifiers),
      drug: row.drug,
      amounts: this.amounts,
      terms: this.terms ?? NOTHING,
      notes: row.notes,
      flags: this.flags ?? NOTHING,
    })
  }
}

/** In capitals, each once: `26, tc` is two, whatever stands between them. */
function modifiersOf(
  said: readonly string[],
  withCode: readonly string[] | null,
): readonly string[] {
  if (said.length === 0 && withCode === null) return NOTHING
  const each = said.flatMap((text) =>
    /^[A-Za-z0-9]{2}([\s,;]+[A-Za-z0-9]{2})+$/.test(text) ? text.split(/[\s,;]+/) : [text],
  )
  return [...new Set([...each, ...(withCode ?? [])].map((text) => text.toUpperCase()))]
}

export function readSetting(text: string): Setting | null {
  switch (text) {
    case 'inpatient':
    case 'outpatient':
    case 'both':
      return text
    case '':
      return null
    default:
      break
  }
  const word = text.toLowerCase()
  if (/^(inpatient|outpatient|both)$/.test(word)) return word as Setting
  if (/^(ip|inpatient only|i)$/.test(word)) return 'inpatient'
  if (/^(op|outpatient only|o)$/.test(word)) return 'outpatient'
  if (/^(ip\/op|op\/ip|inpatient\/outpatient|outpatient\/inpatient|all)$/.test(word)) return 'both'
  return null
}

export function readBillingClass(text: string): BillingClass | null {
  const word = text.toLowerCase()
  return word === 'professional' || word === 'facility' || word === 'both' ? word : null
}

export function readList(text: string): readonly string[] {
  if (text === '') return NOTHING
  if (!text.includes('|')) return [text]
  return text
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function orNull(text: string): string | null {
  return text === '' ? null : text
}
