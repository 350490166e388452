// A TCP proxy for tests that stands between a client and a store and does to them what networks do.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type ProxyMode =
  /** Hands everything on. */
  | 'pass'
  /** Takes connections and never says a word; what is open falls silent too. */
  | 'silent'
  /** Hands on what the client says, and swallows what the store answers. */
  | 'swallow-replies'
  /** Refuses connections, and cuts those that are open. */
  | 'refuse'

export interface FlakyProxy {
  readonly port: number
  mode: ProxyMode
  /** The port of the store; a failover changes it for new connections. */
  target: number
  /** Milliseconds that each piece waits on its way to the client, one behind the other. */
  delay: number
  /** The largest piece that goes through at once. */
  slice: number
  /** Resets every open connection. */
  cut(): void
  /** Takes the store away from the open connections, and does not tell the clients. */
  halfOpen(): void
  /** Swallows the next answer that begins to arrive, and cuts its connection. */
  loseNextReply(matches: (sent: string) => boolean): Promise<void>
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly store: Socket
}

interface Loss {
  matches(sent: string): boolean
  done(): void
}

export async function openFlakyProxy(target: number): Promise<FlakyProxy> {
  const pairs = new Set<Pair>()
  const silentOnes = new Set<Socket>()
  let loss: Loss | undefined
  const server = createServer((client) => {
    client.on('error', () => undefined)
    if (proxy.mode === 'refuse') {
      client.resetAndDestroy()
      return
    }
    if (proxy.mode === 'silent') {
      silentOnes.add(client)
      client.on('close', () => silentOnes.delete(client))
      return
    }
    join(client)
  })

  const join = (client: Socket): void => {
    const store = connect(proxy.target, '127.0.0.1')
    const pair = { client, store }
    pairs.add(pair)
    let losing: Loss | undefined
    let way: Promise<void> = Promise.resolve()
    client.on('data', (piece) => {
      if (proxy.mode === 'silent') return
      if (loss?.matches(piece.toString('latin1'))) {
        losing = loss
        loss = undefined
      }
      store.write(piece)
    })
    store.on('data', (piece) => {
      if (losing) {
        client.resetAndDestroy()
        losing.done()
        losing = undefined
        return
      }
      if (proxy.mode === 'silent' || proxy.mode === 'swallow-replies') return
      for (let at = 0; at < piece.length; at += proxy.slice) {
        const part = piece.subarray(at, at + proxy.slice)
        if (proxy.delay === 0) client.write(part)
        else
          way = way.then(
            () =>
              new Promise((resolve) =>
                setTimeout(() => {
                  client.write(part)
                  resolve()
                }, proxy.delay),
              ),
          )
      }
    })
    client.on('close', () => {
      store.destroy()
      pairs.delete(pair)
    })
    store.on('error', () => client.resetAndDestroy())
    store.on('close', () => {
      if (pairs.has(pair)) client.end()
    })
  }

  const proxy: FlakyProxy = {
    port: 0,
    mode: 'pass',
    target,
    delay: 0,
    slice: Infinity,
    cut() {
      for (const { client } of pairs) client.resetAndDestroy()
      for (const client of silentOnes) client.resetAndDestroy()
    },
    halfOpen() {
      for (const pair of pairs) {
        pairs.delete(pair)
        pair.store.destroy()
      }
    },
    loseNextReply: (matches) =>
      new Promise((done) => {
        loss = { matches, done }
      }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      proxy.cut()
      await closed
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(proxy, { port: (server.address() as AddressInfo).port })
}
