import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { actorOf, type Actor } from '../access/actor.ts'
import { createOrderly, roomsOf, type Orderly } from '../orderly.ts'
import {
  attachNotificationSocket,
  type NotificationSocket,
  type SocketMessage,
} from './notifications-socket.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const home = mkdtempSync(join(tmpdir(), 'orderly-socket-'))

describe('the socket', () => {
  const production = { production: true }
  const actors = new Map<string, Actor>()
  let version = 0
  let orderly: Orderly
  let server: Server
  let socket: NotificationSocket
  let port = 0
  const open: WebSocket[] = []

  beforeAll(async () => {
    orderly = await createOrderly({ home, log: silent })
    server = createServer((_request, response) => response.end())
    socket = await attachNotificationSocket(server, roomsOf(orderly), {
      callers: {
        authenticate: async ({ headers }) =>
          actors.get(headers.authorization ?? headers.cookie ?? ''),
        version: async () => version,
      },
      origins: ['https://portal.clinic.example'],
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' ? (address?.port ?? 0) : 0
    for (const name of ['ann', 'bob'])
      actors.set(
        name,
        actorOf({ id: `u_${name}`, kind: 'user', name, roles: ['operator'] }, production),
      )
  })
  afterEach(() => open.splice(0).forEach((one) => one.terminate()))
  afterAll(async () => {
    await socket.close()
    server.close()
    await orderly.close()
    rmSync(home, { recursive: true })
  })

  interface Connection {
    readonly socket: WebSocket
    next(): Promise<SocketMessage>
    readonly closed: Promise<number>
  }

  function connect(headers: Record<string, string>): Connection {
    const one = new WebSocket(`ws://127.0.0.1:${port}/api/v1/notifications/socket`, { headers })
    open.push(one)
    const messages: SocketMessage[] = []
    const waiting: ((message: SocketMessage) => void)[] = []
    one.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as SocketMessage
      const wake = waiting.shift()
      if (wake) wake(message)
      else messages.push(message)
    })
    one.on('error', () => undefined)
    return {
      socket: one,
      next: () =>
        messages.length > 0
          ? Promise.resolve(messages.shift()!)
          : new Promise((resolve) => waiting.push(resolve)),
      closed: new Promise((resolve) => one.on('close', (code) => resolve(code))),
    }
  }

  function statusOf(headers: Record<string, string>): Promise<number> {
    const { socket: one } = connect(headers)
    return new Promise((resolve) => {
      one.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      one.on('open', () => resolve(101))
    })
  }

  it('lets in who is signed in, and only from pages of its own', async () => {
    const own = `http://127.0.0.1:${port}`
    expect(await statusOf({ cookie: 'ann', origin: own })).toBe(101)
    expect(await statusOf({ cookie: 'ann', origin: 'https://portal.clinic.example' })).toBe(101)
    expect(await statusOf({ authorization: 'ann' })).toBe(101)
    expect(await statusOf({ cookie: 'ann' })).toBe(403)
    expect(await statusOf({ cookie: 'ann', origin: 'https://evil.example' })).toBe(403)
    expect(await statusOf({ cookie: 'ann', origin: 'null' })).toBe(403)
    expect(await statusOf({ cookie: 'nobody', origin: own })).toBe(401)
    actors.set(
      'worker',
      actorOf({ id: 'k_1', kind: 'key', name: 'w', roles: ['worker'] }, production),
    )
    expect(await statusOf({ authorization: 'worker' })).toBe(403)
  })

  it('pushes what comes, once, to whom it came, and counts what is unread in every tab', async () => {
    const [first, second, other] = [
      connect({ authorization: 'ann' }),
      connect({ authorization: 'ann' }),
      connect({ authorization: 'bob' }),
    ]
    for (const one of [first, second, other])
      expect(await one.next()).toEqual({ type: 'hello', unread: { total: 0, urgent: 0 } })
    await orderly.notifications.notify({ to: 'u_ann', key: 's1', kind: 'order', title: 'Shipped' })
    for (const one of [first, second])
      expect(await one.next()).toMatchObject({
        type: 'notification',
        notification: { title: 'Shipped', to: 'u_ann' },
        unread: { total: 1 },
      })
    first.socket.send(JSON.stringify({ type: 'read', ids: 'all' }))
    for (const one of [first, second])
      expect(await one.next()).toEqual({ type: 'unread', unread: { total: 0, urgent: 0 } })
    // The first thing bob hears of is his own.
    await orderly.notifications.notify({
      to: '#role/operator',
      key: 's2',
      kind: 'q',
      title: 'Queue',
    })
    expect(await other.next()).toMatchObject({ type: 'notification', notification: { kind: 'q' } })
  })

  it('tells what another process wrote', async () => {
    const one = connect({ authorization: 'bob' })
    expect(await one.next()).toMatchObject({ type: 'hello' })
    await using another = await createOrderly({ home: orderly.settings.home, log: silent })
    await another.notifications.notify({ to: 'u_bob', key: 's3', kind: 'far', title: 'Far' })
    expect(await one.next()).toMatchObject({ notification: { kind: 'far' } })
  })

  it('lets go of who talks nonsense', async () => {
    const one = connect({ authorization: 'bob' })
    await one.next()
    one.socket.send('{"type":"read","ids":["\' or 1=1"]}')
    expect(await one.closed).toBe(1008)
  })

  it('lets go of whose rights have ended', async () => {
    const one = connect({ authorization: 'bob' })
    await one.next()
    actors.delete('bob')
    version++
    expect(await one.closed).toBe(1008)
  })

  /** What the server says to a request for another protocol, until it ends the connection. */
  function asked(target: string, leaveAfter?: number): Promise<string> {
    return new Promise((resolve) => {
      const raw = connectTo(port, '127.0.0.1')
      let said = ''
      raw.on('data', (bytes) => (said += String(bytes)))
      raw.on('error', () => undefined)
      raw.on('close', () => resolve(said))
      raw.write(
        `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      )
      if (leaveAfter !== undefined) setTimeout(() => raw.resetAndDestroy(), leaveAfter)
    })
  }

  it('outlives whatever is sent to it before anybody has signed in', async () => {
    expect(await asked('//')).toMatch(/^HTTP\/1\.1 404 /)
    expect(await asked('/elsewhere')).toMatch(/^HTTP\/1\.1 404 /)
    expect(await asked('/api/v1/notifications/socket')).toMatch(/^HTTP\/1\.1 403 /)
    for (const target of ['//', '/elsewhere', '/api/v1/notifications/socket'])
      for (const after of [0, 0, 1, 2, 5]) await asked(target, after)
    const one = connect({ authorization: 'ann' })
    expect((await one.next()).type).toBe('hello')
  })
})
