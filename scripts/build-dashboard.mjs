// Builds the dashboard when a file it is made of has changed, and compresses what was built, once, for every visit.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = join(import.meta.dirname ?? fileURLToPath(new URL('.', import.meta.url)), '..')
const source = join(root, 'packages/dashboard')
const target = join(root, 'packages/orderly/dist/dashboard')
const stamp = join(target, 'built-from')

/** @returns whether the dashboard is there as its sources say */
export function buildDashboard() {
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: source,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (status !== 0) return false
  compress(target)
  writeFileSync(stamp, wanted)
  return true
}

function fingerprint() {
  const hash = createHash('sha256')
  for (const path of [
    ...filesBelow(join(source, 'src')).filter((file) => !/\.test\.tsx?$/.test(file)),
    ...filesBelow(join(source, 'public')),
    ...['index.html', 'vite.config.ts', 'package.json'].map((file) => join(source, file)),
    ...filesBelow(join(root, 'packages/orderly/src/api')),
    fileURLToPath(import.meta.url),
  ])
    hash.update(path.slice(root.length)).update(readFileSync(path))
  return hash.digest('hex')
}

function compress(folder) {
  for (const path of filesBelow(folder)) {
    if (!/\.(js|css|svg)$/.test(path)) continue
    const content = readFileSync(path)
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
    writeFileSync(`${path}.br`, brotliCompressSync(content, { params }))
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !buildDashboard()) process.exitCode = 1
