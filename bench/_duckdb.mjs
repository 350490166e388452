// DuckDB's CSV reader, for comparison. Its binary is too large for everybody's `npm ci`, so it is installed when it is
// first measured, into node_modules/.cache, and left out where it cannot be had.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'

const PACKAGE = '@duckdb/node-api'
const VERSION = '1.5.6-r.1'
const FOLDER = fileURLToPath(new URL(`../node_modules/.cache/duckdb-${VERSION}/`, import.meta.url))
const ENTRY = join(FOLDER, 'node_modules', PACKAGE, 'lib', 'index.js')
const INSTALL_WITHIN_MS = 300_000

/** Makes it ready. @returns whether it is */
export async function prepareDuckdb() {
  if (existsSync(ENTRY)) return true
  process.stderr.write(`Installing ${PACKAGE} ${VERSION} (once, into node_modules/.cache)\n`)
  await mkdir(FOLDER, { recursive: true })
  const install = spawn(
    'npm',
    ['install', '--prefix', FOLDER, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', `${PACKAGE}@${VERSION}`],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_WITHIN_MS },
  ) // prettier-ignore
  const code = await new Promise((resolve) => install.on('error', resolve).on('close', resolve))
  if (code === 0 && existsSync(ENTRY)) return true
  process.stderr.write('It cannot be installed here; the comparison is made without it.\n')
  return false
}

/** Reads every cell of a file whose third row is its header. @returns the number of rows */
export async function readWithDuckdb(path) {
  const { DuckDBInstance } = await import(pathToFileURL(ENTRY).href)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const quoted = `'${path.replaceAll("'", "''")}'`
  // Columns nobody asks for are not read.
  const result = await connection.runAndReadAll(
    `select count(*), count(columns(*)) from read_csv(${quoted}, skip = 2, header = true, all_varchar = true)`,
  )
  const rows = Number(result.getRows()[0][0])
  connection.closeSync()
  instance.closeSync()
  return rows
}
