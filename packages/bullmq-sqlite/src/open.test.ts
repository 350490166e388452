/** Opening files: how they are set up, and which are refused. */
import Database from 'better-sqlite3'
import { statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createSqliteBackend } from './index.ts'
import { openDatabase } from './open.ts'
import { SCHEMA_VERSION } from './schema.ts'
import { lab, tempFile } from './testing/lab.ts'

const open = (connection: unknown) =>
  createSqliteBackend('work', { connection: connection as string })

describe('opening', () => {
  it('makes the folder, and a file that only its owner may read', async () => {
    const file = join(dirname(tempFile()), 'deep', 'er', 'queues.db')
    const store = open(file)
    await store.getQueueMeta()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600)
    await store.close()
  })

  it('syncs every commit unless told otherwise', () => {
    for (const [synchronous, level] of [
      ['FULL', 2],
      ['NORMAL', 1],
    ] as const) {
      const db = openDatabase({ file: tempFile(), synchronous })
      expect(db.pragma('synchronous', { simple: true })).toBe(level)
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
      db.close()
    }
  })

  it('keeps jobs beside the tables of another program', async () => {
    const file = tempFile()
    const theirs = new Database(file)
    theirs.exec('CREATE TABLE patient (id INTEGER)')
    theirs.close()
    const { queue } = lab({ file })
    await queue().add('job', {})
    const db = new Database(file, { readonly: true })
    const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()
    db.close()
    expect(names.filter((name) => !String(name).startsWith('bullmq_'))).toEqual(['patient'])
  })

  it.each([
    ['application_id = 42', 'BULLMQ_SQLITE_FOREIGN_FILE'],
    ['user_version = 7', 'BULLMQ_SQLITE_FOREIGN_FILE'],
    ['application_id = 0x626d7131; PRAGMA user_version = 99', 'BULLMQ_SQLITE_NEWER_SCHEMA'],
  ])('refuses a file with %s', (pragma, code) => {
    const file = tempFile()
    const db = new Database(file)
    db.exec(`PRAGMA ${pragma}; CREATE TABLE t (x)`)
    db.close()
    expect(() => open(file)).toThrow(expect.objectContaining({ code }))
  })

  it('takes the tables that another process made between its two looks for its own', () => {
    const file = tempFile()
    const pragma = Database.prototype.pragma
    const looked = vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (
      this: Database.Database,
      ...asked: Parameters<typeof pragma>
    ) {
      const answer: unknown = pragma.apply(this, asked)
      if (['application_id', 'user_version'].includes(asked[0])) {
        looked.mockRestore()
        openDatabase({ file }).close()
      }
      return answer
    })
    const db = openDatabase({ file })
    expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    db.close()
  })

  it('tries again where SQLite refuses to wait for a process that opens the file in the same moment', () => {
    const file = tempFile()
    const pragma = Database.prototype.pragma
    let refusals = 0
    const asked = vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (
      this: Database.Database,
      ...words: Parameters<typeof pragma>
    ) {
      if (words[0] === 'journal_mode = WAL' && refusals++ < 2) {
        throw new Database.SqliteError('database is locked', 'SQLITE_BUSY')
      }
      return pragma.apply(this, words) as unknown
    })
    const db = openDatabase({ file })
    asked.mockRestore()
    expect(refusals).toBe(3)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    db.close()
  })

  it('refuses what is not a database, and says which file', () => {
    const file = tempFile()
    writeFileSync(file, 'not a database, but long enough to look like one '.repeat(50))
    expect(() => open(file)).toThrow(
      expect.objectContaining({
        code: 'BULLMQ_SQLITE_CANNOT_OPEN',
        message: expect.stringContaining(file),
      }),
    )
  })

  it.each([[undefined], [{}], [{ file: '' }], [{ file: 'x.db', synchronous: 'OFF' }]])(
    'refuses the connection %j',
    (connection) => {
      expect(() => open(connection)).toThrow(
        expect.objectContaining({ code: 'BULLMQ_SQLITE_BAD_CONNECTION' }),
      )
    },
  )

  it('shares a file between all who name it, and refuses two opinions about it', async () => {
    const { file, queue, worker } = lab()
    queue()
    worker('work', async () => {})
    expect(() => open({ file, synchronous: 'NORMAL' })).toThrow(
      expect.objectContaining({ code: 'BULLMQ_SQLITE_CONFLICTING_OPTIONS' }),
    )
  })

  it('can be opened again after the last user closed it', async () => {
    const file = tempFile()
    for (let n = 1; n <= 3; n++) {
      const store = open(file)
      await store.setQueueMeta({ n })
      await store.close()
    }
    const store = open(file)
    expect(await store.getQueueMetaField('n')).toBe('3')
    await store.close()
  })
})
