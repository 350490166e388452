/** Owns the Redis and PostgreSQL servers of a test run: found or installed, on free ports, in temporary folders, stopped by pid. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProgram } from './programs.ts'

export interface RunningServer {
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

/** How Redis keeps what it was told: not at all, synced once a second, or synced before it answers. */
export type RedisPersistence = 'none' | 'everysec' | 'always'

const START_TRIES = 300
const START_PAUSE_MS = 50
const GOODBYE_TRIES = 100

/** A Redis that can be killed, and started again with the same port and folder. */
export interface RedisServer extends RunningServer {
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  start(): Promise<void>
}

/** Starts a Redis of our own. `extra` is added to its command line, and wins. */
export async function startRedis(
  persistence: RedisPersistence = 'none',
  extra: readonly string[] = [],
): Promise<RedisServer> {
  const server = await makeRedis(persistence, extra)
  await server.start()
  return server
}

/** A Redis that nobody has started yet. */
export async function makeRedis(
  persistence: RedisPersistence = 'none',
  extra: readonly string[] = [],
): Promise<RedisServer> {
  const program = findProgram('redis-server', 'redis-server')
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'orderly-redis-'))
  const aof = persistence === 'none' ? ['no'] : ['yes', '--appendfsync', persistence]
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child) await endChild(child, signal)
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = spawn(program, [...where, '--save', '', '--appendonly', ...aof, ...extra], {
        stdio: 'ignore',
      })
      await untilAccepting(port, child, 'redis-server')
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts a PostgreSQL of our own with one empty database. It syncs every commit, as PostgreSQL does unless told. */
export async function startPostgres(): Promise<RunningServer> {
  const initdb = findProgram('initdb', 'postgresql')
  const postgres = findProgram('postgres', 'postgresql')
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'orderly-postgres-'))
  // PostgreSQL refuses to run as root; its package brings a user for it.
  const user = process.getuid?.() === 0 ? idOf('postgres') : {}
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? user.uid)
  const data = join(folder, 'data')
  const made = spawnSync(
    initdb,
    ['-D', data, '-U', 'orderly', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...user,
      cwd: folder,
      encoding: 'utf8',
    },
  )
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const child = spawn(
    postgres,
    ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'],
    {
      ...user,
      cwd: folder,
      stdio: 'ignore',
    },
  )
  await untilAccepting(port, child, 'postgres')
  // The port opens a moment before the first connection is let in.
  const psql = findProgram('psql', 'postgresql')
  for (let tries = 0; tries < START_TRIES; tries++) {
    const asked = spawnSync(psql, [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'orderly',
      '-c',
      'select 1',
      'postgres',
    ])
    if (asked.status === 0) break
    await sleep(START_PAUSE_MS)
  }
  // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
  return {
    port,
    url: `postgres://orderly@127.0.0.1:${port}/postgres`,
    async stop() {
      await untilClientsLeft(psql, port)
      await stop(child, 'SIGINT', folder)
    },
  }
}

/** A client that is still saying goodbye when its server goes would report that as an error of nobody's test. */
async function untilClientsLeft(psql: string, port: number): Promise<void> {
  const others =
    'select count(*) from pg_stat_activity where backend_type = $$client backend$$ and pid <> pg_backend_pid()'
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', 'orderly', '-At', 'postgres']
  for (let tries = 0; tries < GOODBYE_TRIES; tries++) {
    const asked = spawnSync(psql, [...where, '-c', others], { encoding: 'utf8' })
    if (asked.status !== 0 || asked.stdout.trim() === '0') return
    await sleep(START_PAUSE_MS)
  }
}

function idOf(user: string): { uid?: number; gid?: number } {
  const ask = (flag: string): number =>
    Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout)
  return { uid: ask('-u'), gid: ask('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

async function untilAccepting(port: number, child: ChildProcess, name: string): Promise<void> {
  for (let tries = 0; tries < START_TRIES; tries++) {
    if (child.exitCode !== null)
      throw new Error(`${name} ended with ${child.exitCode} before it was ready`)
    if (await accepts(port)) return
    await sleep(START_PAUSE_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`${name} did not open port ${port}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

async function stop(child: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  await endChild(child, signal)
  rmSync(folder, { recursive: true, force: true })
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}
