import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import type { RoleName } from '../../packages/orderly/src/access/roles.ts'
import { insertUser, newUserRow } from '../../packages/orderly/src/access/users.ts'
import { createOrderly, type Orderly } from '../../packages/orderly/src/index.ts'
import { listKeys, reencryptKey } from '../../packages/orderly/src/maintenance.ts'
import { mailTimeOf, nextTime } from '../../packages/orderly/src/notifications/preferences.ts'
import { DEFAULT_PREFERENCES } from '../../packages/orderly/src/notifications/preferences.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { fakeClock } from '../../packages/orderly/src/testing/index.ts'
import { startSmtp } from '../support/smtp.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const SECRET = 'Xanthippe Quillfeather'
const ann = { user: 'u_ann' }
const bob = { user: 'u_bob', topics: ['#role/operator'] }

const homes: string[] = []
function freshHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'orderly-notify-'))
  homes.push(home)
  return home
}
afterAll(() => homes.forEach((home) => rmSync(home, { recursive: true, force: true })))

describe.each(['sqlite', 'postgres'] as const)('notifications (%s)', (store) => {
  let orderly: Orderly
  let server: Awaited<ReturnType<typeof startPostgres>> | undefined
  const home = freshHome()
  const options = () => ({ home, log: silent, ...(server ? { databaseUrl: server.url } : {}) })

  beforeAll(async () => {
    if (store === 'postgres') server = await startPostgres()
    orderly = await createOrderly(options())
  })
  afterAll(async () => {
    await orderly.close()
    await server?.stop()
  })

  it('come once for one key, however often they are sent', async () => {
    const request = { to: 'u_ann', key: 'order/17/shipped', kind: 'order', title: 'Order shipped' }
    const told = await Promise.all(
      Array.from({ length: 8 }, () => orderly.notifications.notify(request)),
    )
    expect(told.reduce((sum, { created }) => sum + created, 0)).toBe(1)
    expect(new Set(told.flatMap(({ ids }) => ids)).size).toBe(1)
    expect(await orderly.notifications.list(ann)).toMatchObject([
      { kind: 'order', title: 'Order shipped', priority: 'medium', readAt: null, hasDetail: false },
    ])
  })

  it('reach each member of a topic once, whatever else they are told by, and are read by each alone', async () => {
    await orderly.notifications.notify({
      to: ['#role/operator', '#everyone'],
      key: 'backup/late',
      kind: 'backup',
      title: 'The backup is late',
      priority: 'urgent',
    })
    expect(await orderly.notifications.unread(bob)).toEqual({ total: 1, urgent: 1 })
    expect(await orderly.notifications.unread(ann)).toEqual({ total: 2, urgent: 1 })
    expect(await orderly.notifications.markRead(bob, 'all')).toBe(1)
    expect(await orderly.notifications.markRead(bob, 'all')).toBe(0)
    expect(await orderly.notifications.unread(bob)).toEqual({ total: 0, urgent: 0 })
    expect(await orderly.notifications.unread(ann)).toEqual({ total: 2, urgent: 1 })
    expect(await orderly.notifications.list(bob, { unreadOnly: true })).toEqual([])
    const other = { user: 'u_bob', topics: ['#role/operator'], tenant: 'elsewhere' }
    expect(await orderly.notifications.list(other)).toEqual([])
  })

  it('open their detail to whom they were sent, and to nobody else', async () => {
    const { ids } = await orderly.notifications.notify({
      to: 'u_ann',
      key: 'result/1',
      kind: 'result',
      title: 'A result is there',
      detail: { patient: SECRET },
    })
    expect(await orderly.notifications.detail(ann, ids[0]!)).toEqual({ patient: SECRET })
    await expect(orderly.notifications.detail(bob, ids[0]!)).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
    await expect(orderly.notifications.markRead(bob, ids)).resolves.toBe(0)
    if (store === 'sqlite')
      for (const name of readdirSync(home).filter((file) => file.includes('.db')))
        expect(readFileSync(join(home, name)).toString('latin1')).not.toContain(SECRET)
  })

  it('pages through the list by the last one seen', async () => {
    const carl = { user: 'u_carl', topics: ['#nobody'] }
    for (let n = 0; n < 5; n++) {
      await orderly.notifications.notify({ to: 'u_carl', key: `n/${n}`, kind: 'n', title: `N${n}` })
      await orderly.clock.sleep(2)
    }
    const first = await orderly.notifications.list(carl, { kind: 'n', limit: 3 })
    const rest = await orderly.notifications.list(carl, { kind: 'n', before: first.at(-1)!.id })
    expect([...first, ...rest].map(({ title }) => title)).toEqual(['N4', 'N3', 'N2', 'N1', 'N0'])
  })

  it('leave out what is muted', async () => {
    const dora = { user: 'u_dora' }
    await orderly.notifications.setPreferences(dora, { muted: ['backup'], topics: ['#lab'] })
    await orderly.notifications.notify({ to: '#lab', key: 'l', kind: 'lab', title: 'Lab' })
    expect((await orderly.notifications.list(dora)).map(({ kind }) => kind)).toEqual(['lab'])
  })
})

