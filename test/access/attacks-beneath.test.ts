// Attacks from beneath an installation: on its files, and by names that are looked up.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { createOrderly } from 'orderly'
import { describe, expect, it } from 'vitest'
import { verifyAudit } from '../../packages/orderly/src/audit-maintenance.ts'
import { publicConnector } from '../../packages/orderly/src/events/public-address.ts'
import { retireKey, shredKey } from '../../packages/orderly/src/key-disposal.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { listKeys, rotateKeys } from '../../packages/orderly/src/maintenance.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { PATIENT, silent, visit } from './desk.ts'

describe('what was shredded', () => {
  it('attack 11: is gone for who looks, runs it again, or puts a backup back; the log still verifies', async () => {
    const home = mkdtempSync(join(tmpdir(), 'orderly-shred-'))
    const open = () => createOrderly({ home, log: silent, jobs: [visit], handlers: [] })
    const seen = async (id: string): Promise<string> => {
      await using orderly = await open()
      const shown = await orderly.inspectJob(id).catch((error: Error) => String(error))
      const again = await orderly.replay(id).catch((error: Error) => error as { code?: string })
      expect(again).toMatchObject({
        code: expect.stringMatching(
          /ORDERLY_(SHREDDED|KEY_MISSING|KEY_UNAVAILABLE|LEDGER_UNAVAILABLE)/,
        ) as string,
      })
      return JSON.stringify(shown)
    }
    const first = await open()
    const { id } = await first.enqueue(visit, { patient: PATIENT, clinicId: 'north' })
    await first.cancel(id)
    expect(JSON.stringify(await first.inspectJob(id))).toContain('north')
    await first.close()
    cpSync(join(home, 'orderly.db'), join(home, 'backup.db'))

    const { dataKeys } = await listKeys({ home })
    const month = dataKeys.find(({ scope }) => scope.startsWith('epoch/'))!
    const log = dataKeys.find(({ scope }) => scope.startsWith('ledger/'))!
    await expect(shredKey({ home }, log.id)).rejects.toMatchObject({ code: 'ORDERLY_FORBIDDEN' })
    await shredKey({ home }, month.id)
    const tombstone = await seen(id)
    expect(tombstone).toContain('ORDERLY_SHREDDED')
    expect(tombstone).not.toMatch(/Zyx|north/)
    await expect(retireKey({ home }, 'k1')).rejects.toMatchObject({ code: 'ORDERLY_CONFLICT' })
    await rotateKeys({ home })
    await retireKey({ home }, 'k1')
    expect((await verifyAudit({ home }, {})).findings).toEqual([])
    await using orderly = await open()
    const ops = (await findEntries(roomsOf(orderly).ledger.database, { op: 'keys.*' })).map(
      ({ op, outcome }) => `${op} ${outcome}`,
    )
    expect(ops).toEqual(['keys.retire ok', 'keys.rotate ok', 'keys.shred ok', 'keys.shred asked'])
    await orderly.close()

    for (const file of readdirSync(home).filter((name) => name.startsWith('orderly.db')))
      rmSync(join(home, file))
    cpSync(join(home, 'backup.db'), join(home, 'orderly.db'))
    expect(await seen(id)).not.toMatch(/Zyx|north/)
    rmSync(home, { recursive: true, force: true })
  }, 30_000)
})

describe('an entry that somebody put behind the end of the log', () => {
  it('is told by the check, though the log then takes no entry of the check itself', async () => {
    const home = mkdtempSync(join(tmpdir(), 'orderly-behind-'))
    const first = await createOrderly({ home, log: silent, jobs: [visit] })
    await first.pause({ job: 'visit' }, { reason: 'vendor is down' })
    await first.close()
    expect(await verifyAudit({ home }, {})).toMatchObject({ findings: [], isRecorded: true })
    const database = new BetterSqlite3(join(home, 'orderly.db'))
    const columns = 'at, writer, seq + 100, actor, op, kind, resource, queue, outcome, leaf, body'
    database.exec(
      `insert into orderly_ledger select (select max(i) + 1 from orderly_ledger), 'forged', ${columns} from orderly_ledger where i = 0`,
    )
    database.close()
    const found = await verifyAudit({ home }, {})
    expect(found.isRecorded).toBe(false)
    expect(found.findings.map(({ fault }) => fault)).toContain('surplus')
    rmSync(home, { recursive: true, force: true })
  }, 20_000)
})

describe('a name that is looked up', () => {
  it('attack 37: is asked for once, and the address that was checked is the one that is used', async () => {
    let taken = 0
    const server = createServer()
    server.on('connection', (socket) => {
      taken++
      socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const answers = ['127.0.0.1', '169.254.169.254', '127.0.0.1']
    let asked = 0
    const dial = (allowPrivate: boolean) =>
      new Promise<string>((resolve) => {
        const connector = publicConnector({
          timeout: 2_000,
          allowPrivate,
          resolve: (_host, _options, callback) =>
            callback(null, [{ address: answers[asked++ % answers.length]!, family: 4 }]),
        })
        connector(
          { hostname: 'flip.example', host: 'flip.example', protocol: 'http:', port: String(port) },
          (error, socket) => {
            socket?.destroy()
            resolve(error ? String((error as { code?: string }).code) : 'connected')
          },
        )
      })
    // One answer a connection: the second, of a cloud's credentials, is not asked even where private ones are.
    expect([await dial(true), asked]).toEqual(['connected', 1])
    expect([await dial(true), asked]).toEqual(['ORDERLY_ADDRESS_REFUSED', 2])
    expect([await dial(false), asked]).toEqual(['ORDERLY_ADDRESS_REFUSED', 3])
    await expect.poll(() => taken).toBe(1)
    await new Promise((resolve) => server.close(resolve))
  })
})
