// Each kind of rule, and how soon somebody is told: on an instance whose time a test moves.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createOrderly, defineJob, handle, type Orderly } from 'orderly'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ALERT_METRICS, amountText, HOUSE_RULES } from '../../packages/orderly/src/alerts/rule.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { checkLedger } from '../../packages/orderly/src/runtime/check-ledger.ts'
import { findLedgerCheck } from '../../packages/orderly/src/state/ledger-check.ts'
import { putWorker } from '../../packages/orderly/src/state/workers.ts'
import { fakeClock, type FakeClock } from '../../packages/orderly/src/testing/index.ts'

const lines: string[] = []
const silent = {
  debug() {},
  info() {},
  warn() {},
  error: (_fields: object, message: string) => void lines.push(message),
}
const work = defineJob({
  name: 'work',
  queue: 'works',
  input: z.object({ n: z.number() }),
  retry: { attempts: 1 },
})
let home: string
let clock: FakeClock
let orderly: Orderly

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'orderly-alert-kinds-'))
  // Jobs are stamped by their engine, with the time of this machine.
  clock = fakeClock(Date.now())
  lines.length = 0
  orderly = await createOrderly({
    home,
    clock,
    log: silent,
    jobs: [work],
    handlers: [
      handle(work, async () => {
        throw new Error('never')
      }),
    ],
  })
})
afterEach(async () => {
  await orderly.close()
  rmSync(home, { recursive: true, force: true })
})

/** What is an alert after the rules have been looked at now. */
async function firing(): Promise<string[]> {
  await roomsOf(orderly).alerts.evaluate()
  return (await orderly.alerts.list({ state: 'firing' }))
    .map(({ rule, subject }) => `${rule} ${subject}`)
    .toSorted()
}

async function heard(more: object): Promise<void> {
  await putWorker(roomsOf(orderly).state, {
    id: 'w1',
    host: 'h',
    pid: 7,
    started_at: clock.now(),
    seen_at: clock.now(),
    body: JSON.stringify({ queues: ['works'], memory: 100, lag: 1, held: [], ...more }),
  })
}

