/** Owns running the same cases over any backend of BullMQ, and holding it to what is known of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Bench } from './bench.ts'
import type { Run, Store } from './bench.ts'
import { areas } from './cases/index.ts'

export type { Store } from './bench.ts'

/** Where a backend is known to behave otherwise than a case says. */
export interface KnownDifference {
  /** Area and title of the case, as `area: title`. */
  readonly title: string
  readonly reason: string
  /** A part of the failure the case must end in there. Without it, the case is left out. */
  readonly seen?: string
}

/**
 * States every case as a test of vitest. A difference that is known is a claim, too: its case must go wrong as it says,
 * and one that names no case fails.
 *
 * @param name what the tests are called by
 * @param open opens the store before the first case; it is stopped after the last
 */
export function describeBackend(
  name: string,
  open: () => Promise<Store>,
  differences: readonly KnownDifference[] = [],
): void {
  const known = new Map(differences.map((row) => [row.title, row]))
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

    it('has at least 400 cases, and every recorded difference names one of them', () => {
      expect(titles.size).toBeGreaterThanOrEqual(400)
      expect([...known.keys()].filter((title) => !titles.has(title))).toEqual([])
    })
  })
}

// A known difference is itself a claim: the case must go wrong, and in the way that was written down.
async function differs(run: Run, bench: Bench, { seen }: KnownDifference): Promise<void> {
  const failure = await run(bench).then(
    () => 'it behaves like the others now; strike it from the known differences',
    (error: unknown) => (error as Error).message,
  )
  expect(failure).toContain(seen)
}
