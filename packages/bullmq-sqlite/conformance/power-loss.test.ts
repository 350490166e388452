/**
 * Cuts the power on paper. What it shows: whatever of the unsynced bytes reached the disk, all that was
 * acknowledged is found again. What it cannot show: that SQLite, the kernel and the drive sync when
 * they say so; for that it takes SQLite's setting and documentation at their word.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSqliteBackend } from '../src/index.ts'
import { SYNC, cut } from './crash/disk.ts'
import type { Image } from './crash/disk.ts'
import { connections, seeded } from './crash/failpoints.ts'
import { startRecording } from './crash/recorder.ts'
import type { Fact, Moment } from './crash/recorder.ts'
import * as m from './moves.ts'

const STATES = Number(process.env['STATES'] ?? 400)
const SEED = Number(process.env['SEED'] ?? 7)
const STEPS = 120
const STATE_OF: Record<string, number> = { completed: 5, failed: 6 }
const COUNTED = 'waiting, prioritized, delayed, active, waiting_children, completed, failed'

const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-power-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// All that happens within a millisecond has the same time; here everything has.
const clock = { now: () => 1_800_000_000_000 }
const open = (file: string, synchronous: 'FULL' | 'NORMAL') =>
  createSqliteBackend('work', { connection: { file, synchronous, clock } })

/** Adds, starts, ends and removes jobs at random, and records every commit. */
async function record(name: string, synchronous: 'FULL' | 'NORMAL'): Promise<Moment[]> {
  const random = seeded(SEED)
  const recorder = startRecording(join(folder, name))
  const { facts } = recorder
  const backend = open(join(folder, name), synchronous)
  const told = async (adding: Promise<string>): Promise<void> => {
    facts.set(await adding, 'there')
  }
  const running: string[] = []
  const started = (id: unknown): void => {
    if (typeof id === 'string') running.push(id)
  }
  const steps = [
    () => told(m.add(backend)),
    () => told(m.add(backend, { data: 'x'.repeat(random() * 9000) })),
    () => Promise.all([told(m.add(backend)), told(m.add(backend, { priority: 2 }))]),
    async () => told(m.addParent(backend).then(({ id }) => id)),
    async () => started(await m.claim(backend)),
    async () => started(await m.claim(backend)),
    async () => {
      const [, id] = await Promise.all([told(m.add(backend)), m.claim(backend)])
      started(id)
    },
    // Somebody sleeps until there is a job, and is shown the add before it is on the disk.
    async () => {
      const waiting = backend.waitForJob(60)
      const adding = told(m.add(backend))
      await waiting
      started(await m.claim(backend))
      await adding
    },
    // In a queue that is paused a worker sleeps whatever waits there.
    async () => {
      await backend.pause(true)
      const waiting = backend.waitForJob(60)
      await told(m.add(backend))
      await backend.pause(false)
      await waiting
    },
    async () => {
      const id = running.shift()
      if (id === undefined) return
      const fetch = random() < 0.5
      const [, next] = await m.complete(backend, id, { fetch })
      facts.set(id, 'completed')
      started(next)
    },
    async () => {
      const id = running.shift()
      if (id === undefined) return
      await m.fail(backend, id)
      facts.set(id, 'failed')
    },
    async () => {
      const [id] = await m.idsIn(backend, 'wait')
      if (id === undefined) return
      // Asked for, it may be there or not; only the answer decides.
      facts.delete(id)
      await backend.remove(id, false)
      facts.set(id, 'removed')
    },
  ]
  for (let n = 0; n < STEPS; n++) await steps[Math.floor(random() * steps.length)]!()
  recorder.stop()
  await backend.close()
  return recorder.moments
}

interface Found {
  /** What was acknowledged and is not so. */
  lost: string[]
  wrong: string[]
  active: number
}

