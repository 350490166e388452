/** Owns the bell: how processes that share a file tell each other at once that something changed. */
import { statSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { elapsed, timers } from './clock.ts'

const PUSH = Buffer.from([1])
const REST_MS = 1
const LONGEST_REJOIN_MS = 1000
const MAX_PEERS = 256

/**
 * A local socket named after the file. The first process hosts it, the others connect to it, and
 * what the host hears from one it passes on to the rest. It carries no information: whoever hears
 * it looks at the file, and everybody looks now and then without being told, so a bell that is lost,
 * late or rung by a stranger does no harm.
 */
export class Bell {
  readonly #address: string | undefined
  readonly #heard: () => void
  readonly #peers = new Set<Socket>()
  #server: Server | undefined
  #joined = false
  #closed = false
  #lastRing = 0
  #attempts = 0
  #resting: NodeJS.Timeout | undefined

  constructor(file: string, heard: () => void) {
    this.#heard = heard
    this.#address = addressOf(file)
    this.#join()
  }

  /** Whether the others hear us, and we them. */
  get hangs(): boolean {
    return this.#joined
  }

  /** Tells the other processes that something changed; many rings in a row become one. */
  ring(): void {
    if (this.#peers.size === 0 || this.#resting) return
    const rest = this.#lastRing + REST_MS - elapsed()
    if (rest <= 0) {
      this.#push()
      return
    }
    this.#resting = timers.setTimeout(() => {
      this.#resting = undefined
      this.#push()
    }, rest)
    this.#resting.unref()
  }

  close(): void {
    this.#closed = true
    this.#joined = false
    timers.clearTimeout(this.#resting)
    // What has just been committed is not left to the others' polls.
    if (this.#resting) this.#push()
    this.#server?.close()
    for (const peer of this.#peers) peer.end(() => peer.destroy())
  }

  #push(except?: Socket): void {
    this.#lastRing = elapsed()
    for (const peer of this.#peers) {
      // One that has not read the last push will look when it does.
      if (peer !== except && peer.writableLength === 0) peer.write(PUSH)
    }
  }

  #join(): void {
    if (this.#closed || this.#address === undefined) return
    const socket = createConnection(this.#address)
    socket.unref()
    socket.once('connect', () => this.#greet(socket))
    socket.on('error', () => {
      if (!this.#peers.has(socket)) this.#host()
    })
    socket.once('close', () => {
      if (this.#peers.delete(socket)) this.#joinSoon()
    })
  }

  #host(): void {
    if (this.#closed) return
    const server = createServer((socket) => {
      socket.unref()
      socket.on('error', () => socket.destroy())
      socket.once('close', () => this.#peers.delete(socket))
      this.#greet(socket)
    })
    server.maxConnections = MAX_PEERS
    server.unref()
    server.once('listening', () => {
      this.#joined = true
      this.#attempts = 0
      this.#server = server
    })
    server.on('error', (error: NodeJS.ErrnoException) => {
      // Another process was faster. Any other error leaves us without a bell, to polling.
      if (error.code === 'EADDRINUSE') this.#joinSoon()
    })
    server.listen(this.#address)
  }

  #greet(socket: Socket): void {
    if (this.#closed) {
      socket.destroy()
      return
    }
    this.#joined = true
    this.#peers.add(socket)
    socket.on('data', () => {
      if (this.#closed) return
      this.#attempts = 0
      if (this.#server) this.#push(socket)
      this.#heard()
    })
    // Something may have changed between our last look and this moment.
    this.#heard()
  }

  #joinSoon(): void {
    this.#joined = false
    // All guests lose a host at once, and should not come back in step.
    const ceiling = Math.min(8 * 2 ** this.#attempts++, LONGEST_REJOIN_MS)
    timers.setTimeout(() => this.#join(), 1 + Math.random() * ceiling).unref()
  }
}

// Names in Linux' abstract space belong to whoever holds them and vanish with it. Elsewhere a socket
// is a file that its host's death leaves behind, so there we only poll.
function addressOf(file: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const { dev, ino } = statSync(file)
    return `\0bullmq-sqlite-${dev}-${ino}`
  } catch {
    return undefined
  }
}
