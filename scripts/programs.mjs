// The programs that tests need beside Node, and their Debian packages: installed before the tests where that is allowed.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { canUseApt, say } from './setup.mjs'

const PROGRAMS = {
  'redis-server': 'redis-server',
  initdb: 'postgresql',
  chromium: 'chromium',
  pdftotext: 'poppler-utils',
  zbarimg: 'zbar-tools',
}
const POSTGRES = '/usr/lib/postgresql'

/**
 * Installs what is missing in one go, for test files that each did so would be in each other's way.
 *
 * @returns a promise that resolves when it is over, however it went: a test that lacks a program says so
 */
export async function installPrograms() {
  const missing = Object.keys(PROGRAMS).filter((name) => !isThere(name))
  if (missing.length === 0 || !canUseApt()) return
  const packages = missing.map((name) => PROGRAMS[name])
  say(`Installing ${packages.join(', ')} with apt-get for the tests.`)
  await apt('update', '-qq')
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']
  await apt('install', ...options, ...packages)
}

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const child = spawn('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve) => child.once('close', resolve))
}

function isThere(name) {
  const postgres = existsSync(POSTGRES)
    ? readdirSync(POSTGRES).map((version) => join(POSTGRES, version, 'bin'))
    : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...postgres]
  return folders.some((folder) => existsSync(join(folder, name)))
}
