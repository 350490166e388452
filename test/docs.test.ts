// What the documents say is true.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ERRORS } from 'orderly'
import { describe, expect, it } from 'vitest'
import { listFiles, ROOT } from './sources.ts'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const pages = listFiles('', ['.md']).filter((path) => !path.includes('/fixtures/'))

describe('docs', () => {
  it('list every error code, and no other', () => {
    const listed = [...read('docs/reference/errors.md').matchAll(/^\| `(ORDERLY_\w+)`/gm)].map(
      ([, code]) => code,
    )
    expect(listed.toSorted()).toEqual(Object.keys(ERRORS).toSorted())
  })

  it('say where each of the forty attacks is tested', () => {
    const rows = [...read('docs/operate/security.md').matchAll(/^\| (\d+) +\|[^|]+\|([^\n]+)\|$/gm)]
    expect(rows.map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
    const missing = rows.flatMap(([, number, cell]) =>
      cell!.split(';').flatMap((part) => {
        const [, file = '', titles = ''] = /^\s*([\w./-]+\.test\.ts): (.+)$/.exec(part) ?? []
        const names = [...titles.matchAll(/`([^`]+)`/g)].map(([, title]) => title!)
        if (names.length === 0 || !existsSync(join(ROOT, file)))
          return [`${number}: ${part.trim()}`]
        const text = read(file)
        return names
          .filter((name) => !text.includes(name))
          .map((name) => `${number}: ${file}: ${name}`)
      }),
    )
    expect(missing).toEqual([])
  })

  it('link only to what is there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => join(dirname(page), target!))
        .filter((target) => !existsSync(join(ROOT, target)))
        .map((target) => `${page} links to ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('name only npm commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const unknown = pages.flatMap((page) =>
      [...read(page).matchAll(/\bnpm (?:run )?(start|test|run [\w:-]+|(?<=run )[\w:-]+)/g)]
        .map(([, name]) => name!.replace('run ', ''))
        .filter((name) => !(name in scripts))
        .map((name) => `${page}: npm run ${name}`),
    )
    expect(unknown).toEqual([])
  })

  it('show a first program that runs as it stands', async () => {
    const [, program] = /## A program\n\n```ts\n([\s\S]*?)```/.exec(read('README.md'))!
    // Inside the project, so that the program finds the packages as an installed one would.
    const cache = join(ROOT, 'node_modules/.cache')
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(join(cache, 'readme-'))
    try {
      writeFileSync(join(folder, 'program.mts'), program!)
      const { code, stdout } = await run(['--import', 'tsx', 'program.mts'], folder)
      expect(code).toBe(0)
      expect(stdout).toMatch(/name: 'refill-check'[\s\S]*state: 'completed'/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function run(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; stdout: string }> {
  const environment = { ...process.env }
  delete environment['ORDERLY_HOME']
  const child = spawn(process.execPath, args, {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout })))
}
