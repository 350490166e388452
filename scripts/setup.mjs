// Installs and builds what is missing or stale. Plain Node: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDashboard } from './build-dashboard.mjs'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const OLDEST_NODE = [20, 19]

/** Everything a command of this project needs before it can run. Speaks on stderr only. */
export function setUp() {
  checkNode()
  if (!isInstalled()) install()
  build()
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const fits = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  if (!fits)
    stop(
      `Orderly needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.version}. Node 24 is recommended.`,
    )
}

/** npm rewrites its own record at every install, so it is older than the lockfile only when something changed. */
function isInstalled() {
  const record = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  return (
    statSync(record).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs &&
    hasNativeModule()
  )
}

function hasNativeModule() {
  return existsSync(join(root, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'))
}

function install() {
  say(
    'Installing dependencies. The first time takes a minute or two: one native module may be compiled.',
  )
  const started = performance.now()
  let done = npmCi()
  if (!(done && hasNativeModule()) && !hasCompiler() && canUseApt()) {
    say('The native module needs a C++ compiler; installing one with apt-get.')
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', 'g++', 'make', 'python3'], {
      DEBIAN_FRONTEND: 'noninteractive',
    })
    done = npmCi()
  }
  if (!done || !hasNativeModule()) {
    stop(
      hasCompiler()
        ? 'The install failed; the lines above say why. Is the npm registry reachable?'
        : 'The install failed. Where no prebuilt SQLite module can be downloaded it is compiled: install a C++ compiler,\n' +
            'make and Python 3 (Debian and Ubuntu: apt-get install g++ make python3), then try again.',
    )
  }
  say(`Installed in ${seconds(started)}.`)
}

function npmCi() {
  // A module that must be compiled takes all processors.
  return run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { JOBS: 'max' })
}

function build() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const isFirst = !existsSync(join(root, 'packages/orderly/dist/index.js'))
  const started = performance.now()
  if (isFirst) say('Building.')
  if (!run(process.execPath, [tsc, '-b'])) stop('The build failed; the lines above say where.')
  if (!buildDashboard()) stop('The dashboard could not be built; the lines above say where.')
  if (isFirst) say(`Built in ${seconds(started)}.`)
}

function hasCompiler() {
  return ['g++', 'make', 'python3'].every(
    (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0,
  )
}

/** Whether what is missing can be installed. */
export function canUseApt() {
  return (
    process.getuid?.() === 0 &&
    spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  )
}

/** Runs a command with its output on stderr, so that stdout stays free for results. */
export function run(command, args, environment = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32' && command === 'npm',
  })
  return status === 0
}

export function say(line) {
  process.stderr.write(`${line}\n`)
}

function stop(reason) {
  say(reason)
  process.exit(1)
}

export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
