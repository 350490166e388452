// The WebSocket of notifications: what comes for the one who signed in, as it comes, and how much of it is unread.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket, WebSocketServer } from 'ws'
import type { Actor } from '../access/actor.ts'
import { can } from '../access/can.ts'
import type { Notification } from '../notifications/notification.ts'
import {
  readSince,
  recipientsOf,
  type NotificationReader,
  type Unread,
} from '../notifications/notifications.ts'
import type { Rooms } from '../runtime/rooms.ts'

/** Who may connect. */
export interface SocketCallers {
  authenticate(request: IncomingMessage): Promise<Actor | undefined>
  /** Goes up whenever somebody's rights change. */
  version?(): Promise<number>
}

export interface SocketOptions {
  readonly callers: SocketCallers
  /** Where it is. `/api/v1/notifications/socket` unless told. */
  readonly path?: string
  /** Origins of other sites whose pages may connect, such as `https://portal.clinic.example`. */
  readonly origins?: readonly string[]
}

export interface NotificationSocket {
  /** How many are connected. */
  readonly connected: number
  close(): Promise<void>
}

/** What the server sends. */
export type SocketMessage =
  | { readonly type: 'hello'; readonly unread: Unread }
  | { readonly type: 'notification'; readonly notification: Notification; readonly unread: Unread }
  | { readonly type: 'unread'; readonly unread: Unread }

interface Client {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  readonly actor: Actor
  readonly reader: NotificationReader
  recipients: ReadonlySet<string>
  /** What it has been sent, so that nothing comes twice; those of the last moments only. */
  readonly sent: Set<string>
  unread: string
  isAlive: boolean
  asked: number
}

export const SOCKET_PATH = '/api/v1/notifications/socket'
const LOOK_MS = 1_000
/** Rows of other processes may be committed a little after the time they bear. */
const OVERLAP_MS = 10_000
/** Read in another tab, through another process. */
const RECOUNT_EVERY = 10
const REAUTHORISE_EVERY = 60
const PING_EVERY = 30
const MOST_CLIENTS = 2_000
const MOST_PER_ACTOR = 20
const MOST_MESSAGE_BYTES = 4_096
/** Who does not read what it is sent is let go, and finds it on the list. */
const MOST_BUFFERED_BYTES = 262_144
const MOST_REQUESTS_PER_LOOK = 20
const GOING_AWAY = 1001
const POLICY = 1008

/** The topics that come to somebody by their roles. */
export function readerOf(actor: Actor): NotificationReader {
  return {
    user: actor.id,
    tenant: actor.tenant,
    topics: actor.roles.map((role) => `#role/${role}`),
  }
}