describe('alerts', () => {
  it('are told with the unit of what is measured', () => {
    const told = [
      ['queue.oldest', 90],
      ['queue.oldest', 1_500],
      ['queue.oldest', 9_000],
      ['workers.memory', 612.4],
      ['workers.lag', 240],
      ['jobs.failure-rate', 66.666],
      ['dead-letters', 3],
    ] as const
    expect(told.map(([metric, value]) => amountText(metric, value))).toEqual(
      '90 s, 25 min, 2.5 h, 612.4 MiB, 240 ms, 66.67 %, 3'.split(', '),
    )
  })

  it('tell that nobody works on a queue, within a minute, and not while somebody does', async () => {
    await orderly.enqueue(work, { n: 1 })
    await roomsOf(orderly).recorder.flush()
    await heard({})
    expect(await firing()).toEqual([])
    clock.advance(30_000)
    expect(await firing()).toEqual([])
    clock.advance(25_000)
    expect(await firing()).toEqual(['no-worker works'])
  })

  it('tell of the memory, the lag and the unhandled jobs of a worker', async () => {
    const rules = [
      { name: 'fat', metric: 'workers.memory', above: 512 },
      { name: 'late', metric: 'workers.lag', above: 200 },
    ] as const
    for (const rule of rules) await orderly.alerts.putRule(rule)
    await heard({ memory: 512, lag: 200 })
    expect(await firing()).toEqual([])
    await heard({ memory: 900, lag: 250, held: [{ job: 'other', times: 2 }] })
    expect(await firing()).toEqual(['fat h/7', 'late h/7', 'unhandled-jobs other'])
    // Who is gone uses nothing.
    clock.advance(16_000)
    await firing()
    clock.advance(61_000)
    expect(await firing()).toEqual([])
  })

  it('tell of a schedule that should have fired, and not of one that rests', async () => {
    for (const id of ['nightly', 'resting'])
      await orderly.schedule({ id, job: work, input: { n: 1 }, spec: { every: '1h' } })
    await orderly.pause({ schedule: 'resting' }, { reason: 'moving', by: 'Ana' })
    const { state } = roomsOf(orderly)
    await state.query
      .updateTable('orderly_schedules')
      .set({ next_at: clock.now() - 59_000 })
      .execute()
    expect(await firing()).toEqual([])
    await state.query
      .updateTable('orderly_schedules')
      .set({ next_at: clock.now() - 61_000 })
      .execute()
    expect(await firing()).toEqual(['missed-schedules nightly'])
  })

  it('tell of depth, age, failures, dead letters and what a search finds, each within a minute', async () => {
    await orderly.alerts.putRule({ name: 'deep', metric: 'queue.depth', above: 2 })
    await orderly.alerts.putRule({ name: 'bad', metric: 'jobs.failed', above: 0 })
    await orderly.alerts.putRule({
      name: 'found',
      metric: 'jobs.found',
      search: { name: 'work', state: 'failed' },
      window: '1h',
      above: 0,
    })
    await orderly.alerts.putRule({ name: 'old', metric: 'queue.oldest', above: 300 })
    for (let n = 0; n < 3; n++) await orderly.enqueue(work, { n })
    await roomsOf(orderly).recorder.flush()
    expect(await firing()).toEqual(['deep works'])
    // The engine stamped them by this machine's clock, which has gone on since the test's own was set.
    clock.advance(359_000)
    expect(await firing()).toEqual(expect.arrayContaining(['deep works', 'old works']))
    await orderly.start()
    await expect
      .poll(
        async () => {
          clock.advance(1_000)
          return (await orderly.countJobs()).find(({ state }) => state === 'failed')?.n
        },
        { timeout: 10_000 },
      )
      .toBe(3)
    const failedAt = clock.now()
    await orderly.metrics()
    expect(await firing()).toEqual(
      expect.arrayContaining(['bad work', 'dead-letters work', 'found search']),
    )
    expect(clock.now() - failedAt).toBeLessThanOrEqual(60_000)
  })

  it('tell that the audit log was changed, once somebody has looked, and of nothing while it is whole', async () => {
    const rooms = roomsOf(orderly)
    const { signal } = new AbortController()
    for (const name of ['a', 'b', 'c']) await orderly.pause({ queue: 'works' }, { reason: name })
    clock.advance(3_600_000)
    await checkLedger(rooms, signal)
    const first = await findLedgerCheck(rooms.state)
    expect(first).toMatchObject({ findings: 0, at: clock.now() })
    expect(first!.entries).toBeGreaterThanOrEqual(3)
    expect(await firing()).not.toContain('chain-break audit-log')

    const { query } = rooms.ledger.database
    for (const trigger of ['orderly_ledger_kept', 'orderly_ledger_fixed'])
      await sql.raw(`drop trigger if exists ${trigger}`).execute(query)
    await sql
      .raw(`update orderly_ledger set body = replace(body, '"U"', '"R"') where i = 1`)
      .execute(query)
    // Nobody looks twice within the hour.
    await checkLedger(rooms, signal)
    expect((await findLedgerCheck(rooms.state))!.findings).toBe(0)
    clock.advance(3_600_000)
    await checkLedger(rooms, signal)
    expect((await findLedgerCheck(rooms.state))!.findings).toBeGreaterThan(0)
    expect(await firing()).toContain('chain-break audit-log')
    expect(lines).toContain(
      'the audit log is not what was written; run "orderly audit verify" to see where',
    )
    const [entry] = (
      await query
        .selectFrom('orderly_ledger')
        .select(['op', 'outcome'])
        .orderBy('i', 'desc')
        .limit(1)
        .execute()
    ).slice(0, 1)
    expect(entry).toEqual({ op: 'audit.verify', outcome: 'failed' })
  })

  it('know a rule of the house for each thing that must never be overlooked', () => {
    expect(HOUSE_RULES.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'chain-break',
        'dead-letters',
        'failures',
        'missed-schedules',
        'no-worker',
        'oldest-waiting',
        'unhandled-jobs',
      ]),
    )
    for (const { metric } of HOUSE_RULES) expect(ALERT_METRICS).toHaveProperty([metric])
  })
})
