/** Owns running the same cases over any store, and holding a store to the differences that are written down. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Bench } from './bench.ts'
import type { Run, Store, StoreName } from './bench.ts'
import { areas } from './cases/index.ts'
import { differences } from './differences.ts'
import type { Difference } from './differences.ts'

/**
 * Runs the whole suite over one store.
 *
 * @param adjust what a layer around the store adds to its known differences, or takes away
 */
export function describeBackend(
  name: StoreName,
  open: () => Promise<Store>,
  adjust: (own: readonly Difference[]) => readonly Difference[] = (own) => own,
): void {
  const own = differences.filter((row) => row.backend === name)
  const known = new Map(adjust(own).map((row) => [row.title, row]))
  const titles = new Set<string>()
  let store: Store
  let bench: Bench | undefined

  describe(name, () => {
    beforeAll(async () => {
      store = await open()
    })
    afterEach(async () => {
      await bench?.close()
      bench = undefined
    })
    afterAll(() => store?.stop())

    for (const [area, cases] of Object.entries(areas)) {
      describe(area, () => {
        cases((title, run) => {
          const full = `${area}: ${title}`
          if (titles.has(full)) throw new Error(`two cases are called "${full}"`)
          titles.add(full)
          const difference = known.get(full)
          if (difference && !difference.seen) return
          it(difference ? `${title} (known to differ: ${difference.reason})` : title, async () => {
            bench = new Bench(store)
            if (difference?.seen) await differs(run, bench, difference)
            else await run(bench)
          })
        })
      })
    }

    it('has each of its recorded differences printed in DIFFERENCES.md', () => {
      const text = readFileSync(new URL('../DIFFERENCES.md', import.meta.url), 'utf8')
      const reasons = own.map(({ reason }) => reason)
      expect(reasons.filter((reason) => !text.includes(reason))).toEqual([])
    })

    it('has at least 400 cases, and every recorded difference names one of them', () => {
      expect(titles.size).toBeGreaterThanOrEqual(400)
      expect([...known.keys()].filter((title) => !titles.has(title))).toEqual([])
    })
  })
}

// A known difference is itself a claim: the case must go wrong, and in the way that was written down.
async function differs(run: Run, bench: Bench, { seen }: Difference): Promise<void> {
  const failure = await run(bench).then(
    () => 'it behaves like the others now; strike the row out of differences.ts',
    (error: unknown) => (error as Error).message,
  )
  expect(failure).toContain(seen)
}
