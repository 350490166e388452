// Files from a folder that say the same: one is loaded, the others follow it until they differ.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { priceFileDownload, prices, reportRecent } from '../index.ts'

let folder: string
let orderly: TestOrderly

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-twins-'))
  orderly = await createTestOrderly({ packs: [prices()] })
})
afterEach(async () => {
  await orderly.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Delivers a file and says what became of it. */
async function deliver(source: string, dollars: number, lineEnd = '\n') {
  const location = join(folder, source)
  const lines = ['Charge Code,Description,Gross Charge', `C1,ITEM,${dollars}`, `C2,OTHER,5`]
  writeFileSync(location, lines.map((line) => line + lineEnd).join(''))
  await orderly.perform(priceFileDownload, { source, location })
  for (let round = 0; round < 6; round++) await orderly.workOff({ delayed: true })
  const [report] = await reportRecent(orderly.database, 1)
  return report
}

it('loads nothing of a file whose content another one of the folder has, in other bytes too', async () => {
  expect(await deliver('a.csv', 10, '\r\n')).toMatchObject({ state: 'loaded', pricesLoaded: 2 })
  const same = { state: 'unchanged', pricesLoaded: 0, reason: 'same content as a.csv' }
  expect(await deliver('b.csv', 10)).toMatchObject(same)
  expect(await deliver('c.csv', 10, '\r\n')).toMatchObject(same)
  expect(await deliver('a.csv', 10)).toMatchObject({
    state: 'unchanged',
    reason: 'same content as when it was last loaded',
  })
})

it('loads a twin for itself once the other has changed', async () => {
  await deliver('a.csv', 10)
  await deliver('b.csv', 10)
  expect(await deliver('a.csv', 11)).toMatchObject({ state: 'loaded', pricesLoaded: 1 })
  expect(await deliver('b.csv', 10)).toMatchObject({ state: 'loaded', pricesLoaded: 2 })
})
