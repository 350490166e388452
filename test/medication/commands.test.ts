// `orderly medication …`, `orderly backup`, `restore-test` and `restore` on a home of their own, as people run them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../packages/orderly/dist/cli/main.js', import.meta.url))
const BUNDLE = fileURLToPath(
  new URL('../../packs/medication/fixtures/synthea/cody-larson.json', import.meta.url),
)
const home = mkdtempSync(join(tmpdir(), 'orderly-medication-cli-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

function orderly(...args: string[]): { code: number | null; json: any; err: string } {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [MAIN, '--home', home, ...args, '--json'],
    { encoding: 'utf8' },
  )
  expect(stdout.replace(/^[^\n]*\n$/, '')).toBe('')
  return { code: status, json: stdout === '' ? undefined : JSON.parse(stdout), err: stderr }
}

it(
  'takes patients in, backs them up, and has them again after the database is lost',
  { timeout: 120_000 },
  () => {
    const imported = orderly('medication', 'import', BUNDLE, '--zone', 'America/New_York')
    expect(imported).toMatchObject({ code: 0, json: { patients: [expect.any(String)] } })
    const ask = () => [
      orderly('medication', 'due').json,
      orderly('medication', 'interactions').json,
    ]
    const before = ask()
    expect(before[1].findings.length).toBeGreaterThan(0)
    const saved = orderly('backup')
    expect(saved).toMatchObject({ code: 0, json: { rows: expect.any(Number) } })

    // What is left after a loss: the keyring, and the objects.
    const lost = readdirSync(home).filter((name) => /\.(db|sqlite)/.test(name))
    expect(lost.length).toBeGreaterThan(0)
    for (const name of lost) rmSync(join(home, name))
    expect(orderly('medication', 'due').json).toEqual({ due: [] })
    // A backup that is made before anybody restores does not take the place of those that were.
    expect(orderly('backup')).toMatchObject({ code: 0 })
    expect(orderly('restore-test', saved.json.id)).toMatchObject({
      code: 0,
      json: { rows: saved.json.rows },
    })
    expect(orderly('restore', saved.json.id)).toMatchObject({ code: 0 })
    expect(ask()).toEqual(before)
    const wrong = orderly('restore', 'no-such-backup')
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('not where it should be')
  },
)
