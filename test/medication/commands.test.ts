// `orderly medication …`, `orderly backup`, `restore-test` and `restore` on a home of their own, as people run them. What
// is only looked at between is asked of the same commands in this process: each program takes seconds to start.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { commands } from '../../packs/medication/src/cli/commands.ts'

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

async function look(name: string): Promise<any> {
  const lines: string[] = []
  const code = await commands
    .find((command) => command.name === name)!
    .run({
      args: [],
      options: { json: true },
      home,
      print: (line) => void lines.push(line),
      say() {},
    })
  expect(code).toBe(0)
  return JSON.parse(lines.join(''))
}

it(
  'takes patients in, backs them up, and has them again after the database is lost',
  { timeout: 120_000 },
  async () => {
    const imported = orderly('medication', 'import', BUNDLE, '--zone', 'America/New_York')
    expect(imported).toMatchObject({ code: 0, json: { patients: [expect.any(String)] } })
    const ask = async () => [await look('due'), await look('interactions')]
    const before = await ask()
    expect(before[1].findings.length).toBeGreaterThan(0)
    const saved = orderly('backup')
    expect(saved).toMatchObject({ code: 0, json: { rows: expect.any(Number) } })

    // What is left after a loss: the keyring, and the objects.
    const lost = readdirSync(home).filter((name) => /\.(db|sqlite)/.test(name))
    expect(lost.length).toBeGreaterThan(0)
    for (const name of lost) rmSync(join(home, name))
    expect(await look('due')).toEqual({ due: [] })
    // A backup that is made before anybody restores does not take the place of those that were.
    await look('backup')
    expect(orderly('restore-test', saved.json.id)).toMatchObject({
      code: 0,
      json: { rows: saved.json.rows },
    })
    expect(orderly('restore', saved.json.id)).toMatchObject({ code: 0 })
    expect(await ask()).toEqual(before)
    const wrong = orderly('restore', 'no-such-backup')
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('not where it should be')
  },
)
