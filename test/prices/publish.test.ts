// The pipeline from the directory to statistics, told as one story over both databases.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { createTestOrderly, type TestOrderly } from '../../packages/orderly/src/testing/index.ts'
import { fixture } from '../../packs/prices/fixtures/scratch.ts'
import { historyOf } from '../../packs/prices/src/history.ts'
import {
  compare,
  exportData,
  priceFileDownload,
  pricePublish,
  prices,
  ratiosOf,
  registryDirectory,
} from '../../packs/prices/src/index.ts'
import {
  startMirror,
  type Mirror,
  type MirrorHospital,
} from '../../packs/prices/src/mirror/index.ts'
import { pricePages } from '../../packs/prices/src/pages.ts'
import { refreshStatistics } from '../../packs/prices/src/analytics/refresh.ts'
import { decide, findPublication, listHeld } from '../../packs/prices/src/store/publications.ts'
import type { PriceTables } from '../../packs/prices/src/store/tables.ts'
import type { QualityReport } from '../../packs/prices/src/validate/report.ts'

const HEADER = 'CPT Code,Description,Gross Charge,Cash Price\n'
const HOSPITALS: readonly MirrorHospital[] = [
  { id: 'a', name: 'A', state: 'GA', zip: '30060', city: 'Marietta', files: ['a.csv'] },
  { id: 'b', name: 'B', state: 'GA', zip: '30303', city: 'Atlanta', files: ['b.csv'] },
  { id: 'c', name: 'C', state: 'TX', zip: '77001', city: 'Houston', files: ['c.csv'] },
]