/** Opens what the cut left, as the next start of a program would. */
async function recover(image: Image, acked: ReadonlyMap<string, Fact>): Promise<Found> {
  const file = join(folder, 'state.db')
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
  writeFileSync(file, image.main)
  writeFileSync(`${file}-wal`, image.log)
  const wrong: string[] = []
  let backend: m.Backend | undefined
  let db: Database.Database | undefined
  try {
    backend = open(file, 'NORMAL')
    db = new Database(file, { readonly: true })
    const rows = db.prepare('SELECT id, state FROM bullmq_job').all() as {
      id: string
      state: number
    }[]
    const state = new Map(rows.map((row) => [row.id, row.state]))
    const holds = ([id, fact]: [string, Fact]): boolean =>
      fact in STATE_OF ? state.get(id) === STATE_OF[fact] : state.has(id) === (fact === 'there')
    const lost = [...acked].filter((entry) => !holds(entry)).map(([id, fact]) => `${id} ${fact}`)
    const active = rows.filter((row) => row.state === 3).length

    const integrity = db.pragma('integrity_check', { simple: true })
    if (integrity !== 'ok') wrong.push(String(integrity))
    const counted = db.prepare(`SELECT ${COUNTED} FROM bullmq_queue WHERE name = 'bull:work'`)
    const counts = Object.values((counted.get() ?? {}) as Record<string, number>)
    const tallied = counts.map((_, at) => rows.filter((row) => row.state === at).length)
    if (counts.join() !== tallied.join()) wrong.push(`${counts.join()} are ${tallied.join()}`)
    const id = await m.add(backend)
    if (state.has(id)) wrong.push(`${id} is given out twice`)
    return { lost, wrong, active }
  } catch (error) {
    return { lost: [], wrong: [(error as Error).message], active: 0 }
  } finally {
    db?.close()
    await backend?.close()
  }
}

async function replay(moments: readonly Moment[], states: number): Promise<Found[]> {
  const random = seeded(SEED)
  const found: Found[] = []
  for (let n = 0; n < states; n++) {
    const moment = moments[n % moments.length]!
    found.push(await recover(cut(moment, random), moment.acked))
  }
  return found
}

describe('a file whose machine loses power', () => {
  let moments: Moment[]
  let found: Found[]
  beforeAll(async () => {
    moments = await record('full.db', 'FULL')
    found = await replay(moments, STATES)
  }, 120_000)

  it(`has every acknowledged add, end and removal in ${STATES} states (SEED=${SEED})`, () => {
    expect(found.flatMap(({ lost }) => lost)).toEqual([])
  })

  it('opens, is whole, counts what it holds and takes a job in each of them', () => {
    expect(found.flatMap(({ wrong }) => wrong)).toEqual([])
  })

  it('was cut in commits with and without a sync, in checkpoints and where the log starts over', () => {
    const checkpoints = moments.filter(({ before, after }) => !before.main.equals(after.main))
    const shorter = moments.filter(({ certain, after }) => !certain.log.equals(after.log))
    const salts = new Set(moments.map(({ after }) => after.log.toString('hex', 16, 24)))
    expect(new Set(moments.map(({ level }) => level))).toEqual(new Set([SYNC.normal, SYNC.full]))
    expect(checkpoints.length).toBeGreaterThan(4)
    expect(salts.size).toBeGreaterThan(4)
    expect(shorter.length).toBeGreaterThan(STEPS / 4)
  })

  it('may find a job waiting whose start was not yet synced', async () => {
    const start = moments.find(({ level }) => level === SYNC.normal)!
    const [kept, lost] = [
      await recover(start.after, new Map()),
      await recover(start.certain, new Map()),
    ]
    expect(kept.active - lost.active).toBeGreaterThan(0)
  })
})

