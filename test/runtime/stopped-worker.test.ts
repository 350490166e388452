// A worker process that is stopped past its locks beside a healthy one on the same SQLite file, and then goes on.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { createOrderly, defineJob } from 'orderly'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'

const MAIN = fileURLToPath(new URL('../../packages/orderly/dist/cli/main.js', import.meta.url))
const APP = fileURLToPath(new URL('./fixtures/life-app.mjs', import.meta.url))
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const life = defineJob({
  name: 'life',
  input: z.object({ do: z.string(), notes: z.string() }),
  crashes: 2,
  retry: { attempts: 1 },
})
const ACTIVE = 3

let home = ''
let children: ChildProcess[] = []
let ends: Promise<unknown>[] = []
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'orderly-stopped-'))))
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(ends)
  children = []
  ends = []
  rmSync(home, { recursive: true, force: true })
})

function worker(): ChildProcess {
  const child = spawn(process.execPath, [MAIN, '--home', home, 'worker', '--app', APP], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: 'ignore',
  })
  children.push(child)
  ends.push(once(child, 'close'))
  return child
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 40_000, interval: 20 }).toBe(true)
}

/** Stops a process, but not within a transaction, where it would hold up everybody who shares the file. */
async function stop(pid: number, files: readonly Database.Database[]): Promise<void> {
  const isStopped = (): boolean =>
    execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T')
  const isWritable = (db: Database.Database): boolean => {
    try {
      db.exec('BEGIN IMMEDIATE; ROLLBACK')
      return true
    } catch {
      return false
    }
  }
  for (;;) {
    process.kill(pid, 'SIGSTOP')
    await until(isStopped)
    if (files.every(isWritable)) return
    process.kill(pid, 'SIGCONT')
  }
}

it('goes on to find that its jobs are others’ by now: each ends once, with its effect once', async () => {
  const notes = join(home, 'notes')
  const lines = (file: string): string[] =>
    existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const begun = (by: ChildProcess): number =>
    lines(notes).filter((line) => (JSON.parse(line) as { pid: number }).pid === by.pid).length
  await using caller = await createOrderly({ home, jobs: [life], log: silent })
  const held = await caller.enqueueMany(
    life,
    [1, 2, 3].map(() => ({ input: { do: 'linger', notes } })),
  )
  const first = worker()
  await until(() => begun(first) === 3)
  const files = ['queue.db', 'orderly.db'].map(
    (name) => new Database(join(home, name), { timeout: 0 }),
  )
  await stop(first.pid!, files)
  const second = worker()
  // Whoever is well goes on.
  await caller.enqueueAndWait(life, { do: 'quick', notes }, { timeout: '40s' })
  // As half a minute of silence leaves them: their locks have run out.
  const [queues] = files
  queues!.pragma('busy_timeout = 5000')
  queues!.prepare('update bullmq_job set lock_until = 0, suspect = 1 where state = ?').run(ACTIVE)
  for (const file of files) file.close()
  await until(() => begun(second) === 3 + 1)
  writeFileSync(`${notes}.go`, '')
  const states = async (): Promise<string[]> =>
    Promise.all(held.map(async ({ id }) => (await caller.inspectJob(id))!.state))
  await until(async () => (await states()).every((state) => state === 'completed'))
  process.kill(first.pid!, 'SIGCONT')
  first.kill('SIGTERM')
  expect(await once(first, 'close')).toEqual([0, null])

  expect(lines(`${notes}.effects`)).toEqual(Array(3).fill(String(second.pid)))
  for (const { id } of held) {
    const job = (await caller.inspectJob(id))!
    expect(job).toMatchObject({ state: 'completed', attempts: 1 })
    const types = job.life.map(({ type }) => type)
    expect(types.filter((type) => type === 'completed' || type === 'failed')).toEqual(['completed'])
    expect(types.filter((type) => type === 'started')).toHaveLength(2)
  }
}, 120_000)
