import { TOTP } from 'otpauth'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createApiKey,
  findApiKey,
  revokeApiKey,
} from '../../packages/orderly/src/access/api-keys.ts'
import { newApiKey, readApiKey } from '../../packages/orderly/src/access/api-key-format.ts'
import { holdsApiKey } from '../../packages/orderly/src/primitives/api-key-text.ts'
import { isWithin, neighbourhood } from '../../packages/orderly/src/access/address.ts'
import {
  beginTotp,
  changePassword,
  confirmTotp,
} from '../../packages/orderly/src/access/own-account.ts'
import {
  checkPassword,
  openPasswords,
  type Passwords,
} from '../../packages/orderly/src/access/password.ts'
import { demandFresh, FRESH_MS } from '../../packages/orderly/src/access/fresh.ts'
import { accessVersion } from '../../packages/orderly/src/access/room.ts'
import {
  ABSOLUTE_MS,
  endSession,
  findSession,
  IDLE_MS,
  listSessions,
} from '../../packages/orderly/src/access/sessions.ts'
import {
  acceptInvite,
  newSetupToken,
  signIn,
  stepUp,
} from '../../packages/orderly/src/access/sign-in.ts'
import {
  changeUser,
  createUser,
  listUsers,
  resetUser,
} from '../../packages/orderly/src/access/users.ts'
import { PLACES, type Place } from '../record/databases.ts'
import { COST, DEVICE, openAccessLab, PASSWORD, type AccessLab } from './lab.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const DAY = 86_400_000

