import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signInByIdentity } from '../../packages/orderly/src/access/identity.ts'
import { openOidc, type OidcSettings } from '../../packages/orderly/src/access/oidc.ts'
import { FRESH_MS } from '../../packages/orderly/src/access/fresh.ts'
import { findUser, listUsers } from '../../packages/orderly/src/access/users.ts'
import { CSRF_HEADER } from '../../packages/orderly/src/http/auth.ts'
import { CALLBACK_PATH } from '../../packages/orderly/src/http/provider.ts'
import { oidcFrom } from '../../packages/orderly/src/oidc-settings.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import {
  byHmac,
  CLIENT,
  forge,
  startForger,
  startIdentityProvider,
  type Forger,
  type IdentityProvider,
} from '../support/identity-provider.ts'
import { openDesk, PATIENT, visit, type Answer, type Desk } from './desk.ts'

const RULES = {
  roles: { ops: ['operator'], 'privacy office': ['privacy'], it: ['admin'] },
} as const satisfies Partial<OidcSettings>

/** Leaves for the provider. */
async function leave(
  desk: Desk,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<{ url: string; cookie: string }> {
  const answer = await desk.call('POST', '/api/v1/session/provider', { body, headers })
  expect(answer.status, answer.text).toBe(200)
  return { url: answer.json.url, cookie: cookieIn(answer, 'orderly-flow')! }
}

function cookieIn({ headers }: Answer, name: string): string | undefined {
  return [headers['set-cookie'] ?? []]
    .flat()
    .map((cookie) => cookie.split(';')[0]!)
    .find((cookie) => cookie.startsWith(`${name}=`) && cookie.length > name.length + 1)
}

/** Comes back. */
const arrive = (desk: Desk, url: string, cookie?: string) => {
  const { pathname, search } = new URL(url)
  return desk.call(
    'GET',
    `${pathname}${search}`,
    cookie === undefined ? {} : { headers: { cookie } },
  )
}

describe('sign-in through an identity provider', () => {
  let provider: IdentityProvider
  let desk: Desk
  beforeAll(async () => {
    provider = await startIdentityProvider()
    desk = await openDesk({
      oidc: { issuer: provider.issuer, ...CLIENT, label: 'Clinic ID', ...RULES },
    })
    provider.register(`${desk.server.url}${CALLBACK_PATH}`)
  }, 30_000)
  afterAll(async () => {
    await desk.close()
    await provider.close()
  })

  const signIn = async (person: IdentityProvider['person'], to = '/jobs'): Promise<Answer> => {
    provider.person = person
    const { url, cookie } = await leave(desk, { to })
    return arrive(desk, await provider.visit(`${url}&prompt=login`), cookie)
  }
  const sessionOf = async (answer: Answer) => {
    const cookie = cookieIn(answer, 'orderly')!
    const who = await desk.call('GET', '/api/v1/session', { headers: { cookie } })
    return { headers: { cookie, [CSRF_HEADER]: who.json.csrf as string }, actor: who.json.actor }
  }
  const nora = { id: 'p-1', name: 'Nora Vale', groups: ['ops', 'staff'], amr: ['pwd', 'otp'] }

  it('is offered, and brings whoever has a group back to the page they wanted, with its roles', async () => {
    expect((await desk.call('GET', '/api/v1/session')).json.provider).toEqual({
      label: 'Clinic ID',
    })
    const answer = await signIn(nora)
    expect([answer.status, answer.headers['location']]).toEqual([303, '/jobs'])
    expect([answer.headers['set-cookie']].flat()).toEqual([
      expect.stringMatching(/^orderly=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
      'orderly-flow=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
    ])
    const { actor } = await sessionOf(answer)
    expect(actor).toMatchObject({ name: 'Nora Vale', roles: ['operator'], session: { mfa: 'otp' } })
    const user = await findUser(desk.rooms.access, actor.id)
    expect(user).toMatchObject({ issuer: provider.issuer, hasPassword: false })
    const [entry] = await desk.entries('auth.sign-in', 1)
    expect(entry).toMatchObject({
      outcome: 'ok',
      actor: { name: 'Nora Vale' },
      detail: { mfa: 'otp' },
    })
    // The second time it is the same person.
    expect((await sessionOf(await signIn(nora))).actor.id).toBe(actor.id)
  })

  it('lets nobody in whose groups have no role here, and makes no user of them', async () => {
    const before = (await listUsers(desk.rooms.access)).length
    for (const groups of [
      [],
      undefined,
      'ops',
      ['Ops'],
      ['ops '],
      ['ops-team'],
      ['toString'],
      { ops: true },
    ]) {
      const answer = await signIn({ id: 'p-2', groups })
      expect([groups, answer.status, cookieIn(answer, 'orderly')]).toEqual([groups, 403, undefined])
    }
    expect(await listUsers(desk.rooms.access)).toHaveLength(before)
    expect((await desk.entries('auth.sign-in', 1))[0]).toMatchObject({
      outcome: 'denied',
      code: 'ORDERLY_FORBIDDEN',
    })
    // Nobody says who may what and sees PHI, whoever vouches.
    expect((await signIn({ id: 'p-3', groups: ['it', 'privacy office'] })).status).toBe(422)
  })

  it('gives the roles of today: a group that was taken away is gone with the next sign-in', async () => {
    expect(
      (await sessionOf(await signIn({ id: 'p-4', groups: ['ops', 'privacy office'] }))).actor.roles,
    ).toEqual(['operator', 'privacy'])
    const { actor } = await sessionOf(await signIn({ id: 'p-4', groups: ['ops'] }))
    expect(actor.roles).toEqual(['operator'])
    expect((await desk.entries('user.roles', 1))[0]).toMatchObject({
      resource: { id: actor.id },
      detail: { before: ['operator', 'privacy'], after: ['operator'], issuer: provider.issuer },
    })
    await desk.call('PATCH', `/api/v1/users/${actor.id}`, { as: 'ana', body: { disabled: true } })
    expect((await signIn({ id: 'p-4', groups: ['ops'] })).status).toBe(401)
  })

  it('ends in the browser it began in, once', async () => {
    provider.person = nora
    const { url, cookie } = await leave(desk)
    const back = await provider.visit(url)
    const other = await leave(desk)
    expect((await arrive(desk, back)).status).toBe(401)
    expect((await arrive(desk, back, other.cookie)).status).toBe(401)
    expect(
      (
        await arrive(
          desk,
          back,
          cookie.replace(
            /.(.{20})$/,
            (whole, rest: string) => `${whole.startsWith('A') ? 'B' : 'A'}${rest}`,
          ),
        )
      ).status,
    ).toBe(401)
    expect((await arrive(desk, back, cookie)).status).toBe(303)
    expect((await arrive(desk, back, cookie)).status).toBe(401)
    desk.clock.ahead += 3_600_000
    expect((await arrive(desk, back, cookie)).status).toBe(401)
    desk.clock.ahead = 0
    for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example', '/a\tb', ''])
      expect((await desk.call('POST', '/api/v1/session/provider', { body: { to } })).status).toBe(
        400,
      )
  })

  it('shows once more who somebody is: the provider asks them, and nobody else will do', async () => {
    const { id } = await desk.orderly.enqueue(visit, { patient: PATIENT, clinicId: 'north' })
    const person = { id: 'p-5', groups: ['privacy office'] }
    const { headers } = await sessionOf(await signIn(person))
    const reveal = (own: Record<string, string>) =>
      desk.call('POST', `/api/v1/jobs/${id}/reveal`, {
        headers: own,
        body: {
          pointers: ['/patient'],
          purpose: 'HSYSADMIN',
          text: 'the clinic reports a wrong name',
        },
      })
    expect((await reveal(headers)).status).toBe(200)
    desk.clock.ahead = FRESH_MS + 60_000
    expect((await reveal(headers)).json.code).toBe('ORDERLY_STEP_UP_NEEDED')
    const asked = provider.asked
    provider.person = nora
    const wrong = await leave(desk, { stepUp: true }, headers)
    expect((await arrive(desk, await provider.visit(wrong.url), wrong.cookie)).status).toBe(401)
    desk.clock.ahead = 0
    provider.person = person
    const right = await leave(desk, { stepUp: true }, headers)
    const answer = await arrive(desk, await provider.visit(right.url), right.cookie)
    expect([answer.status, provider.asked]).toEqual([303, asked + 2])
    // The token is another one.
    expect((await reveal(headers)).status).toBe(401)
    expect((await reveal((await sessionOf(answer)).headers)).status).toBe(200)
  })

  it('is one person by issuer and subject together, whatever name they bring', async () => {
    const identity = {
      subject: 'p-1',
      name: 'Nora Vale',
      groups: ['ops'],
      authenticatedAt: 0,
      mfa: null,
    }
    const device = { address: '127.0.0.1', agent: 'test' }
    const there = await signInByIdentity(
      desk.rooms.access,
      { ...identity, issuer: 'https://other.example' },
      RULES,
      device,
    )
    const here = await signInByIdentity(
      desk.rooms.access,
      { ...identity, issuer: provider.issuer },
      RULES,
      device,
    )
    expect(there.actor.id).not.toBe(here.actor.id)
    await expect(
      signInByIdentity(
        desk.rooms.access,
        { ...identity, issuer: provider.issuer },
        { ...RULES, requireMfa: true },
        device,
      ),
    ).rejects.toMatchObject({ code: 'ORDERLY_SIGN_IN_FAILED' })
  })
})

describe('a provider that forges', () => {
  let forger: Forger
  let desk: Desk
  beforeAll(async () => {
    forger = await startForger()
    desk = await openDesk({ oidc: { issuer: forger.issuer, ...CLIENT, ...RULES } })
  }, 30_000)
  afterAll(async () => {
    await desk.close()
    await forger.close()
  })

  const attempt = async (token: Forger['token']): Promise<Answer> => {
    const { url, cookie } = await leave(desk)
    const { searchParams } = new URL(url)
    forger.nonce = searchParams.get('nonce')!
    forger.token = token
    const back = `${desk.server.url}${CALLBACK_PATH}?code=c&state=${searchParams.get('state')}`
    return arrive(desk, back, cookie)
  }
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const now = Math.floor(Date.now() / 1_000)
  const pem = (): string => String(forger.publicKey.export({ format: 'pem', type: 'spki' }))

  it('would let in whom an honest one vouches for', async () => {
    expect((await attempt(forger.honest)).status).toBe(303)
  })

  it.each<[string, Forger['token']]>([
    ['no signature at all', (claims) => forge({ alg: 'none' }, claims, () => '')],
    ['the public key as a secret', (claims) => forge({ alg: 'HS256', kid: 'k' }, claims, (input) => byHmac(pem())(input))],
    ['the secret of the client', (claims) => forge({ alg: 'HS256' }, claims, byHmac(CLIENT.clientSecret))],
    ['another key', (claims) => forge({ alg: 'RS256', kid: 'k' }, claims, (input) => sign('sha256', Buffer.from(input), stranger).toString('base64url'))],
    ['another algorithm', (claims) => forge({ alg: 'ES256', kid: 'k' }, claims, (input) => sign('sha256', Buffer.from(input), { key: ec, dsaEncoding: 'ieee-p1363' }).toString('base64url'))],
    ['another issuer of the same subject', (claims) => forger.honest({ ...claims, iss: 'https://other.example' })],
    ['an end that is text', (claims) => forger.honest({ ...claims, exp: String(claims['exp']) })],
    ['no end', ({ exp: _exp, ...claims }) => forger.honest(claims)],
    ['an end that is over, the skew of clocks included', (claims) => forger.honest({ ...claims, exp: now - 40 })],
    ['a beginning that is to come', (claims) => forger.honest({ ...claims, nbf: now + 3_600 })],
    ['another audience', (claims) => forger.honest({ ...claims, aud: 'other' })],
    ['the nonce of another sign-in', (claims) => forger.honest({ ...claims, nonce: 'n' })],
    ['a sign-in of yesterday', (claims) => forger.honest({ ...claims, auth_time: now - 86_400 })],
    ['no time of the sign-in', ({ auth_time: _at, ...claims }) => forger.honest(claims)],
    ['a signature of other claims', (claims) => {
      const [header, , signature] = forger.honest(claims).split('.')
      const [, body] = forger.honest({ ...claims, groups: ['it'] }).split('.')
      return [header, body, signature].join('.')
    }],
  ])('attack 32: is not believed with %s', async (_what, token) => {
    const answer = await attempt(token)
    expect([answer.status, cookieIn(answer, 'orderly')]).toEqual([401, undefined])
  }) // prettier-ignore

  it('fills no log by whoever fails, and keeps nobody out', async () => {
    desk.clock.ahead += 61_000
    const before = (await desk.entries('auth.sign-in')).length
    for (let n = 0; n < 30; n++)
      expect((await attempt((claims) => forge({ alg: 'none' }, claims, () => ''))).status).toBe(401)
    const after = await desk.entries('auth.sign-in')
    expect(after.length - before).toBe(1)
    expect(after[0]).toMatchObject({
      outcome: 'denied',
      code: 'ORDERLY_SIGN_IN_FAILED',
      actor: { kind: 'unknown' },
    })
    expect((await attempt(forger.honest)).status).toBe(303)
  })
})

describe('the settings of an identity provider', () => {
  const whole = {
    ORDERLY_OIDC_ISSUER: 'https://id.example.org',
    ORDERLY_OIDC_CLIENT_ID: 'orderly',
    ORDERLY_OIDC_ROLES: '{"it":["admin"]}',
  }

  it('come from the environment whole, or the program does not start', () => {
    expect(oidcFrom({})).toBeUndefined()
    expect(oidcFrom({ ...whole, ORDERLY_OIDC_MFA: 'mfa, hwk' })).toMatchObject({
      issuer: 'https://id.example.org',
      roles: { it: ['admin'] },
      mfa: ['mfa', 'hwk'],
      requireMfa: false,
    })
    for (const change of [
      { ORDERLY_OIDC_ISSUER: '' },
      { ORDERLY_OIDC_ROLES: '' },
      { ORDERLY_OIDC_ROLES: '{"it":["root"]}' },
      { ORDERLY_OIDC_ROLES: '{"it":"admin"}' },
      { ORDERLY_OIDC_ROLES: '["admin"]' },
      { ORDERLY_OIDC_ROLES: '{' },
      { ORDERLY_OIDC_ALGORITHM: 'none' },
    ])
      expect(() => oidcFrom({ ...whole, ...change })).toThrow(
        expect.objectContaining({ code: 'ORDERLY_SETTING_INVALID' }),
      )
  })

  it('lead to no provider in the clear but one of this machine', () => {
    const { clientId } = CLIENT
    for (const issuer of ['http://id.example.org', 'id.example.org', 'file:///etc/passwd', ''])
      expect(() => openOidc({ issuer, clientId, ...RULES }, systemClock)).toThrow(
        expect.objectContaining({ code: 'ORDERLY_SETTING_INVALID' }),
      )
    expect(openOidc({ issuer: 'http://localhost:1', clientId, ...RULES }, systemClock).label).toBe(
      'single sign-on',
    )
  })
})
