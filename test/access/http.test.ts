import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { clear, createOrderly, defineJob, phi, serve, type Orderly } from 'orderly'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SYSTEM } from '../../packages/orderly/src/access/actor.ts'
import { createApiKey } from '../../packages/orderly/src/access/api-keys.ts'
import { FRESH_MS } from '../../packages/orderly/src/access/fresh.ts'
import { acceptInvite, newSetupToken } from '../../packages/orderly/src/access/sign-in.ts'
import { createUser } from '../../packages/orderly/src/access/users.ts'
import { buildApp } from '../../packages/orderly/src/http/app.ts'
import { CSRF_HEADER, openCallers } from '../../packages/orderly/src/http/auth.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { openNote, parseProof, parseVkey } from '../../packages/orderly/src/ledger/note.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import type { Rooms } from '../../packages/orderly/src/runtime/rooms.ts'
import type { RoleName } from '../../packages/orderly/src/access/roles.ts'
import { systemClock, type Clock } from '../../packages/orderly/src/primitives/clock.ts'

const PASSWORD = 'correct horse battery staple'
const CANARY = 'Zyxwelda Quorvantine'
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const visit = defineJob({
  name: 'visit',
  queue: 'clinic.visits',
  input: z.object({
    patient: phi.name(),
    notes: z.array(z.object({ text: phi.text() })),
    clinicId: clear(z.string()),
  }),
})

interface Browser {
  readonly cookie: string
  readonly csrf: string
}

let home: string
let orderly: Orderly
let rooms: Rooms
let app: FastifyInstance
/** Moves the time that access and ledger see. */
let ahead = 0
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead }
const browsers = new Map<string, Browser>()
let jobId: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'orderly-access-'))
  orderly = await createOrderly({
    home,
    clock,
    log: silent,
    jobs: [visit],
    access: { passwordCost: 4 },
  })
  rooms = roomsOf(orderly)
  app = await buildApp(orderly, { callers: openCallers(rooms) })
  const token = (await newSetupToken(rooms.access))!
  const first = await call('POST', '/api/v1/setup', {
    body: { token, login: 'ana', name: 'Ana', password: PASSWORD },
  })
  expect(first.status).toBe(200)
  for (const [login, roles] of [
    ['vi', ['viewer']],
    ['op', ['operator']],
    ['pri', ['privacy']],
    ['aud', ['auditor']],
    ['adm', ['admin']],
  ] as [string, RoleName[]][]) {
    const { invite } = await createUser(rooms.access, SYSTEM, { login, name: login, roles })
    await acceptInvite(rooms.access, { token: invite, password: PASSWORD }, DEVICE)
  }
  jobId = (
    await orderly.enqueue(visit, {
      patient: CANARY,
      notes: [{ text: 'allergic to ~/x' }],
      clinicId: 'north',
    })
  ).id
})
const DEVICE = { address: '127.0.0.1', agent: 'test' }
afterAll(async () => {
  await app.close()
  await orderly.close()
  rmSync(home, { recursive: true, force: true })
})
beforeEach(() => browsers.clear())

