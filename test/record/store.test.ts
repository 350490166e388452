import { beforeEach, describe, expect, it } from 'vitest'
import { migrate, type MigrationStep } from '../../packages/orderly/src/database/migrate.ts'
import { findEvents, findJobs, type JobQuery } from '../../packages/orderly/src/history/find.ts'
import { append } from '../../packages/orderly/src/history/record.ts'
import { HISTORY_STEPS } from '../../packages/orderly/src/history/tables.ts'
import { newId } from '../../packages/orderly/src/primitives/ids.ts'
import { onEachRecord } from './record-lab.ts'
import { accepted, bothCounts, entry, happening, job, record, RETENTION } from './events.ts'

const step = (name: string, up: MigrationStep['up']): MigrationStep => ({ name, up })
const table = (name: string) =>
  step(`0001-${name}`, (db) => db.schema.createTable(name).addColumn('n', 'integer').execute())

onEachRecord('a record', (lab) => {
  describe('many at once', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, n) => newId(n))

    it.each([1, 2, 31, 33, 100, 1_100])(
      'records %i jobs with all that is theirs',
      async (count) => {
        const jobs = ids(count)
        const applied = await append(
          lab.db,
          jobs.flatMap((id) => [
            entry(accepted(id), [['tag', 'many']]),
            entry(happening(id, 1, { type: 'started', attempt: 1 })),
          ]),
          RETENTION,
        )
        expect(applied).toEqual(Array.from({ length: 2 * count }, () => true))
        const { kept, counted } = await bothCounts(lab.db)
        expect(kept).toEqual([`work/visit/active: ${count}`])
        expect(counted).toEqual(kept)
        const found = await findJobs(lab.db, { terms: [['tag', 'many']], limit: 1_000 })
        expect(found).toHaveLength(Math.min(count, 1_000))
        expect(await findEvents(lab.db, jobs.at(-1)!)).toHaveLength(2)
      },
    )

    it('leaves what one of them repeats as it is, and records the others', async () => {
      const [known, fresh] = ids(2) as [string, string]
      const started = happening(known, 1, { type: 'started', attempt: 1 })
      await record(lab.db, accepted(known), started)
      const applied = await record(
        lab.db,
        accepted(known),
        accepted(fresh),
        started,
        happening(known, 2, { type: 'completed', output: null }),
      )
      expect(applied).toEqual([false, true, false, true])
      expect(await job(lab.db, known)).toMatchObject({ state: 'completed', attempts: 1 })
      expect(await findEvents(lab.db, known)).toHaveLength(3)
      const { kept, counted } = await bothCounts(lab.db)
      expect(kept).toEqual(['work/visit/completed: 1', 'work/visit/waiting: 1'])
      expect(counted).toEqual(kept)
    })

    it('lets two processes accept the same jobs at once, each of them once', async () => {
      const jobs = ids(60)
      const answers = await Promise.all(
        [lab.another(), lab.another()].map((database) =>
          record(database, ...jobs.map((id) => accepted(id))),
        ),
      )
      expect(answers.flat().filter(Boolean)).toHaveLength(60)
      expect(await bothCounts(lab.db)).toEqual({
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
      await Promise.all(Array.from({ length: 5 }, () => migrate(lab.another(), 'slow', [slow])))
      expect(runs).toBe(1)
    })

    it('leave nothing of a step that fails, and are run when they are mended', async () => {
      const broken = step('0001-broken', async (query) => {
        await query.schema.createTable('half').addColumn('n', 'integer').execute()
        throw new Error('no')
      })
      await expect(migrate(lab.db, 'app', [broken])).rejects.toMatchObject({
        code: 'ORDERLY_MIGRATION_FAILED',
        message: expect.stringContaining('0001-broken'),
      })
      await migrate(lab.db, 'app', [table('half')])
      expect(await lab.db.withTables<any>().query.selectFrom('half').selectAll().execute()).toEqual(
        [],
      )
    })

    it('refuse tables that are newer than the program', async () => {
      await migrate(lab.db, 'app', [table('one'), step('0002-later', async () => undefined)])
      await expect(migrate(lab.db, 'app', [table('one')])).rejects.toMatchObject({
        code: 'ORDERLY_MIGRATION_FAILED',
        message: expect.stringContaining('newer'),
      })
    })

    it('change nothing the second time', async () => {
      await record(lab.db, accepted('a'))
      await migrate(lab.db, 'orderly', HISTORY_STEPS)
      expect(await job(lab.db, 'a')).toMatchObject({ state: 'waiting' })
    })
  })

  describe('append', () => {
    it('counts a report that is repeated once, alone and within one call', async () => {
      const start = happening('a', 1, { type: 'started', attempt: 1 })
      expect(await record(lab.db, accepted('a'), start, start)).toEqual([true, true, false])
      expect(await record(lab.db, accepted('a'), start)).toEqual([false, false])
      expect((await findEvents(lab.db, 'a')).map(({ type }) => type)).toEqual([
        'accepted',
        'started',
      ])
    })

    it('keeps the events of a job in the order they were told', async () => {
      const events = Array.from({ length: 40 }, (_, n) =>
        happening('a', 100 - n, { type: 'progressed', progress: `p${n}` }),
      )
      await record(lab.db, accepted('a'), ...events)
      const kept = await findEvents(lab.db, 'a')
      expect(kept.slice(1).map(({ key }) => `a:${key}`)).toEqual(events.map(({ id }) => id))
      expect(await job(lab.db, 'a')).toMatchObject({ progress: 'p39', updated_at: 100 })
    })

    it('writes all of a call or nothing', async () => {
      const bad = { ...accepted('b'), priority: 'high' as unknown as number, queue: null as never }
      await expect(record(lab.db, accepted('a'), bad)).rejects.toThrow()
      expect(await findJobs(lab.db, {})).toEqual([])
      expect(await bothCounts(lab.db)).toEqual({ kept: [], counted: [] })
    })

    it('keeps nothing that is said of a job nobody accepted', async () => {
      const end = happening('ghost', 1, { type: 'completed', output: 'sealed-output' })
      expect(await record(lab.db, end)).toEqual([false])
      expect(await findEvents(lab.db, 'ghost')).toEqual([])
    })

    it('takes more jobs at once than a statement has room for', async () => {
      const many = lab.kind === 'sqlite' ? 33_000 : 3_000
      await record(lab.db, ...Array.from({ length: many }, (_, n) => accepted(`j${n}`)))
      expect((await bothCounts(lab.db)).kept).toEqual([`work/visit/waiting: ${many}`])
    })

    it('writes the row of an id of the caller anew when it is used again', async () => {
      const first = accepted('work/x', 1, { name: 'old', priority: 5 })
      await append(lab.db, [entry(first, [['tag', 'old']])], RETENTION)
      await record(lab.db, happening('work/x', 2, { type: 'completed', output: 'o' }))
      const second = accepted('work/x', 9, { name: 'new', input: 'second', opts: { attempts: 2 } })
      await append(lab.db, [entry(second, [['tag', 'new']])], RETENTION)
      expect(await job(lab.db, 'work/x')).toMatchObject({
        name: 'new',
        state: 'waiting',
        created_at: 9,
        priority: 0,
        input: 'second',
        output: null,
        opts: '{"attempts":2}',
      })
      expect(await findJobs(lab.db, { terms: [['tag', 'old']] })).toEqual([])
      expect(await findJobs(lab.db, { terms: [['tag', 'new']] })).toHaveLength(1)
      const { kept, counted } = await bothCounts(lab.db)
      expect(kept).toEqual(counted)
    })

    it('keeps counts equal to rows while many write at once', async () => {
      const writers = Array.from({ length: lab.kind === 'postgres' ? 32 : 2 }, () => lab.another())
      const rounds = lab.kind === 'postgres' ? 4 : 60
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
      const { kept, counted } = await bothCounts(lab.db)
      expect(kept).toEqual(counted)
      const rows = await findJobs(lab.db, { limit: 1_000 })
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
        await append(lab.db, [entry(acceptance, terms)], RETENTION)
        const state = STATES[n % 4]!
        if (state === 'waiting') continue
        await record(lab.db, happening(id, 2_000, { type: 'started', attempt: 1 }))
        if (state === 'completed')
          await record(lab.db, happening(id, 2_000 + n, { type: 'completed', output: null }))
        if (state === 'failed') {
          const reason = `ORDERLY_HANDLER_FAILED#00000000000${n % 2}`
          await record(lab.db, happening(id, 2_000 + n, { type: 'failed', reason }))
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
      const found = await findJobs(lab.db, query)
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
      const whole = (await findJobs(lab.db, query)).map(({ id }) => id)
      const seen: string[] = []
      let before: JobQuery['before']
      for (;;) {
        const page = await findJobs(lab.db, { ...query, limit: 5, ...(before ? { before } : {}) })
        if (page.length === 0) break
        seen.push(...page.map(({ id }) => id))
        const last = page.at(-1)!
        before = { createdAt: last.created_at, id: last.id }
        const newcomer = accepted(`new${seen.length}`, 9_000)
        await append(lab.db, [entry(newcomer, [['tag', 'odd']])], RETENTION)
      }
      expect(seen).toEqual(whole)
    })
  })
})
