/** Makes one plain file of a program that tests start over and over: a compiler in each would cost more than the program. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { buildSync } from 'esbuild'

const made = new Map<string, string>()

/** The path of the compiled program. What it imports from packages is left to them; what it imports by path is in it. */
export function compiled(source: string): string {
  const before = made.get(source)
  if (before !== undefined) return before
  // Where the program's packages are, or it would not find them.
  const [packages] = createRequire(source).resolve('bullmq').split('/bullmq/')
  const folder = mkdtempSync(join(packages!, '.compiled-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, `${basename(source, '.ts')}.mjs`)
  buildSync({
    entryPoints: [source],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  made.set(source, outfile)
  return outfile
}
