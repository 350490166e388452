// Staged items as compact text: each word written once per batch, everything else a number.
import type { AmountKind, Code, Lineage } from '../shape/row.ts'
import type { StagedItem, StagedPrice } from './staged-items.ts'

/** An item is a flat list of numbers; numbers below 0 stand for null. */
interface Packed {
  readonly words: readonly string[]
  readonly items: readonly (readonly number[])[]
}

const NULL = -1

export function packItems(items: readonly StagedItem[]): string {
  const numbers = new Map<string, number>()
  const words: string[] = []
  const word = (text: string | null): number => {
    if (text === null) return NULL
    let number = numbers.get(text)
    if (number === undefined) {
      number = words.push(text) - 1
      numbers.set(text, number)
    }
    return number
  }
  const packed: Packed = { words, items: items.map((item) => packItem(item, word)) }
  return JSON.stringify(packed)
}

function packItem(item: StagedItem, word: (text: string | null) => number): number[] {
  const out: number[] = []
  const place = ({ sheet, row, byte }: Lineage): unknown => out.push(word(sheet), row, byte ?? NULL)
  place(item.place)
  out.push(
    word(item.description),
    word(item.setting),
    word(item.billingClass),
    word(item.facility),
    word(item.drug?.unit ?? null),
    word(item.drug?.type ?? null),
    item.codes.length,
    item.modifiers.length,
    item.prices.length,
    item.terms.length,
  )
  for (const { type, code } of item.codes) out.push(word(type), word(code))
  for (const modifier of item.modifiers) out.push(word(modifier))
  for (const { kind, amount, payer, plan, methodology, copies, place: at } of item.prices) {
    out.push(word(kind), amount, word(payer), word(plan), word(methodology), copies)
    place(at)
  }
  for (const { term, place: at } of item.terms) {
    out.push(
      word(term.payer),
      word(term.plan),
      word(term.methodology),
      word(term.percent),
      word(term.algorithm),
      word(term.count),
      word(term.notes),
      term.estimated ?? NULL,
      term.median ?? NULL,
      term.p10 ?? NULL,
      term.p90 ?? NULL,
    )
    place(at)
  }
  return out
}

export function unpackItems(text: string): StagedItem[] {
  const { words, items } = JSON.parse(text) as Packed
  return items.map((numbers) => new Unpacking(numbers, words).item())
}

class Unpacking {
  readonly #numbers: readonly number[]
  readonly #words: readonly string[]
  #at = 0

  constructor(numbers: readonly number[], words: readonly string[]) {
    this.#numbers = numbers
    this.#words = words
  }

  item(): StagedItem {
    const place = this.#place()
    const description = this.#word()!
    const setting = this.#word() as StagedItem['setting']
    const billingClass = this.#word() as StagedItem['billingClass']
    const facility = this.#word()
    const unit = this.#word()
    const type = this.#word()
    const counts = [this.#count(), this.#count(), this.#count(), this.#count()] as const
    return {
      place,
      description,
      setting,
      billingClass,
      facility,
      drug: unit === null || type === null ? null : { unit, type },
      codes: this.#list<Code>(counts[0], () => ({ type: this.#word()!, code: this.#word()! })),
      modifiers: this.#list(counts[1], () => this.#word()!),
      prices: this.#list(counts[2], () => this.#price()),
      terms: this.#list(counts[3], () => this.#term()),
    }
  }

  #price(): StagedPrice {
    return {
      kind: this.#word() as AmountKind,
      amount: this.#count(),
      payer: this.#word(),
      plan: this.#word(),
      methodology: this.#word(),
      copies: this.#count(),
      place: this.#place(),
    }
  }

  #term(): StagedItem['terms'][number] {
    const term = {
      payer: this.#word(),
      plan: this.#word(),
      methodology: this.#word(),
      percent: this.#word(),
      algorithm: this.#word(),
      count: this.#word(),
      notes: this.#word(),
      estimated: this.#number(),
      median: this.#number(),
      p10: this.#number(),
      p90: this.#number(),
    }
    return { term, place: this.#place() }
  }

  #place(): Lineage {
    return { sheet: this.#word(), row: this.#count(), byte: this.#number() }
  }

  #list<T>(length: number, one: () => T): T[] {
    const items: T[] = []
    for (let index = 0; index < length; index++) items.push(one())
    return items
  }

  #count(): number {
    return this.#numbers[this.#at++]!
  }

  #number(): number | null {
    const value = this.#count()
    return value === NULL ? null : value
  }

  #word(): string | null {
    const value = this.#count()
    return value === NULL ? null : this.#words[value]!
  }
}
