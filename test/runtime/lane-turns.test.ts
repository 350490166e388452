import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { migrate } from '../../packages/orderly/src/database/migrate.ts'
import { openDatabase } from '../../packages/orderly/src/database/open.ts'
import { HISTORY_STEPS, type HistoryTables } from '../../packages/orderly/src/history/tables.ts'
import { defineService } from '../../packages/orderly/src/index.ts'
import {
  dispatch,
  enterLane,
  parkAgain,
  parkNew,
  type LaneEntry,
  type LaneRules,
} from '../../packages/orderly/src/state/lanes.ts'
import { leaveLane } from '../../packages/orderly/src/state/lane-ends.ts'
import { dropLimit, putLimit } from '../../packages/orderly/src/state/limits.ts'
import { beginCall, endCall } from '../../packages/orderly/src/state/services.ts'
import {
  STATE_STEPS,
  type StateDatabase,
  type StateTables,
} from '../../packages/orderly/src/state/tables.ts'
import { freshName } from './stores.ts'

const T = 1_800_000_000_000

function entry(rules: LaneRules, id: string, key: string): LaneEntry {
  return {
    job_id: id,
    queue: rules.name,
    name: rules.name,
    key,
    bucket: key,
    weight: 1,
    units: 1,
    priority: 100,
    seq: T,
    due_at: T,
  }
}

/** A job of a line as the record has it. */
const recordOf = ({ job_id: id, queue, name }: LaneEntry) => ({
  id,
  queue,
  name,
  engine: 'main',
  state: 'prioritized' as const,
  priority: 100,
  attempts: 0,
  created_at: T,
  run_at: T,
  opts: '{}',
  updated_at: T,
})

