import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  dataKeyTable,
  listDataKeys,
  replaceWrapping,
  setDataKeyState,
} from '../../packages/orderly/src/history/data-keys.ts'
import { findEvents, findJobs } from '../../packages/orderly/src/history/find.ts'
import { dropLease, takeLease } from '../../packages/orderly/src/history/lease.ts'
import { append } from '../../packages/orderly/src/history/record.ts'
import { dropContent, dropHistory, findExpired } from '../../packages/orderly/src/history/retain.ts'
import { onEachRecord } from './record-lab.ts'
import { accepted, bothCounts, entry, happening, job, record, RETENTION } from './events.ts'

onEachRecord('what a record keeps', (lab) => {
  describe('a lease', () => {
    it('has one holder until its time is over', async () => {
      expect(await takeLease(lab.db, 'relay', 'a', 0, 100)).toBe(true)
      expect(await takeLease(lab.another(), 'relay', 'b', 99, 100)).toBe(false)
      expect(await takeLease(lab.db, 'relay', 'a', 99, 100)).toBe(true)
      expect(await takeLease(lab.db, 'relay', 'b', 198, 100)).toBe(false)
      expect(await takeLease(lab.db, 'relay', 'b', 199, 100)).toBe(true)
      expect(await takeLease(lab.db, 'relay', 'a', 200, 100)).toBe(false)
    })

    it('goes to one of many who ask at once', async () => {
      const asked = Array.from({ length: 8 }, (_, n) =>
        takeLease(lab.another(), 'x', `h${n}`, 0, 100),
      )
      expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1)
    })

    it('is given back by its holder only', async () => {
      await takeLease(lab.db, 'relay', 'a', 0, 100)
      await dropLease(lab.db, 'relay', 'b')
      expect(await takeLease(lab.db, 'relay', 'b', 1, 100)).toBe(false)
      await dropLease(lab.db, 'relay', 'a')
      expect(await takeLease(lab.db, 'relay', 'b', 1, 100)).toBe(true)
    })
  })

  it('keeps one active data key of a scope, and forgets the bytes of one that is destroyed', async () => {
    const keys = dataKeyTable(lab.db)
    const key = (id: string) => ({
      id,
      scope: 'epoch/a/2026-01',
      state: 'active' as const,
      wrappedBy: 'k1',
      blob: `blob-${id}`,
      createdAt: 1,
    })
    await Promise.all(['a', 'b', 'c'].map((id) => dataKeyTable(lab.another()).insert(key(id))))
    const [active, ...rest] = await listDataKeys(lab.db)
    expect(rest).toEqual([])
    expect(await keys.findActive('epoch/a/2026-01')).toEqual(active)
    await replaceWrapping(lab.db, active!.id, { wrappedBy: 'k2', blob: 'other' })
    expect(await keys.find(active!.id)).toMatchObject({ wrappedBy: 'k2', blob: 'other' })
    await setDataKeyState(lab.db, active!.id, 'decrypt')
    expect(await keys.findActive('epoch/a/2026-01')).toBeUndefined()
    await keys.insert(key('d'))
    expect(await keys.findActive('epoch/a/2026-01')).toMatchObject({ id: 'd' })
    await setDataKeyState(lab.db, active!.id, 'destroyed')
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
      if (lab.kind === 'sqlite') {
        const file = lab.db.place
        return readFileSync(file, 'latin1') + readFileSync(`${file}-wal`, 'latin1')
      }
      const rows = await Promise.all(
        (['orderly_jobs', 'orderly_events', 'orderly_terms'] as const).map((name) =>
          lab.db.query.selectFrom(name).selectAll().execute(),
        ),
      )
      return JSON.stringify(rows)
    }

    it('takes content out of rows and bytes by the clock, and keeps what happened', async () => {
      await append(
        lab.db,
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
      expect(await findExpired(lab.db, ['main'], 1_008)).toEqual([])
      expect(await findExpired(lab.db, ['embedded'], 1_009)).toEqual([])
      expect(await findExpired(lab.db, ['main'], 1_009)).toHaveLength(1)
      await dropContent(lab.db, ['a'], 1_009)
      await lab.db.scrub()
      expect(await bytes()).not.toContain('needle')
      expect(await findExpired(lab.db, ['main'], 9_999)).toEqual([])
      expect(await job(lab.db, 'a')).toMatchObject({
        state: 'completed',
        input: null,
        output: null,
      })
      expect((await findEvents(lab.db, 'a')).map(({ type }) => type)).toEqual(
        life.map(({ type }) => type),
      )
      expect(await findJobs(lab.db, { terms: [['tag', 'kept']] })).toHaveLength(1)
    })

    it('lets nothing back in that is told too late', async () => {
      await record(lab.db, ...life)
      await dropContent(lab.db, ['a'], 1_009)
      const late = happening('a', 10, { type: 'completed', output: `${secret}-late` })
      const error = { code: 'C', fingerprint: 'f', error: `${secret}-late`, attempt: 2, run: 2 }
      await record(lab.db, late, happening('a', 10, { type: 'attempt-failed', ...error }))
      await lab.db.scrub()
      expect(await bytes()).not.toContain('needle')
    })

    it('keeps the reason of a failure that is a code and a fingerprint', async () => {
      const reason = 'ORDERLY_HANDLER_FAILED#0123456789ab'
      await record(lab.db, accepted('b'), happening('b', 1, { type: 'failed', reason }))
      await dropContent(lab.db, ['b'], 5_001)
      expect(JSON.parse((await findEvents(lab.db, 'b'))[1]!.detail)).toEqual({ reason })
    })

    it('spares a job that was put back in its queue after it was found', async () => {
      await record(lab.db, ...life, happening('a', 1_009, { type: 'redriven' }))
      await dropContent(lab.db, ['a'], 1_009)
      expect((await job(lab.db, 'a')).input).toContain('needle')
    })

    it('forgets history when its time is over, and counts right', async () => {
      await record(lab.db, ...life, accepted('open', 1), accepted('young', 2))
      await record(lab.db, happening('young', 500, { type: 'completed', output: null }))
      await dropContent(lab.db, ['a', 'young'], 9_999)
      expect(await dropHistory(lab.db, 100)).toBe(1)
      expect(await dropHistory(lab.db, 100)).toBe(0)
      expect((await findJobs(lab.db, {})).map(({ id }) => id)).toEqual(['young', 'open'])
      expect(await findEvents(lab.db, 'a')).toEqual([])
      expect(await bothCounts(lab.db)).toEqual({
        kept: ['work/visit/completed: 1', 'work/visit/waiting: 1'],
        counted: ['work/visit/completed: 1', 'work/visit/waiting: 1'],
      })
    })

    it('drops and appends at once without waiting for each other', async () => {
      const ids = Array.from({ length: 60 }, (_, n) => `r${n}`)
      for (const id of ids)
        await record(lab.db, accepted(id), happening(id, 1, { type: 'completed', output: null }))
      const writer = lab.another()
      await Promise.all([
        dropContent(lab.db, ids, 9_999).then(() => dropHistory(lab.db, 100)),
        ...ids.toReversed().map((id, n) => {
          const events = [id, ids[n]!].map((one) => happening(one, 2, { type: 'removed' }))
          return record(writer, ...events, accepted(`s${n}`))
        }),
      ])
      const { kept, counted } = await bothCounts(lab.db)
      expect(kept).toEqual(counted)
      expect(kept).toEqual(['work/visit/waiting: 60'])
    })
  })
})
