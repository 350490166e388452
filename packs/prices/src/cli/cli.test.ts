import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixture } from '../../fixtures/scratch.ts'
import { startMirror, type Mirror } from '../mirror/index.ts'
import { commands } from './index.ts'

let root: string
let mirror: Mirror

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'orderly-prices-cli-'))
  const folder = mkdtempSync(join(root, 'files-'))
  for (const [name, price] of [['a', 1], ['b', 2], ['c', 4]] as const)
    writeFileSync(join(folder, `${name}.csv`), `CPT Code,Description,Price\n10001,ONE,${price}.00\n`)
  mirror = await startMirror({ folder })
}) // prettier-ignore
afterAll(async () => {
  await mirror[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

async function run(
  name: string,
  args: readonly string[],
  options: Record<string, string | boolean> = {},
) {
  const out: string[] = []
  const said: string[] = []
  const code = await commands
    .find((each) => each.name === name)!
    .run({
      args,
      options,
      home: join(root, 'home'),
      print: (line) => void out.push(line),
      say: (line) => void said.push(line),
    })
  return { code, out: out.join('\n'), said: said.join('\n') }
}

// In the order a person would use them.
describe('orderly prices', () => {
  it('scan runs the whole pipeline', async () => {
    const connectTo = Object.entries(mirror.connectTo).map((pair) => pair.join('=')).join(',')
    const { code, out } = await run('scan', [], { domains: mirror.origin, connectTo, json: true })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      scan: { newFiles: 3, downloadJobsCreated: 3 },
      files: [{ state: 'loaded' }, { state: 'loaded' }, { state: 'loaded' }],
    })
  }) // prettier-ignore

  it('compare shows statistics, and where each price stands', async () => {
    expect((await run('compare', ['10001'])).out).toMatch(
      /gross +3 +1\.00 +1\.50 +2\.00 +3\.00 +4\.00/,
    )
    const { out } = await run('compare', ['10001'], { history: true })
    expect(out).toMatch(/gross +1\.00 .*\/files\/a\.csv +2 +27/)
    const points = await run('compare', ['10001'], { history: true, json: true })
    expect(JSON.parse(points.out)).toMatchObject([{ lineage: { hospital: 'a.csv' } }, {}, {}])
    expect((await run('compare', ['10001'], { market: 'US' })).code).toBe(0)
    expect((await run('compare', ['99999'])).code).toBe(1)
    expect((await run('compare', ['10001'], { smallCell: 'many' })).code).toBe(2)
  })

  it('export writes a file', async () => {
    const file = join(root, 'out.csv')
    expect((await run('export', ['prices'], { out: file })).code).toBe(0)
    const [, first, ...rest] = readFileSync(file, 'utf8').split('\r\n')
    expect(rest).toHaveLength(3)
    // Its hospital as the directory names it, where the file itself names none.
    expect(first).toMatch(/^a\.csv,ONE,CPT,10001,/)
    for (const market of ['us', 'US']) {
      const { code, out } = await run('export', ['prices'], { market })
      expect([code, JSON.parse(out)]).toMatchObject([0, { rows: 3 }])
    }
    expect((await run('export', ['everything'])).code).toBe(2)
  })

  it('scan says that it could read nothing, though there are prices of earlier scans', async () => {
    const registry = join(root, 'nowhere.csv')
    const { code, said } = await run('scan', [], { registry, states: 'ga' })
    expect([code, said]).toEqual([1, expect.stringContaining('could not be read (ENOENT)')])
    expect((await run('compare', ['10001'])).code).toBe(0)
  })

  it('load takes a folder and says what is no price file', async () => {
    const folder = mkdtempSync(join(root, 'in-'))
    writeFileSync(join(folder, 'letter.txt'), 'Dear Sir or Madam,\n\nnothing.\n')
    const { code, out } = await run('load', [folder])
    expect([code, out]).toEqual([3, expect.stringContaining('quarantined')])
    expect((await run('load', [join(root, 'nowhere')])).code).toBe(2)
  })

  it('validate gives the verdict of CMS, and knows what is held', async () => {
    const good = fixture('cms/V3.0.0_Tall_CSV_Format_Example.csv')
    expect((await run('validate', [good])).out).toMatch(/^valid \(tall 3\.0\.0/)
    const old = await run('validate', [good], { layout: '2.2', json: true })
    expect([old.code, JSON.parse(old.out)]).toMatchObject([
      3,
      { verdict: 'invalid', version: '2.2.0' },
    ])
    expect((await run('validate', [fixture('real/grady_2019.txt')])).code).toBe(3)
    expect((await run('validate', [])).code).toBe(2)
    expect(await run('validate', [], { held: true })).toMatchObject({
      code: 0,
      out: 'No version is held.',
    })
    expect((await run('validate', [], { publish: '12' })).code).toBe(2)
    expect((await run('validate', [], { publish: '12', by: 'ann' })).code).toBe(1)
  })
})
