// Where a request came from, with proxies before the server: believed of those that are named, and of nobody else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../packages/orderly/src/access/actor.ts'
import { createApiKey } from '../../packages/orderly/src/access/api-keys.ts'
import { callerAddress } from '../../packages/orderly/src/http/caller-address.ts'
import { resolveSettings } from '../../packages/orderly/src/settings.ts'
import { openDesk, type Desk } from './desk.ts'

type Request = Parameters<typeof callerAddress>[0]

const from = (remoteAddress: string, forwarded?: string): Request =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as Request

describe('the address of a caller', () => {
  const proxies = ['10.0.0.0/8', '::1/128']

  it.each([
    ['that comes straight', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['behind one proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['behind two', '10.0.0.1', '203.0.113.9, 10.7.7.7', '203.0.113.9'],
    ['who claims to be another', '10.0.0.1', '10.1.1.1, 198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['within the network of the proxies', '10.0.0.1', '10.9.9.9', '10.9.9.9'],
    ['behind a proxy that says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['whose proxy says what is none', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
    ['of IPv6, and IPv4 within it', '::1', '203.0.113.9, ::ffff:10.0.0.3', '203.0.113.9'],
  ])('%s', (_who, remote, said, is) => {
    expect(callerAddress(from(remote, said), proxies)).toBe(is)
  })

  it('is the end of the connection where no proxy is named, whatever a header says', () => {
    expect(callerAddress(from('10.0.0.1', '203.0.113.9'), [])).toBe('10.0.0.1')
  })

  it('is a setting that must name networks', () => {
    const set = (text: string) => resolveSettings({}, { ORDERLY_TRUSTED_PROXIES: text })
    expect(set('10.0.0.0/8, ::1/128').trustedProxies).toEqual(proxies)
    expect(resolveSettings({}, {}).trustedProxies).toEqual([])
    for (const text of ['', '*', '10.0.0.1', 'true'])
      expect(() => set(text)).toThrow(expect.objectContaining({ code: 'ORDERLY_SETTING_INVALID' }))
  })
})

describe('a server behind a proxy', () => {
  let desk: Desk

  beforeAll(async () => {
    desk = await openDesk(
      { trustedProxies: ['127.0.0.0/8', '::1/128'] },
      { rate: { limit: 3, per: 3_600_000 } },
    )
  })
  afterAll(() => desk.close())

  const ask = (said: string, headers: Record<string, string> = {}) =>
    desk.call('GET', '/api/v1/jobs', { headers: { 'x-forwarded-for': said, ...headers } })

  it('lets a key in from its network, however the header before the proxy was written', async () => {
    const { text } = await createApiKey(
      desk.rooms.access,
      { ...SYSTEM, queues: ['*'] },
      {
        name: 'clinic',
        roles: ['viewer'],
        networks: ['203.0.113.0/24'],
        expiresAt: desk.clock.now() + 60_000,
      },
    )
    const key = { authorization: `Bearer ${text}` }
    expect((await ask('203.0.113.9', key)).status).toBe(200)
    expect((await ask('203.0.113.9, 198.51.100.1', key)).status).toBe(403)
    const [entry] = await desk.entries('auth.key', 1)
    expect(entry).toMatchObject({ outcome: 'denied', source: { ip: '198.51.100.1' } })
  })

  it('throttles strangers one by one, and not all who come through it as one', async () => {
    const statuses = async (said: string) => {
      const answers = []
      for (let n = 0; n < 4; n++) answers.push((await ask(said)).status)
      return answers
    }
    expect(await statuses('192.0.2.1')).toEqual([401, 401, 401, 429])
    expect(await statuses('192.0.2.2')).toEqual([401, 401, 401, 429])
    // Whoever has one address of IPv6 has a network of them.
    const many = ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:1', '2001:db8::3']
    const answers = []
    for (const one of many) answers.push((await ask(one)).status)
    expect(answers).toEqual([401, 401, 401, 429])
    expect((await ask('2001:db8:0:1::1')).status).toBe(401)
  })
})