/** Opens the WebSocket on a server. `ws` is loaded only by those who serve. */
export async function attachNotificationSocket(
  server: Server,
  rooms: Rooms,
  options: SocketOptions,
): Promise<NotificationSocket> {
  const { WebSocketServer: Sockets } = await import('ws')
  const sockets: WebSocketServer = new Sockets({
    noServer: true,
    maxPayload: MOST_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  const clients = new Set<Client>()
  const { clock, notifications } = rooms
  const path = options.path ?? SOCKET_PATH
  const closing = new AbortController()
  let since = clock.now()
  let version: number | undefined
  let turns = 0

  const send = (client: Client, message: SocketMessage): void => {
    if (client.socket.readyState !== client.socket.OPEN) return
    if (client.socket.bufferedAmount > MOST_BUFFERED_BYTES) client.socket.terminate()
    else client.socket.send(JSON.stringify(message))
  }

  const recount = async (client: Client): Promise<void> => {
    const unread = await notifications.unread(client.reader)
    const text = JSON.stringify(unread)
    if (text === client.unread) return
    client.unread = text
    send(client, { type: 'unread', unread })
  }

  /** Sends what has come for the clients since the last look, whichever process wrote it. */
  const look = async (): Promise<void> => {
    const wanted = new Set([...clients].flatMap(({ recipients }) => [...recipients]))
    const from = since - OVERLAP_MS
    since = clock.now()
    const rows = await readSince(rooms, [...wanted], from)
    const recent = new Set(rows.map(({ id }) => id))
    for (const client of clients) {
      const fresh = rows.filter(
        ({ id, tenant, recipient }) =>
          tenant === client.actor.tenant &&
          client.recipients.has(recipient) &&
          !client.sent.has(id),
      )
      for (const id of client.sent) if (!recent.has(id)) client.sent.delete(id)
      // Another look may be under way: what this one sends it must not.
      for (const { id } of fresh) client.sent.add(id)
      if (fresh.length === 0) continue
      const listed = await notifications.list(client.reader, { limit: 200 })
      const unread = await notifications.unread(client.reader)
      client.unread = JSON.stringify(unread)
      for (const { id } of fresh) {
        // What is muted is not on the list, and so not sent.
        const notification = listed.find((one) => one.id === id)
        if (notification) send(client, { type: 'notification', notification, unread })
      }
    }
  }

  const reauthorise = async (): Promise<void> => {
    for (const client of clients) {
      const actor = await options.callers.authenticate(client.request).catch(() => undefined)
      const isSame =
        actor?.id === client.actor.id &&
        actor.tenant === client.actor.tenant &&
        actor.roles.join() === client.actor.roles.join() &&
        can(actor, 'notifications:read')
      if (!isSame) client.socket.close(POLICY, 'sign in again')
    }
  }

  const turn = async (): Promise<void> => {
    turns++
    for (const client of clients) client.asked = 0
    if (clients.size === 0) {
      since = clock.now()
      return
    }
    await look()
    if (turns % RECOUNT_EVERY === 0) for (const client of clients) await recount(client)
    const now = await options.callers.version?.()
    if (now !== version || turns % REAUTHORISE_EVERY === 0) await reauthorise()
    version = now
    if (turns % PING_EVERY === 0)
      for (const client of clients) {
        if (!client.isAlive) client.socket.terminate()
        client.isAlive = false
        client.socket.ping()
      }
  }

  const loop = async (): Promise<void> => {
    version = await options.callers.version?.().catch(() => undefined)
    while (!closing.signal.aborted) {
      try {
        await turn()
      } catch (error) {
        rooms.log.warn(
          { error: (error as Error).message },
          'notifications could not be pushed; it is tried again',
        )
      }
      await clock.sleep(LOOK_MS, closing.signal)
    }
  }

  const answer = async (client: Client, data: RawData): Promise<void> => {
    if (++client.asked > MOST_REQUESTS_PER_LOOK) return client.socket.close(POLICY, 'too fast')
    const asked = parse(data)
    if (asked === undefined) return client.socket.close(POLICY, 'not understood')
    if (asked.type === 'read') await notifications.markRead(client.reader, asked.ids)
    await recount(client)
  }

  const welcome = async (
    socket: WebSocket,
    request: IncomingMessage,
    actor: Actor,
  ): Promise<void> => {
    const reader = readerOf(actor)
    const client: Client = {
      socket,
      request,
      actor,
      reader,
      recipients: new Set(await recipientsOf(rooms, reader)),
      sent: new Set(),
      unread: '',
      isAlive: true,
      asked: 0,
    }
    // What was there before is on the list that the page loads.
    for (const { id } of await readSince(rooms, [...client.recipients], clock.now() - OVERLAP_MS))
      client.sent.add(id)
    const unread = await notifications.unread(reader)
    client.unread = JSON.stringify(unread)
    clients.add(client)
    socket.on('close', () => clients.delete(client))
    socket.on('error', () => socket.terminate())
    socket.on('pong', () => (client.isAlive = true))
    socket.on('message', (data) => {
      answer(client, data).catch(() => socket.close(GOING_AWAY, 'try again'))
    })
    send(client, { type: 'hello', unread })
  }

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // Whoever leaves in the middle ends a stream, and nothing else.
    stream.on('error', () => stream.destroy())
    if ((request.url ?? '').split('?', 1)[0] !== path) {
      // In the server of an application the others that listen answer for the rest.
      if (server.listenerCount('upgrade') === 1) refuse(stream, 404)
      return
    }
    admit(request)
      .then((admitted) => {
        if (typeof admitted === 'number') return refuse(stream, admitted)
        return sockets.handleUpgrade(request, stream, head, (socket) => {
          welcome(socket, request, admitted).catch(() => socket.close(GOING_AWAY, 'try again'))
        })
      })
      .catch(() => refuse(stream, 503))
  }

  /** @returns who connects, or the status to refuse with */
  const admit = async (request: IncomingMessage): Promise<Actor | number> => {
    if (closing.signal.aborted) return 503
    if (!isOwnOrigin(request, options.origins ?? [])) return 403
    const actor = await options.callers.authenticate(request)
    if (!actor) return 401
    if (!can(actor, 'notifications:read')) return 403
    const own = [...clients].filter((client) => client.actor.id === actor.id).length
    return clients.size >= MOST_CLIENTS || own >= MOST_PER_ACTOR ? 503 : actor
  }

  const unsubscribe = notifications.onChange((recipients) => {
    const concerned = [...clients].filter((client) =>
      recipients.some((recipient) => client.recipients.has(recipient)),
    )
    if (concerned.length === 0) return
    const refresh = async (): Promise<void> => {
      await look()
      for (const client of concerned) {
        client.recipients = new Set(await recipientsOf(rooms, client.reader))
        await recount(client)
      }
    }
    refresh().catch(() => undefined)
  })
  server.on('upgrade', upgrade)
  const running = loop()
  return {
    get connected() {
      return clients.size
    },
    async close() {
      closing.abort()
      unsubscribe()
      server.off('upgrade', upgrade)
      for (const { socket } of clients) socket.close(GOING_AWAY, 'the server stops')
      await running
      for (const { socket } of clients) socket.terminate()
      sockets.close()
    },
  }
}

type Asked =
  { readonly type: 'read'; readonly ids: readonly string[] | 'all' } | { readonly type: 'unread' }

const ID = /^[0-9a-f]{32}$/

function parse(data: RawData): Asked | undefined {
  try {
    const { type, ids } = JSON.parse((data as Buffer).toString('utf8')) as Record<string, unknown>
    if (type === 'unread') return { type }
    if (type !== 'read') return undefined
    if (ids === 'all') return { type, ids }
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string' && ID.test(id)))
      return undefined
    return { type, ids: ids as string[] }
  } catch {
    return undefined
  }
}

/**
 * A page of another site can open a WebSocket to us in the name of whoever is signed in, for cookies go with it: only
 * pages of our own may. A program that is none has no origin, and must bring its key itself.
 */
function isOwnOrigin(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host, authorization } = request.headers
  if (origin === undefined) return authorization !== undefined
  if (origins.includes(origin)) return true
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
}

function refuse(stream: Duplex, status: number): void {
  stream.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    // It would be kept half open for as long as the other side likes.
    () => stream.destroy(),
  )
}
