import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixture } from '../fixtures/scratch.ts'
import { historyOf } from './history.ts'
import {
  compare,
  exportData,
  priceFileDownload,
  pricePublish,
  prices,
  ratiosOf,
  registryDirectory,
} from './index.ts'
import { startMirror, type Mirror, type MirrorHospital } from './mirror/index.ts'
import { pricePages } from './pages.ts'
import type { PriceTables } from './store/tables.ts'
import type { QualityReport } from './validate/report.ts'

const HEADER = 'CPT Code,Description,Gross Charge,Cash Price\n'
const HOSPITALS: readonly MirrorHospital[] = [
  { id: 'a', name: 'A', state: 'GA', zip: '30060', city: 'Marietta', files: ['a.csv'] },
  { id: 'b', name: 'B', state: 'GA', zip: '30303', city: 'Atlanta', files: ['b.csv'] },
  { id: 'c', name: 'C', state: 'TX', zip: '77001', city: 'Houston', files: ['c.csv'] },
]

let folder: string
let mirror: Mirror
let orderly: TestOrderly

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-publish-'))
  mirror = await startMirror({ folder, hospitals: HOSPITALS })
  orderly = await createTestOrderly({
    packs: [
      prices({
        directories: [registryDirectory(`${mirror.origin}/registry.json`)],
        connectTo: mirror.connectTo,
      }),
    ],
  })
})
afterAll(async () => {
  await orderly.close()
  await mirror[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, ...rows: readonly string[]): void {
  writeFileSync(join(folder, name), `${HEADER}${rows.join('\n')}\n`)
}

/** Runs the pipeline as its workflow and returns the run once it has ended, or asks somebody. */
async function pipeline() {
  const { id } = await orderly.startRun('prices.pipeline', {}, { by: 'test' })
  await orderly.start()
  return untilDone(id, true)
}

async function untilDone(id: string, orAsks = false) {
  for (;;) {
    const run = (await orderly.run(id))!
    const asks = run.nodes.some(({ node, endedAt }) => node === 'ask' && endedAt === null)
    if (run.state !== 'running' || (orAsks && asks)) return run
    await orderly.clock.sleep(50)
  }
}

const db = () => orderly.database.withTables<PriceTables>().query

async function medianOf(code: string, market = 'us'): Promise<number | undefined> {
  const found = await compare(orderly.database, { code, market, smallCell: 1 })
  return found.find(({ kind }) => kind === 'gross')?.figures?.median
}

async function textOf(key: string): Promise<string> {
  const found = await orderly.objects.get(key)
  const chunks: Uint8Array[] = []
  for await (const chunk of found!.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

// One story, told in steps: each begins where the one before ended.
describe('the pipeline', () => {
  it('runs from the directory to statistics as one workflow', async () => {
    write('a.csv', '10001,ONE,100.00,80.00', '10002,TWO,10.00,9.00')
    write('b.csv', '10001,ONE,200.00,100.00', '10002,TWO,20.00,9.00')
    write('c.csv', '10001,ONE,400.00,100.00')
    const run = await pipeline()
    expect(run.state).toBe('completed')
    const all = await compare(orderly.database, { code: '10001' })
    const gross = all.find(({ kind }) => kind === 'gross')
    expect(gross).toMatchObject({
      hospitals: 3,
      figures: { min: 1_000_000, median: 2_000_000, max: 4_000_000, spread: 4 },
    })
    expect(await medianOf('10001', 'GA')).toBe(1_500_000)
    expect(await medianOf('10001', '13067')).toBe(1_000_000)
    expect(await ratiosOf(orderly.database, 'CPT', '10001')).toMatchObject([
      { cashToGross: 0.8 },
      { cashToGross: 0.5 },
      { cashToGross: 0.25 },
    ])
  })

  it('withholds what fewer than three hospitals ask', async () => {
    const [two] = await compare(orderly.database, { code: '10002' })
    expect(two).toMatchObject({ hospitals: 2, figures: null, withheld: 'fewer than 3 hospitals' })
  })

  it('carries one changed price into history, lineage, trend and statistics, and touches no other', async () => {
    const before = await db().selectFrom('prices').selectAll().execute()
    const untouched = await db()
      .selectFrom('price_stats')
      .selectAll()
      .where('code', '=', '10002')
      .execute()
    write('a.csv', '10001,ONE,110.00,80.00', '10002,TWO,10.00,9.00')
    await pipeline()
    const after = await db().selectFrom('prices').selectAll().execute()
    expect(after).toHaveLength(before.length + 1)
    expect(await medianOf('10001', '13067')).toBe(1_100_000)
    expect(
      await db().selectFrom('price_stats').selectAll().where('code', '=', '10002').execute(),
    ).toEqual(untouched)
    const history = await historyOf(orderly.database, {
      code: '10001',
      source: mirror.urlOf('a.csv'),
      kind: 'gross',
    })
    expect(history).toMatchObject([
      { amount: 1_100_000, goneAt: null, lineage: { row: 2, byte: HEADER.length } },
      { amount: 1_000_000, goneAt: expect.any(Number) as number },
    ])
    const { objectKey, byte } = history[0]!.lineage
    expect((await textOf(objectKey!)).slice(byte!)).toMatch(/^10001,ONE,110\.00/)
    const trend = await db()
      .selectFrom('price_trends')
      .select('median')
      .where('code', '=', '10001')
      .where('kind', '=', 'gross')
      .orderBy('seen_at')
      .execute()
    expect(trend.at(-1)).toEqual({ median: 1_100_000 })
  })

  it('holds a version whose prices jump tenfold, shows what was shown before, and asks', async () => {
    write('a.csv', '10001,ONE,11000.00,80.00', '10002,TWO,10.00,9.00')
    const run = await pipeline()
    expect(run.state).toBe('running')
    expect(await medianOf('10001', '13067')).toBe(1_100_000)
    const [held] = await db()
      .selectFrom('publications')
      .selectAll()
      .where('state', '=', 'held')
      .execute()
    expect(JSON.parse(held!.reasons)).toEqual([expect.stringContaining('ten times')])
    const report = JSON.parse(await textOf(held!.report_key!)) as QualityReport
    expect(report).toMatchObject({ publication: 'held', change: { compared: 1, jumps: 1 } })
    expect(report.findings.map(({ rule }) => rule)).toContain('CHANGE.JUMP')
    const html = await textOf(held!.report_key!.replace('.json', '.html'))
    expect(html).toContain('CHANGE.JUMP')
    expect((await textOf(held!.report_key!.replace('.json', '.pdf'))).slice(0, 5)).toBe('%PDF-')
    await orderly.decide(run.id, 'ask', { approved: true, by: 'ann' })
    expect((await untilDone(run.id)).state).toBe('completed')
    expect(await medianOf('10001', '13067')).toBe(110_000_000)
  })

  it('holds a version that has lost a third of its prices, and keeps them shown when it is rejected', async () => {
    write('b.csv', '10001,ONE,200.00,100.00')
    await orderly.perform(priceFileDownload, {
      source: mirror.urlOf('b.csv'),
      location: join(folder, 'b.csv'),
    })
    await orderly.workOff()
    const held = db().selectFrom('publications').selectAll().where('state', '=', 'held')
    const [version] = await held.execute()
    expect(version?.reasons).toContain('fewer prices')
    const { output } = await orderly.perform(pricePublish, {
      versionIds: [version!.version_id], approved: false, by: 'ann',
    }) // prettier-ignore
    expect(output).toEqual({ decided: 1 })
    await orderly.workOff()
    expect(await held.execute()).toEqual([])
    expect((await compare(orderly.database, { code: '10002' }))[0]?.hospitals).toBe(2)
  })

  it.each(['csv', 'json', 'parquet'] as const)('exports as %s what it shows, with a manifest', async (format) => {
    const made = (await orderly.perform(exportData, { what: 'prices', format, filter: { code: '10001', kind: 'gross' } })).output!
    expect(made.rows).toBe(3)
    const manifest = JSON.parse(await textOf(made.manifestKey)) as Record<string, unknown>
    expect(manifest).toMatchObject({ rows: 3, sha256: made.sha256, bytes: made.bytes })
    if (format === 'parquet') {
      const found = await orderly.objects.get(made.objectKey)
      const chunks: Uint8Array[] = []
      for await (const chunk of found!.body) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      const rows = await parquetReadObjects({
        file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      })
      expect(rows.map(({ dollars }) => Math.round(dollars as number)).toSorted((x, y) => x - y)).toEqual([200, 400, 11_000])
    } else if (format === 'json') {
      const rows = JSON.parse(await textOf(made.objectKey)) as { dollars: string; row: number }[]
      expect(rows.map(({ dollars }) => dollars).toSorted()).toEqual(['11000.00', '200.00', '400.00'])
    } else expect((await textOf(made.objectKey)).split('\r\n')).toHaveLength(5)
  }) // prettier-ignore

  it('exports statistics without the figures of too few hospitals', async () => {
    const made = (await orderly.perform(exportData, { what: 'statistics', format: 'json', filter: { market: 'us' } })).output!
    const rows = JSON.parse(await textOf(made.objectKey)) as { code: string; median: string | null; withheld: string | null }[]
    expect(rows.filter(({ code }) => code === '10002').every(({ median }) => median === null)).toBe(true)
    expect(rows.some(({ median }) => median !== null)).toBe(true)
  }) // prettier-ignore

  it('shows pages of hospitals, files and codes', async () => {
    const pages = pricePages(orderly)
    const page = (id: string, params = {}) => pages.find((each) => each.id === id)!.load(params)
    const [list] = await page('hospitals')
    expect(list).toMatchObject({ block: 'table', rows: [{ name: { text: 'A' } }, {}, {}] })
    expect(await page('codes')).toMatchObject([
      { rows: [{ code: { text: '10001' }, hospitals: 3 }, {}] },
    ])
    const blocks = await page('compare', { type: 'CPT', code: '10001' })
    expect(blocks.map(({ block }) => block)).toEqual(['chart', 'table', 'chart', 'chart'])
    const { file_id: id } = await db()
      .selectFrom('price_files')
      .select('file_id')
      .executeTakeFirstOrThrow()
    expect(await page('file', { id })).toMatchObject([{ block: 'facts' }, { block: 'table' }])
    expect(await page('hospital', { id: 'registry:a' })).toMatchObject([
      { title: 'A' },
      { rows: [{ state: 'stored' }] },
    ])
  })

  it('validates a CMS file it loads by the rules of CMS', async () => {
    const location = fixture('cms/V3.0.0_Tall_CSV_Format_Example.csv')
    await orderly.perform(priceFileDownload, { source: 'west-mercy', location })
    await orderly.workOff()
    const found = await db()
      .selectFrom('publications')
      .innerJoin('sources', 'sources.source_id', 'publications.source_id')
      .select(['verdict', 'state'])
      .where('name', '=', 'west-mercy')
      .execute()
    expect(found).toEqual([{ verdict: 'valid', state: 'published' }])
  })
})
