/** Owns killing: it keeps a producer and two workers alive on one file, kills them, and reads the ledger. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { compiled } from '../compiled.ts'
import { FAILPOINTS } from './failpoints.ts'
import type { Failpoint } from './failpoints.ts'

/** What the ledger says. */
export interface Ledger {
  acked: Set<string>
  told: Set<string>
  /** The processes that ran a job, one entry a run. */
  runs: Map<string, number[]>
  errors: string[]
  orphans: string[]
}

interface Actor {
  role: 'produce' | 'work'
  child: ChildProcess
  ended: Promise<void>
  armed: Failpoint | undefined
}

/** What a storm of kills came to. */
export interface Storm {
  killed: Set<number>
  /** How many processes died at each moment; `any` stands for a moment picked by the clock. */
  deaths: Map<Failpoint | 'any', number>
  stop(): Promise<void>
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/** Runs a child to its end, or until it is killed. */
export function start(
  file: string,
  ledger: string,
  role: string,
  point?: Failpoint,
  nth?: number,
): { child: ChildProcess; ended: Promise<void> } {
  const failpoint = point ? [point, String(nth)] : []
  // The channel carries nothing here: it ends with this process, which the child notices.
  const child = fork(compiled(CHILD), [file, ledger, role, ...failpoint], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return { child, ended }
}

/** Kills `kills` processes, each replaced by a fresh one; every other one dies at a failpoint. */
export async function storm(
  file: string,
  ledger: string,
  kills: number,
  random: () => number,
): Promise<Storm> {
  const killed = new Set<number>()
  const deaths = new Map<Failpoint | 'any', number>()
  let count = 0
  let spawned = 0
  let over = false
  const actors: Actor[] = []
  const endedAlone: string[] = []
  const fill = (slot: number, role: Actor['role']): void => {
    const armed = over || spawned++ % 2 ? undefined : FAILPOINTS[(spawned >> 1) % FAILPOINTS.length]
    const nth = 1 + Math.floor(random() * 25)
    const { child, ended } = start(file, ledger, role, armed, nth)
    actors[slot] = { role, child, ended, armed }
    void ended.then(() => {
      if (over) return
      if (child.signalCode !== 'SIGKILL') endedAlone.push(role)
      killed.add(child.pid ?? 0)
      const how = actors[slot]?.armed ?? 'any'
      deaths.set(how, (deaths.get(how) ?? 0) + 1)
      count++
      fill(slot, role)
    })
  }
  const roles = ['produce', 'work', 'work'] as const
  for (const [slot, role] of roles.entries()) fill(slot, role)

  const stop = async (): Promise<void> => {
    over = true
    for (const { child } of actors) {
      killed.add(child.pid ?? 0)
      child.kill('SIGKILL')
    }
    await Promise.all(actors.map(({ ended }) => ended))
  }
  const deadline = Date.now() + 1500 * kills + 20_000
  while (count < kills) {
    if (endedAlone.length > 0 || Date.now() > deadline) {
      await stop()
      throw new Error(
        `${count} of ${kills} kills happened; ended by themselves: [${endedAlone.join()}]`,
      )
    }
    await sleep(20 + random() * 120)
    const victim = actors[Math.floor(random() * actors.length)]
    // Those who are to die by themselves are left to it.
    if (victim && !victim.armed && isReady(ledger, victim.child.pid)) victim.child.kill('SIGKILL')
  }
  over = true
  return { killed, deaths, stop }
}

function isReady(ledger: string, pid: number | undefined): boolean {
  return existsSync(ledger) && readFileSync(ledger, 'utf8').includes(`ready ${pid}\n`)
}

/** Reads what the children wrote down. A line that a death cut short counts for nothing. */
export function readLedger(file: string): Ledger {
  const ledger: Ledger = {
    acked: new Set(),
    told: new Set(),
    runs: new Map(),
    errors: [],
    orphans: [],
  }
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  for (const line of lines) {
    const [word, id = '', pid = ''] = line.split(' ')
    if (word === 'acked') ledger.acked.add(id)
    if (word === 'told') ledger.told.add(id)
    if (word === 'run') ledger.runs.set(id, [...(ledger.runs.get(id) ?? []), Number(pid)])
    if (word === 'orphan') ledger.orphans.push(id)
    if (word === 'error') ledger.errors.push(line)
  }
  return ledger
}
