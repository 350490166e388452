/** Kills producers and workers on one file, again and again, and looks whether anything was lost or done twice. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { withBackend } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSqliteBackend } from '../src/index.ts'
import { FAILPOINTS, seeded } from './crash/failpoints.ts'
import { readLedger, start, storm } from './crash/harness.ts'
import type { Ledger, Storm } from './crash/harness.ts'
import { eventsOf, until } from './moves.ts'

const KILLS = Number(process.env['KILLS'] ?? 60)
const SEED = Number(process.env['SEED'] ?? 7)

const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-crash-'))
const file = join(folder, 'queues.db')
const ledgerFile = join(folder, 'ledger')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a file whose processes are killed', () => {
  let killing: Storm
  let ledger: Ledger
  const completions = new Map<string, number>()

  beforeAll(async () => {
    killing = await storm(file, ledgerFile, KILLS, seeded(SEED))
    await killing.stop()
    // What is left is drained by a worker that nobody kills.
    const { Queue, Worker } = withBackend(createSqliteBackend)
    const connection = { file }
    const queue = new Queue('work', { connection })
    const ids: string[] = []
    const work = async (job: { id?: string }): Promise<number> => {
      ids.push(job.id ?? '')
      return process.pid
    }
    const worker = new Worker('work', work, { connection, concurrency: 20, maxStalledCount: 1000 })
    const left = ['waiting', 'active', 'delayed', 'waiting-children', 'prioritized'] as const
    await until(async () => (await queue.getJobCountByTypes(...left)) === 0, 60_000)
    for (const event of await eventsOf(worker.getBackend())) {
      if (event['event'] !== 'completed') continue
      const id = event['jobId'] ?? ''
      completions.set(id, (completions.get(id) ?? 0) + 1)
    }
    await worker.close()
    await queue.close()
    ledger = readLedger(ledgerFile)
    for (const id of ids) ledger.runs.set(id, [...(ledger.runs.get(id) ?? []), process.pid])
  }, 400_000)

  const withFile = <T>(read: (db: Database.Database) => T): T => {
    const db = new Database(file)
    try {
      return read(db)
    } finally {
      db.close()
    }
  }
  const idsIn = (state: number): Set<string> =>
    withFile((db) => {
      const rows = db.prepare('SELECT id FROM bullmq_job WHERE state = ?').all(state)
      return new Set((rows as { id: string }[]).map(({ id }) => id))
    })

  it(`saw ${KILLS} kills, at every failpoint and in between`, () => {
    expect(killing.killed.size).toBeGreaterThanOrEqual(KILLS)
    const moments = [...FAILPOINTS, 'any' as const]
    expect(moments.filter((moment) => !killing.deaths.has(moment))).toEqual([])
    expect(ledger.acked.size).toBeGreaterThan(KILLS)
  })

  it('lost no job whose add was acknowledged', () => {
    const done = idsIn(5)
    expect([...ledger.acked].filter((id) => !done.has(id))).toEqual([])
  })

  it('lost no completion of which a worker was told', () => {
    const done = idsIn(5)
    expect([...ledger.told].filter((id) => !done.has(id))).toEqual([])
  })

  it('recorded no completion twice', () => {
    expect([...completions].filter(([, times]) => times > 1)).toEqual([])
    expect(completions.size).toBe(idsIn(5).size)
  })

  it('ran no job more often than once and once for each kill that hit it', () => {
    const tooOften = [...ledger.runs].filter(([, pids]) => {
      const hits = new Set(pids.filter((pid) => killing.killed.has(pid)))
      return pids.length > 1 + hits.size
    })
    expect(tooOften).toEqual([])
  })

  it('ran no parent before its children', () => {
    expect(ledger.orphans).toEqual([])
  })

  it('failed nothing and let no error through', () => {
    expect(ledger.errors).toEqual([])
    expect(idsIn(6).size).toBe(0)
  })

  it('counts what it holds', () => {
    withFile((db) => {
      const counted = db
        .prepare(
          'SELECT waiting, delayed, active, completed, failed FROM bullmq_queue WHERE name = ?',
        )
        .get('bull:work')
      const count = db.prepare('SELECT count(*) AS n FROM bullmq_job WHERE state = ?')
      const rows = [0, 2, 3, 5, 6].map((state) => (count.get(state) as { n: number }).n)
      expect(Object.values(counted as object)).toEqual(rows)
    })
  })

  it('is whole', () => {
    expect(withFile((db) => db.pragma('integrity_check', { simple: true }))).toBe('ok')
  })
})

describe('the harness', () => {
  it('leaves no child behind when it dies', async () => {
    const { child, ended } = start(join(folder, 'alone.db'), join(folder, 'alone'), 'work')
    child.disconnect()
    await ended
    expect(child.signalCode).toBe('SIGKILL')
  })
})

describe('a file opened with the defaults', () => {
  it('is synced at every commit', async () => {
    const ledger = join(folder, 'settings')
    await start(join(folder, 'settings.db'), ledger, 'settings').ended
    expect(readFileSync(ledger, 'utf8').split('\n')).toEqual(['synchronous 2', 'journal wal', ''])
  })
})
