/**
 * Lets two connections to one file ask for opposite things of the same jobs, in every order that
 * chance finds: one of them must have been first, and both must know who.
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSqliteBackend } from '../src/index.ts'
import type { SqliteConnectionOptions } from '../src/index.ts'
import { seeded } from './crash/failpoints.ts'
import * as m from './moves.ts'

const TIMES = Number(process.env['RACES'] ?? 10_000)
const SEED = Number(process.env['SEED'] ?? 7)
const BATCH = 100
const TURNS = 4
const LOCK_MS = 1000
const MISSING_JOB = -1
const MISSING_LOCK = -2
const NOT_ACTIVE = -3

/** A clock that both connections share and that stands still until it is told to move. */
const clock = { time: 1_800_000_000_000, now: () => clock.time, monotonic: () => clock.time }
const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-races-'))
const file = join(folder, 'queues.db')
// A process has one connection to a path: another path to the same file makes it two.
const alias = join(folder, 'alias.db')
const random = seeded(SEED)
let queues = 0
let one: m.Backend
let other: m.Backend

const settings = (path: string): SqliteConnectionOptions => ({
  file: path,
  synchronous: 'NORMAL',
  clock,
})
const keepers: m.Backend[] = []
beforeAll(() => {
  keepers.push(createSqliteBackend('keeper', { connection: settings(file) }))
  symlinkSync(file, alias)
  keepers.push(createSqliteBackend('keeper', { connection: settings(alias) }))
})
afterAll(async () => {
  for (const keeper of keepers) await keeper.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  const name = `race-${queues++}`
  const open = (path: string): m.Backend => {
    const all = {
      connection: settings(path),
      lockDuration: LOCK_MS,
      stalledInterval: 1,
      maxStalledCount: TIMES,
    }
    return createSqliteBackend(name, all)
  }
  ;[one, other] = [open(file), open(alias)]
  await one.setQueueMeta({ 'opts.maxLenEvents': 100 * TIMES })
  return async () => {
    await one.close()
    await other.close()
  }
})

type Outcome = PromiseSettledResult<any>
type Op = () => Promise<unknown>

