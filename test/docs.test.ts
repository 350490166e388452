// What the documents say is true.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
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

  it('list every variable of the environment that is read, and no other', () => {
    const codes = new Set(Object.keys(ERRORS))
    const named = (text: string): string[] =>
      [...new Set(text.match(/\bORDERLY_[A-Z\d_]+\b/g))].filter((name) => !codes.has(name))
    const sources = listFiles('packages/orderly/src', ['.ts']).filter(
      (path) => !path.endsWith('.test.ts'),
    )
    const listed = [...read('docs/operate/deploying.md').matchAll(/^\| `(ORDERLY_\w+)`/gm)]
    expect(listed.map(([, name]) => name).toSorted()).toEqual(
      named(sources.map(read).join('\n')).toSorted(),
    )
  })

  it('say where each of the forty attacks is tested', () => {
    const rows = [...read('docs/operate/security.md').matchAll(/^\| (\d+) +\|[^|]+\|([^\n]+)\|$/gm)]
    expect(rows.map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
    expect(rows.flatMap(([, number, cell]) => unproved(number!, cell!))).toEqual([])
  })

  it('say where each feature is tested', () => {
    const rows = [...read('docs/features.md').matchAll(/^\| (\d[\d, ]*?) +\|.*\|([^|\n]+)\|$/gm)]
    expect(rows.length).toBeGreaterThanOrEqual(59)
    expect(rows.flatMap(([, number, cell]) => unproved(number!, cell!))).toEqual([])
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
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'program.ts'), program!)
      const { child, ended } = run(['--import', 'tsx', 'program.ts'], folder)
      const stdout = await text(child.stdout)
      expect(await ended).toBe(0)
      expect(stdout).toMatch(/name: 'refill-check'[\s\S]*state: 'completed'/)
    })
  })

  it('show a whole program with its dashboard that runs as it stands, until Ctrl-C', async () => {
    const page = read('docs/start/quick-start.md')
    await inFolder(async (cache) => {
      const main = join(ROOT, 'packages/orderly/dist/cli/main.js')
      expect(await run([main, 'init', 'My clinic'], cache, {}, 'ignore').ended).toBe(0)
      const folder = join(cache, 'My clinic')
      const shown = [...page.matchAll(/```ts\n(\/\/ (\S+\.ts):[\s\S]*?)```/g)]
      expect(shown.map(([, , name]) => name)).toEqual(['refill-check.ts', 'program.ts'])
      for (const [, program, name] of shown)
        expect(readFileSync(join(folder, name!), 'utf8')).toBe(program)
      const { name, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      expect(name).toBe('my-clinic')
      const linked = join(folder, dependencies.orderly.replace(/^file:/, ''))
      expect(JSON.parse(readFileSync(join(linked, 'package.json'), 'utf8')).name).toBe('orderly')
      const again = run([main, 'init', 'My clinic'], cache, {}, 'ignore')
      expect(await again.ended).toBe(1)
      const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
      expect(await run([compiler], folder).ended).toBe(0)
      const { child, ended } = run(['--import', 'tsx', 'program.ts'], folder, { PORT: '0' })
      let stdout = ''
      for await (const piece of child.stdout) {
        stdout += String(piece)
        if (/state: '(completed|failed)'/.test(stdout) && child.exitCode === null)
          child.kill('SIGINT')
      }
      expect(await ended).toBe(0)
      expect(stdout).toMatch(/first user at http:\/\/127\.0\.0\.1:\d+\/setup/)
      expect(stdout).toMatch(/state: 'completed'/)
    })
  })
})

/** Inside the project, so that a program finds the packages as an installed one would. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const cache = join(ROOT, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'docs-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function run(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
  errors: 'inherit' | 'ignore' = 'inherit',
) {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...env }
  delete environment['ORDERLY_HOME']
  const child = spawn(process.execPath, args, {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', errors],
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, ended }
}

/** What of a cell of the form "file: `title`, `title`; file: `title`" is not there. */
function unproved(row: string, cell: string): string[] {
  const proofs = [...cell.matchAll(/([\w./-]+\.ts): ((?:`[^`]+`(?:, )?)+)/g)]
  const left = proofs.reduce((rest, [whole]) => rest.replace(whole, ''), cell)
  if (proofs.length === 0 || /[^\s;]/.test(left)) return [`${row}: ${left.trim()}`]
  return proofs.flatMap(([, file, titles]) => {
    if (!existsSync(join(ROOT, file!))) return [`${row}: ${file}`]
    const text = read(file!)
    return [...titles!.matchAll(/`([^`]+)`/g)].flatMap(([, title]) =>
      text.includes(title!) ? [] : [`${row}: ${file}: ${title}`],
    )
  })
}
