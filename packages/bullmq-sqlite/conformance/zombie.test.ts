/** Stops a worker process past its locks and lets it go on: it must find that its jobs are no longer its own. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { withBackend } from 'bullmq'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSqliteBackend } from '../src/index.ts'
import { readLedger, start } from './crash/harness.ts'
import type { Ledger } from './crash/harness.ts'
import { eventsOf, until } from './moves.ts'

const LIMIT_MS = 25_000
const { Queue, Worker } = withBackend(createSqliteBackend)
const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-zombie-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A queue of three jobs, all held by a process that has been stopped. */
async function stoppedWorker(name: string) {
  const file = join(folder, name)
  const ledgerFile = join(folder, `${name}.ledger`)
  const connection = { file }
  const queue = new Queue('work', { connection })
  onTestFinished(() => queue.close())
  await queue.addBulk(Array.from({ length: 3 }, () => ({ name: 'job', data: {} })))
  const { child, ended } = start(file, ledgerFile, 'linger')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const ledger = (): Ledger | undefined =>
    existsSync(ledgerFile) ? readLedger(ledgerFile) : undefined
  await until(() => ledger()?.runs.size === 3, LIMIT_MS)
  await stop(child.pid!, file)
  return {
    queue,
    ledger,
    /** Takes the jobs over; `finish` is awaited by each. */
    heir: (finish: Promise<void>) => {
      const worker = new Worker('work', () => finish.then(() => 'in time'), {
        connection,
        concurrency: 3,
        stalledInterval: 50,
      })
      onTestFinished(() => worker.close())
      return worker
    },
    wakeUp: () => {
      child.kill('SIGCONT')
      child.send('finish')
    },
  }
}

/** Stops a process, but not in the middle of a transaction, where it would hold up everybody. */
async function stop(pid: number, file: string): Promise<void> {
  const db = new Database(file, { timeout: 0 })
  const stopped = (): boolean =>
    execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T')
  const writable = (): boolean => {
    try {
      db.exec('BEGIN IMMEDIATE; ROLLBACK')
      return true
    } catch {
      return false
    }
  }
  for (;;) {
    process.kill(pid, 'SIGSTOP')
    await until(stopped)
    if (writable()) break
    process.kill(pid, 'SIGCONT')
  }
  db.close()
}

/** What the stopped process was answered when it ended its jobs; it may have tried again. */
async function refusals(ledger: () => Ledger | undefined): Promise<string[]> {
  const found = (): Set<string> =>
    new Set(ledger()?.errors.filter((line) => line.includes('moveToFinished')))
  await until(() => found().size >= 3, LIMIT_MS)
  return [...found()].toSorted()
}

describe('a process that was stopped past its locks', () => {
  it('ends none of its jobs when others have ended them', async () => {
    const { queue, ledger, heir, wakeUp } = await stoppedWorker('ended.db')
    const worker = heir(Promise.resolve())
    await until(async () => (await queue.getCompletedCount()) === 3, LIMIT_MS)
    const before = await queue.getCompleted()
    wakeUp()
    const missing = (id: number): string => `error Missing lock for job ${id}. moveToFinished`
    expect(await refusals(ledger)).toEqual([1, 2, 3].map(missing))

    const after = await queue.getCompleted()
    expect(after.map((job) => job.asJSON())).toEqual(before.map((job) => job.asJSON()))
    for (const job of after) {
      expect(job).toMatchObject({ returnvalue: 'in time', attemptsStarted: 2, stalledCounter: 1 })
    }
    expect(ledger()?.told).toEqual(new Set())
    const ends = (await eventsOf(worker.getBackend())).filter(({ event }) => event === 'completed')
    expect(ends.map(({ jobId }) => jobId).toSorted()).toEqual(['1', '2', '3'])
  })

  it('ends none of its jobs while others run them', async () => {
    const { queue, ledger, heir, wakeUp } = await stoppedWorker('running.db')
    let finish = (): void => undefined
    const worker = heir(new Promise((resolve) => (finish = resolve)))
    onTestFinished(() => finish())
    const startedAgain = async (): Promise<boolean> =>
      (await queue.getActive()).filter(({ attemptsStarted }) => attemptsStarted === 2).length === 3
    await until(startedAgain, LIMIT_MS)
    wakeUp()
    const mismatch = (id: number): string =>
      `error Lock mismatch for job ${id}. Cmd moveToFinished from active`
    expect(await refusals(ledger)).toEqual([1, 2, 3].map(mismatch))
    expect(await queue.getActiveCount()).toBe(3)
    finish()
    await until(async () => (await queue.getCompletedCount()) === 3, LIMIT_MS)

    for (const job of await queue.getCompleted()) expect(job.returnvalue).toBe('in time')
    expect(ledger()?.told).toEqual(new Set())
    const names = (await eventsOf(worker.getBackend())).map(({ event }) => event)
    const times = (name: string): number => names.filter((one) => one === name).length
    expect([times('stalled'), times('completed'), times('failed')]).toEqual([3, 3, 0])
  })
})