describe.each(['sqlite', 'postgres'] as const)('turns in the database (%s)', (dialect) => {
  /** Two ways to one database, as two processes have. */
  let ways: StateDatabase[] = []
  let stop = async (): Promise<void> => undefined

  beforeAll(async () => {
    const server = dialect === 'postgres' ? await startPostgres() : undefined
    const home = mkdtempSync(join(tmpdir(), 'orderly-turns-'))
    const url = server?.url ?? `sqlite:${join(home, 'orderly.db')}`
    const opened = [openDatabase(url), openDatabase(url)]
    await migrate(opened[0]!, 'orderly', HISTORY_STEPS)
    await migrate(opened[0]!, 'orderly_state', STATE_STEPS)
    ways = opened.map((database) => database.withTables<StateTables>())
    stop = async () => {
      await Promise.all(opened.map((database) => database.close()))
      await server?.stop()
      rmSync(home, { recursive: true, force: true })
    }
  })
  afterAll(() => stop())

  /** Puts jobs on record and in line. */
  const accept = async (
    rules: LaneRules,
    keys: readonly string[],
    more: Partial<LaneEntry> = {},
  ): Promise<string[]> => {
    const entries = keys.map((key, n) => ({ ...entry(rules, `${rules.name}-${n}`, key), ...more }))
    const { query } = ways[0]!.withTables<HistoryTables>()
    for (let start = 0; start < entries.length; start += 500)
      await query
        .insertInto('orderly_jobs')
        .values(entries.slice(start, start + 500).map(recordOf))
        .execute()
    await parkNew(ways[0]!, entries, T)
    return entries.map(({ job_id }) => job_id)
  }
  const look = (way: number, rules: LaneRules, now = T, ahead = 100) =>
    dispatch(ways[way]!, rules, { ahead, engines: ['main'], now })
  const turn = async (...given: Parameters<typeof look>) => (await look(...given)).picked

  it('gives out no place twice to two processes that ask at once', async () => {
    const rules = { name: freshName('turns'), concurrency: 3, rate: undefined }
    await accept(rules, ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'b'])
    const asked = await Promise.all([0, 1, 0, 1].map((way) => turn(way, rules)))
    const ids = asked.flat().map(({ id }) => id)
    expect(ids).toHaveLength(6)
    expect(new Set(ids).size).toBe(6)
  })

  it('gives out no unit twice, and fills the budget by the clock', async () => {
    const rules = {
      name: freshName('turns'),
      concurrency: undefined,
      rate: { limit: 2, per: 1_000 },
    }
    await accept(
      rules,
      Array.from({ length: 6 }, () => 'a'),
    )
    const asked = await Promise.all([0, 1, 0, 1].map((way) => turn(way, rules)))
    expect(asked.flat()).toHaveLength(2)
    expect(await turn(0, rules, T + 499)).toHaveLength(0)
    expect(await turn(1, rules, T + 500)).toHaveLength(1)
    expect(await turn(0, rules, T + 60_000)).toHaveLength(2)
  })

  it('keeps to a budget that many lines share', async () => {
    const rate = { limit: 2, per: 1_000 }
    const rules = { name: freshName('turns'), concurrency: 1, rate }
    await accept(
      rules,
      Array.from({ length: 80 }, (_, n) => `k${n}`),
      { bucket: '' },
    )
    expect(await look(0, rules, T, 5)).toMatchObject({ picked: { length: 2 }, hasMore: false })
    expect(await turn(1, rules, T + 1_000)).toHaveLength(2)
  })

  it('lets a claimed job without a place run only where one is free', async () => {
    const rules = { name: freshName('turns'), concurrency: 1, rate: undefined }
    const [first, second] = await accept(rules, ['a', 'a'])
    const enter = (way: number, id: string, holder: string) =>
      enterLane(ways[way]!, rules, entry(rules, id, 'a'), holder, T)
    const entered = await Promise.all([enter(0, first!, 'x'), enter(1, second!, 'y')])
    expect(entered.filter(Boolean)).toHaveLength(1)
    const [winner, loser] = entered[0] ? [first!, second!] : [second!, first!]
    const holder = entered[0] ? 'x' : 'y'
    expect(await turn(0, rules)).toEqual([])
    // An earlier claim of the same job has nothing to give back.
    await leaveLane(ways[0]!, winner, 'somebody else')
    expect(await turn(0, rules)).toEqual([])
    await leaveLane(ways[0]!, winner, holder)
    expect((await turn(0, rules)).map(({ id }) => id)).toEqual([loser])
  })

  it('frees the place of a job that waits for its next attempt, and gives it another then', async () => {
    const rules = { name: freshName('turns'), concurrency: 1, rate: undefined }
    const [first, second] = await accept(rules, ['a', 'a'])
    expect((await turn(0, rules)).map(({ id }) => id)).toEqual([first])
    await enterLane(ways[0]!, rules, entry(rules, first!, 'a'), 'x', T)
    const lane = { job_id: first!, name: rules.name, key: 'a' }
    await parkAgain(ways[0]!, lane, { due: T + 5_000, now: T, holder: 'x' })
    expect((await turn(0, rules)).map(({ id }) => id)).toEqual([second])
    await leaveLane(ways[0]!, second!)
    expect(await turn(0, rules, T + 4_000)).toEqual([])
    expect((await turn(0, rules, T + 5_000)).map(({ id }) => id)).toEqual([first])
  })

  it('gives a key that rested no credit for its rest', async () => {
    const rules = { name: freshName('turns'), concurrency: 100, rate: undefined }
    await accept(
      rules,
      Array.from({ length: 40 }, () => 'busy'),
    )
    await turn(0, rules, T, 20)
    await ways[0]!.query.deleteFrom('orderly_lanes').where('state', '=', 'dispatched').execute()
    const late = Array.from({ length: 20 }, (_, n) =>
      entry(rules, `${rules.name}-late-${n}`, 'late'),
    )
    const { query } = ways[0]!.withTables<HistoryTables>()
    await query.insertInto('orderly_jobs').values(late.map(recordOf)).execute()
    await parkNew(ways[0]!, late, T)
    const picked = await turn(0, rules, T, 10)
    const mine = picked.filter(({ id }) => id.includes('late')).length
    expect(mine).toBeGreaterThanOrEqual(4)
    expect(mine).toBeLessThanOrEqual(6)
  })

  it('finds the one job that may begin behind many lines that have none', async () => {
    const rules = { name: freshName('turns'), concurrency: 1, rate: undefined }
    const keys = Array.from({ length: 150 }, (_, n) => `gone-${n}`)
    const ids = await accept(rules, [...keys, 'z'])
    await ways[0]!
      .withTables<HistoryTables>()
      .query.updateTable('orderly_jobs')
      .set({ finished_at: T })
      .where('name', '=', rules.name)
      .where('id', '<>', ids.at(-1)!)
      .execute()
    const picked: string[] = []
    for (let hasMore = true; hasMore;) {
      const turns = await look(0, rules, T, 5)
      picked.push(...turns.picked.map(({ id }) => id))
      hasMore = turns.hasMore
    }
    expect(picked).toEqual([ids.at(-1)])
  })

  it('has one outcome, ten thousand times on SQLite, when a claim meets the end of a limit somebody set', async () => {
    const rules = { name: freshName('turns'), concurrency: 1, rate: undefined }
    const key = { kind: 'job', name: rules.name, what: 'concurrency' } as const
    const ids = await accept(rules, ['a', 'a', 'a'])
    const rounds = dialect === 'sqlite' ? 10_000 : 200
    for (let round = 0; round < rounds; round++) {
      const until = T + 10 * (round + 1)
      await putLimit(ways[0]!, { ...key, value: 2, reason: 'x', who: '', at: T, until })
      const isOver = round % 2 === 0
      const [dropped, picked, droppedToo] = await Promise.all([
        dropLimit(ways[0]!, key, until),
        turn(1, rules, isOver ? until : until - 1),
        dropLimit(ways[1]!, key, until),
      ])
      expect([dropped, droppedToo].filter(Boolean)).toHaveLength(1)
      if (isOver) expect(picked).toHaveLength(1)
      else expect([1, 2]).toContain(picked.length)
      // Whatever came of it, the limit in code holds for the next.
      expect(await turn(0, rules, until)).toEqual([])
      await ways[0]!.query
        .updateTable('orderly_lanes')
        .set({ state: 'parked' })
        .where('job_id', 'in', ids)
        .execute()
    }
  }, 120_000)

  it('lets one call try a service that failed, of two processes that ask at once', async () => {
    const service = defineService({
      name: freshName('service'),
      breaker: { failures: 1, within: '1m', cooldown: '1s' },
    })
    const call = (id: string, now: number) => ({ id, now, until: now + 1_000 })
    await endCall(ways[0]!, service, { id: 'x', isTrial: false, end: 'failed', now: T })
    expect(await beginCall(ways[1]!, service, call('y', T + 999))).toMatchObject({
      type: 'wait',
      wait: 1,
    })
    const asked = await Promise.all(
      [0, 1, 0, 1].map((way, n) => beginCall(ways[way]!, service, call(`t${n}`, T + 1_000))),
    )
    expect(asked.filter(({ type }) => type === 'trial')).toHaveLength(1)
    // That one was lost with its process; the next decides, and what it says later does not.
    expect(await beginCall(ways[0]!, service, call('z', T + 2_000))).toEqual({ type: 'trial' })
    const lost = asked.findIndex(({ type }) => type === 'trial')
    const late = { id: `t${lost}`, isTrial: true, end: 'failed', now: T + 2_100 } as const
    await endCall(ways[1]!, service, late)
    await endCall(ways[0]!, service, { id: 'z', isTrial: true, end: 'answered', now: T + 2_200 })
    expect(await beginCall(ways[1]!, service, call('w', T + 2_300))).toEqual({ type: 'call' })
  })
})
