// What a medicine is counted in, and how much is in one: read from its name, never guessed.
import type { Amount } from '../schedule/order.ts'

/** What stock of it is counted in. */
export type Counted = 'each' | 'mL' | 'actuation'

export interface Product {
  readonly counted: Counted | undefined
  /** Milligrams in one, where there is one ingredient. */
  readonly mgEach?: number | undefined
  readonly mgPerMl?: number | undefined
  readonly unitsPerMl?: number | undefined
  /** Actuations of an inhaler, tablets of a pack, millilitres of a vial or pen. */
  readonly perPackage?: number | undefined
}

export interface Measure {
  readonly value: number
  readonly counted: Counted
  /** What was taken for granted. */
  readonly assumption?: 'drops-20-per-ml' | 'no-unit-is-one' | undefined
}

const DROPS_PER_ML = 20

const EACH =
  /^(?:tab(?:let)?s?|caps?(?:ule)?s?|each|ea|pills?|patch(?:es)?|suppositor(?:y|ies)|sachets?|lozenges?|films?|rings?|implants?|\{?(?:tbl|tab|cap|each|patch)\}?)$/
const PUFF = /^(?:actuat(?:ion)?s?|puffs?|sprays?|inhalations?|\{?(?:actuat|puff)\}?)$/
const PACKAGE =
  /^(?:packs?|blisters?|inhalers?|canisters?|pens?|vials?|syringes?|bottles?|auto-?injectors?|packages?)$/
const UNITS = /^(?:unt|units?|\[iu\]|iu|\[usp'u\])$/
const MASS_MG: Readonly<Record<string, number>> = {
  mg: 1,
  g: 1_000,
  mcg: 0.001,
  ug: 0.001,
  kg: 1e6,
}

/** Reads what the name says of strength, form and package. */
export function productOf(name: string): Product {
  const text = name.toLowerCase()
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const isCombination = / \/ /.test(text)
  const actuations = number(/(\d+(?:\.\d+)?)\s*actuat\b(?!\s*\/)/)
  if (actuations !== undefined || /\/actuat\b/.test(text))
    return { counted: 'actuation', perPackage: actuations }
  const pack = number(/(\d+)\s*day pack\b/)
  if (pack !== undefined) return { counted: 'each', perPackage: pack }
  const perMl = number(/(\d+(?:\.\d+)?)\s*mg\/ml\b/)
  const unitsPerMl = [...text.matchAll(/(\d+(?:\.\d+)?)\s*unt\/ml\b/g)].reduce(
    (sum, [, units]) => sum + Number(units),
    0,
  )
  if (
    perMl !== undefined ||
    unitsPerMl > 0 ||
    /\b(?:solution|suspension|syrup|elixir)\b/.test(text)
  )
    return {
      counted: 'mL',
      mgPerMl: isCombination ? undefined : perMl,
      unitsPerMl: unitsPerMl > 0 ? unitsPerMl : undefined,
      perPackage: number(/^(?:nda\d+\s+)?(\d+(?:\.\d+)?)\s*ml\b/),
    }
  const isSolid =
    /\b(?:tablets?|capsules?|pills?|patch|suppository|lozenge|film|ring|implant)\b/.test(text)
  const mg = number(/(\d+(?:\.\d+)?)\s*mg\b(?!\s*\/)/)
  if (isSolid || mg !== undefined)
    return { counted: 'each', mgEach: isCombination ? undefined : mg }
  return { counted: undefined }
}

/** An amount in what the product is counted in; undefined when nobody can tell. */
export function measure({ unit, value }: Amount, product: Product): Measure | undefined {
  const { counted } = product
  if (counted === undefined) return undefined
  const name = unit.toLowerCase().trim().replace(/\.$/, '')
  const as = (
    amount: number | undefined,
    assumption?: Measure['assumption'],
  ): Measure | undefined =>
    amount === undefined || !Number.isFinite(amount)
      ? undefined
      : { value: Math.round(amount * 1e6) / 1e6, counted, assumption }
  if (name === '' || name === '1') return counted === 'mL' ? undefined : as(value, 'no-unit-is-one')
  if (EACH.test(name)) return counted === 'each' ? as(value) : undefined
  if (PUFF.test(name)) return counted === 'actuation' ? as(value) : undefined
  if (name === 'ml' || name === 'l')
    return counted === 'mL' ? as(name === 'l' ? value * 1_000 : value) : undefined
  if (PACKAGE.test(name))
    return as(product.perPackage === undefined ? undefined : value * product.perPackage)
  if (/^(?:drops?|gtt|\[drp\])$/.test(name))
    return counted === 'mL' ? as(value / DROPS_PER_ML, 'drops-20-per-ml') : undefined
  if (UNITS.test(name))
    return as(product.unitsPerMl === undefined ? undefined : value / product.unitsPerMl)
  const mg = MASS_MG[name]
  if (mg === undefined) return undefined
  if (counted === 'each')
    return as(product.mgEach === undefined ? undefined : (value * mg) / product.mgEach)
  return as(product.mgPerMl === undefined ? undefined : (value * mg) / product.mgPerMl)
}