interface Call {
  readonly as?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  { as, body, headers = {} }: Call = {},
): Promise<{ status: number; text: string; json: any; headers: Record<string, unknown> }> {
  const browser = as === undefined ? undefined : await signedIn(as)
  const response = await app.inject({
    method,
    url,
    headers: {
      host: 'localhost',
      ...(browser ? { cookie: browser.cookie, [CSRF_HEADER]: browser.csrf } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  const json: unknown = /^application\/(problem\+)?json/.test(
    String(response.headers['content-type']),
  )
    ? JSON.parse(response.body)
    : undefined
  return { status: response.statusCode, text: response.body, json, headers: response.headers }
}

async function signedIn(login: string): Promise<Browser> {
  const known = browsers.get(login)
  if (known) return known
  const answer = await call('POST', '/api/v1/session', { body: { login, password: PASSWORD } })
  expect([login, answer.status]).toEqual([login, 200])
  const set = String(answer.headers['set-cookie'])
  const browser = { cookie: set.split(';')[0]!, csrf: answer.json.csrf as string }
  browsers.set(login, browser)
  return browser
}

const latest = async (op: string) => (await findEntries(rooms.ledger.database, { op, limit: 1 }))[0]
const reveal = (as: string, more: object = {}, id = jobId) =>
  call('POST', `/api/v1/jobs/${id}/reveal`, {
    as,
    body: {
      pointers: ['/patient'],
      purpose: 'HSYSADMIN',
      text: 'the clinic reports a wrong name',
      ...more,
    },
  })

describe('a browser', () => {
  it('holds its session where no script and no other site can reach it', async () => {
    const answer = await call('POST', '/api/v1/session', {
      body: { login: 'ana', password: PASSWORD },
    })
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^orderly=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const secure = openCallers(rooms, { publicUrl: 'https://jobs.example.org' }).cookie!
    expect(secure.write('x')).toBe('__Host-orderly=x; Path=/; HttpOnly; SameSite=Strict; Secure')
    // A cookie that stands twice was put there by somebody else.
    expect(
      secure.read({ headers: { cookie: '__Host-orderly=a; __Host-orderly=b' } }),
    ).toBeUndefined()
    const who = await call('GET', '/api/v1/session', { as: 'vi' })
    expect(who.json).toMatchObject({ actor: { name: 'vi', roles: ['viewer'] }, setup: false })
    expect(who.json.csrf).toBe((await signedIn('vi')).csrf)
    expect((await call('GET', '/api/v1/session')).json).toMatchObject({ actor: null })
  })

  it('changes nothing that another site made it send (attack 26)', async () => {
    const { cookie, csrf } = await signedIn('ana')
    const attempt = (headers: Record<string, string>) =>
      call('POST', '/api/v1/session/totp', { headers: { cookie, ...headers } })
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
    ]) {
      const answer = await call('POST', '/api/v1/session/step-up', {
        headers: { cookie, [CSRF_HEADER]: csrf, 'content-type': type },
        body: { password: PASSWORD },
      })
      expect([type, answer.status]).toEqual([type, type === 'application/json garbage' ? 415 : 415])
    }
    // A sign-in cannot be forged either.
    expect(
      (
        await call('POST', '/api/v1/session', {
          headers: { 'sec-fetch-site': 'cross-site' },
          body: { login: 'ana', password: PASSWORD },
        })
      ).status,
    ).toBe(403)
    expect((await attempt({ [CSRF_HEADER]: csrf, 'sec-fetch-site': 'same-origin' })).status).toBe(
      200,
    )
    expect((await attempt({ [CSRF_HEADER]: csrf, origin: 'http://localhost' })).status).toBe(200)
  })

  it('is on record where another site used it, and where a key stood in an address', async () => {
    ahead += 61_000
    const { cookie } = await signedIn('ana')
    await call('POST', '/api/v1/session/totp', {
      headers: { cookie, 'sec-fetch-site': 'cross-site' },
    })
    expect(await latest('api.session.totp-begin')).toMatchObject({
      outcome: 'denied',
      detail: { status: 403 },
    })
    ahead += 61_000
    const key = `ord_${'a'.repeat(8)}_${'b'.repeat(32)}_${'c'.repeat(6)}`
    const answer = await call('GET', `/api/v1/jobs?key=${key}`)
    const entry = await latest('api.jobs.list')
    expect([answer.status, entry?.outcome, entry?.detail?.['status']]).toEqual([400, 'denied', 400])
    expect(JSON.stringify(entry)).not.toContain(key)
  })

  it('is out once it signs out, or its user is disabled', async () => {
    await call('GET', '/api/v1/jobs', { as: 'vi' })
    const before = browsers.get('vi')!
    expect((await call('DELETE', '/api/v1/session', { as: 'vi' })).json).toEqual({ ended: true })
    const after = await call('GET', '/api/v1/jobs', { headers: { cookie: before.cookie } })
    expect(after.status).toBe(401)
    browsers.delete('vi')
    await signedIn('vi')
    const user = (await call('GET', '/api/v1/users', { as: 'ana' })).json.data.find(
      ({ login }: { login: string }) => login === 'vi',
    )
    const change = (disabled: boolean) =>
      call('PATCH', `/api/v1/users/${user.id}`, { as: 'ana', body: { disabled } })
    expect((await change(true)).json).toMatchObject({ revision: user.revision + 1 })
    expect((await call('GET', '/api/v1/jobs', { as: 'vi' })).status).toBe(401)
    await change(false)
    // The session of before stays ended.
    expect((await call('GET', '/api/v1/jobs', { as: 'vi' })).status).toBe(401)
  })
})

describe('a key', () => {
  const made = async (more: object = {}) =>
    createApiKey(
      rooms.access,
      { ...SYSTEM, queues: ['*'] },
      {
        name: 'ci',
        roles: ['viewer'],
        expiresAt: clock.now() + 60_000,
        ...more,
      },
    )

  it('is refused in an address, when it is revoked and from elsewhere (attack 34)', async () => {
    const { text, key } = await made()
    const bearer = { authorization: `Bearer ${text}` }
    expect((await call('GET', '/api/v1/jobs', { headers: bearer })).status).toBe(200)
    const inAddress = await call('GET', `/api/v1/jobs?key=${text}`)
    expect(inAddress.status).toBe(400)
    expect(inAddress.text).not.toContain(text)
    await call('DELETE', `/api/v1/apikeys/${key.id}`, { as: 'ana' })
    expect((await call('GET', '/api/v1/jobs', { headers: bearer })).status).toBe(401)
    const elsewhere = await made({ networks: ['10.0.0.0/8'] })
    expect(
      (
        await call('GET', '/api/v1/jobs', {
          headers: { authorization: `Bearer ${elsewhere.text}` },
        })
      ).status,
    ).toBe(403)
  })

  it('stands alone: a cookie beside it is not looked at', async () => {
    const { text } = await made({ only: ['queues:read'] })
    const { cookie, csrf } = await signedIn('ana')
    const answer = await call('GET', '/api/v1/users', {
      headers: { cookie, [CSRF_HEADER]: csrf, authorization: `Bearer ${text}` },
    })
    expect(answer.status).toBe(403)
  })

  it('is made by a person who was here just now, and shown once', async () => {
    const body = { name: 'importer', roles: ['producer'], expiresAt: clock.now() + 60_000 }
    const answer = await call('POST', '/api/v1/apikeys', { as: 'ana', body })
    expect(answer.status).toBe(201)
    expect(answer.json.text).toMatch(/^ord_/)
    const listed = await call('GET', '/api/v1/apikeys', { as: 'ana' })
    expect(listed.text).not.toContain(answer.json.text.split('_')[2])
    ahead += FRESH_MS + 1_000
    const late = await call('POST', '/api/v1/apikeys', { as: 'ana', body })
    expect([late.status, late.json.code]).toEqual([401, 'ORDERLY_STEP_UP_NEEDED'])
  })
})

describe('a reveal', () => {
  it('is on the ledger before the value leaves, and says who, what, why', async () => {
    const answer = await reveal('pri', {
      pointers: ['/patient', '/notes/0/text', '/none', ''],
      ticket: 'INC-9',
    })
    expect(answer.status).toBe(200)
    expect(answer.json.values.map(({ value }: { value: unknown }) => value)).toEqual([
      CANARY,
      'allergic to ~/x',
      null,
      expect.objectContaining({ clinicId: 'north' }),
    ])
    const entry = await latest('phi.reveal')
    expect(entry).toMatchObject({
      id: answer.json.entry,
      outcome: 'ok',
      actor: { name: 'pri' },
      source: { ip: '127.0.0.1' },
      resource: {
        id: jobId,
        queue: 'clinic.visits',
        fields: expect.arrayContaining(['/input/patient']),
      },
      why: { purpose: 'HSYSADMIN', ticket: 'INC-9' },
    })
    expect(JSON.stringify(entry)).not.toContain('wrong name')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect((await call('GET', `/api/v1/jobs/${jobId}`, { as: 'pri' })).text).not.toContain('Zyx')
  })

  it('is refused to every other role, the powerful ones too (attack 24)', async () => {
    for (const as of ['vi', 'op', 'aud', 'adm', 'ana']) {
      if (as === 'vi') continue
      const answer = await reveal(as)
      expect([as, answer.status]).toEqual([as, 403])
      expect(answer.text).not.toContain('Zyx')
    }
    expect((await reveal('pri', {}, 'no-such-job')).status).toBe(404)
  })

  it('needs a reason, a purpose and a fresh sign-in, and each refusal is on record (attack 35)', async () => {
    await signedIn('pri')
    expect((await reveal('pri', { text: 'because' })).status).toBe(400)
    expect((await reveal('pri', { purpose: 'FUN' })).status).toBe(400)
    expect((await reveal('pri', { pointers: ['patient'] })).status).toBe(422)
    expect(await latest('phi.reveal')).toMatchObject({
      outcome: 'denied',
      code: 'ORDERLY_INPUT_INVALID',
    })
    ahead += FRESH_MS + 1_000
    const late = await reveal('pri')
    expect([late.status, late.json.code]).toEqual([401, 'ORDERLY_STEP_UP_NEEDED'])
    expect(await latest('phi.reveal')).toMatchObject({
      outcome: 'denied',
      code: 'ORDERLY_STEP_UP_NEEDED',
    })
    const renewed = await call('POST', '/api/v1/session/step-up', {
      as: 'pri',
      body: { password: PASSWORD },
    })
    browsers.set('pri', {
      cookie: String(renewed.headers['set-cookie']).split(';')[0]!,
      csrf: renewed.json.csrf,
    })
    expect((await reveal('pri')).status).toBe(200)
  })

  it('shows nothing while the ledger cannot be written (attack 17)', async () => {
    await signedIn('pri')
    const rename = (from: string, to: string) =>
      sql.raw(`alter table ${from} rename to ${to}`).execute(rooms.history.query)
    await rename('orderly_ledger_nodes', 'away')
    await rename('orderly_ledger_head', 'away_head')
    const answer = await reveal('pri')
    const pause = await call('POST', '/api/v1/queues/clinic.visits/pause', {
      as: 'op',
      body: { reason: 'vendor is down' },
    }).catch(() => undefined)
    await rename('away', 'orderly_ledger_nodes')
    await rename('away_head', 'orderly_ledger_head')
    expect([answer.status, answer.json.code]).toEqual([503, 'ORDERLY_LEDGER_UNAVAILABLE'])
    expect(answer.text).not.toContain('Zyx')
    expect(pause?.status ?? 503).toBe(503)
    expect(await orderly.pauses()).toEqual([])
    // Jobs go on.
    expect(
      (await orderly.enqueue(visit, { patient: CANARY, notes: [], clinicId: 'x' })).id,
    ).toBeTruthy()
  })

  it('ends at thirty an hour, counted over all sessions (attack 35)', async () => {
    ahead += 2 * 3_600_000
    browsers.clear()
    const statuses: number[] = []
    for (let n = 0; n < 31; n++) statuses.push((await reveal('pri')).status)
    expect(statuses).toEqual([...Array<number>(30).fill(200), 429])
    ahead += 3_600_000
    browsers.clear()
    expect((await reveal('pri')).status).toBe(200)
  })
})

describe('an emergency access', () => {
  const begin = (as: string) =>
    call('POST', '/api/v1/emergencies', {
      as,
      body: { purpose: 'ETREAT', text: 'patient in the ER, dose unknown' },
    })

  it('lets whoever is marked for it see PHI for an hour, and is reviewed by somebody else (attack 36)', async () => {
    ahead += 3_600_000
    browsers.clear()
    expect((await begin('op')).status).toBe(403)
    const users = (await call('GET', '/api/v1/users', { as: 'ana' })).json.data
    const op = users.find(({ login }: { login: string }) => login === 'op')
    await call('PATCH', `/api/v1/users/${op.id}`, { as: 'ana', body: { emergency: true } })
    expect((await reveal('op')).status).toBe(403)
    const begun = await begin('op')
    expect(begun.status).toBe(201)
    expect((await begin('op')).status).toBe(409)
    expect((await reveal('op')).json.values[0].value).toBe(CANARY)
    const review = (as: string) =>
      call('POST', `/api/v1/emergencies/${begun.json.id}/review`, {
        as,
        body: { verdict: 'justified', text: 'agrees with the record of the ER' },
      })
    expect((await review('aud')).status).toBe(409)
    ahead += 61 * 60_000
    browsers.clear()
    expect((await reveal('op')).status).toBe(403)
    expect((await review('op')).status).toBe(403)
    expect((await review('aud')).json).toMatchObject({ verdict: 'justified' })
    expect((await review('aud')).status).toBe(409)
    const ops = (await findEntries(rooms.ledger.database, { op: 'emergency.*' })).map(
      ({ op: each }) => each,
    )
    expect(ops).toEqual(['emergency.review', 'emergency.begin'])
  })
})

describe('the audit log over HTTP', () => {
  it('is read page by page, proved, and taken out', async () => {
    const first = await call('GET', '/api/v1/audit?limit=3&op=auth.*', { as: 'aud' })
    expect(first.json.data).toHaveLength(3)
    const next = await call(
      'GET',
      `/api/v1/audit?limit=3&op=auth.*&cursor=${first.json.page.next}`,
      { as: 'aud' },
    )
    expect(next.json.data[0].index).toBeLessThan(first.json.data[2].index)
    const [entry] = first.json.data
    const proof = await call('GET', `/api/v1/audit/${entry.id}/proof`, { as: 'aud' })
    const { vkey } = (await call('GET', '/api/v1/audit/checkpoint', { as: 'aud' })).json
    expect(openNote(parseProof(proof.json.proof)!.checkpoint, [parseVkey(vkey)!])).toBeDefined()
    const dump = await call('GET', '/api/v1/audit/export', { as: 'aud' })
    expect(dump.text.split('\n').length).toBeGreaterThan(10)
    expect(JSON.parse(dump.text.split('\n')[0]!)).toMatchObject({ kind: 'orderly-ledger' })
    for (const path of ['audit', 'audit/checkpoint', 'audit/export', 'audit/leaves'])
      expect((await call('GET', `/api/v1/${path}`, { as: 'op' })).status).toBe(403)
    expect(await latest('api.audit.list')).toMatchObject({
      outcome: 'denied',
      actor: { name: 'op' },
    })
  })

  it('holds a person’s change once, in that person’s name', async () => {
    await call('POST', '/api/v1/queues/clinic.visits/pause', {
      as: 'op',
      body: { reason: 'vendor is down' },
    })
    const entries = (await findEntries(rooms.ledger.database, { limit: 5 })).filter(({ op }) =>
      /pause/.test(op),
    )
    expect(entries).toMatchObject([
      { op: 'api.queues.pause', outcome: 'ok', actor: { name: 'op' } },
    ])
    await orderly.resume({ queue: 'clinic.visits' })
    expect(await latest('pause.end')).toMatchObject({
      actor: { kind: 'program' },
      outcome: 'asked',
    })
  })

  it('is not filled by strangers', async () => {
    const count = async () =>
      (await findEntries(rooms.ledger.database, { actor: 'unknown', limit: 1_000 })).length
    const before = await count()
    for (let n = 0; n < 50; n++) await call('GET', '/api/v1/jobs')
    expect((await count()) - before).toBeLessThanOrEqual(1)
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
      await server.close()
    } finally {
      await other.close()
      rmSync(empty, { recursive: true, force: true })
    }
  })
})
