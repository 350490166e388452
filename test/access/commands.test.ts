import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { createOrderly, defineJob } from 'orderly'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from '../sources.ts'

/** The built program: what people run. */
const MAIN = join(ROOT, 'packages/orderly/dist/cli/main.js')
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const visit = defineJob({ name: 'visit', queue: 'clinic', input: z.object({}) })

let folder: string
let home: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-audit-'))
  home = join(folder, 'home')
  const orderly = await createOrderly({ home, jobs: [visit], log: silent })
  await orderly.pause({ queue: 'clinic' }, { reason: 'vendor is down', by: 'Ana' })
  await orderly.resume({ queue: 'clinic' })
  await orderly.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]) {
  const done = spawnSync(process.execPath, [MAIN, '--home', home, ...args], { encoding: 'utf8' })
  return { code: done.status, out: done.stdout, err: done.stderr }
}
const json = (...args: string[]): any => JSON.parse(run(...args, '--json').out)

describe('orderly users, apikeys and audit', () => {
  it('make and end what lets people and programs in, and each stands in the log', () => {
    expect(run('users', 'setup').out).toMatch(
      /^http:\/\/127\.0\.0\.1:4400\/setup#token=[\w-]{43}\n$/,
    )
    // Nobody could let anybody else in.
    expect(run('users', 'add', 'bo', '--role', 'operator')).toMatchObject({
      code: 1,
      err: expect.stringContaining('users setup'),
    })
    expect(run('users', 'add', 'ana', '--role', 'admin').out).toContain('/setup#token=')
    const elsewhere = { ...process.env, ORDERLY_URL: 'https://jobs.example.org/' }
    const invited = ['users', 'add', 'bob', '--role', 'viewer']
    expect(
      spawnSync(process.execPath, [MAIN, '--home', home, ...invited], {
        encoding: 'utf8',
        env: elsewhere,
      }).stdout,
    ).toContain('https://jobs.example.org/setup#token=')
    const again = run('users', 'setup')
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('ORDERLY_CONFLICT')])
    expect(run('users', 'disable', 'ana')).toMatchObject({
      code: 1,
      err: expect.stringContaining('last administrator'),
    })
    const { key, text } = json(
      'apikeys',
      'create',
      'ci',
      '--role',
      'producer',
      '--network',
      '10.0.0.0/8',
    )
    expect(text).toMatch(/^ord_/)
    expect(run('apikeys', 'revoke', key.id).code).toBe(0)
    const listed = run('apikeys', 'list').out
    expect(listed).toContain('revoked')
    expect(listed).not.toContain(text.split('_')[2])
  })

  it('verify the log, also elsewhere, and tell by how they end what is wrong with it', () => {
    const found = json('audit', 'verify')
    expect(found).toMatchObject({ findings: [], verdict: 'ok', anchored: expect.any(Number) })
    expect(found.anchored).toBeGreaterThan(0)
    const dump = join(folder, 'audit.ndjson')
    const trust = join(folder, 'keys.txt')
    const anchors = join(home, 'ledger-checkpoints.jsonl')
    expect(run('audit', 'export', '--out', dump).code).toBe(0)
    writeFileSync(trust, run('audit', 'vkey').out)
    const text = readFileSync(dump, 'utf8')
    expect(text).toContain('pause.set')
    expect(text).not.toContain('vendor is down')
    const check = (...more: string[]) =>
      run('audit', 'verify', '--file', dump, '--trust', trust, ...more)
    expect(check('--anchor', anchors)).toMatchObject({ code: 0 })
    expect(check()).toMatchObject({ code: 5, out: expect.stringContaining('--anchor') })
    writeFileSync(dump, text.replace('"op\\":\\"pause.set', '"op\\":\\"pause.end'))
    expect(check()).toMatchObject({ code: 3, out: expect.stringContaining('edited') })
    const id = JSON.parse(text.split('\n')[1]!).id as string
    expect(run('audit', 'prove', id).out).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 0\n/)
    expect(run('audit', 'prune', '--before', '2026-01-01')).toMatchObject({ code: 1 })
  })

  it('end with 3 for a log that was changed, 4 for one with a gap, 5 for one nobody vouches for', () => {
    const anchors = join(home, 'ledger-checkpoints.jsonl')
    const kept = readFileSync(anchors)
    rmSync(anchors)
    expect(run('audit', 'verify')).toMatchObject({ code: 5 })
    // A file that is not there, or not as it was kept, vouches for nothing, and keeps nothing else from being told.
    const elsewhere = join(folder, 'kept-elsewhere.jsonl')
    expect(run('audit', 'verify', '--anchor', elsewhere)).toMatchObject({
      code: 1,
      err: expect.stringContaining('kept-elsewhere.jsonl'),
    })
    writeFileSync(anchors, `${kept.toString()}{"at":"\n`)
    const torn = json('audit', 'verify')
    expect([torn.verdict, torn.findings]).toEqual([
      'tampered',
      [expect.objectContaining({ fault: 'anchor', text: expect.stringContaining('line') })],
    ])
    expect(torn.anchored).toBeGreaterThan(0)
    expect(run('audit', 'verify').code).toBe(3)
    writeFileSync(anchors, kept)
    const change = (sql: string) => {
      const database = new BetterSqlite3(join(home, 'orderly.db'))
      database.exec(sql)
      database.close()
    }
    change('drop trigger orderly_ledger_kept; drop trigger orderly_ledger_fixed')
    change('delete from orderly_ledger where i = 1')
    const after = run('audit', 'verify')
    expect([after.code, after.out]).toEqual([4, expect.stringMatching(/missing\s+1/)])
    change("update orderly_ledger set op = 'pause.end' where i = 0")
    expect(json('audit', 'verify')).toMatchObject({ verdict: 'tampered' })
    expect(run('audit', 'verify')).toMatchObject({
      code: 3,
      out: expect.stringContaining('columns'),
    })
  })
})
