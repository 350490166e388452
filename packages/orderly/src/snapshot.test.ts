import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verifyAudit } from './audit-maintenance.ts'
import { createOrderly, defineJob, handle, phi, type Orderly } from './index.ts'
import { initKeys, withInstallation } from './maintenance.ts'
import { openFolderStore } from './objects/folder-store.ts'
import { checkSnapshot, restoreSnapshot, saveSnapshot } from './snapshot.ts'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const visit = defineJob({
  name: 'visit',
  queue: 'clinic',
  input: z.object({ patient: phi.name() }),
  retry: { attempts: 1 },
})

const root = mkdtempSync(join(tmpdir(), 'orderly-snapshot-'))
const home = join(root, 'home')
const taken = join(root, 'taken')
const ran: string[] = []

function open(where: string): Promise<Orderly> {
  return createOrderly({
    home: where,
    jobs: [visit],
    handlers: [
      handle(visit, ({ input }) => {
        ran.push(input.patient)
        if (input.patient.startsWith('fail')) throw new Error('no')
        return Promise.resolve()
      }),
    ],
    log: silent,
  })
}

function run(where: string, ...args: string[]) {
  const done = spawnSync(process.execPath, [MAIN, '--home', where, ...args], { encoding: 'utf8' })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

/** A home with the keyring of the first and nothing else. */
function emptyHome(name: string): string {
  const folder = join(root, name)
  cpSync(join(home, 'keyring.json'), join(folder, 'keyring.json'))
  return folder
}

/** A snapshot of one's own, to spoil. */
function copyOf(name: string): string {
  const folder = join(root, name)
  cpSync(taken, folder, { recursive: true })
  return folder
}

/** Two jobs that have ended, one that failed, and one that waits for its time; taken while the program is there. */
beforeAll(async () => {
  const orderly = await open(home)
  for (const patient of ['Ada', 'fail Ben', 'Cyd']) await orderly.enqueue(visit, { patient })
  await orderly.start()
  await orderly.whenIdle()
  await orderly.enqueue(visit, { patient: 'Dora' }, { delay: '2s' })
  await openFolderStore(join(home, 'objects')).put('letters/one.txt', Buffer.from('a letter'), {
    contentType: 'text/plain',
    metadata: { kind: 'letter' },
  })
  const done = run(home, 'snapshot', 'save', taken)
  expect(done.err).toBe('')
  expect(done.code).toBe(0)
  expect(done.out).toMatch(/^Saved 4 jobs and 1 file, \d\.\d MB in /)
  await orderly.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a snapshot', () => {
  it('is for its owner alone, and has neither keyring nor queue in it', () => {
    expect(readdirSync(taken).toSorted()).toEqual([
      'SHA256SUMS',
      'manifest.json',
      'objects',
      'orderly.db',
    ])
    for (const name of ['orderly.db', 'manifest.json', 'SHA256SUMS'])
      expect(statSync(join(taken, name)).mode & 0o777, name).toBe(0o600)
    for (const patient of ['Ada', 'Ben', 'Dora'])
      expect(readFileSync(join(taken, 'orderly.db')).includes(patient)).toBe(false)
  })

  it('lists its files as sha256sum writes and checks them', () => {
    const lines = readFileSync(join(taken, 'SHA256SUMS'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) {
      const [, sum, path] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line)!
      const bytes = readFileSync(join(taken, path!))
      expect(createHash('sha256').update(bytes).digest('hex'), path).toBe(sum)
    }
  })

  it('is sound by its list, by SQLite and by the keyring, and says when it is of', async () => {
    const { snapshot, faults } = await checkSnapshot({ home }, taken)
    expect(faults).toEqual([])
    expect(snapshot).toMatchObject({ format: 1, jobs: 4, unfinished: 1, files: 1 })
  })

  it('brings record, files and unfinished work back in another home', async () => {
    const there = emptyHome('elsewhere')
    const done = run(there, 'snapshot', 'restore', taken)
    expect(done).toMatchObject({ code: 0, err: '' })
    expect(done.out).toContain('1 of the jobs were unfinished then')
    const letter = await openFolderStore(join(there, 'objects')).get('letters/one.txt')
    expect(letter).toMatchObject({ contentType: 'text/plain', metadata: { kind: 'letter' } })
    const bytes = []
    for await (const chunk of letter!.body) bytes.push(chunk)
    expect(Buffer.concat(bytes).toString()).toBe('a letter')
    ran.length = 0
    const orderly = await open(there)
    expect(await orderly.findJobs({ state: 'failed' })).toHaveLength(1)
    await orderly.start()
    // Its queue is new and empty: the record is what knows of the job that waits.
    await orderly.reconcile()
    await expect.poll(() => ran, { timeout: 20_000 }).toEqual(['Dora'])
    await orderly.close()
  })

  it('is on the audit log of both, and the log that came back is whole', async () => {
    const there = emptyHome('audited')
    await restoreSnapshot({ home: there }, taken)
    const ops = await withInstallation({ home: there }, async ({ rooms }) =>
      rooms.ledger.database.query
        .selectFrom('orderly_ledger')
        .select('op')
        .orderBy('seq')
        .execute(),
    )
    expect(ops.map(({ op }) => op).filter((op) => op.startsWith('snapshot.'))).toEqual([
      'snapshot.save',
      'snapshot.restore',
    ])
    expect((await verifyAudit({ home: there }, {})).findings).toEqual([])
  })
})

describe('a snapshot that cannot be trusted', () => {
  const spoiled: [what: string, spoil: (folder: string) => void, fault: RegExp][] = [
    [
      'a byte more in the database',
      (at) => appendFileSync(join(at, 'orderly.db'), 'x'),
      /orderly\.db is not what was copied/,
    ],
    [
      'a database cut short',
      (at) => truncateSync(join(at, 'orderly.db'), 4096),
      /orderly\.db is not what was copied/,
    ],
    [
      'a manifest changed',
      (at) => appendFileSync(join(at, 'manifest.json'), ' }'),
      /manifest\.json is not what was copied/,
    ],
    [
      'a manifest taken away',
      (at) => rmSync(join(at, 'manifest.json')),
      /manifest\.json is missing/,
    ],
    ['a file taken away', (at) => rmSync(join(at, 'objects'), { recursive: true }), /is missing/],
    [
      'a file added',
      (at) => writeFileSync(join(at, 'objects', 'more'), ''),
      /objects\/more was added/,
    ],
  ]
  it.each(spoiled)('is refused with %s', async (what, spoil, fault) => {
    const folder = copyOf(what.replaceAll(' ', '-'))
    spoil(folder)
    const { faults } = await checkSnapshot({ home }, folder)
    expect(faults.join(' ')).toMatch(fault)
    const there = emptyHome(`for-${what.replaceAll(' ', '-')}`)
    await expect(restoreSnapshot({ home: there }, folder)).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    expect(readdirSync(there)).toEqual(['keyring.json'])
  })

  it('names the data keys that another keyring does not open', async () => {
    const stranger = join(root, 'stranger')
    await initKeys({ home: stranger })
    const { faults } = await checkSnapshot({ home: stranger }, taken)
    expect(faults[0]).toMatch(/does not open data key [0-9a-f]{32}/)
  })

  it('is refused where it was not finished', async () => {
    const folder = copyOf('unfinished')
    rmSync(join(folder, 'SHA256SUMS'))
    await expect(checkSnapshot({ home }, folder)).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
  })

  it('is not followed out of its folder', async () => {
    const folder = copyOf('leading-out')
    appendFileSync(join(folder, 'SHA256SUMS'), `${'0'.repeat(64)}  ../taken/orderly.db\n`)
    await expect(checkSnapshot({ home }, folder)).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
  })
})

describe('what is there already', () => {
  it('is not copied over', async () => {
    await expect(saveSnapshot({ home }, taken)).rejects.toMatchObject({ code: 'ORDERLY_CONFLICT' })
  })

  it.each(['orderly.db', 'queue.db', 'ledger-checkpoints.jsonl'])(
    'keeps a snapshot out: %s',
    async (name) => {
      const there = emptyHome(`with-${name}`)
      writeFileSync(join(there, name), '')
      await expect(restoreSnapshot({ home: there }, taken)).rejects.toMatchObject({
        code: 'ORDERLY_CONFLICT',
        message: expect.stringContaining(name) as string,
      })
    },
  )

  it('keeps it out where it is a file of the object store', async () => {
    const there = emptyHome('with-files')
    await openFolderStore(join(there, 'objects')).put('a', Buffer.from('a'))
    await expect(restoreSnapshot({ home: there }, taken)).rejects.toMatchObject({
      code: 'ORDERLY_CONFLICT',
    })
  })
})

describe('an installation', () => {
  it('that is not there is not made by asking for its snapshot', async () => {
    const nowhere = join(root, 'nowhere')
    await expect(saveSnapshot({ home: nowhere }, join(root, 'none'))).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
    expect(readdirSync(root)).not.toContain('nowhere')
  })

  it('whose record is in PostgreSQL is sent to its own tools', async () => {
    const databaseUrl = 'postgres://127.0.0.1:1/none'
    await expect(saveSnapshot({ home, databaseUrl }, join(root, 'none'))).rejects.toMatchObject({
      code: 'ORDERLY_NOT_SUPPORTED',
    })
  })
})
