import { describe, expect, it } from 'vitest'
import type { PartCursor } from './batch.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Source } from './source.ts'
import { openText } from './text.ts'

/** 5 is the fault's own size; the claim is the same for less. */
const BYTES = Number(process.env['ORDERLY_PRICES_GIGABYTES'] ?? 0.02) * 1e9
const HEAD = Buffer.from('CPT Code,Description,Price\n')
const LINE = 50
const ROWS = Math.floor((BYTES - HEAD.length) / LINE)

/** A file that is worked out where it is read, row by row, and is nowhere as a whole. */
function endless(): Source {
  return {
    size: HEAD.length + ROWS * LINE,
    async read(target, offset, length, position) {
      let written = 0
      const put = (bytes: Buffer, from: number): void => {
        written += bytes.copy(target, offset + written, from, from + length - written)
      }
      if (position < HEAD.length) put(HEAD, position)
      while (written < length) {
        const at = position + written - HEAD.length
        const row = Math.floor(at / LINE)
        if (row >= ROWS) break
        put(lineOf(row), at % LINE)
      }
      return written
    },
    async close() {},
  }
}

function lineOf(row: number): Buffer {
  const text = `${10_000 + (row % 80_000)},THING ${row},${row % 9_000}.50`
  return Buffer.from(`${text.padEnd(LINE - 1)}\n`)
}

describe('a file of many gigabytes (89)', () => {
  it('is read in flat memory, with a place to go on from at least every ten thousand rows', async () => {
    const part = await openText(endless(), 'ascii', DEFAULT_LIMITS, null)
    const first = process.memoryUsage().rss
    let most = first
    let rows = 0
    let middle: PartCursor | null = null
    for await (const batch of part.batches(null, new AbortController().signal)) {
      expect(batch.rowsRead).toBeLessThanOrEqual(10_000)
      rows += batch.rowsRead
      most = Math.max(most, process.memoryUsage.rss())
      if (middle === null && rows >= ROWS / 2) middle = batch.cursor
    }
    expect(rows).toBe(ROWS)
    expect(most - first).toBeLessThan(150 * 2 ** 20)
    // What is read from there on is the other half: no row twice, none left out.
    const again = await openText(endless(), 'ascii', DEFAULT_LIMITS, null)
    let next = middle!.row
    for await (const batch of again.batches(middle, new AbortController().signal)) {
      expect(batch.rows[0]?.lineage.row).toBe(next + 1)
      next += batch.rowsRead
    }
    expect(next).toBe(ROWS + 1)
  })
})
