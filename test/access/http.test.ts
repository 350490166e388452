// What a browser and a key may do over the API, and where it does not start at all.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOrderly, serve } from 'orderly'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../packages/orderly/src/access/actor.ts'
import { createApiKey } from '../../packages/orderly/src/access/api-keys.ts'
import { FRESH_MS } from '../../packages/orderly/src/access/fresh.ts'
import { CSRF_HEADER, openCallers } from '../../packages/orderly/src/http/auth.ts'
import { openDesk, PASSWORD, silent, visit, type Desk } from './desk.ts'

let desk: Desk

beforeAll(async () => {
  desk = await openDesk()
  await desk.user('vi')
})
afterAll(() => desk.close())
beforeEach(() => desk.forget())

const latest = async (op: string) => (await desk.entries(op, 1))[0]
const cookieOf = async (login: string) => {
  const { cookie = '', [CSRF_HEADER]: csrf = '' } = await desk.session(login)
  return { cookie, [CSRF_HEADER]: csrf }
}

describe('a browser', () => {
  it('holds its session where no script and no other site can reach it', async () => {
    const answer = await desk.call('POST', '/api/v1/session', {
      body: { login: 'ana', password: PASSWORD },
    })
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^orderly=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const secure = openCallers(desk.rooms, { publicUrl: 'https://jobs.example.org' }).cookie!
    expect(secure.write('x')).toBe('__Host-orderly=x; Path=/; HttpOnly; SameSite=Strict; Secure')
    // A cookie that stands twice was put there by somebody else.
    expect(
      secure.read({ headers: { cookie: '__Host-orderly=a; __Host-orderly=b' } }),
    ).toBeUndefined()
    const who = await desk.call('GET', '/api/v1/session', { as: 'vi' })
    expect(who.json).toMatchObject({ actor: { name: 'vi', roles: ['viewer'] }, setup: false })
    expect(who.json.csrf).toBe((await desk.session('vi'))[CSRF_HEADER])
    expect((await desk.call('GET', '/api/v1/session')).json).toMatchObject({ actor: null })
  })

  it('changes nothing that another site made it send (attack 26)', async () => {
    const { cookie, [CSRF_HEADER]: csrf } = await cookieOf('ana')
    const attempt = (headers: Record<string, string>) =>
      desk.call('POST', '/api/v1/session/totp', { headers: { cookie, ...headers } })
    for (const headers of [
      {},
      { [CSRF_HEADER]: 'x'.repeat(43) },
      { [CSRF_HEADER]: csrf, 'sec-fetch-site': 'cross-site' },
      { [CSRF_HEADER]: csrf, 'sec-fetch-site': 'same-site' },
      { [CSRF_HEADER]: csrf, origin: 'https://evil.example' },
      { [CSRF_HEADER]: csrf, origin: 'null' },
    ] as Record<string, string>[])
      expect((await attempt(headers)).status).toBe(403)
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json garbage',
      '',
    ]) {
      const answer = await desk.call('POST', '/api/v1/session/step-up', {
        headers: { cookie, [CSRF_HEADER]: csrf, 'content-type': type },
        body: { password: PASSWORD },
      })
      expect([type, answer.status]).toEqual([type, 415])
    }
    // A sign-in cannot be forged either.
    expect(
      (
        await desk.call('POST', '/api/v1/session', {
          headers: { 'sec-fetch-site': 'cross-site' },
          body: { login: 'ana', password: PASSWORD },
        })
      ).status,
    ).toBe(403)
    expect((await attempt({ [CSRF_HEADER]: csrf, 'sec-fetch-site': 'same-origin' })).status).toBe(
      200,
    )
    expect((await attempt({ [CSRF_HEADER]: csrf, origin: desk.server.url })).status).toBe(200)
  })

  it('is on record where another site used it, and where a key stood in an address', async () => {
    desk.clock.ahead += 61_000
    const { cookie } = await cookieOf('ana')
    await desk.call('POST', '/api/v1/session/totp', {
      headers: { cookie, 'sec-fetch-site': 'cross-site' },
    })
    expect(await latest('api.session.totp-begin')).toMatchObject({
      outcome: 'denied',
      detail: { status: 403 },
    })
    desk.clock.ahead += 61_000
    const key = `ord_${'a'.repeat(8)}_${'b'.repeat(32)}_${'c'.repeat(6)}`
    const answer = await desk.call('GET', `/api/v1/jobs?key=${key}`)
    const entry = await latest('api.jobs.list')
    expect([answer.status, entry?.outcome, entry?.detail?.['status']]).toEqual([400, 'denied', 400])
    expect(JSON.stringify(entry)).not.toContain(key)
  })

  it('is out once it signs out, or its user is disabled', async () => {
    await desk.call('GET', '/api/v1/jobs', { as: 'vi' })
    const before = await cookieOf('vi')
    expect((await desk.call('DELETE', '/api/v1/session', { as: 'vi' })).json).toEqual({
      ended: true,
    })
    const after = await desk.call('GET', '/api/v1/jobs', { headers: { cookie: before.cookie } })
    expect(after.status).toBe(401)
    desk.forget()
    await desk.session('vi')
    const user = (await desk.call('GET', '/api/v1/users', { as: 'ana' })).json.data.find(
      ({ login }: { login: string }) => login === 'vi',
    )
    const change = (disabled: boolean) =>
      desk.call('PATCH', `/api/v1/users/${user.id}`, { as: 'ana', body: { disabled } })
    expect((await change(true)).json).toMatchObject({ revision: user.revision + 1 })
    expect((await desk.call('GET', '/api/v1/jobs', { as: 'vi' })).status).toBe(401)
    await change(false)
    // The session of before stays ended.
    expect((await desk.call('GET', '/api/v1/jobs', { as: 'vi' })).status).toBe(401)
  })
})

