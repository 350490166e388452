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

interface Writable extends FlakyProxy {
  port: number
}

export interface FlakyProxy {
  readonly port: number
  mode: ProxyMode
  /** The port of the store; a failover changes it for new connections. */
  target: number
  /** Milliseconds that each piece waits on its way to the client, one behind the other. */
  delay: number | (() => number)
  /** The largest piece that goes through at once. */
  slice: number
  /** After how many bytes, both ways together, each new connection is reset: in the middle of whatever passes then. */
  cutAfter: (() => number) | undefined
  /** How many connections were reset that way. */
  readonly cuts: number
  /** Swallows from now on what the store answers on connections where such a thing was sent. */
  deaf: ((sent: string) => boolean) | undefined
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
  let cuts = 0
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
    let isDeaf = false
    let left = proxy.cutAfter?.() ?? Infinity
    let way: Promise<void> = Promise.resolve()
    /** As much of a piece as passes before the cut. */
    const allowed = (piece: Buffer): Buffer => {
      const part = piece.subarray(0, left)
      left -= part.length
      return part
    }
    const cutNow = (): void => {
      if (left > 0) return
      cuts++
      left = Infinity
      client.resetAndDestroy()
    }
    client.on('data', (whole) => {
      if (proxy.mode === 'silent') return
      const piece = allowed(whole)
      isDeaf ||= proxy.deaf?.(piece.toString('latin1')) ?? false
      if (loss?.matches(piece.toString('latin1'))) {
        losing = loss
        loss = undefined
      }
      // What has passed has passed: the store gets it before the connection ends.
      store.write(piece, cutNow)
    })
    store.on('data', (whole) => {
      if (losing) {
        client.resetAndDestroy()
        losing.done()
        losing = undefined
        return
      }
      if (proxy.mode === 'silent' || proxy.mode === 'swallow-replies' || isDeaf) return
      const piece = allowed(whole)
      for (let at = 0; at < piece.length; at += proxy.slice) {
        const part = piece.subarray(at, at + proxy.slice)
        const wait = typeof proxy.delay === 'number' ? proxy.delay : proxy.delay()
        if (wait === 0) client.write(part, cutNow)
        else
          way = way.then(
            () =>
              new Promise((resolve) =>
                setTimeout(() => {
                  client.write(part, cutNow)
                  resolve()
                }, wait),
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

  const proxy: Writable = {
    port: 0,
    mode: 'pass',
    target,
    delay: 0,
    slice: Infinity,
    cutAfter: undefined,
    deaf: undefined,
    get cuts() {
      return cuts
    },
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
  proxy.port = (server.address() as AddressInfo).port
  return proxy
}
