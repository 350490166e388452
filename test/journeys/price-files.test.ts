import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listFiles, ROOT } from '../sources.ts'
import { loadOnce, pricesOf, start, statisticsOf } from './program.ts'

const REAL = 'packs/prices/fixtures/real'
/** One file of each format, those with conflicts and with codes that are compared among them. */
const FORMATS = [
  'grady_2019.txt',
  'henry-ford-allegiance_2018.xlsx',
  'kennestone_medications_2019-01-17_crlf.txt',
  'oshpd_106190958_metro-state_2018.xls',
  'temple-episcopal_drg_2018.csv',
]
let folder: string
/** Where the bundled files were loaded without anything in the way. */
let undisturbed: string
let first: Awaited<ReturnType<typeof loadOnce>>

beforeAll(async () => {
  undisturbed = mkdtempSync(join(tmpdir(), 'orderly-journey-'))
  first = await loadOnce(['--data', undisturbed])
})
afterAll(() => rmSync(undisturbed, { recursive: true, force: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-journey-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('npm start -- --once', () => {
  it('loads the bundled files, and says unchanged for all of them the second time', async () => {
    expect(first.ended.code).toBe(0)
    const { files, totals } = first.report
    expect(files.map(({ name }) => name)).toEqual(
      listFiles(REAL, ['']).map((path) => path.slice(REAL.length + 1)),
    )
    const loaded = files.filter(({ state }) => state === 'loaded')
    expect(loaded.length).toBeGreaterThanOrEqual(Math.ceil(files.length * 0.9))
    expect(files.filter(({ state }) => state === 'quarantined')).toEqual([])
    expect(first.report.scan).toMatchObject({ newHospitals: 9, newFiles: 10, errors: [] })
    expect(first.report.published).toBe(loaded.length)
    expect(totals['pricesLoaded']).toBe(loaded.reduce((sum, file) => sum + file.pricesLoaded, 0))
    const prices = pricesOf(first.report.database)
    expect(prices).toHaveLength(totals['pricesLoaded']!)

    const second = await loadOnce(['--data', undisturbed])
    expect(second.ended.code).toBe(0)
    expect(second.report.files.map(({ state }) => state)).toEqual(files.map(() => 'unchanged'))
    expect(second.report.totals['pricesLoaded']).toBe(0)
    expect(second.report.scan).toMatchObject({
      unchangedFiles: 10,
      downloadJobsCreated: 0,
      errors: [],
    })
    expect(pricesOf(second.report.database)).toEqual(prices)
  })

  it('reaches the same prices, row for row, however often it is killed on the way', async () => {
    const kills = 4
    const input = join(folder, 'in')
    mkdirSync(input)
    for (const name of FORMATS) copyFileSync(join(ROOT, REAL, name), join(input, name))
    const { report: whole } = await loadOnce(['--input', input, '--data', join(folder, 'whole')])
    const killed = ['--input', input, '--data', join(folder, 'killed')]
    const args = ['--once', '--json', ...killed]
    let died = 0
    for (let round = 0; round < kills; round++) {
      const run = start(args)
      // The rounds share the length of a whole run, each dying later in its own share than the one before.
      const timer = setTimeout(
        () => run.child.kill('SIGKILL'),
        250 + (whole.totals['durationMs']! / kills) * ((round % 3) * 0.4 + 0.4),
      )
      const { signal } = await run.ended
      clearTimeout(timer)
      if (signal === 'SIGKILL') died++
    }
    const { ended, report } = await loadOnce(killed)
    expect(ended.code).toBe(0)
    expect(died).toBeGreaterThan(0)
    expect(report.files.every(({ state }) => /^(loaded|unchanged)$/.test(state))).toBe(true)
    expect(report).toMatchObject({ published: FORMATS.length, held: 0 })
    expect(pricesOf(report.database)).toEqual(pricesOf(whole.database))
    const statistics = statisticsOf(whole.database)
    expect(statistics.length).toBeGreaterThan(4_000)
    expect(statisticsOf(report.database)).toEqual(statistics)
  }, 300_000)

  it('quarantines what is no price file with a code and a sentence, and loads the rest', async () => {
    const input = join(folder, 'in')
    mkdirSync(input)
    writeFileSync(join(input, 'empty.csv'), '')
    writeFileSync(join(input, 'page.csv'), '<!doctype html><html><body>404 not found</body></html>')
    writeFileSync(
      join(input, 'letter.txt'),
      'Dear Sir or Madam,\n\nplease find enclosed nothing of use.\n',
    )
    writeFileSync(join(input, 'broken.zip'), Buffer.from('504b0304140000000800', 'hex'))
    writeFileSync(
      join(input, 'good.csv'),
      'Code,Description,Price\n00123,ASPIRIN 81 MG TAB,$0.25\n00124,BAD,12..5\n00125,SALINE BAG,"$1,012.50"\n',
    )
    const { ended, report } = await loadOnce(['--input', input, '--data', join(folder, 'data')])
    expect(ended.code).toBe(0)
    const byName = new Map(report.files.map((file) => [file.name, file]))
    for (const name of ['empty.csv', 'page.csv', 'letter.txt', 'broken.zip']) {
      expect(byName.get(name), name).toMatchObject({ state: 'quarantined', pricesLoaded: 0 })
      expect(byName.get(name)!.reason, name).toMatch(/\w+ .*[a-z]\.?$/i)
    }
    expect(byName.get('good.csv')).toMatchObject({
      state: 'loaded',
      rowsRead: 3,
      pricesLoaded: 2,
      rowsQuarantined: 1,
    })
  })

  it('writes new and changed prices of a file that comes again, and closes those that are gone', async () => {
    const input = join(folder, 'in')
    const data = ['--input', input, '--data', join(folder, 'data')]
    mkdirSync(input)
    const write = (rows: string): void =>
      writeFileSync(join(input, 'a.csv'), `CPT Code,Description,Price\n${rows}`)
    write('10001,ONE,1.00\n10002,TWO,2.00\n10003,THREE,3.00\n')
    await loadOnce(data)
    write('10001,ONE,1.00\n10002,TWO,2.50\n10004,FOUR,4.00\n')
    const { report } = await loadOnce(data)
    expect(report.files[0]).toMatchObject({
      state: 'loaded',
      rowsRead: 3,
      pricesLoaded: 2,
      duplicates: 0,
      conflicts: 0,
    })
    expect(pricesOf(report.database)).toHaveLength(5)
  })

  it.each([
    [['--input', 'no-such-folder'], /not a folder/],
    [['--json'], /--once/],
    [['--frobnicate'], /frobnicate/],
  ])('answers %j with what is wrong, and exit code 2', async (args, message) => {
    const ended = await start(args).ended
    expect(ended.code).toBe(2)
    expect(ended.stderr).toMatch(message)
  })
})

describe('npm start', () => {
  it('serves its page, loads what is put in its inbox, and ends on SIGINT', async () => {
    const input = join(folder, 'in')
    const home = join(folder, 'data')
    mkdirSync(input)
    mkdirSync(join(home, 'inbox'), { recursive: true })
    writeFileSync(join(input, 'a.csv'), 'CPT Code,Description,Price\n10001,ONE,1.00\n')
    const run = start(['--input', input, '--data', home], { PORT: '0' })
    const [, url] = await run.said(/(http:\/\/127\.0\.0\.1:\d+)/)
    const page = await fetch(url!)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    copyFileSync(
      join(ROOT, REAL, 'temple-episcopal_drg_2018.csv'),
      join(home, 'inbox', 'temple.csv'),
    )
    await expect
      .poll(async () => JSON.stringify(await (await fetch(`${url}/api/v1/status`)).json()), {
        timeout: 20_000,
      })
      .toMatch(/"temple\.csv","loaded"/)
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    expect(code).toBe(0)
    expect(stderr).toContain('Stopped')
  })
})
