import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Commit } from '../../packages/orderly/src/database/open.ts'
import { findEvents, findJobs } from '../../packages/orderly/src/history/find.ts'
import {
  append,
  appendIf,
  type HistoryDatabase,
} from '../../packages/orderly/src/history/record.ts'
import { openRecorder, type Recorder } from '../../packages/orderly/src/history/recorder.ts'
import { fakeClock, type FakeClock } from '../../packages/orderly/src/testing/fake-clock.ts'
import { openRecord } from './databases.ts'
import { accepted, entry, happening, job, RETENTION } from './events.ts'

describe('the recorder', () => {
  let folder: string
  let db: HistoryDatabase
  let clock: FakeClock
  let transactions: number
  let away: 'no' | 'gone' | 'full'
  let errors: Error[]
  let commits: (Commit | undefined)[]
  let recorder: Recorder

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orderly-recorder-'))
    db = await openRecord(`sqlite:${join(folder, 'orderly.db')}`)
    clock = fakeClock()
    transactions = 0
    away = 'no'
    errors = []
    commits = []
    recorder = openRecorder({
      database: moody(db),
      writer: {
        append: (entries, commit) => {
          commits.push(commit)
          return append(moody(db), entries, RETENTION, commit)
        },
        appendIf: (entry, condition) => appendIf(moody(db), entry, RETENTION, condition),
      },
      clock,
      onError: (error) => errors.push(error),
    })
  })
  afterEach(async () => {
    await recorder.close()
    await db.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The database, which may be away, or full: then it can be read and not be written. */
  function moody(database: HistoryDatabase): HistoryDatabase {
    const refuse = (): never => {
      throw new Error(`the database is ${away}`)
    }
    const query = new Proxy(database.query, {
      get: (target, name) => {
        if (away === 'gone' || (away === 'full' && name !== 'selectFrom')) refuse()
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value
      },
    })
    return {
      ...database,
      query,
      transaction: async (work) => {
        transactions++
        if (away !== 'no') refuse()
        return database.transaction(work)
      },
    }
  }

  /** Lets time pass until what is asked for has come. */
  async function until(come: () => Promise<boolean>): Promise<void> {
    while (!(await come())) {
      await clock.turn()
      clock.advance(100)
    }
  }
  const isThere = (id: string) => async () => (await findEvents(db, id)).length > 0

  it('gathers what is reported in one turn of the event loop into one transaction', async () => {
    const reports = Array.from({ length: 50 }, (_, n) =>
      recorder.record([entry(accepted(`a${n}`))]),
    )
    recorder.note([entry(accepted('noted'))])
    await Promise.all(reports)
    expect(transactions).toBe(1)
    expect(await findJobs(db, {})).toHaveLength(51)
  })

  it('waits for reports that come in turn after turn, so that they share a transaction', async () => {
    const reports = ['a', 'b'].map((id) => recorder.record([entry(accepted(id))]))
    for (const id of ['c', 'd', 'e']) {
      await clock.turn()
      reports.push(recorder.record([entry(accepted(id))]))
    }
    await Promise.all(reports)
    expect(transactions).toBe(1)
  })

  it('syncs what somebody waits for, and what nobody waits for when the last sync is a while ago', async () => {
    await recorder.record([entry(accepted('a'))])
    const progress = async (at: number) => {
      recorder.note([entry(happening('a', at, { type: 'progressed', progress: String(at) }))])
      await until(async () => (await findEvents(db, 'a')).length === at + 1)
    }
    await progress(1)
    clock.advance(1_000)
    await progress(2)
    expect(commits).toEqual(['flushed', 'written', 'flushed'])
  })

  it('keeps the order in which it was told', async () => {
    recorder.note([entry(accepted('a'))])
    recorder.note([entry(happening('a', 1, { type: 'started', attempt: 1 }))])
    await recorder.record([entry(happening('a', 2, { type: 'completed', output: null }))])
    expect(await job(db, 'a')).toMatchObject({ state: 'completed', attempts: 1 })
  })

  it('forgets no note because very many wait for what they add', async () => {
    const awaited = Array.from({ length: 50_001 }, () => recorder.record([]))
    recorder.note([entry(accepted('a'))])
    recorder.note([entry(accepted('b'))])
    await Promise.all([...awaited, recorder.flush()])
    expect((await findJobs(db, {})).map(({ id }) => id).toSorted()).toEqual(['a', 'b'])
  })

  it('lets one entry that cannot be written spoil nobody else', async () => {
    const poison = entry(accepted('bad', 0, { queue: null as never }))
    const good = recorder.record([entry(accepted('before'))])
    const bad = recorder.record([poison])
    recorder.note([poison])
    recorder.note([entry(accepted('after'))])
    await good
    await expect(bad).rejects.toMatchObject({ code: 'ORDERLY_DATABASE_UNAVAILABLE' })
    await recorder.flush()
    expect((await findJobs(db, {})).map(({ id }) => id)).toEqual(['before', 'after'])
    expect(errors.length).toBeGreaterThan(0)
  })

  it.each(['gone', 'full'] as const)(
    'refuses whoever waits while the database is %s, and writes its notes when it is back',
    async (how) => {
      await recorder.record([entry(accepted('a'))])
      away = how
      recorder.note([entry(happening('a', 1, { type: 'started', attempt: 1 }))])
      await expect(recorder.record([entry(accepted('b'))])).rejects.toMatchObject({
        code: 'ORDERLY_DATABASE_UNAVAILABLE',
      })
      recorder.note([entry(happening('a', 2, { type: 'completed', output: null }))])
      for (let n = 0; n < 40; n++) {
        await clock.turn()
        clock.advance(100)
      }
      away = 'no'
      await until(async () => (await findEvents(db, 'a')).length === 3)
      expect(await job(db, 'a')).toMatchObject({ state: 'completed', attempts: 1 })
      expect(await findEvents(db, 'b')).toEqual([])
    },
  )

  it('takes new work once the database is back, without waiting for anything', async () => {
    away = 'gone'
    await expect(recorder.record([entry(accepted('a'))])).rejects.toThrow('the record cannot')
    away = 'no'
    await recorder.record([entry(accepted('b'))])
    expect(await isThere('b')()).toBe(true)
  })

  it('says of many at once which changed their job', async () => {
    const entries = [entry(accepted('a')), entry(accepted('b'))]
    expect(await recorder.recordNew(entries)).toEqual([true, true])
    expect(await recorder.recordNew([...entries, entry(accepted('c'))])).toEqual([
      false,
      false,
      true,
    ])
  })

  it('ends a flush at the next try while the database is away', async () => {
    away = 'gone'
    recorder.note([entry(accepted('a'))])
    await recorder.flush()
    let flushed = false
    const second = recorder.flush().then(() => (flushed = true))
    await until(async () => flushed)
    await second
  })

  it('writes what is ready when it closes', async () => {
    recorder.note([entry(accepted('a'))])
    await recorder.close()
    expect(await isThere('a')()).toBe(true)
  })

  it('closes while the database is away, and tells whoever still waits', async () => {
    away = 'gone'
    recorder.note([entry(accepted('a'))])
    await recorder.flush()
    const waiting = recorder.record([entry(accepted('b'))])
    const told = expect(waiting).rejects.toMatchObject({ code: 'ORDERLY_DATABASE_UNAVAILABLE' })
    await recorder.close()
    await told
  })
})
