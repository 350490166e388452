import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findJobs } from '../../packages/orderly/src/history/find.ts'
import { defineJob } from '../../packages/orderly/src/job/define-job.ts'
import { CHORES, startChores, type Chore } from '../../packages/orderly/src/runtime/chores.ts'
import { enqueue } from '../../packages/orderly/src/runtime/enqueue.ts'
import { expire } from '../../packages/orderly/src/runtime/expire.ts'
import type { Rooms } from '../../packages/orderly/src/runtime/rooms.ts'
import { putWorker } from '../../packages/orderly/src/state/workers.ts'
import { fakeClock, type FakeClock } from '../../packages/orderly/src/testing/fake-clock.ts'
import { createKeyring } from '../../packages/orderly/src/vault/keyring.ts'
import { job } from './events.ts'
import { openRooms, storeAt } from './rooms.ts'

const visit = defineJob({ name: 'visit', input: z.object({ n: z.number() }) })
const keyring = createKeyring(0)

describe('the chores of instances on one database', () => {
  let folder: string
  let clock: FakeClock
  let closers: (() => Promise<unknown>)[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orderly-chores-'))
    clock = fakeClock()
    closers = []
  })
  afterEach(async () => {
    for (const close of closers.toReversed()) await close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function openOne(): Promise<Rooms> {
    const one = await openRooms({
      databaseUrl: `sqlite:${join(folder, 'orderly.db')}`,
      store: storeAt(folder),
      keyring,
      jobs: [visit],
      clock,
    })
    closers.push(() => one.close())
    return one.rooms
  }
  /** Lets time pass, and everything happen that comes of it. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      for (let turns = 0; turns < 10; turns++) await clock.turn()
      clock.advance(Math.min(left, 250))
    }
    for (let turns = 0; turns < 10; turns++) await clock.turn()
  }
  const chore = (run: Chore['run']): Chore => ({ name: 'relay', every: 250, lease: 15_000, run })
  const noting = (turns: string[], name: string): Chore => chore(async () => void turns.push(name))

  it('are done by one at a time, turn after turn', async () => {
    const turns: string[] = []
    const first = startChores(await openOne(), [noting(turns, 'first')])
    await pass(250)
    const second = startChores(await openOne(), [noting(turns, 'second')])
    await pass(60_000)
    expect(new Set(turns)).toEqual(new Set(['first']))
    expect(turns.length).toBeGreaterThan(200)
    await Promise.all([first.stop(), second.stop()])
  })

  it('go over to another when the one that did them dies, after its lease and not before', async () => {
    const turns: string[] = []
    const dying = await openOne()
    // A process that dies says nothing to the database any more.
    let isDead = false
    const mute = new Proxy(dying.history, {
      get: (target, name) => {
        if (isDead) throw new Error('dead')
        return Reflect.get(target, name) as unknown
      },
    })
    const first = startChores({ ...dying, history: mute }, [noting(turns, 'first')])
    await pass(250)
    const second = startChores(await openOne(), [noting(turns, 'second')])
    await pass(1_000)
    isDead = true
    turns.length = 0
    await pass(7_000)
    expect(turns).not.toContain('second')
    await pass(15_000)
    expect(turns).toContain('second')
    expect(turns.at(-1)).toBe('second')
    await Promise.all([first.stop(), second.stop()])
  })

  it('go over at once when the one that did them stops', async () => {
    const turns: string[] = []
    const first = startChores(await openOne(), [noting(turns, 'first')])
    await pass(250)
    const second = startChores(await openOne(), [noting(turns, 'second')])
    await pass(1_000)
    await first.stop()
    turns.length = 0
    await pass(500)
    expect(turns).toContain('second')
    await second.stop()
  })

  it('are tried again after an error, which is logged', async () => {
    const warnings: object[] = []
    const rooms = await openOne()
    const log = { ...rooms.log, warn: (fields: object) => void warnings.push(fields) }
    let turns = 0
    const failing = chore(async () => {
      if (++turns < 3) throw new Error('the store is away')
    })
    const chores = startChores({ ...rooms, log }, [failing])
    await pass(2_000)
    expect(turns).toBeGreaterThan(3)
    expect(warnings).toEqual([
      { chore: 'relay', error: 'the store is away' },
      { chore: 'relay', error: 'the store is away' },
    ])
    await chores.stop()
  })

  it('stop at once, between turns and within one', async () => {
    const rooms = await openOne()
    const idle = startChores(rooms)
    await pass(250)
    await idle.stop()
    const busy = startChores(rooms, [chore((_, signal) => clock.sleep(3_600_000, signal))])
    await pass(250)
    await busy.stop()
  })

  it('write nothing while there is nothing to do, but for their leases', async () => {
    const rooms = await openOne()
    const chores = startChores(rooms, CHORES)
    await pass(1_000)
    const changes = async () =>
      rooms.history.query.selectFrom('orderly_leases').selectAll().orderBy('name').execute()
    const before = await changes()
    expect(before.map(({ name }) => name)).toContain('relay')
    await pass(5_000)
    expect(await changes()).toEqual(before)
    await chores.stop()
  })
})

describe('a start after a process of this machine was killed', () => {
  it('puts back at once what the dead one had accepted and no queue has', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderly-left-'))
    const store = storeAt(folder)
    const databaseUrl = `sqlite:${join(folder, 'orderly.db')}`
    // Jobs are dated by their queue, which has the time of the machine.
    const clock = fakeClock(Date.now())
    const one = await openRooms({ databaseUrl, store, keyring, jobs: [visit], clock })
    try {
      const { id } = await enqueue(one.rooms, visit, { n: 1 })
      await one.rooms.recorder.flush()
      const raw = one.rooms.engines.current().engine.raw('visit')
      await raw.remove(raw.idOf(id))
      const left = CHORES.find(({ name }) => name === 'left-behind')
      const run = async (): Promise<string> => {
        const chores = startChores(one.rooms, [left!])
        for (let passed = 0; passed < 30_000; passed += 1_000) {
          for (let turns = 0; turns < 20; turns++) await clock.turn()
          clock.advance(1_000)
        }
        await chores.stop()
        return raw.state(raw.idOf(id))
      }
      const dead = spawnSync(process.execPath, ['--version']).pid
      const worker = { id: 'w', host: hostname(), started_at: 0, seen_at: clock.now(), body: '{}' }
      await putWorker(one.rooms.state, { ...worker, pid: process.ppid })
      expect(await run()).toBe('unknown')
      await putWorker(one.rooms.state, { ...worker, seen_at: clock.now(), pid: dead })
      expect(await run()).toBe('prioritized')
    } finally {
      await one.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the end of retention', () => {
  it('takes content out of queue and record by the clock, and history years later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderly-expire-'))
    // Jobs are dated by their queue, which has the time of the machine, and their ends by the clock.
    const clock = fakeClock(Date.now())
    const { rooms, close } = await openRooms({
      databaseUrl: `sqlite:${join(folder, 'orderly.db')}`,
      store: storeAt(folder),
      keyring,
      jobs: [visit],
      clock,
    })
    const { history, engines } = rooms
    const { engine } = engines.current()
    const { id } = await enqueue(rooms, visit, { n: 1 })
    const { id: open } = await enqueue(rooms, visit, { n: 2 })
    const queue = engine.queue('visit')
    const worker = engine.worker('visit', async () => 'done', { autorun: false })
    const next = (await worker.getNextJob('token'))!
    await next.moveToCompleted('done', 'token', false)
    await rooms.recorder.flush()
    expect(await job(history, id)).toMatchObject({ state: 'completed' })
    const due = (await job(history, id)).expires_at!
    clock.advance(due - clock.now() - 1)
    expect(await expire(rooms)).toEqual({ contents: 0, jobs: 0 })
    clock.advance(1)
    expect(await expire(rooms)).toEqual({ contents: 1, jobs: 0 })
    expect(await queue.getJob(id)).toBeUndefined()
    expect(await job(history, id)).toMatchObject({ state: 'completed', input: null, output: null })
    expect((await job(history, open)).input).not.toBeNull()
    clock.advance(rooms.historyRetention + 1)
    expect(await expire(rooms)).toEqual({ contents: 0, jobs: 1 })
    expect((await findJobs(history, {})).map((found) => found.id)).toEqual([open])
    await worker.close()
    await close()
    rmSync(folder, { recursive: true, force: true })
  })
})
