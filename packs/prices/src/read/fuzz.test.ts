import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { fixture, scratch } from '../../fixtures/scratch.ts'
import { openPriceFile } from './index.ts'

const made = scratch()
afterAll(() => made.remove())

async function readOrRefuse(bytes: Buffer): Promise<void> {
  try {
    const file = await openPriceFile(made.write(bytes), {
      limits: { maxLineBytes: 1 << 20, maxCellBytes: 1 << 18, maxColumns: 2048 },
    })
    try {
      for await (const batch of file.batches())
        for (const row of batch.rows)
          for (const amount of row.amounts)
            if (!Number.isSafeInteger(amount.amount) || amount.amount <= 0)
              throw new Error('bad amount')
    } finally {
      await file.close()
    }
  } catch (error) {
    expect(error).toMatchObject({ name: 'PriceFileError' })
  }
}

const SEEDS = [
  'real/kennestone_medications_latest_lf.txt',
  'real/uc-davis_cdm_2019.csv',
  'real/spectrum_2019_facility-columns.csv',
  'real/bwh_2018_xlsx-in.zip',
  'real/adventhealth-manchester_2019.xml',
  'cms/V3.0.0_Wide_CSV_Format_Example.csv',
  'cms/v3_json_format_example.json',
]

describe('damaged files', () => {
  it.each(SEEDS)('%s is read or refused, whatever is done to its bytes', async (name) => {
    const original = readFileSync(fixture(name)).subarray(0, 300_000)
    const hits = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { maxLength: 30 })
    const cut = fc.integer({ min: 1, max: original.length })
    await fc.assert(
      fc.asyncProperty(hits, cut, async (places, length) => {
        const bytes = Buffer.from(original.subarray(0, length))
        for (const [at, byte] of places) if (at < length) bytes[at] = byte
        await readOrRefuse(bytes)
      }),
      { numRuns: 12 },
    )
  })

  it('of random bytes and random text are read or refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc
            .array(
              fc.constantFrom(
                'Description',
                'Price',
                'Code',
                ',',
                '|',
                '"',
                '\n',
                '\r',
                '1.5',
                '$',
                '{',
                '[',
                '<a>',
                '\t',
                'é',
              ),
              { maxLength: 80 },
            )
            .map((parts) => Buffer.from(parts.join(''))),
        ),
        (bytes) => readOrRefuse(Buffer.from(bytes)),
      ),
      { numRuns: 300 },
    )
  })
})
