import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../database/migrate.ts'
import { openDatabase } from '../database/open.ts'
import { beginEffect, findEffect, finishEffect, raiseFence, replaceEffect } from './effects.ts'
import { findEvidence, writeEvidence } from './evidence.ts'
import { forget } from './forget.ts'
import { claimRequests } from './idempotency.ts'
import { STATE_STEPS, type StateDatabase } from './tables.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 0, 5)

let folder: string
let database: StateDatabase

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-state-'))
  const opened = openDatabase(`sqlite:${join(folder, 'state.db')}`)
  await migrate(opened, 'orderly_state', STATE_STEPS)
  database = opened.withTables()
})

afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true, force: true })
})

const effect = { scope: 'once/mail', key: 'k', jobId: 'j', queue: 'q', run: 1 }

it('forgets shared effects after 90 days, and steps of jobs not by their age', async () => {
  for (const scope of ['once/mail', 'job/j']) {
    await beginEffect(database, { ...effect, scope }, NOW)
    await finishEffect(database, { ...effect, scope }, 'sealed', NOW)
  }
  await forget(database, NOW + 89 * DAY, 365 * DAY)
  expect(await findEffect(database, effect)).toMatchObject({ state: 'done' })
  await forget(database, NOW + 91 * DAY, 365 * DAY)
  expect(await findEffect(database, effect)).toBeUndefined()
  expect(await findEffect(database, { ...effect, scope: 'job/j' })).toBeDefined()
})

it('keeps evidence as long as history', async () => {
  const row = { job_id: 'j', queue: 'q', run: 1, type: 't', at: NOW, body: '{}', attached: null }
  await writeEvidence(database, row)
  await forget(database, NOW + 99 * DAY, 100 * DAY)
  expect(await findEvidence(database, 'j')).toHaveLength(1)
  await forget(database, NOW + 101 * DAY, 100 * DAY)
  expect(await findEvidence(database, 'j')).toEqual([])
})

it('answers a request anew when the time of its key is over', async () => {
  const [first, second, third] = ['first', 'second', 'third'].map((jobId) => ({
    jobId,
    input: 'same',
  }))
  const answer = async (mine: typeof first, now: number): Promise<string | undefined> => {
    const claim = { key: 'key', ...mine!, expiresAt: now + DAY }
    return (await claimRequests(database, [claim], now, () => {})).get(claim)?.jobId
  }
  expect(await answer(first, NOW)).toBe(first!.jobId)
  expect(await answer(second, NOW + 1)).toBe(first!.jobId)
  expect(await answer(third, NOW + DAY)).toBe(third!.jobId)
})

it('refuses what an overtaken run writes, whatever it writes', async () => {
  expect(await raiseFence(database, 'j', 1)).toBe(true)
  expect(await beginEffect(database, effect, NOW)).toBe('taken')
  expect(await raiseFence(database, 'j', 2)).toBe(true)
  expect(await raiseFence(database, 'j', 1)).toBe(false)
  expect(await finishEffect(database, effect, 'late', NOW)).toBe(false)
  expect(await replaceEffect(database, { ...effect, key: 'c' }, 'late', NOW)).toBe(false)
  expect(await beginEffect(database, { ...effect, key: 'other' }, NOW)).toBe('fenced')
  expect(await beginEffect(database, { ...effect, run: 2 }, NOW)).toBe('taken')
  expect(await finishEffect(database, { ...effect, run: 2 }, 'good', NOW)).toBe(true)
  expect(await findEffect(database, effect)).toMatchObject({ value: 'good', run: 2 })
})