describe('the replay', () => {
  it('finds what is lost where nothing is synced before it is acknowledged', async () => {
    const found = await replay(await record('normal.db', 'NORMAL'), 100)
    expect(found.flatMap(({ lost }) => lost)).not.toEqual([])
    expect(found.flatMap(({ wrong }) => wrong)).toEqual([])
  }, 60_000)

  it('finds what is broken where nothing is synced at all', async () => {
    const moments = await record('off.db', 'NORMAL')
    // Before the first commit all is on the disk, and then nothing ever is.
    const { certain } = moments[0]!
    const off = moments.map((moment) => ({ ...moment, certain, level: SYNC.off }))
    const found = await replay(off, 100)
    expect(found.flatMap(({ wrong }) => wrong)).not.toEqual([])
  }, 60_000)
})

describe('an add that a worker waits for', () => {
  it('is started before it is on the disk, and acknowledged after', async () => {
    const file = join(folder, 'shown.db')
    const backend = open(file, 'FULL')
    await m.add(backend)
    await m.claim(backend)
    const waiting = backend.waitForJob(60)
    const seen: string[] = []
    const adding = m.add(backend).then(() => seen.push(`acknowledged ${level(file)}`))
    await waiting
    await m.claim(backend).then(() => seen.push(`started ${level(file)}`))
    await adding
    expect(seen).toEqual([`started ${SYNC.normal}`, `acknowledged ${SYNC.full}`])
    await backend.close()
  })

  it('is acknowledged although the file is closed at once', async () => {
    const file = join(folder, 'closed.db')
    const backend = open(file, 'FULL')
    await m.add(backend)
    await m.claim(backend)
    const waiting = backend.waitForJob(60)
    const adding = m.add(backend)
    const closing = backend.close()
    await Promise.all([waiting, closing])
    expect(await adding).toBe('2')
  })

  it('waits for whoever holds the file meanwhile, however long, and comes before what was asked later', async () => {
    const file = join(folder, 'held.db')
    const backend = createSqliteBackend('work', { connection: { file, busyTimeout: 20 } })
    await m.add(backend)
    await m.claim(backend)
    const waiting = backend.waitForJob(60)
    const told: string[] = []
    const adding = m.add(backend).then((id) => told.push(id))
    await waiting
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    await expect(m.add(backend)).rejects.toMatchObject({ code: 'BULLMQ_SQLITE_BUSY' })
    expect(told).toEqual([])
    other.exec('COMMIT')
    other.close()
    await m.add(backend).then((id) => told.push(id))
    await adding
    expect(told).toEqual(['2', '3'])
    await backend.close()
  })

  it('is refused when it cannot be brought to the disk', async () => {
    const file = join(folder, 'full-disk.db')
    const backend = open(file, 'FULL')
    await m.add(backend)
    await m.claim(backend)
    const waiting = backend.waitForJob(60)
    const adding = m.add(backend)
    await waiting
    const db = [...connections].find(({ name }) => name === file)!
    db.pragma('query_only = ON')
    await expect(adding).rejects.toThrow('readonly')
    db.pragma('query_only = OFF')
    await backend.close()
  })
})

function level(file: string): unknown {
  const db = [...connections].find(({ name }) => name === file)
  return db?.pragma('synchronous', { simple: true })
}

describe('a start', () => {
  it('does not wait for the disk, and is synced soon', async () => {
    const file = join(folder, 'soon.db')
    const backend = open(file, 'FULL')
    await m.add(backend)
    expect(level(file)).toBe(SYNC.full)
    await m.claim(backend)
    expect(level(file)).toBe(SYNC.normal)
    await m.until(() => level(file) === SYNC.full)
    await backend.close()
  })

  it('that comes with the end of another job is synced with it', async () => {
    const file = join(folder, 'next.db')
    const backend = open(file, 'FULL')
    const id = await m.running(backend)
    const second = await m.add(backend)
    expect(await m.claim(backend)).toBe(second)
    const third = await m.add(backend)
    const [, next] = await m.complete(backend, id, { fetch: true })
    expect(next).toBe(third)
    expect(level(file)).toBe(SYNC.full)
    await backend.close()
  })
})