describe('what is refused', () => {
  it('is anything that would put PHI on a lock screen, or lead elsewhere', async () => {
    await using orderly = await createOrderly({ home: freshHome(), log: silent })
    const good = { to: 'u_ann', key: 'k', kind: 'k', title: 'T' }
    const wrong = [
      { title: 'Mail jane@patients.example' },
      { body: 'SSN 123-45-6789' },
      { link: 'javascript:alert(1)' },
      { link: '//evil.example' },
      { link: 'http://plain.example' },
      { to: 'jane@patients.example' },
      { to: [] },
      { kind: 'Not A Kind' },
      { title: '' },
      { detail: 'x'.repeat(20_000) },
    ]
    for (const part of wrong)
      await expect(orderly.notifications.notify({ ...good, ...part })).rejects.toMatchObject({
        code: expect.stringMatching(/INPUT_INVALID|LOOKS_LIKE_PHI|TOO_LARGE/) as string,
      })
    await expect(
      orderly.notifications.setPreferences(ann, { topics: ['#role/admin'] }),
    ).rejects.toMatchObject({ code: 'ORDERLY_INPUT_INVALID' })
  })
})

describe('mail of notifications', () => {
  it('waits for the end of quiet hours unless it is urgent', () => {
    const night = {
      ...DEFAULT_PREFERENCES,
      mail: 'all' as const,
      zone: 'America/New_York',
      quiet: { from: '22:00', to: '07:00' },
    }
    const at = (text: string): number => Date.parse(text)
    const plain = { kind: 'k', priority: 'medium' as const }
    expect(mailTimeOf(night, plain, at('2026-03-01T03:30:00Z'))).toBe(at('2026-03-01T12:00:00Z'))
    expect(mailTimeOf(night, plain, at('2026-03-01T15:00:00Z'))).toBe(at('2026-03-01T15:00:00Z'))
    const urgent = { kind: 'k', priority: 'urgent' as const }
    expect(mailTimeOf(night, urgent, at('2026-03-01T03:30:00Z'))).toBe(at('2026-03-01T03:30:00Z'))
    expect(mailTimeOf({ ...night, mail: 'urgent' }, plain, 0)).toBeNull()
    expect(mailTimeOf({ ...night, muted: ['k'] }, urgent, 0)).toBeNull()
    // The night the clocks are put forward is an hour shorter.
    expect(nextTime('07:00', night.zone, at('2026-03-08T05:00:00Z'))).toBe(
      at('2026-03-08T11:00:00Z'),
    )
  })

  it('goes out once each, is tried again when the server asks for it, and sums up unread ones in a digest', async () => {
    const smtp = await startSmtp()
    const clock = fakeClock(Date.parse('2026-05-04T06:00:00Z'))
    const home = freshHome()
    const orderly = await createOrderly({
      home,
      log: silent,
      clock,
      smtpUrl: smtp.url,
      mailFrom: 'Lab <lab@lab.example>',
    })
    const address = 'ann@staff.example'
    await orderly.notifications.setPreferences(ann, { mail: 'all', address, digestAt: '08:00' })
    const { ids } = await orderly.notifications.notify({
      to: 'u_ann',
      key: 'a',
      kind: 'order',
      title: 'Order shipped',
      link: '/orders/17',
      detail: { patient: SECRET },
    })
    /** Moves time on, so that the chore has its turns, until so many mails have come. */
    const mailed = (count: number): Promise<void> =>
      expect
        .poll(
          () => {
            clock.advance(10_000)
            return smtp.received.length
          },
          { timeout: 5_000, interval: 20 },
        )
        .toBe(count)
    smtp.fail({ code: 451 })
    await mailed(1)
    expect(clock.now()).toBeGreaterThan(Date.parse('2026-05-04T06:01:00Z'))
    expect(smtp.received[0]?.mail.messageId).toBe(`<notification.${ids[0]}@lab.example>`)
    expect(smtp.received[0]?.to).toEqual([address])
    clock.advance(2 * 3_600_000)
    await mailed(2)
    expect(smtp.received[1]?.mail.text).toContain('- Order shipped /orders/17')
    // With nothing new there is no digest the next day, but there is one the day after.
    clock.advance(24 * 3_600_000)
    await orderly.notifications.setPreferences(ann, { mail: 'none' })
    await orderly.notifications.notify({ to: 'u_ann', key: 'b', kind: 'order', title: 'Second' })
    clock.advance(24 * 3_600_000)
    await mailed(3)
    expect(smtp.received[2]?.mail.text?.trim()).toBe('- Second')
    expect(smtp.received.map(({ raw }) => raw).join()).not.toContain(SECRET)
    await orderly.close()
    await smtp.stop()

    for (const name of readdirSync(home).filter((file) => file.includes('.db')))
      expect(readFileSync(join(home, name)).toString('latin1')).not.toContain(address)
    const epoch = (await listKeys({ home })).dataKeys.find(({ scope }) =>
      scope.startsWith('epoch/'),
    )!
    const done = await reencryptKey({ home }, epoch.id)
    expect(done).toMatchObject({ values: 2, left: 0, destroyed: true })
  })

  it('goes to each member of a topic or role who wants it, once, and not into what they have read', async () => {
    const smtp = await startSmtp()
    const clock = fakeClock(Date.parse('2026-05-04T06:00:00Z'))
    const orderly = await createOrderly({
      home: freshHome(),
      log: silent,
      clock,
      smtpUrl: smtp.url,
      mailFrom: 'Lab <lab@lab.example>',
    })
    const rooms = roomsOf(orderly)
    const { notifications } = orderly
    const userOf = async (login: string, roles: readonly RoleName[], wishes: object) => {
      const row = newUserRow({ login, name: login, roles }, 'test', clock.now())
      await rooms.access.database.transaction((tx) => insertUser(tx, row))
      const reader = { user: row.id, topics: roles.map((role) => `#role/${role}`) }
      await notifications.setPreferences(reader, { address: `${login}@staff.example`, ...wishes })
      return reader
    }
    const admin = await userOf('ada', ['admin', 'operator'], { mail: 'all' })
    await userOf('late', ['admin'], { digestAt: '08:00' })
    await userOf('calm', ['admin'], { mail: 'urgent' })
    await userOf('deaf', ['admin'], { mail: 'all', muted: ['alert'] })
    await userOf('lab', ['viewer'], { mail: 'all', topics: ['#lab'] })
    const tell = (key: string, to: readonly string[]) =>
      notifications.notify({ to, key, kind: 'alert', title: `Look at ${key}`, detail: SECRET })
    /** Moves time on until so many mails have gone out. */
    const mailed = async (count: number): Promise<string[]> => {
      await expect
        .poll(() => (clock.advance(10_000), smtp.received.length), { timeout: 5_000, interval: 20 })
        .toBeGreaterThanOrEqual(count)
      return smtp.received.map(({ mail, to }) => `${to[0]!.split('@')[0]}: ${mail.subject}`)
    }
    expect(await tell('a', ['#role/admin', '#role/operator'])).toMatchObject({ created: 2 })
    expect(await tell('a', ['#role/admin', '#role/operator'])).toMatchObject({ created: 0 })
    await tell('b', ['#lab'])
    const each = ['ada: Look at a', 'lab: Look at b']
    expect((await mailed(2)).toSorted()).toEqual(each)
    const byRole = { to: expect.stringMatching(/^#role\/(admin|operator)$/), hasDetail: true }
    expect(await notifications.list(admin)).toMatchObject([byRole])
    // What is read by the name of the role is read; a digest has what is not.
    expect(await notifications.markRead(admin, 'all')).toBe(1)
    await notifications.setPreferences(admin, { mail: 'none', digestAt: '08:00' })
    clock.advance(2 * 3_600_000)
    expect((await mailed(3)).toSorted()).toEqual([...each, 'late: 1 new notification'].toSorted())
    await orderly.close()
    await smtp.stop()
  })
})