describe.each(['sqlite', 'postgres'] as const)('the pipeline (%s)', (store) => {
  let folder: string
  let mirror: Mirror
  let orderly: TestOrderly
  let server: Awaited<ReturnType<typeof startPostgres>> | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orderly-publish-'))
    mirror = await startMirror({ folder, hospitals: HOSPITALS })
    if (store === 'postgres') server = await startPostgres()
    orderly = await createTestOrderly({
      ...(server && { databaseUrl: server.url }),
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
    await server?.stop()
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

  // Told in steps: each begins where the one before ended.
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

  it('is scanned for every night, without anybody having to ask', async () => {
    const schedules = await orderly.schedules()
    expect(schedules).toMatchObject([
      { job: 'prices-scan-on-time', source: 'code', paused: null, spec: { crons: ['17 3 * * *'] } },
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
    const { version_id, source_id } = held!
    expect(
      await db()
        .selectFrom('publications')
        .selectAll()
        .where('version_id', '=', version_id)
        .execute(),
    ).toMatchObject([{ source_id, state: 'published', decided_by: 'ann' }])
  })

  it('holds a version that has lost a third of its prices, and keeps them shown when it is rejected', async () => {
    write('b.csv', '10001,ONE,200.00,100.00')
    await load('b.csv')
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
    const [, list] = await page('hospitals')
    expect(list).toMatchObject({
      block: 'table',
      rows: [{ name: { text: 'A' }, files: 1 }, {}, {}],
    })
    expect(await page('hospitals', { search: 'nobody' })).toMatchObject([{}, { rows: [] }])
    expect(await page('codes', { search: 'two 10002' })).toMatchObject([
      {},
      { rows: [{ code: { text: '10002' }, description: 'TWO' }] },
    ])
    expect(await page('codes', { search: "100%_'" })).toMatchObject([{}, { rows: [] }])
    expect(await page('files', { search: 'b.csv' })).toMatchObject([
      {},
      {
        rows: [{ name: { text: 'b.csv' }, hospital: { text: 'B' }, cms: 'other layout' }],
      },
    ])
    expect(await page('codes')).toMatchObject([
      { block: 'search', value: '' },
      { rows: [{ code: { text: '10001' }, hospitals: 3 }, {}] },
    ])
    const blocks = await page('compare', { type: 'CPT', code: '10001' })
    expect(
      blocks.map((each) => (each.block === 'note' ? each.text : 'title' in each ? each.title : '')),
    ).toEqual([
      'CPT 10001',
      'Median of each hospital (dollars): gross',
      'Quartiles over hospitals (dollars)',
      'What each hospital asks',
      'Across hospitals',
      'Share of the charge that is asked of cash patients and payers',
      'Median of the charge from version to version (dollars)',
    ])
    expect(await page('compare', { type: 'CPT', code: '00000' })).toMatchObject([{ tone: 'bad' }])
    const { file_id: id } = await db()
      .selectFrom('price_files')
      .select('file_id')
      .where('url', '=', mirror.urlOf('c.csv'))
      .executeTakeFirstOrThrow()
    const ofFile = await page('file', { id })
    expect(ofFile.map(({ block }) => block)).toEqual(['facts', 'table', 'table', 'document'])
    const { href } = ofFile.at(-1) as { href: string }
    const paper = await orderly.packs[0]!.document!(href.split('/').at(-1)!)
    expect(Buffer.from(paper!.body).subarray(0, 5).toString()).toBe('%PDF-')
    expect(await orderly.packs[0]!.document!('report-1.pdf')).toBeUndefined()
    expect(await orderly.packs[0]!.document!('../../keyring.json')).toBeUndefined()
    expect(await page('hospital', { id: 'registry:a' })).toMatchObject([
      { title: 'A' },
      { rows: [{ state: { text: 'published', tone: 'good' } }] },
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

  const load = async (name: string): Promise<void> => {
    await orderly.perform(priceFileDownload, {
      source: mirror.urlOf(name),
      location: join(folder, name),
    })
    await orderly.workOff()
  }
  const shown = async (name: string): Promise<readonly string[]> => {
    const filter = { source: mirror.urlOf(name) }
    const made = (await orderly.perform(exportData, { what: 'prices', format: 'json', filter }))
      .output!
    const rows = JSON.parse(await textOf(made.objectKey)) as { code: string; dollars: string }[]
    return rows.map(({ code, dollars }) => `${code} ${dollars}`).toSorted()
  }

  it('shows a version whole, whatever was rejected before it', async () => {
    write('b.csv', '10001,ONE,210.00,100.00', '10002,TWO,21.00,9.00')
    await load('b.csv')
    expect(await shown('b.csv')).toEqual([
      '10001 100.00',
      '10001 210.00',
      '10002 21.00',
      '10002 9.00',
    ])
    const all = await compare(orderly.database, { code: '10002', smallCell: 1 })
    expect(all.find(({ kind }) => kind === 'gross')?.figures).toMatchObject({ max: 210_000 })
  })

  it('holds a jump that comes a second time, beside what is shown', async () => {
    const held = () => listHeld(orderly.database.withTables<PriceTables>())
    write('c.csv', '10001,ONE,40000.00,100.00')
    await load('c.csv')
    write('c.csv', '10001,ONE,40000.00,101.00')
    await load('c.csv')
    expect(await shown('c.csv')).toEqual(['10001 100.00', '10001 400.00'])
    const [first, second] = await held()
    expect(JSON.parse(second!.reasons)).toEqual([expect.stringContaining('1 of 2 changed prices')])
    const approve = { versionIds: [second!.version_id], approved: true, by: 'bea' }
    await orderly.perform(pricePublish, approve)
    await orderly.workOff()
    expect(await held()).toEqual([])
    expect(await shown('c.csv')).toEqual(['10001 101.00', '10001 40000.00'])
    const page = pricePages(orderly).find(({ id }) => id === 'file')!
    const { file_id: id } = await db()
      .selectFrom('price_files')
      .select('file_id')
      .where('url', '=', mirror.urlOf('c.csv'))
      .executeTakeFirstOrThrow()
    const [facts] = await page.load({ id })
    expect(facts).toMatchObject({
      facts: expect.arrayContaining([
        expect.objectContaining({ label: 'Decided by', value: 'bea' }),
      ]) as unknown,
    })
    expect(first!.version_id).not.toBe(second!.version_id)
  })

  it('lets one of two people who decide in the same moment decide, and shows what was decided', async () => {
    write('a.csv', '10001,ONE,777000.00,80.00', '10002,TWO,10.00,9.00')
    await load('a.csv')
    const tables = orderly.database.withTables<PriceTables>()
    const { version_id: version } = (await listHeld(tables)).at(-1)!
    const says = (by: string, approved: boolean): Promise<boolean> =>
      decide(tables, version, { approved, by, now: orderly.clock.now() })
    const decided = await Promise.all([says('ann', true), says('bob', false)])
    expect(decided.filter(Boolean)).toHaveLength(1)
    const state = decided[0] ? 'published' : 'rejected'
    expect(await findPublication(tables, version)).toMatchObject({ state, decided_by: decided[0] ? 'ann' : 'bob' }) // prettier-ignore
    const [found] = await db().selectFrom('versions').select('shown_by').where('version_id', '=', version).execute() // prettier-ignore
    expect(found).toEqual({ shown_by: decided[0] ? version : null })
  })

  it('works statistics out of what another process has just written, not of what stood there before', async () => {
    const tables = orderly.database.withTables<PriceTables>()
    const options = { clock: orderly.clock, signal: new AbortController().signal, onStep: async () => {} } // prettier-ignore
    let refreshing: Promise<unknown> = Promise.resolve()
    await tables.transaction(async ({ query }) => {
      if (store === 'postgres') await sql`lock table price_stats in share row exclusive mode`.execute(query) // prettier-ignore
      await sql`update prices set amount = 444000000 where amount = 400000000`.execute(query)
      refreshing = refreshStatistics(tables, {}, options)
      // It has read nothing yet: on PostgreSQL it waits for the lock, on SQLite for the end of this transaction.
      const waiting = sql<{ n: number }>`select cast(count(*) as int) as n from pg_locks where not granted` // prettier-ignore
      while (store === 'postgres' && (await waiting.execute(query)).rows[0]!.n === 0)
        await orderly.clock.sleep(5)
    })
    await refreshing
    expect(await medianOf('10001', 'TX')).toBe(444_000_000)
  })
})