describe.each(['sqlite', 'postgres'] as const)('access on %s', (name) => {
  let place: Place
  let lab: AccessLab
  beforeAll(async () => {
    place = await PLACES[name]()
  })
  afterAll(() => place.stop())
  beforeEach(async () => {
    lab = await openAccessLab(await place.fresh())
  })
  afterEach(() => lab.close())
  const enter = (login = 'ana', password = PASSWORD, device = DEVICE, totp?: string) =>
    signIn(lab.room, { login, password, code: totp }, device)

  it('makes the first user through a link that works once, and none after that', async () => {
    expect(lab.admin.roles).toEqual(['admin'])
    expect(await newSetupToken(lab.room)).toBeUndefined()
    expect(await lab.entries()).toEqual(['setup.link ok', 'setup.first-user ok', 'auth.sign-in ok'])
    const made = await createUser(lab.room, lab.admin, {
      login: 'bo',
      name: 'Bo',
      roles: ['viewer'],
    })
    await acceptInvite(lab.room, { token: made.invite, password: PASSWORD }, DEVICE)
    await expect(
      acceptInvite(lab.room, { token: made.invite, password: PASSWORD }, DEVICE),
    ).rejects.toThrow(code('ORDERLY_SIGN_IN_FAILED'))
    const late = await createUser(lab.room, lab.admin, { login: 'cy', name: 'Cy', roles: [] })
    lab.clock.advance(4 * DAY)
    await expect(
      acceptInvite(lab.room, { token: late.invite, password: PASSWORD }, DEVICE),
    ).rejects.toThrow(code('ORDERLY_SIGN_IN_FAILED'))
  })

  it('signs in with the password alone, and says the same of all that does not fit', async () => {
    const { actor, session } = await enter('ANA ')
    expect(actor).toMatchObject({ id: lab.admin.id, kind: 'user', session: { mfa: null } })
    expect((await findSession(lab.room, session.token))?.actor.id).toBe(lab.admin.id)
    const messages = new Set<string>()
    for (const [login, password] of [
      ['ana', 'wrong horse battery staple'],
      ['nobody', PASSWORD],
      ['ana', ''],
    ] as const)
      await enter(login, password).catch((error: Error) => messages.add(error.message))
    expect([...messages]).toEqual(['name, password or code do not fit'])
    expect((await lab.entries()).slice(-3)).toEqual(Array(3).fill('auth.sign-in denied'))
    const text = JSON.stringify(
      await lab.ledger.database.query.selectFrom('orderly_ledger').select('body').execute(),
    )
    for (const secret of [PASSWORD, 'wrong horse', 'nobody', session.token, session.csrf])
      expect(text).not.toContain(secret)
  })

  it('ends a session that rests, that is old, that is ended, or whose user is disabled', async () => {
    const user = await lab.user({ login: 'bo' })
    const idle = (await enter('bo')).session
    lab.clock.advance(IDLE_MS - 1)
    expect(await findSession(lab.room, idle.token)).toBeDefined()
    // An open stream says nothing of whether somebody is there.
    lab.clock.advance(IDLE_MS - 1)
    expect(await findSession(lab.room, idle.token, { passive: true })).toBeDefined()
    lab.clock.advance(2)
    expect(await findSession(lab.room, idle.token)).toBeUndefined()
    const long = (await enter('bo')).session
    for (let spent = 0; spent < ABSOLUTE_MS - IDLE_MS; spent += IDLE_MS / 2) {
      expect(await findSession(lab.room, long.token)).toBeDefined()
      lab.clock.advance(IDLE_MS / 2)
    }
    lab.clock.advance(IDLE_MS / 2)
    await findSession(lab.room, long.token)
    lab.clock.advance(IDLE_MS / 2)
    expect(await findSession(lab.room, long.token)).toBeUndefined()
    const ended = (await enter('bo')).session
    // Nobody of another tenant ends it, however many rights they have there.
    await expect(endSession(lab.room, ended.id, { tenant: 'other' })).rejects.toThrow(
      code('ORDERLY_NOT_FOUND'),
    )
    expect(await findSession(lab.room, ended.token)).toBeDefined()
    await endSession(lab.room, ended.id, { tenant: 'default' })
    expect(await findSession(lab.room, ended.token)).toBeUndefined()
    const open = (await enter('bo')).session
    const before = await accessVersion(lab.room)
    await changeUser(lab.room, lab.admin, user.id, { disabled: true })
    expect(await findSession(lab.room, open.token)).toBeUndefined()
    expect(await accessVersion(lab.room)).toBeGreaterThan(before)
    expect(await listSessions(lab.room, user.id)).toEqual([])
    await expect(enter('bo')).rejects.toThrow(code('ORDERLY_SIGN_IN_FAILED'))
    expect(await findSession(lab.room, 'x'.repeat(43))).toBeUndefined()
  })

  it('asks for a code where one is set up, and takes none twice', async () => {
    const { secret, uri } = await beginTotp(lab.room, lab.admin)
    const at = () => new TOTP({ secret }).generate({ timestamp: lab.clock.now() })
    expect(uri).toMatch(/^otpauth:\/\/totp\/Orderly:ana/)
    await expect(confirmTotp(lab.room, lab.admin, '000000')).rejects.toThrow(
      code('ORDERLY_SIGN_IN_FAILED'),
    )
    await confirmTotp(lab.room, lab.admin, at())
    const rows = await lab.room.database.query.selectFrom('orderly_users').select('totp').execute()
    expect(JSON.stringify(rows)).not.toContain(secret)
    lab.clock.advance(60_000)
    await expect(enter()).rejects.toThrow(code('ORDERLY_SIGN_IN_FAILED'))
    const { actor } = await enter('ana', PASSWORD, DEVICE, at())
    expect(actor.session?.mfa).toBe('totp')
    await expect(enter('ana', PASSWORD, DEVICE, at())).rejects.toThrow(
      code('ORDERLY_SIGN_IN_FAILED'),
    )
    lab.clock.advance(30_000)
    const both = await Promise.allSettled([
      enter('ana', PASSWORD, DEVICE, at()),
      enter('ana', PASSWORD, DEVICE, at()),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    lab.clock.advance(30_000)
    const again = await Promise.allSettled(
      [at(), at()].map((code) => stepUp(lab.room, actor, { password: PASSWORD, code }, DEVICE)),
    )
    expect(again.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('slows a thousand guesses down, and does not lock an owner out of a known place (attack 33)', async () => {
    const from = (address: string) => ({ address, agent: 'guesser' })
    /** A thousand guesses, fifty at once. @returns how many of them a password was compared with */
    const guessing = async (guess: (n: number) => Promise<unknown>) => {
      const answers: string[] = []
      while (answers.length < 1_000)
        answers.push(
          ...(await Promise.all(
            Array.from({ length: 50 }, (_, n) =>
              guess(answers.length + n).then(
                () => 'in',
                (error: { code: string }) => error.code,
              ),
            ),
          )),
        )
      const looked = answers.filter((answer) => answer !== 'ORDERLY_TOO_MANY_REQUESTS')
      expect(new Set(looked)).toEqual(new Set(['ORDERLY_SIGN_IN_FAILED']))
      return looked.length
    }
    // One account, from everywhere.
    const one = await guessing((n) =>
      enter('ana', `guess number ${n} of many`, from(`198.51.${n % 250}.${n % 7}`)),
    )
    expect(one).toBeLessThanOrEqual(20)
    await expect(enter('ana', PASSWORD, from('203.0.113.1'))).rejects.toThrow(
      code('ORDERLY_TOO_MANY_REQUESTS'),
    )
    // From where Ana has been before.
    expect((await enter()).actor.id).toBe(lab.admin.id)
    lab.clock.advance(20 * 60_000)
    expect((await enter('ana', PASSWORD, from('203.0.113.1'))).actor.id).toBe(lab.admin.id)
    // One place, at a thousand accounts.
    const spread = await guessing((n) =>
      enter(`user${n}`, 'guess number one of many', from('198.51.100.9')),
    )
    expect(spread).toBeLessThanOrEqual(20)
  })

  it('slows guessing at the password of a session that was left open, each on record', async () => {
    const { actor } = await enter()
    const change = (password: string) =>
      changePassword(lab.room, actor, { password, next: 'another long enough one' }, DEVICE)
    const guesses = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => change(`guess number ${n} of many`)),
    )
    const looked = guesses.filter(
      (guess) => guess.status === 'rejected' && guess.reason.code === 'ORDERLY_SIGN_IN_FAILED',
    )
    expect(looked).toHaveLength(5)
    expect((await lab.entries()).filter((each) => each === 'user.password denied')).toHaveLength(5)
    await expect(change(PASSWORD)).rejects.toThrow(code('ORDERLY_TOO_MANY_REQUESTS'))
    lab.clock.advance(20 * 60_000)
    await change(PASSWORD)
    expect((await enter('ana', 'another long enough one')).actor.id).toBe(lab.admin.id)
  })

  it('lets nobody change rights of their own, nor take the last administrator away', async () => {
    const { room, admin } = lab
    for (const change of [{ roles: ['privacy'] as const }, { disabled: true }, { queues: ['x'] }])
      await expect(changeUser(room, admin, admin.id, change)).rejects.toThrow(
        code('ORDERLY_FORBIDDEN'),
      )
    const second = await lab.user({ login: 'bo', roles: ['admin'] })
    await changeUser(room, second, admin.id, { roles: ['viewer'] })
    await expect(changeUser(room, admin, second.id, { disabled: true })).rejects.toThrow(
      code('ORDERLY_FORBIDDEN'),
    )
    await expect(
      createUser(room, second, { login: 'all', name: 'All', roles: ['admin', 'privacy'] }),
    ).rejects.toThrow(code('ORDERLY_INPUT_INVALID'))
    await expect(changeUser(room, second, admin.id, { roles: ['operator'] }, 1)).rejects.toThrow(
      code('ORDERLY_CHANGED_MEANWHILE'),
    )
    expect((await listUsers(room)).map(({ login, roles }) => [login, roles])).toEqual([
      ['ana', ['viewer']],
      ['bo', ['admin']],
    ])
  })

  it('gives a new token when somebody shows once more who they are', async () => {
    const { actor, session } = await enter()
    lab.clock.advance(FRESH_MS + 1)
    expect(() => demandFresh(actor, lab.clock.now())).toThrow(code('ORDERLY_STEP_UP_NEEDED'))
    await expect(
      stepUp(lab.room, actor, { password: 'wrong horse battery staple' }, DEVICE),
    ).rejects.toThrow(code('ORDERLY_SIGN_IN_FAILED'))
    const renewed = await stepUp(lab.room, actor, { password: PASSWORD }, DEVICE)
    expect(await findSession(lab.room, session.token)).toBeUndefined()
    const found = await findSession(lab.room, renewed.token)
    expect(() => demandFresh(found!.actor, lab.clock.now())).not.toThrow()
    expect([found!.isCsrf(renewed.csrf), found!.isCsrf(session.csrf)]).toEqual([true, false])
  })

  it('ends every other session with a new password, and all of them with a reset', async () => {
    const [one, other] = [await enter(), await enter()]
    await changePassword(
      lab.room,
      one.actor,
      { password: PASSWORD, next: 'another long enough one' },
      DEVICE,
    )
    expect(await findSession(lab.room, one.session.token)).toBeDefined()
    expect(await findSession(lab.room, other.session.token)).toBeUndefined()
    const second = await lab.user({ login: 'bo', roles: ['admin'] })
    const { invite } = await resetUser(lab.room, second, lab.admin.id)
    expect(await findSession(lab.room, one.session.token)).toBeUndefined()
    await expect(enter('ana', 'another long enough one')).rejects.toThrow(
      code('ORDERLY_SIGN_IN_FAILED'),
    )
    await acceptInvite(lab.room, { token: invite, password: PASSWORD }, DEVICE)
  })

  it('knows a key until it is revoked, expires, its owner is disabled, or it comes from elsewhere (attack 34)', async () => {
    const { room } = lab
    const owner = await lab.user({ login: 'bo', roles: ['admin'] })
    const spec = { name: 'ci', roles: ['producer'] as const, expiresAt: lab.clock.now() + DAY }
    const made = async (more: object = {}) => createApiKey(room, owner, { ...spec, ...more })
    const { key, text } = await made({ networks: ['10.0.0.0/8'], only: ['jobs:enqueue'] })
    expect(await findApiKey(room, text, '10.0.0.1')).toMatchObject({
      id: `k_${key.id}`,
      permissions: ['jobs:enqueue'],
    })
    await expect(findApiKey(room, text, '110.0.0.1')).rejects.toThrow(code('ORDERLY_FORBIDDEN'))
    await expect(findApiKey(room, text, '::ffff:10.0.0.1')).resolves.toBeDefined()
    const stored = JSON.stringify(
      await room.database.query.selectFrom('orderly_api_keys').selectAll().execute(),
    )
    expect(stored).not.toContain(text.split('_')[2])
    expect(
      await findApiKey(room, text.replace(/.$/, text.endsWith('0') ? '1' : '0'), '10.0.0.1'),
    ).toBeUndefined()
    const forged = newApiKey()
    expect(await findApiKey(room, forged.text, '10.0.0.1')).toBeUndefined()
    const revoked = await made()
    await revokeApiKey(room, revoked.key.id)
    expect(await findApiKey(room, revoked.text, '10.0.0.1')).toBeUndefined()
    await changeUser(room, lab.admin, owner.id, { disabled: true })
    expect(await findApiKey(room, text, '10.0.0.1')).toBeUndefined()
    await changeUser(room, lab.admin, owner.id, { disabled: false })
    lab.clock.advance(DAY)
    expect(await findApiKey(room, text, '10.0.0.1')).toBeUndefined()
  })

  it('makes no key that could reveal, administer or outlive a year', async () => {
    const { room, admin } = lab
    const base = { name: 'x', expiresAt: lab.clock.now() + DAY }
    for (const spec of [
      { ...base, roles: ['privacy'] as const },
      { ...base, roles: ['admin'] as const },
      { ...base, roles: ['viewer'] as const, expiresAt: lab.clock.now() + 367 * DAY },
      { ...base, roles: ['viewer'] as const, networks: ['10.0.0.1'] },
      { ...base, roles: [] },
    ])
      await expect(createApiKey(room, admin, spec)).rejects.toThrow(code('ORDERLY_INPUT_INVALID'))
    await expect(
      createApiKey(room, admin, { ...base, roles: ['viewer'], tenant: 'other' }),
    ).rejects.toThrow(code('ORDERLY_FORBIDDEN'))
  })

  it('gives no queues to keys or users beyond those of whoever gives them', async () => {
    const { room, admin } = lab
    const ofLab = { ...admin, queues: ['lab.*', 'mail'] }
    const key = { name: 'x', expiresAt: lab.clock.now() + DAY, roles: ['viewer'] as const }
    const user = { login: 'scoped', name: 'x', roles: ['viewer'] as const }
    for (const queues of [['*'], ['lab*'], ['lab.*', 'pdf'], ['mail*'], ['la.*']]) {
      const beyond = code('ORDERLY_FORBIDDEN')
      await expect(createApiKey(room, ofLab, { ...key, queues })).rejects.toThrow(beyond)
      await expect(createUser(room, ofLab, { ...user, queues })).rejects.toThrow(beyond)
    }
    for (const queues of [['lab.*'], ['lab.blood*', 'mail'], ['lab.x']])
      expect((await createApiKey(room, ofLab, { ...key, queues })).key.queues).toEqual(queues)
    const made = await createUser(room, ofLab, user)
    expect(made.user.queues).toEqual(ofLab.queues)
    await expect(changeUser(room, ofLab, made.user.id, { queues: ['*'] })).rejects.toThrow(
      code('ORDERLY_FORBIDDEN'),
    )
  })

  it('changes no right and signs nobody in while the ledger cannot be written (attack 17)', async () => {
    const user = await lab.user({ login: 'bo' })
    await lab.ledger.tamper('alter table orderly_ledger_head rename to away')
    for (const attempt of [
      () => changeUser(lab.room, lab.admin, user.id, { roles: ['privacy'] }),
      () => createUser(lab.room, lab.admin, { login: 'cy', name: 'Cy', roles: ['viewer'] }),
      () => enter(),
    ])
      await expect(attempt()).rejects.toThrow(code('ORDERLY_LEDGER_UNAVAILABLE'))
    await lab.ledger.tamper('alter table away rename to orderly_ledger_head')
    const users = await listUsers(lab.room)
    expect(users.map(({ login, roles }) => [login, roles])).toEqual([
      ['ana', ['admin']],
      ['bo', ['viewer']],
    ])
  })

  it('leaves a ledger that verifies', async () => {
    await lab.user({ login: 'bo' })
    await enter()
    const { findings, entries } = await lab.ledger.verify()
    expect([findings, entries]).toEqual([[], (await lab.entries()).length])
  })
})

describe('passwords', () => {
  it('are refused for being short or guessed first, never for their kinds of characters', () => {
    for (const [password, login] of [
      ['fourteen chars', 'ana'],
      ['aaaaaaaaaaaaaaaaaaaa', 'ana'],
      ['password12345678', 'ana'],
      ['the name is anastasia', 'anastasia'],
      ['x1y2z3'.repeat(50), 'ana'],
    ] as const)
      expect(() => checkPassword(password, login)).toThrow(code('ORDERLY_INPUT_INVALID'))
    for (const password of [PASSWORD, 'ñandú über größe straße'])
      expect(() => checkPassword(password, 'ana')).not.toThrow()
  })

  it('do the same work for a name nobody has', async () => {
    const passwords = openPasswords(COST)
    const stored = await passwords.hash(PASSWORD)
    expect(stored).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$/)
    expect(await passwords.matches(PASSWORD, stored)).toBe(true)
    expect(await passwords.matches(PASSWORD, null)).toBe(false)
    expect(await passwords.matches(PASSWORD, 'plain text')).toBe(false)
    // As strong as it was made, whatever is made now.
    expect(await openPasswords(5).matches(PASSWORD, stored)).toBe(true)
  })

  it.each([
    ['are not computed without bound', (of: Passwords) => of.hash(PASSWORD)],
    ['are computed for a name nobody has too', (of: Passwords) => of.matches(PASSWORD, null)],
  ])('%s', async (_what, compute) => {
    const passwords = openPasswords(COST)
    // The first of all comes while too many are at it: that must not stay with those that come later.
    const all = await Promise.allSettled(Array.from({ length: 80 }, () => compute(passwords)))
    const refused = all.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBe(80 - 52)
    expect(await passwords.matches(PASSWORD, null)).toBe(false)
  })
})

describe('the form of keys and addresses', () => {
  it('shows a typing error before anything is looked up, and a key in a URL', () => {
    const { text, id, secret } = newApiKey()
    expect(readApiKey(text)).toEqual({ id, secret })
    expect(readApiKey(text.toUpperCase())).toBeUndefined()
    expect(holdsApiKey(`/api/v1/jobs?key=${text}`)).toBe(true)
    expect(holdsApiKey('/api/v1/jobs/ord_1')).toBe(false)
  })

  it('compares addresses as numbers, not as text', () => {
    expect(isWithin('110.0.0.1', ['10.0.0.0/8'])).toBe(false)
    expect(isWithin('::ffff:10.1.2.3', ['10.0.0.0/8'])).toBe(true)
    expect(isWithin('not an address', ['0.0.0.0/0'])).toBe(false)
    expect(isWithin('2001:db8::1', ['0.0.0.0/0'])).toBe(false)
    expect(neighbourhood('2001:db8:1:2:3:4:5:6')).toBe(neighbourhood('2001:db8:1:2::1'))
    expect(neighbourhood('192.0.2.7')).toBe('192.0.2.7')
  })
})
