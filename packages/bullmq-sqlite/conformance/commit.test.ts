/** Fails commits on purpose: what was not committed must not be acknowledged, and what follows must go on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { IQueueBackend } from 'bullmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSqliteBackend } from '../src/index.ts'
import { interceptCommit, interceptFirst } from './crash/failpoints.ts'
import * as m from './moves.ts'

let failures = 0

interceptCommit(() => {
  if (failures > 0) {
    failures--
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  }
})
let meddle: (() => void) | undefined
interceptFirst(() => meddle?.())
let folder: string
let backend: IQueueBackend

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-commit-'))
  backend = createSqliteBackend('work', { connection: join(folder, 'queues.db') })
})
afterEach(async () => {
  failures = 0
  meddle = undefined
  await backend.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a commit that fails', () => {
  it('rejects the add it was for, with the error of SQLite', async () => {
    await m.add(backend)
    failures = 1
    await expect(m.add(backend)).rejects.toMatchObject({ code: 'SQLITE_FULL' })
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  it('rejects every add that shared it', async () => {
    await m.add(backend)
    failures = 1
    const results = await Promise.allSettled([m.add(backend), m.add(backend)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  it('leaves nothing behind in what is remembered', async () => {
    await m.add(backend)
    failures = 1
    await m.add(backend).catch(() => undefined)
    expect(await m.add(backend)).toBe('2')
    const added = (await m.eventsOf(backend)).filter(({ event }) => event === 'added')
    expect(added.map(({ jobId }) => jobId)).toEqual(['1', '2'])
  })

  it('leaves a job with its worker when the end of its run was not written', async () => {
    const id = await m.running(backend)
    failures = 1
    await expect(m.complete(backend, id)).rejects.toThrow('full')
    expect(await backend.getState(id)).toBe('active')
    await m.complete(backend, id)
    expect(await backend.getState(id)).toBe('completed')
  })
})

describe('a turn that writes', () => {
  it('lets nobody write between what it reads and what it writes', async () => {
    await m.add(backend)
    const other = new Database(join(folder, 'queues.db'), { timeout: 0 })
    const answers: string[] = []
    meddle = () => {
      try {
        other.exec("UPDATE bullmq_queue SET last_id = 50 WHERE name = 'bull:work'")
        answers.push('written')
      } catch (error) {
        answers.push((error as { code: string }).code)
      }
    }
    const id = await m.add(backend).finally(() => (meddle = undefined))
    other.close()
    expect(answers).toEqual(['SQLITE_BUSY'])
    expect(id).toBe('2')
  })
})
