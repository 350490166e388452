import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findJobs } from '../../packages/orderly/src/history/find.ts'
import type { HistoryDatabase } from '../../packages/orderly/src/history/record.ts'
import { openRecord } from './databases.ts'
import { accepted, record } from './events.ts'

describe('a SQLite file that another process opens in the same moment', () => {
  it('is opened all the same, where SQLite refuses to wait', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderly-locks-'))
    const pragma = BetterSqlite3.prototype.pragma
    let refusals = 0
    const asked = vi.spyOn(BetterSqlite3.prototype, 'pragma').mockImplementation(function (
      this: BetterSqlite3.Database,
      ...words: Parameters<typeof pragma>
    ) {
      if (words[0] === 'journal_mode = WAL' && refusals++ < 2) {
        throw new BetterSqlite3.SqliteError('database is locked', 'SQLITE_BUSY')
      }
      return pragma.apply(this, words) as unknown
    })
    try {
      const db = await openRecord(`sqlite:${join(folder, 'orderly.db')}`)
      expect(refusals).toBe(3)
      expect(await findJobs(db, {})).toEqual([])
      await db.close()
    } finally {
      asked.mockRestore()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('a SQLite file that a transaction of this process has locked', () => {
  let folder: string
  let db: HistoryDatabase
  let caller: BetterSqlite3.Database
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orderly-locks-'))
    const file = join(folder, 'orderly.db')
    db = await openRecord(`sqlite:${file}`)
    caller = new BetterSqlite3(file)
  })
  afterEach(async () => {
    caller.close()
    await db.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is waited for while the event loop goes on, so that the transaction can end', async () => {
    caller.exec('begin immediate')
    const recorded = record(db, accepted('a'))
    const single = db.query
      .insertInto('orderly_leases')
      .values({ name: 'n', holder: 'h', until: 1 })
      .execute()
    let turns = 0
    for (; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
    expect(caller.prepare('select count(*) from orderly_jobs').pluck().get()).toBe(0)
    caller.exec('commit')
    await Promise.all([recorded, single])
    expect(await findJobs(db, {})).toHaveLength(1)
  })
})
