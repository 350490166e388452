import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrate, type MigrationStep } from '../../packages/orderly/src/database/migrate.ts'
import { openDatabase, type Database } from '../../packages/orderly/src/database/open.ts'
import {
  dataKeyTable,
  listDataKeys,
  replaceWrapping,
  setDataKeyState,
} from '../../packages/orderly/src/history/data-keys.ts'
import { findEvents, findJobs, type JobQuery } from '../../packages/orderly/src/history/find.ts'
import { dropLease, takeLease } from '../../packages/orderly/src/history/lease.ts'
import { append, type HistoryDatabase } from '../../packages/orderly/src/history/record.ts'
import { dropContent, dropHistory, findExpired } from '../../packages/orderly/src/history/retain.ts'
import { HISTORY_STEPS } from '../../packages/orderly/src/history/tables.ts'
import { newId } from '../../packages/orderly/src/primitives/ids.ts'
import { PLACES, openRecord, type Place } from './databases.ts'
import { accepted, bothCounts, entry, happening, job, record, RETENTION } from './events.ts'

const step = (name: string, up: MigrationStep['up']): MigrationStep => ({ name, up })
const table = (name: string) =>
  step(`0001-${name}`, (db) => db.schema.createTable(name).addColumn('n', 'integer').execute())

describe.each(['sqlite', 'postgres'] as const)('a record in %s', (kind) => {
  let place: Place
  let url: string
  let db: HistoryDatabase
  const others: Database<any>[] = []

  beforeAll(async () => {
    place = await PLACES[kind]()
  })
  afterAll(() => place.stop())
  beforeEach(async () => {
    url = await place.fresh()
    db = await openRecord(url)
  })
  afterEach(async () => {
    await Promise.all([db, ...others.splice(0)].map((database) => database.close()))
  })
  const another = (): HistoryDatabase => {
    const database = openDatabase(url).withTables<any>()
    others.push(database)
    return database
  }

  describe('many at once', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, n) => newId(n))

    it.each([1, 2, 31, 33, 100, 1_100])(
      'records %i jobs with all that is theirs',
      async (count) => {
        const jobs = ids(count)
        const applied = await append(
          db,
          jobs.flatMap((id) => [
            entry(accepted(id), [['tag', 'many']]),
            entry(happening(id, 1, { type: 'started', attempt: 1 })),
          ]),
          RETENTION,
        )
        expect(applied).toEqual(Array.from({ length: 2 * count }, () => true))
        const { kept, counted } = await bothCounts(db)
        expect(kept).toEqual([`work/visit/active: ${count}`])
        expect(counted).toEqual(kept)
        const found = await findJobs(db, { terms: [['tag', 'many']], limit: 1_000 })
        expect(found).toHaveLength(Math.min(count, 1_000))
        expect(await findEvents(db, jobs.at(-1)!)).toHaveLength(2)
      },
    )

    it('leaves what one of them repeats as it is, and records the others', async () => {
      const [known, fresh] = ids(2) as [string, string]
      const started = happening(known, 1, { type: 'started', attempt: 1 })
      await record(db, accepted(known), started)
      const applied = await record(
        db,
        accepted(known),
        accepted(fresh),
        started,
        happening(known, 2, { type: 'completed', output: null }),
      )
      expect(applied).toEqual([false, true, false, true])
      expect(await job(db, known)).toMatchObject({ state: 'completed', attempts: 1 })
      expect(await findEvents(db, known)).toHaveLength(3)
      const { kept, counted } = await bothCounts(db)
      expect(kept).toEqual(['work/visit/completed: 1', 'work/visit/waiting: 1'])
      expect(counted).toEqual(kept)
    })

    it('lets two processes accept the same jobs at once, each of them once', async () => {
      const jobs = ids(60)
      const answers = await Promise.all(
        [another(), another()].map((database) =>
          record(database, ...jobs.map((id) => accepted(id))),
        ),
      )
      expect(answers.flat().filter(Boolean)).toHaveLength(60)
      expect(await bothCounts(db)).toEqual({
        kept: ['work/visit/waiting: 60'],
        counted: ['work/visit/waiting: 60'],
      })
    })
  })

  describe('migrations', () => {
    it('run once when several start at once', async () => {
      let runs = 0
      const slow = step('0001-slow', async (query) => {
        runs++
        await query.schema.createTable('slow').addColumn('n', 'integer').execute()
      })
      await Promise.all(Array.from({ length: 5 }, () => migrate(another(), 'slow', [slow])))
      expect(runs).toBe(1)
    })

    it('leave nothing of a step that fails, and are run when they are mended', async () => {
      const broken = step('0001-broken', async (query) => {
        await query.schema.createTable('half').addColumn('n', 'integer').execute()
        throw new Error('no')
      })
      await expect(migrate(db, 'app', [broken])).rejects.toMatchObject({
        code: 'ORDERLY_MIGRATION_FAILED',
        message: expect.stringContaining('0001-broken'),
      })
      await migrate(db, 'app', [table('half')])
      expect(await db.withTables<any>().query.selectFrom('half').selectAll().execute()).toEqual([])
    })

    it('refuse tables that are newer than the program', async () => {
      await migrate(db, 'app', [table('one'), step('0002-later', async () => undefined)])
      await expect(migrate(db, 'app', [table('one')])).rejects.toMatchObject({
        code: 'ORDERLY_MIGRATION_FAILED',
        message: expect.stringContaining('newer'),
      })
    })

    it('change nothing the second time', async () => {
      await record(db, accepted('a'))
      await migrate(db, 'orderly', HISTORY_STEPS)
      expect(await job(db, 'a')).toMatchObject({ state: 'waiting' })
    })
  })

  describe('append', () => {
    it('counts a report that is repeated once, alone and within one call', async () => {
      const start = happening('a', 1, { type: 'started', attempt: 1 })
      expect(await record(db, accepted('a'), start, start)).toEqual([true, true, false])
      expect(await record(db, accepted('a'), start)).toEqual([false, false])
      expect((await findEvents(db, 'a')).map(({ type }) => type)).toEqual(['accepted', 'started'])
    })

    it('keeps the events of a job in the order they were told', async () => {
      const events = Array.from({ length: 40 }, (_, n) =>
        happening('a', 100 - n, { type: 'progressed', progress: `p${n}` }),
      )
      await record(db, accepted('a'), ...events)
      const kept = await findEvents(db, 'a')
      expect(kept.slice(1).map(({ key }) => `a:${key}`)).toEqual(events.map(({ id }) => id))
      expect(await job(db, 'a')).toMatchObject({ progress: 'p39', updated_at: 100 })
    })

    it('writes all of a call or nothing', async () => {
      const bad = { ...accepted('b'), priority: 'high' as unknown as number, queue: null as never }
      await expect(record(db, accepted('a'), bad)).rejects.toThrow()
      expect(await findJobs(db, {})).toEqual([])
      expect(await bothCounts(db)).toEqual({ kept: [], counted: [] })
    })

    it('keeps nothing that is said of a job nobody accepted', async () => {
      const end = happening('ghost', 1, { type: 'completed', output: 'sealed-output' })
      expect(await record(db, end)).toEqual([false])
      expect(await findEvents(db, 'ghost')).toEqual([])
    })

    it('takes more jobs at once than a statement has room for', async () => {
      const many = kind === 'sqlite' ? 33_000 : 3_000
      await record(db, ...Array.from({ length: many }, (_, n) => accepted(`j${n}`)))
      expect((await bothCounts(db)).kept).toEqual([`work/visit/waiting: ${many}`])
    })

    it('writes the row of an id of the caller anew when it is used again', async () => {
      const first = accepted('work/x', 1, { name: 'old', priority: 5 })
      await append(db, [entry(first, [['tag', 'old']])], RETENTION)
      await record(db, happening('work/x', 2, { type: 'completed', output: 'o' }))
      const second = accepted('work/x', 9, { name: 'new', input: 'second', opts: { attempts: 2 } })
      await append(db, [entry(second, [['tag', 'new']])], RETENTION)
      expect(await job(db, 'work/x')).toMatchObject({
        name: 'new',
        state: 'waiting',
        created_at: 9,
        priority: 0,
        input: 'second',
        output: null,
        opts: '{"attempts":2}',
      })
      expect(await findJobs(db, { terms: [['tag', 'old']] })).toEqual([])
      expect(await findJobs(db, { terms: [['tag', 'new']] })).toHaveLength(1)
      const { kept, counted } = await bothCounts(db)
      expect(kept).toEqual(counted)
    })

    it('keeps counts equal to rows while many write at once', async () => {
      const writers = Array.from({ length: kind === 'postgres' ? 32 : 2 }, () => another())
      const rounds = kind === 'postgres' ? 4 : 60
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let n = 0; n < rounds; n++) {
            const own = `own-${w}-${n}`
            // The shared ones are accepted and moved by everybody, and by each in another order.
            const shared = [0, 1, 2].map((k) => `shared-${n}-${(k + w) % 3}`)
            const times = shared.map((id) => accepted(id, w))
            const starts = shared.map((id) => happening(id, w, { type: 'started', attempt: 1 }))
            await record(writer, accepted(own), ...times, ...starts)
            await record(writer, happening(own, 5, { type: 'completed', output: null }))
          }
        }),
      )
      const { kept, counted } = await bothCounts(db)
      expect(kept).toEqual(counted)
      const rows = await findJobs(db, { limit: 1_000 })
      expect(rows).toHaveLength(rounds * (writers.length + 3))
      expect(rows.filter(({ state }) => state === 'waiting')).toEqual([])
    })
  })

  describe('find', () => {
    const STATES = ['waiting', 'active', 'completed', 'failed'] as const
    beforeEach(async () => {
      for (let n = 0; n < 24; n++) {
        const id = `job${String(n).padStart(2, '0')}`
        const terms: [string, string][] = [
          ['tag', n % 2 ? 'odd' : 'even'],
          ['mrn', `b1.${n % 3}`],
        ]
        // Several jobs of one millisecond: the page must not end between them.
        const at = 1_000 + Math.floor(n / 4)
        const acceptance = accepted(id, at, { queue: n % 3 ? 'work' : 'rest', name: `n${n % 5}` })
        await append(db, [entry(acceptance, terms)], RETENTION)
        const state = STATES[n % 4]!
        if (state === 'waiting') continue
        await record(db, happening(id, 2_000, { type: 'started', attempt: 1 }))
        if (state === 'completed')
          await record(db, happening(id, 2_000 + n, { type: 'completed', output: null }))
        if (state === 'failed') {
          const reason = `ORDERLY_HANDLER_FAILED#00000000000${n % 2}`
          await record(db, happening(id, 2_000 + n, { type: 'failed', reason }))
        }
      }
    })

    it.each<[string, JobQuery, (n: number) => boolean]>([
      ['nothing', {}, () => true],
      ['a state', { state: 'active' }, (n) => n % 4 === 1],
      ['states', { state: ['completed', 'failed'] }, (n) => n % 4 > 1],
      ['a queue', { queue: 'rest' }, (n) => n % 3 === 0],
      ['a name', { name: 'n2' }, (n) => n % 5 === 2],
      ['times', { createdFrom: 1_001, createdTo: 1_003 }, (n) => n >= 4 && n < 12],
      ['durations', { durationFrom: 6, durationTo: 15 }, (n) => n % 4 > 1 && n >= 6 && n < 15],
      ['an error code', { errorCode: 'ORDERLY_HANDLER_FAILED' }, (n) => n % 4 === 3],
      ['a fingerprint', { fingerprint: '000000000001' }, (n) => n % 4 === 3],
      ['a term', { terms: [['tag', 'odd']] }, (n) => n % 2 === 1],
      [
        'terms and more',
        {
          terms: [
            ['mrn', 'b1.1'],
            ['tag', 'even'],
          ],
          state: 'completed',
          createdFrom: 1_001,
        },
        (n) => n % 3 === 1 && n % 2 === 0 && n % 4 === 2 && n >= 4,
      ],
      [
        'a term and a queue',
        { terms: [['tag', 'even']], queue: 'work' },
        (n) => n % 2 === 0 && n % 3 > 0,
      ],
    ])('finds by %s what fits, newest first', async (_, query, fits) => {
      const found = await findJobs(db, query)
      const expected = Array.from({ length: 24 }, (__, n) => n)
        .filter(fits)
        .map((n) => `job${String(n).padStart(2, '0')}`)
      expect(found.map(({ id }) => id)).toEqual(expected.toReversed())
      expect(Object.keys(found[0]!)).not.toContain('input')
    })

    it.each<[string, JobQuery]>([
      ['all', {}],
      ['by term', { terms: [['tag', 'odd']] }],
    ])('pages through %s without gaps or doubles while jobs are added', async (_, query) => {
      const whole = (await findJobs(db, query)).map(({ id }) => id)
      const seen: string[] = []
      let before: JobQuery['before']
      for (;;) {
        const page = await findJobs(db, { ...query, limit: 5, ...(before ? { before } : {}) })
        if (page.length === 0) break
        seen.push(...page.map(({ id }) => id))
        const last = page.at(-1)!
        before = { createdAt: last.created_at, id: last.id }
        const newcomer = accepted(`new${seen.length}`, 9_000)
        await append(db, [entry(newcomer, [['tag', 'odd']])], RETENTION)
      }
      expect(seen).toEqual(whole)
    })
  })

  describe('a lease', () => {
    it('has one holder until its time is over', async () => {
      expect(await takeLease(db, 'relay', 'a', 0, 100)).toBe(true)
      expect(await takeLease(another(), 'relay', 'b', 99, 100)).toBe(false)
      expect(await takeLease(db, 'relay', 'a', 99, 100)).toBe(true)
      expect(await takeLease(db, 'relay', 'b', 198, 100)).toBe(false)
      expect(await takeLease(db, 'relay', 'b', 199, 100)).toBe(true)
      expect(await takeLease(db, 'relay', 'a', 200, 100)).toBe(false)
    })

    it('goes to one of many who ask at once', async () => {
      const asked = Array.from({ length: 8 }, (_, n) => takeLease(another(), 'x', `h${n}`, 0, 100))
      expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1)
    })

    it('is given back by its holder only', async () => {
      await takeLease(db, 'relay', 'a', 0, 100)
      await dropLease(db, 'relay', 'b')
      expect(await takeLease(db, 'relay', 'b', 1, 100)).toBe(false)
      await dropLease(db, 'relay', 'a')
      expect(await takeLease(db, 'relay', 'b', 1, 100)).toBe(true)
    })
  })

  it('keeps one active data key of a scope, and forgets the bytes of one that is destroyed', async () => {
    const keys = dataKeyTable(db)
    const key = (id: string) => ({
      id,
      scope: 'epoch/a/2026-01',
      state: 'active' as const,
      wrappedBy: 'k1',
      blob: `blob-${id}`,
      createdAt: 1,
    })
    await Promise.all(['a', 'b', 'c'].map((id) => dataKeyTable(another()).insert(key(id))))
    const [active, ...rest] = await listDataKeys(db)
    expect(rest).toEqual([])
    expect(await keys.findActive('epoch/a/2026-01')).toEqual(active)
    await replaceWrapping(db, active!.id, { wrappedBy: 'k2', blob: 'other' })
    expect(await keys.find(active!.id)).toMatchObject({ wrappedBy: 'k2', blob: 'other' })
    await setDataKeyState(db, active!.id, 'decrypt')
    expect(await keys.findActive('epoch/a/2026-01')).toBeUndefined()
    await keys.insert(key('d'))
    expect(await keys.findActive('epoch/a/2026-01')).toMatchObject({ id: 'd' })
    await setDataKeyState(db, active!.id, 'destroyed')
    expect(await keys.find(active!.id)).toMatchObject({ state: 'destroyed', blob: '' })
  })

  describe('retention', () => {
    const secret = `o1.needle-${'x'.repeat(9_000)}`
    const life = [
      accepted('a', 1, { input: `${secret}-input` }),
      happening('a', 2, { type: 'input-changed', input: `${secret}-changed` }),
      happening('a', 3, { type: 'started', attempt: 1 }),
      happening('a', 4, { type: 'progressed', progress: `${secret}-progress` }),
      happening('a', 5, {
        type: 'attempt-failed',
        attempt: 1,
        run: 1,
        code: 'ORDERLY_HANDLER_FAILED',
        fingerprint: '0123456789ab',
        error: `${secret}-error`,
      }),
      happening('a', 6, { type: 'failed', reason: `${secret}-reason` }),
      happening('a', 7, { type: 'redriven' }),
      happening('a', 8, { type: 'started', attempt: 2 }),
      happening('a', 9, { type: 'completed', output: `${secret}-output` }),
    ]

    const bytes = async (): Promise<string> => {
      if (kind === 'sqlite') {
        const file = db.place
        return readFileSync(file, 'latin1') + readFileSync(`${file}-wal`, 'latin1')
      }
      const rows = await Promise.all(
        (['orderly_jobs', 'orderly_events', 'orderly_terms'] as const).map((name) =>
          db.query.selectFrom(name).selectAll().execute(),
        ),
      )
      return JSON.stringify(rows)
    }

    it('takes content out of rows and bytes by the clock, and keeps what happened', async () => {
      await append(
        db,
        life.map((event) =>
          entry(
            event,
            event.type === 'accepted'
              ? [
                  ['mrn', 'b1.needle'],
                  ['tag', 'kept'],
                ]
              : undefined,
          ),
        ),
        RETENTION,
      )
      expect(await bytes()).toContain('needle')
      expect(await findExpired(db, ['main'], 1_008)).toEqual([])
      expect(await findExpired(db, ['embedded'], 1_009)).toEqual([])
      expect(await findExpired(db, ['main'], 1_009)).toHaveLength(1)
      await dropContent(db, ['a'], 1_009)
      await db.scrub()
      expect(await bytes()).not.toContain('needle')
      expect(await findExpired(db, ['main'], 9_999)).toEqual([])
      expect(await job(db, 'a')).toMatchObject({ state: 'completed', input: null, output: null })
      expect((await findEvents(db, 'a')).map(({ type }) => type)).toEqual(
        life.map(({ type }) => type),
      )
      expect(await findJobs(db, { terms: [['tag', 'kept']] })).toHaveLength(1)
    })

    it('lets nothing back in that is told too late', async () => {
      await record(db, ...life)
      await dropContent(db, ['a'], 1_009)
      const late = happening('a', 10, { type: 'completed', output: `${secret}-late` })
      const error = { code: 'C', fingerprint: 'f', error: `${secret}-late`, attempt: 2, run: 2 }
      await record(db, late, happening('a', 10, { type: 'attempt-failed', ...error }))
      await db.scrub()
      expect(await bytes()).not.toContain('needle')
    })

    it('keeps the reason of a failure that is a code and a fingerprint', async () => {
      const reason = 'ORDERLY_HANDLER_FAILED#0123456789ab'
      await record(db, accepted('b'), happening('b', 1, { type: 'failed', reason }))
      await dropContent(db, ['b'], 5_001)
      expect(JSON.parse((await findEvents(db, 'b'))[1]!.detail)).toEqual({ reason })
    })

    it('spares a job that was put back in its queue after it was found', async () => {
      await record(db, ...life, happening('a', 1_009, { type: 'redriven' }))
      await dropContent(db, ['a'], 1_009)
      expect((await job(db, 'a')).input).toContain('needle')
    })

    it('forgets history when its time is over, and counts right', async () => {
      await record(db, ...life, accepted('open', 1), accepted('young', 2))
      await record(db, happening('young', 500, { type: 'completed', output: null }))
      await dropContent(db, ['a', 'young'], 9_999)
      expect(await dropHistory(db, 100)).toBe(1)
      expect(await dropHistory(db, 100)).toBe(0)
      expect((await findJobs(db, {})).map(({ id }) => id)).toEqual(['young', 'open'])
      expect(await findEvents(db, 'a')).toEqual([])
      expect(await bothCounts(db)).toEqual({
        kept: ['work/visit/completed: 1', 'work/visit/waiting: 1'],
        counted: ['work/visit/completed: 1', 'work/visit/waiting: 1'],
      })
    })

    it('drops and appends at once without waiting for each other', async () => {
      const ids = Array.from({ length: 60 }, (_, n) => `r${n}`)
      for (const id of ids)
        await record(db, accepted(id), happening(id, 1, { type: 'completed', output: null }))
      const writer = another()
      await Promise.all([
        dropContent(db, ids, 9_999).then(() => dropHistory(db, 100)),
        ...ids.toReversed().map((id, n) => {
          const events = [id, ids[n]!].map((one) => happening(one, 2, { type: 'removed' }))
          return record(writer, ...events, accepted(`s${n}`))
        }),
      ])
      const { kept, counted } = await bothCounts(db)
      expect(kept).toEqual(counted)
      expect(kept).toEqual(['work/visit/waiting: 60'])
    })
  })
})
