import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../packages/orderly/src/primitives/clock.ts'
import { SAMPLE_DOCUMENTS as DOCUMENTS } from '../cli/samples.ts'
import type { Invoice } from './documents.ts'
import { renderDocument } from './render.ts'
import { openRenderer } from './renderer.ts'

const LONG: Invoice = {
  ...DOCUMENTS.invoice,
  lines: Array.from({ length: 300 }, (_, n) => ({
    description: `Lens ${n}`,
    quantity: 1,
    unitCents: 100,
    taxRate: 0,
  })),
}

describe('the thread that renders documents', () => {
  const render = openRenderer(systemClock)

  it('makes the bytes that are made without it', async () => {
    const [thread, here] = await Promise.all([
      render(DOCUMENTS['order-sheet']),
      renderDocument(DOCUMENTS['order-sheet']),
    ])
    expect(Buffer.from(thread).equals(Buffer.from(here))).toBe(true)
  })
  it('leaves the process its turns while a long document is made', async () => {
    let turns = 0
    let isMade = false
    const made = render(LONG).finally(() => (isMade = true))
    while (!isMade) {
      await systemClock.sleep(1)
      turns++
    }
    expect((await made).byteLength).toBeGreaterThan(10_000)
    expect(turns).toBeGreaterThan(10)
  })
  it('tells what a document holds that no page can, and makes the others', async () => {
    const tooMany = { ...LONG, lines: Array.from({ length: 5_001 }, () => LONG.lines[0]!) }
    const [bad, good] = await Promise.allSettled([render(tooMany), render(DOCUMENTS.receipt)])
    expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(RangeError) })
    expect(good.status).toBe('fulfilled')
  })
})
