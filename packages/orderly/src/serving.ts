// Where an installation is served, noted in its home, so that the command line finds its own server and not another's.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

interface Serving {
  readonly url: string
  readonly pid: number
}

const FILE = 'server.json'

/** Notes the address of a server. One that starts later stands for this home; where nothing can be written, none does. */
export function noteServing(home: string, url: string): void {
  const serving: Serving = { url, pid: process.pid }
  try {
    writeFileSync(join(home, FILE), `${JSON.stringify(serving)}\n`, { mode: 0o600 })
  } catch {
    // A server needs no note to serve.
  }
}

/** Takes the note back, if it is still the one of this address. */
export function forgetServing(home: string, url: string): void {
  const noted = readServing(home)
  if (noted?.pid === process.pid && noted.url === url) rmSync(join(home, FILE), { force: true })
}

/** The address at which a process that lives serves this home; undefined where none said so. */
export function servedAt(home: string): string | undefined {
  const noted = readServing(resolve(home))
  return noted && isAlive(noted.pid) ? noted.url : undefined
}

function readServing(home: string): Serving | undefined {
  try {
    const { url, pid } = JSON.parse(readFileSync(join(home, FILE), 'utf8')) as Partial<Serving>
    return typeof url === 'string' && typeof pid === 'number' ? { url, pid } : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
