// Numbers of dosages: a line keeps its own when its order is delivered again, wherever it stands then.
import type { Dosage, Order } from './order.ts'

/**
 * The dosages of an order as it was delivered, with the numbers they had before. A line is first sought among those that
 * say the same, then among those with the same times, now and in the past; what is left is taken for changed, in order.
 * Only a line that is more than there were has a new number.
 */
export function keepNumbers(
  dosages: readonly Dosage[],
  before: Pick<Order, 'dosages' | 'past'>,
): readonly Dosage[] {
  const current = before.dosages
  const past = (before.past ?? []).toReversed().flatMap((each) => each.dosages)
  const free = new Set([...current, ...past].map(({ no }) => no))
  const numbers = new Map<Dosage, number>()
  const match = (known: readonly Dosage[], keyOf: (dosage: Dosage) => string): void => {
    const keys = new Map<string, number[]>()
    for (const one of known) {
      const key = keyOf(one)
      keys.set(key, [...(keys.get(key) ?? []), one.no])
    }
    for (const dosage of dosages) {
      if (numbers.has(dosage)) continue
      const no = keys.get(keyOf(dosage))?.find((each) => free.has(each))
      if (no === undefined) continue
      numbers.set(dosage, no)
      free.delete(no)
    }
  }
  match(current, whole)
  match(current, times)
  match(past, times)
  match(current, ({ asNeeded }) => String(asNeeded))
  let next = 0
  const used = new Set([...current, ...past].map(({ no }) => no))
  return dosages.map((dosage) => {
    const known = numbers.get(dosage)
    if (known !== undefined) return { ...dosage, no: known }
    while (used.has(next)) next++
    return { ...dosage, no: next++ }
  })
}

/** The same for orders that differ in the places of their lines alone. */
export function byNumber(dosages: readonly Dosage[]): readonly Dosage[] {
  return dosages.toSorted((a, b) => a.no - b.no)
}

function whole(dosage: Dosage): string {
  return JSON.stringify({ ...dosage, no: 0 })
}

function times({ asNeeded, sequence, timing }: Dosage): string {
  return JSON.stringify([sequence, asNeeded, timing ?? null])
}