/** Begins all in random order, some turns of the event loop apart; answers in the order given. */
async function race(ops: readonly Op[]): Promise<Outcome[]> {
  const begun = ops.map((op) => ({ op, place: random(), turn: Math.floor(random() * TURNS) }))
  const running = new Map<Op, Promise<unknown>>()
  for (let turn = 0; turn < TURNS; turn++) {
    const now = begun.filter((each) => each.turn === turn).toSorted((a, b) => a.place - b.place)
    for (const { op } of now) {
      const result = op()
      // All are looked at in the end; until then a refusal is no accident.
      result.catch(() => undefined)
      running.set(op, result)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return Promise.allSettled(ops.map(async (op) => running.get(op)))
}

const won = (outcome: Outcome | undefined): boolean => outcome?.status === 'fulfilled'
const codeOf = (outcome: Outcome | undefined): number | undefined =>
  outcome?.status === 'rejected' ? (outcome.reason as { code: number }).code : undefined

/** Adds a batch of jobs; both connections are made to add. */
async function batch(): Promise<string[]> {
  const half = (backend: m.Backend): Promise<string[]> =>
    backend.addJobs(
      Array.from({ length: BATCH / 2 }, () => ({ job: m.jobJson(backend), jobId: '' })),
    )
  return [...(await half(one)), ...(await half(other))]
}

async function endsById(name = 'completed'): Promise<Map<string, number>> {
  const ends = new Map<string, number>()
  for (const { event, jobId = '' } of await m.eventsOf(one)) {
    if (event === name) ends.set(jobId, (ends.get(jobId) ?? 0) + 1)
  }
  return ends
}

const seen = new Map<string, number>()
beforeEach(() => seen.clear())
function count(outcome: string): void {
  seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
}

/** Every way it may go was gone, and none that it may not. */
function expectOutcomes(...names: string[]): void {
  expect([...seen.keys()].toSorted()).toEqual(names.toSorted())
}

describe(`${TIMES} times (SEED=${SEED})`, () => {
  it('an end and a removal of the same job agree who was first', async () => {
    for (let n = 0; n < TIMES / BATCH; n++) {
      const ids = await batch()
      await Promise.all(ids.map(() => one.moveToActive('0')))
      const results = await race(
        ids.flatMap((id) => [
          () => m.complete(one, id, { token: '0' }),
          () => other.remove(id, false),
        ]),
      )
      const states = await Promise.all(ids.map((id) => one.getState(id)))
      for (const [at, state] of states.entries()) {
        const [end, removal] = results.slice(2 * at)
        expect([won(removal), state]).toEqual([true, 'unknown'])
        if (!won(end)) expect(codeOf(end)).toBe(MISSING_JOB)
        count(won(end) ? 'ended, then removed' : 'removed, end refused')
      }
    }
    expectOutcomes('ended, then removed', 'removed, end refused')
    const ends = await endsById()
    expect([ends.size, Math.max(...ends.values())]).toEqual([seen.get('ended, then removed'), 1])
    expect(await one.getCounts(['active', 'completed', 'wait'])).toEqual([0, 0, 0])
  }, 60_000)

  it('a removal never takes a job from under a lock', async () => {
    for (let n = 0; n < TIMES / BATCH; n++) {
      const ids = await batch()
      await Promise.all(ids.map(() => one.moveToActive('t')))
      const results = await race(
        ids.flatMap((id) => [
          () => m.complete(one, id, { token: 't' }),
          () => other.remove(id, false),
        ]),
      )
      const states = await Promise.all(ids.map((id) => one.getState(id)))
      for (const [at, state] of states.entries()) {
        const [end, removal] = results.slice(2 * at) as [Outcome, PromiseFulfilledResult<number>]
        expect(won(end)).toBe(true)
        const removed = removal.value === 1
        expect(state).toBe(removed ? 'unknown' : 'completed')
        count(removed ? 'ended, then removed' : 'removal refused, then ended')
      }
    }
    expectOutcomes('ended, then removed', 'removal refused, then ended')
    const ends = await endsById()
    expect([ends.size, Math.max(...ends.values())]).toEqual([TIMES, 1])
  }, 60_000)

  it('a late end and the sweep that takes the job back agree who was first', async () => {
    for (let n = 0; n < TIMES / BATCH; n++) {
      const ids = await batch()
      await Promise.all(ids.map(() => one.moveToActive('t')))
      clock.time += 2
      await other.moveStalledJobsToWait()
      const sweep = async (): Promise<string[]> => {
        clock.time += LOCK_MS / 2 + 1
        return other.moveStalledJobsToWait()
      }
      const ends = ids.map((id) => () => m.complete(one, id, { token: 't' }))
      const results = await race([...ends, sweep, sweep])
      const swept = new Set(
        results
          .slice(BATCH)
          .flatMap((result) => (result as PromiseFulfilledResult<string[]>).value),
      )
      for (const [at, id] of ids.entries()) {
        const end = results[at]
        if (won(end)) expect(swept).not.toContain(id)
        else expect([MISSING_LOCK, NOT_ACTIVE]).toContain(codeOf(end))
        if (won(end)) count('ended in time')
        else count(swept.has(id) ? 'taken back' : 'late, but not yet taken back')
      }
      // What was late is taken back by the next sweep and run again; all are completed once.
      clock.time += 2
      await other.moveStalledJobsToWait()
      for (let left = await m.countOf(other, 'wait'); left > 0; left--) {
        const id = await m.claim(other, 'u')
        await m.complete(other, id ?? '', { token: 'u' })
      }
      expect(await m.countOf(one, 'active')).toBe(0)
    }
    expectOutcomes('ended in time', 'taken back', 'late, but not yet taken back')
    const ends = await endsById()
    expect([ends.size, Math.max(...ends.values())]).toEqual([TIMES, 1])
    expect(await one.getCounts(['wait', 'active', 'completed', 'failed'])).toEqual([0, 0, TIMES, 0])
  }, 60_000)

  it('two who ask for a job never get the same one', async () => {
    const given = new Set<string>()
    for (let n = 0; n < TIMES / BATCH; n++) {
      await batch()
      const asks = Array.from({ length: BATCH + 10 }, (_, at) => async () => {
        const [backend, token] = at % 2 ? [one, 'a'] : [other, 'b']
        const id = await m.claim(backend, token)
        if (id === undefined) return count('nothing left')
        expect(given).not.toContain(id)
        given.add(id)
        await m.complete(backend, id, { token })
        count(token)
      })
      for (const result of await race(asks)) expect(result).toMatchObject({ status: 'fulfilled' })
    }
    expectOutcomes('a', 'b', 'nothing left')
    expect(given.size).toBe(TIMES)
    const ends = await endsById()
    expect([ends.size, Math.max(...ends.values())]).toEqual([TIMES, 1])
  }, 60_000)

  it('two adds under one deduplication id make one job', async () => {
    for (let n = 0; n < TIMES / BATCH; n++) {
      const pairs = Array.from({ length: BATCH }, (_, at) => {
        const deduplication = { id: `${n}-${at}` }
        const options = { deduplication, data: { at } }
        return [() => m.add(one, options), () => m.add(other, options)]
      })
      const results = await race(pairs.flat())
      const ids = results.map((result) => (result as PromiseFulfilledResult<string>).value)
      for (let at = 0; at < BATCH; at++) {
        expect(ids[2 * at]).toBe(ids[2 * at + 1])
        expect(ids[2 * at]).toMatch(/^\d+$/)
      }
    }
    expect(await m.countOf(one, 'wait')).toBe(TIMES)
    const added = await endsById('added')
    expect([added.size, Math.max(...added.values())]).toEqual([TIMES, 1])
    expect((await endsById('deduplicated')).size).toBe(TIMES)
  }, 60_000)
})
