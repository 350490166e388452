// House rules that a machine can keep.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFiles, readSources, ROOT } from './sources.ts'

const sources = ['packages', 'packs', 'examples', 'test', 'bench'].flatMap(readSources)
const LONGEST_FILE = 400
const FIXTURES_BYTES = 6 * 1024 * 1024

const tracked = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  { cwd: ROOT },
)
  .toString()
  .split('\0')
  .filter((path) => path !== '')

describe('tidy', () => {
  it('finds the sources it is to judge', () => {
    expect(sources.length).toBeGreaterThan(60)
  })

  it(`keeps a source file under ${LONGEST_FILE} lines`, () => {
    const long = sources
      .filter(({ path }) => !path.endsWith('.test.ts'))
      .map(({ path, text }) => `${path}: ${text.split('\n').length} lines`)
      .filter((line) => Number(/(\d+) lines/.exec(line)?.[1]) > LONGEST_FILE)
    expect(long).toEqual([])
  })

  it('names files by meaning', () => {
    const vague = /^(utils?|helpers?|common|misc|shared|types|interfaces|constants)\.tsx?$/
    expect(sources.map(({ path }) => path).filter((path) => vague.test(basename(path)))).toEqual([])
  })

  it('opens every source file with a sentence on what it owns', () => {
    const silent = sources.filter(
      ({ path, text }) => !path.endsWith('.test.ts') && !/^(#!.*\n)?\/[/*]/.test(text),
    )
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('silences no checker', () => {
    const marker = /@ts-(ignore|expect-error|nocheck)|(eslint|oxlint)-disable|\bas any\b/
    const here = sources.filter(
      ({ path, text }) => path !== 'test/tidy.test.ts' && marker.test(text),
    )
    expect(here.map(({ path }) => path)).toEqual([])
  })

  it('runs every test there is', () => {
    const off = /\b(it|test|describe)\.(skip|only|todo)\b/
    const here = sources.filter(({ path, text }) => path !== 'test/tidy.test.ts' && off.test(text))
    expect(here.map(({ path }) => path)).toEqual([])
  })

  it('leaves no promise for later in code', () => {
    const later = /\b(TODO|FIXME|XXX|HACK)\b/
    const here = sources.filter(
      ({ path, text }) => path !== 'test/tidy.test.ts' && later.test(text),
    )
    expect(here.map(({ path }) => path)).toEqual([])
  })

  it('holds no path of one machine and no address of a registry', () => {
    const text =
      /\.(ts|tsx|mjs|js|json|md|ya?ml|sh|css|html)$|^\.(ci\/run|npmrc|gitignore|gitattributes)$/
    const machine = new RegExp(String.raw`(^|[\s"'(=])/(work|home/\w+|root|Users/\w+)/\w`, 'm')
    const registry = new RegExp(['registry', 'npmjs'].join(String.raw`\.`))
    const here = tracked
      .filter((path) => text.test(path) && !path.includes('/fixtures/'))
      .filter((path) => {
        const content = readFileSync(join(ROOT, path), 'utf8')
        return machine.test(content) || registry.test(content)
      })
    expect(here).toEqual([])
  })

  it('pins every dependency to one version', () => {
    const loose = tracked
      .filter((path) => basename(path) === 'package.json')
      .flatMap((path) => {
        const manifest = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<
          string,
          Record<string, string>
        >
        return [
          'dependencies',
          'devDependencies',
          'peerDependencies',
          'optionalDependencies',
        ].flatMap((kind) =>
          Object.entries(manifest[kind] ?? {})
            .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
            .map(([name, version]) => `${path}: ${name} ${version}`),
        )
      })
    expect(loose).toEqual([])
  })

  it('locks the packages of every platform, so that npm ci works on all of them', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)!))
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !names.has(name))
        .map((name) => `${path} may need ${name}`),
    )
    expect(missing).toEqual([])
  })

  it('records a decision for every dependency that is shipped', () => {
    const records = listFiles('docs/decisions', ['.md'])
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n')
    const unrecorded = tracked
      .filter((path) => /^(packages|packs)\/[^/]+\/package\.json$/.test(path))
      .flatMap((path) => {
        const manifest = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as {
          dependencies?: Record<string, string>
        }
        return Object.keys(manifest.dependencies ?? {})
      })
      .filter(
        (name) =>
          !/^(orderly|bullmq-sqlite|@orderly\/.*)$/.test(name) && !records.includes(`\`${name}\``),
      )
    expect([...new Set(unrecorded)]).toEqual([])
  })

  it('keeps the real fixtures small and says where each comes from', () => {
    const folder = 'packs/prices/fixtures'
    const files = tracked.filter(
      (path) => path.startsWith(`${folder}/real/`) || path.startsWith(`${folder}/cms/`),
    )
    const bytes = files.reduce((sum, path) => sum + statSync(join(ROOT, path)).size, 0)
    expect(bytes).toBeLessThanOrEqual(FIXTURES_BYTES)
    const provenance = readFileSync(join(ROOT, folder, 'PROVENANCE.md'), 'utf8')
    expect(files.filter((path) => !provenance.includes(basename(path)))).toEqual([])
  })
})
