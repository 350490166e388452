/** Owns running the suite over the three stores, each held to the differences that are written down of it. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Store } from './bench.ts'
import { describeBackend } from './describe-backend.ts'
import { differences } from './differences.ts'
import type { Difference, StoreName } from './differences.ts'

/**
 * Runs the whole suite over one store.
 *
 * @param adjust what a layer around the store adds to its known differences, or takes away
 */
export function describeStore(
  name: StoreName,
  open: () => Promise<Store>,
  adjust: (own: readonly Difference[]) => readonly Difference[] = (own) => own,
): void {
  const own = differences.filter((row) => row.backend === name)
  describeBackend(name, open, adjust(own))
  it(`has each recorded difference of ${name} printed in DIFFERENCES.md`, () => {
    const text = readFileSync(new URL('../DIFFERENCES.md', import.meta.url), 'utf8')
    const reasons = own.map(({ reason }) => reason)
    expect(reasons.filter((reason) => !text.includes(reason))).toEqual([])
  })
}
