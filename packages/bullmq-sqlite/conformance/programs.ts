/** Finds the programs tests need, and installs their Debian packages where it may. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The path of a program, installed with apt-get if this process may.
 *
 * @throws Error with what to install
 */
export function findProgram(name: string, debianPackage: string): string {
  const found = lookFor(name)
  if (found) return found
  const isRoot = process.getuid?.() === 0
  if (isRoot && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0) {
    process.stderr.write(`Installing ${debianPackage} with apt-get for the tests.\n`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
    const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']
    spawnSync('apt-get', ['install', ...options, debianPackage], { stdio: 'ignore', env })
  }
  const installed = lookFor(name)
  if (installed) return installed
  throw new Error(
    `${name} is needed for these tests; install it (Debian and Ubuntu: apt-get install ${debianPackage})`,
  )
}

function lookFor(name: string): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian)
    ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a))
    : []
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
