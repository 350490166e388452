// A delivery whose rows the database will not take: it ends, people see why, and a retry goes on.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { priceFileDownload, prices, pricesSettle, reportRecent } from '../index.ts'
import { filesPage } from '../pages/file-pages.ts'
import type { PriceTables } from '../store/tables.ts'

let folder: string
let orderly: TestOrderly

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-unwritten-'))
  orderly = await createTestOrderly({ packs: [prices()] })
})
afterEach(async () => {
  await orderly.close()
  rmSync(folder, { recursive: true, force: true })
})

const db = () => orderly.database.withTables<PriceTables>()
const workAllOff = async (): Promise<void> => {
  for (let round = 0; round < 6; round++) await orderly.workOff({ delayed: true })
}

const FEW = 50
/** More than one batch. */
const MANY = 11_000

/** Loads prices, which the database takes or not. */
async function load(dollars: number, rows = FEW): Promise<void> {
  const location = join(folder, 'a.csv')
  const lines = Array.from({ length: rows }, (_, at) => `C${at},ITEM,${dollars + at}\n`)
  writeFileSync(location, `Charge Code,Description,Gross Charge\n${lines.join('')}`)
  await orderly.perform(priceFileDownload, { source: 'a.csv', location })
  await workAllOff()
}

async function breakTable(
  table: 'prices' | 'publications' | 'sources',
): Promise<() => Promise<unknown>> {
  const event = table === 'sources' ? 'update of current_version' : 'insert'
  await sql.raw(`create trigger full before ${event} on ${table} begin select raise(abort, 'secret 42'); end`).execute(db().query) // prettier-ignore
  return () => sql`drop trigger full`.execute(db().query)
}

async function amounts(): Promise<number> {
  const { rows } = await sql<{ amounts: number }>`select count(*) as amounts from price_list`.execute(db().query) // prettier-ignore
  return rows[0]!.amounts
}

it.each([
  ['prices', MANY],
  ['sources', FEW],
] as const)(
  'ends with its reason when %s cannot be written, and is whole after a redrive',
  async (table, rows) => {
    const mend = await breakTable(table)
    await load(1, rows)
    const [report] = await reportRecent(orderly.database, 1)
    expect(report).toMatchObject({ state: 'quarantined', reason: expect.stringContaining('could not be written') }) // prettier-ignore
    expect(report!.reason).not.toContain('secret')
    expect(JSON.stringify(await filesPage(db(), ''))).toContain('could not be written')
    expect((await orderly.perform(pricesSettle, {})).output).toMatchObject({
      published: 0,
      held: [],
    })
    expect(await amounts()).toBe(0)

    await mend()
    await orderly.redrive({ queue: 'price-update' }, { reason: 'mended' })
    await workAllOff()
    expect(await reportRecent(orderly.database, 9)).toMatchObject([
      { state: 'loaded', reason: null },
    ])
    expect(await amounts()).toBe(rows)
  },
  60_000,
)

it('gives way to a delivery that comes after it, and leaves nothing of it behind', async () => {
  await load(1)
  const mend = await breakTable('prices')
  await load(2)
  await mend()
  await load(3)
  expect(await amounts()).toBe(FEW)
  await orderly.redrive({ queue: 'price-update' }, { reason: 'too late' })
  await workAllOff()
  expect(await amounts()).toBe(FEW)
  const { rows } = await sql<{ least: string }>`select min(dollars + 0) as least from price_list`.execute(db().query) // prettier-ignore
  expect(rows[0]!.least).toBe(3)
  expect(await db().query.selectFrom('staged_batches').selectAll().execute()).toEqual([])
})

it('is held, for somebody to see, when its check fails for good', async () => {
  const mend = await breakTable('publications')
  await load(1)
  await mend()
  expect(await amounts()).toBe(0)
  await orderly.redrive({ queue: 'data-validation' }, { reason: 'mended' })
  await workAllOff()
  expect(await amounts()).toBe(FEW)
})
