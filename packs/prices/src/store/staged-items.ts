// Normal rows gathered by the item they price, for the short time between the reader and the prices table.
import type { AmountKind, ItemDescription, Lineage, PayerTerm, PriceRow } from '../shape/row.ts'

export interface StagedPrice {
  readonly kind: AmountKind
  /** Ten-thousandths of a dollar. */
  readonly amount: number
  readonly payer: string | null
  readonly plan: string | null
  readonly methodology: string | null
  /** The first row that says so. */
  readonly place: Lineage
  /** How many rows say so. */
  copies: number
}

export interface StagedItem extends ItemDescription {
  readonly place: Lineage
  readonly prices: StagedPrice[]
  readonly terms: { readonly term: PayerTerm; readonly place: Lineage }[]
}

/**
 * Gathers rows by item. A tall file says gross, cash, min and max again on the row of every payer; here each is said
 * once, with the number of rows that said it.
 */
export class ItemGatherer {
  readonly #gatherings = new Map<string, Gathering>()
  #last: Gathering | undefined

  add(rows: readonly PriceRow[]): void {
    for (const row of rows) {
      // The rows of an item mostly follow each other.
      if (!this.#last || !describesSame(this.#last.item, row)) this.#last = this.#gatheringFor(row)
      this.#last.add(row)
    }
  }

  /** Everything gathered since the last call, in the order it first came. */
  take(): StagedItem[] {
    const items = Array.from(this.#gatherings.values(), ({ item }) => item)
    this.#gatherings.clear()
    this.#last = undefined
    return items
  }

  #gatheringFor(row: PriceRow): Gathering {
    const { description, codes, setting, billingClass, facility, modifiers, drug } = row
    const key = JSON.stringify([
      description,
      codes,
      setting,
      billingClass,
      facility,
      modifiers,
      drug,
    ])
    let gathering = this.#gatherings.get(key)
    if (!gathering) this.#gatherings.set(key, (gathering = new Gathering(row)))
    return gathering
  }
}

function describesSame(a: ItemDescription, b: ItemDescription): boolean {
  return (
    a.description === b.description &&
    a.setting === b.setting &&
    a.billingClass === b.billingClass &&
    a.facility === b.facility &&
    a.drug?.unit === b.drug?.unit &&
    a.drug?.type === b.drug?.type &&
    a.codes.length === b.codes.length &&
    a.codes.every(
      ({ type, code }, index) => type === b.codes[index]!.type && code === b.codes[index]!.code,
    ) &&
    a.modifiers.length === b.modifiers.length &&
    a.modifiers.every((modifier, index) => modifier === b.modifiers[index])
  )
}

class Gathering {
  readonly item: StagedItem
  /** Prices of nobody in particular: few, and said again on every row. */
  readonly #general: StagedPrice[] = []

  constructor({
    description,
    codes,
    setting,
    billingClass,
    facility,
    modifiers,
    drug,
    lineage,
  }: PriceRow) {
    this.item = {
      description, codes, setting, billingClass, facility, modifiers, drug, place: lineage, prices: [], terms: [],
    } // prettier-ignore
  }

  add(row: PriceRow): void {
    for (const amount of row.amounts) {
      // A payer's price is seldom said twice; the table tells when it is.
      const isGeneral = amount.payer === null && amount.plan === null
      const known = isGeneral ? this.#find(amount) : undefined
      if (known) known.copies++
      else {
        const { kind, amount: value, payer, plan, methodology } = amount
        const price = {
          kind,
          amount: value,
          payer,
          plan,
          methodology,
          place: row.lineage,
          copies: 1,
        }
        this.item.prices.push(price)
        if (isGeneral) this.#general.push(price)
      }
    }
    for (const term of row.terms) this.item.terms.push({ term, place: row.lineage })
  }

  #find({ kind, amount, methodology }: PriceRow['amounts'][number]): StagedPrice | undefined {
    for (const known of this.#general) {
      if (known.amount === amount && known.kind === kind && known.methodology === methodology)
        return known
    }
    return undefined
  }
}
