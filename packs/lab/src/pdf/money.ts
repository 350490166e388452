// Sums of money on documents: whole cents, tax rounded by line or by total.

export interface MoneyLine {
  readonly description: string
  readonly quantity: number
  /** In the smallest unit of the currency. */
  readonly unitCents: number
  /** Tax in hundredths of a per cent: 825 is 8.25 %. */
  readonly taxRate: number
}

export interface Totals {
  readonly net: number
  /** By rate, lowest first. */
  readonly taxes: readonly { readonly rate: number; readonly cents: number }[]
  readonly gross: number
}

export type TaxRounding = 'line' | 'total'

/** @throws RangeError for an amount that is no whole number of cents, or too large to be exact */
export function totalsOf(lines: readonly MoneyLine[], rounding: TaxRounding = 'line'): Totals {
  let net = 0
  const bases = new Map<number, number[]>()
  for (const { quantity, unitCents, taxRate } of lines) {
    const amount = quantity * unitCents
    if (
      ![quantity, unitCents, taxRate].every(Number.isInteger) ||
      !Number.isSafeInteger(amount * 10_000)
    )
      throw new RangeError(
        'quantities, prices and tax rates are whole numbers of pieces, cents and hundredths of a per cent',
      )
    net += amount
    bases.set(taxRate, [...(bases.get(taxRate) ?? []), amount])
  }
  const taxes = [...bases]
    .map(([rate, amounts]) => ({
      rate,
      cents:
        rounding === 'line'
          ? amounts.reduce((sum, amount) => sum + share(amount, rate), 0)
          : share(
              amounts.reduce((sum, amount) => sum + amount, 0),
              rate,
            ),
    }))
    .toSorted((one, other) => one.rate - other.rate)
  return { net, taxes, gross: net + taxes.reduce((sum, { cents }) => sum + cents, 0) }
}

/** A share of an amount, halves away from zero, so that a credit note mirrors its invoice. */
function share(amount: number, rate: number): number {
  return Math.sign(amount) * Math.floor((Math.abs(amount) * rate + 5_000) / 10_000)
}

export function formatMoney(cents: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(cents / 10 ** digits)
}

/** 825 is `8.25%`. */
export function formatRate(rate: number): string {
  return `${rate / 100}%`
}
