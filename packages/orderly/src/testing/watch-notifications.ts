// What the browser of a signed-in user is sent over the WebSocket of notifications.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import { actorOf } from '../access/actor.ts'
import { attachNotificationSocket, type SocketMessage } from '../http/notifications-socket.ts'
import { roomsOf, type Orderly } from '../orderly.ts'

export interface WatchedNotifications {
  /** What has come so far. */
  readonly messages: readonly SocketMessage[]
  close(): Promise<void>
}

/** Serves the socket on a free port, and connects to it as `user`. */
export async function watchNotifications(
  orderly: Orderly,
  user: string,
): Promise<WatchedNotifications> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const actor = actorOf(
    { id: user, kind: 'user', name: user, roles: ['operator'] },
    { production: true },
  )
  const socket = await attachNotificationSocket(server, roomsOf(orderly), {
    callers: { authenticate: async () => actor },
  })
  const { port } = server.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}/api/v1/notifications/socket`, {
    origin: `http://127.0.0.1:${port}`,
  })
  const messages: SocketMessage[] = []
  client.on('message', (data: Buffer) =>
    messages.push(JSON.parse(data.toString()) as SocketMessage),
  )
  await once(client, 'open')
  return {
    messages,
    async close() {
      client.terminate()
      await socket.close()
      server.close()
    },
  }
}
