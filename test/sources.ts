// The project's own TypeScript files and what each imports, for the tests that keep house.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

export interface Source {
  /** Path from the root, with `/`. */
  readonly path: string
  readonly text: string
  /** What it imports: paths from the root for its own files, names for packages. */
  readonly imports: readonly string[]
  /** The part of them that is there when the program runs: types are gone by then. */
  readonly runtimeImports: readonly string[]
}

const PASSED_OVER = new Set(['node_modules', 'dist', 'fixtures', '.git', '.orderly', 'coverage'])

/** Every file below `folder` of the root whose name ends in one of `endings`. */
export function listFiles(folder: string, endings: readonly string[]): string[] {
  const found: string[] = []
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (PASSED_OVER.has(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...listFiles(path, endings))
    else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(path)
  }
  return found.toSorted()
}

export function readSources(folder: string): Source[] {
  return listFiles(folder, ['.ts', '.tsx']).map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const imports = importsOf(path, text)
    return {
      path,
      text,
      imports: imports.map(({ target }) => target),
      runtimeImports: imports.filter(({ isType }) => !isType).map(({ target }) => target),
    }
  })
}

const STATEMENT = /(?:^|\n)\s*(?:import|export)\s([^;'"`]*?)\bfrom\s+'([^']+)'/g
const BARE = /\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g

function importsOf(path: string, text: string): { target: string; isType: boolean }[] {
  const found = [
    ...[...text.matchAll(STATEMENT)].map(([, names, from]) => ({
      from: from!,
      isType: /^type\b/.test(names!),
    })),
    ...[...text.matchAll(BARE)].map(([, dynamic, plain]) => ({
      from: dynamic ?? plain!,
      isType: false,
    })),
  ]
  return found.map(({ from, isType }) => ({
    target: from.startsWith('.')
      ? relative(ROOT, join(ROOT, dirname(path), from))
          .split(sep)
          .join('/')
      : from,
    isType,
  }))
}