describe('a key', () => {
  const made = async (more: object = {}) =>
    createApiKey(
      desk.rooms.access,
      { ...SYSTEM, queues: ['*'] },
      {
        name: 'ci',
        roles: ['viewer'],
        expiresAt: desk.clock.now() + 60_000,
        ...more,
      },
    )

  it('is refused in an address, when it is revoked and from elsewhere (attack 34)', async () => {
    const { text, key } = await made()
    const bearer = { authorization: `Bearer ${text}` }
    expect((await desk.call('GET', '/api/v1/jobs', { headers: bearer })).status).toBe(200)
    const inAddress = await desk.call('GET', `/api/v1/jobs?key=${text}`)
    expect(inAddress.status).toBe(400)
    expect(inAddress.text).not.toContain(text)
    await desk.call('DELETE', `/api/v1/apikeys/${key.id}`, { as: 'ana' })
    expect((await desk.call('GET', '/api/v1/jobs', { headers: bearer })).status).toBe(401)
    const elsewhere = await made({ networks: ['10.0.0.0/8'] })
    expect(
      (
        await desk.call('GET', '/api/v1/jobs', {
          headers: { authorization: `Bearer ${elsewhere.text}` },
        })
      ).status,
    ).toBe(403)
  })

  it('that is out of date somewhere slows itself down, and nobody else who is there', async () => {
    const { text } = await made({ expiresAt: desk.clock.now() + 2 * 3_600_000 })
    const old = await made()
    await desk.call('DELETE', `/api/v1/apikeys/${old.key.id}`, { as: 'ana' })
    const use = async (key: string) =>
      (await desk.call('GET', '/api/v1/jobs', { headers: { authorization: `Bearer ${key}` } }))
        .status
    const statuses = new Set<number>()
    for (let n = 0; n < 30; n++) statuses.add(await use(n % 2 ? old.text : `${text}x`))
    expect([...statuses]).toEqual([401, 429])
    desk.clock.ahead += 3_600_000
    const elsewhere = await made({ networks: ['10.0.0.0/8'], expiresAt: desk.clock.now() + 60_000 })
    statuses.clear()
    for (let n = 0; n < 30; n++) statuses.add(await use(elsewhere.text))
    expect([...statuses]).toEqual([403, 429])
    expect((await desk.entries('auth.key')).length).toBeLessThan(10)
    expect(await use(text)).toBe(200)
    desk.forget()
    expect((await desk.call('GET', '/api/v1/jobs', { as: 'ana' })).status).toBe(200)
  })

  it('stands alone: a cookie beside it is not looked at', async () => {
    const { text } = await made({ only: ['queues:read'] })
    const { cookie, [CSRF_HEADER]: csrf } = await cookieOf('ana')
    const answer = await desk.call('GET', '/api/v1/users', {
      headers: { cookie, [CSRF_HEADER]: csrf, authorization: `Bearer ${text}` },
    })
    expect(answer.status).toBe(403)
  })

  it('is made by a person who was here just now, and shown once', async () => {
    const body = { name: 'importer', roles: ['producer'], expiresAt: desk.clock.now() + 60_000 }
    const answer = await desk.call('POST', '/api/v1/apikeys', { as: 'ana', body })
    expect(answer.status).toBe(201)
    expect(answer.json.text).toMatch(/^ord_/)
    const listed = await desk.call('GET', '/api/v1/apikeys', { as: 'ana' })
    expect(listed.text).not.toContain(answer.json.text.split('_')[2])
    desk.clock.ahead += FRESH_MS + 1_000
    const late = await desk.call('POST', '/api/v1/apikeys', { as: 'ana', body })
    expect([late.status, late.json.code]).toEqual([401, 'ORDERLY_STEP_UP_NEEDED'])
  })
})

describe('serve', () => {
  it('does not start for others over plain text, or while there is nobody to sign in (attack 40)', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'orderly-access-'))
    const other = await createOrderly({ home: empty, log: silent, jobs: [visit] })
    try {
      const start = (options: object) => serve(other, { port: 0, ...options })
      for (const options of [
        { host: '0.0.0.0' },
        { host: '0.0.0.0', publicUrl: 'http://jobs.example.org' },
        { host: '0.0.0.0', publicUrl: 'https://jobs.example.org' },
        { host: '::' },
        { publicUrl: 'jobs.example.org' },
      ])
        await expect(start(options)).rejects.toMatchObject({ code: 'ORDERLY_SETTING_INVALID' })
      const server = await start({})
      expect(server.setupUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#token=[\w-]{43}$/)
      // Its page asks, before anybody fills it in, whether it still works.
      const token = server.setupUrl!.split('token=')[1]
      const check = async (given = token): Promise<number> => {
        const body = JSON.stringify({ token: given })
        const headers = { 'content-type': 'application/json' }
        return (await fetch(`${server.url}/api/v1/setup/check`, { method: 'POST', headers, body }))
          .status
      }
      expect([await check(), await check(), await check('x'.repeat(43))]).toEqual([200, 200, 401])
      const next = await start({})
      expect([await check(), await check(next.setupUrl!.split('token=')[1])]).toEqual([401, 200])
      await next.close()
      await server.close()
    } finally {
      await other.close()
      rmSync(empty, { recursive: true, force: true })
    }
  })
})
