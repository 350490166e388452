/** Owns what every member of the backend needs: the shared connection, names, closing, waiting. */
import { QueueKeys } from 'bullmq'
import type { KeepJobs, KeysMap } from 'bullmq'
import { EventEmitter } from 'node:events'
import { addClient, listClients, removeClient, renameClient } from './clients.ts'
import { timers } from './clock.ts'
import type { Sync } from './commit.ts'
import type { Connection } from './connection.ts'
import { refusal } from './errors.ts'
import { lastEventPos } from './events.ts'
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'
import type { Wait, Waiting } from './wake.ts'

/** The options of Queue, Worker and the others that matter to a backend. */
export interface BackendOptions {
  prefix?: string
  name?: string
  lockDuration?: number
  limiter?: { max: number; duration: number }
  maxStalledCount?: number
  stalledInterval?: number
  removeOnComplete?: KeepJobs
  removeOnFail?: KeepJobs
  metrics?: { maxDataPoints?: number }
}

/** One user of a file, bound to one queue. */
export abstract class Session extends EventEmitter {
  readonly qualifiedName: string
  readonly keys: KeysMap
  closing: Promise<void> | undefined
  protected readonly connection: Connection
  protected readonly opts: BackendOptions
  protected readonly prefix: string
  /** Where the newest event was when this began to listen. */
  protected tail: number | undefined
  readonly #name: string
  readonly #owns: boolean
  readonly #waits = new Set<Waiting<unknown>>()
  #clientId: Promise<number> | undefined

  /** Without a client name this is a sibling, which uses the connection but does not hold it. */
  constructor(connection: Connection, name: string, opts: BackendOptions, clientName?: string) {
    super()
    this.connection = connection
    this.opts = opts
    this.prefix = opts.prefix ?? 'bull'
    this.#name = name
    this.#owns = clientName !== undefined
    const keys = new QueueKeys(this.prefix)
    this.keys = keys.getKeys(name)
    this.qualifiedName = keys.getQueueQualifiedName(name)
    if (!this.#owns) return
    if (clientName) void this.#announce(clientName)
    // In a later turn, as a connection would be: whoever made this has time to listen.
    timers.setImmediate(() => {
      if (!this.closing) this.emit('ready')
    })
  }

  async waitUntilReady(): Promise<void> {
    // The file was opened when this was made, or making it threw.
  }

  close(_force = false): Promise<void> {
    if (!this.#owns) return Promise.resolve()
    this.closing ??= this.#close()
    return this.closing
  }

  async #close(): Promise<void> {
    this.#endWaits()
    if (this.#clientId) {
      this.connection.leave()
      await this.#clientId
        .then((id) => this.connection.committer.run((tx) => removeClient(tx, id)))
        .catch(() => undefined) // The list forgets clients that fall silent.
    }
    await this.connection.release()
    this.emit('close')
  }

  async disconnect(): Promise<void> {
    await this.close()
  }

  async setName(name: string): Promise<void> {
    // QueueEvents names itself as it starts to listen: what comes from here on is new to it.
    this.tail ??= this.peekTail()
    if (this.#clientId) {
      const id = await this.#clientId
      await this.run((tx) => renameClient(tx, id, name))
    } else {
      await this.#announce(name)
    }
  }

  #announce(name: string): Promise<unknown> {
    this.connection.attend()
    this.#clientId = this.connection.committer.run((tx) => addClient(tx, name))
    // The list is for people to look at; a worker that could not enter it still works.
    return this.#clientId.catch(() => undefined)
  }

  toKey(type: string): string {
    return `${this.qualifiedName}:${type}`
  }

  parseNodeKey(key: string): { prefix: string; queueName: string; id: string } {
    const [, prefix = '', queueName = '', id = ''] = /^(.*):([^:]*):([^:]*)$/s.exec(key) ?? []
    return { prefix, queueName, id }
  }

  clientName(suffix = ''): string {
    return `${this.prefix}:${Buffer.from(this.#name).toString('base64')}${suffix}`
  }

  async getClientList(): Promise<string[]> {
    return [await this.connection.committer.read(listClients)]
  }

  protected run<T>(work: (tx: Transaction, queue: QueueState) => T, sync?: Sync): Promise<T> {
    return this.connection.committer.run((tx) => work(tx, tx.queue(this.qualifiedName)), sync)
  }

  protected read<T>(work: (tx: Transaction, queue: QueueState) => T): Promise<T> {
    return this.connection.committer.read((tx) => work(tx, tx.peekQueue(this.qualifiedName)))
  }

  /** Runs an operation that may be refused by a number, which becomes an error. */
  protected async obey<T>(
    command: string,
    about: { jobId?: string; parentKey?: string | undefined; state?: string },
    work: (tx: Transaction, queue: QueueState) => T | number,
    sync?: Sync,
  ): Promise<Exclude<T, number>> {
    const result = await this.run(work, sync)
    if (typeof result === 'number' && result < 0) throw refusal({ code: result, command, ...about })
    return result as Exclude<T, number>
  }

  /** As {@link obey}, for operations whose result is itself a number. */
  protected async count(
    command: string,
    about: { jobId?: string; state?: string },
    work: (tx: Transaction, queue: QueueState) => number,
  ): Promise<number> {
    const result = await this.run(work)
    if (result < 0) throw refusal({ code: result, command, ...about })
    return result
  }

  /**
   * A worker that sleeps here is shown an add while the disk is still asked: a power cut in between
   * leaves the caller without an answer and the job undone, as one before the commit does.
   */
  protected get addSync(): Sync {
    return this.connection.wake.awaited(this.qualifiedName) ? 'shown' : 'first'
  }

  protected async sleep<T>(
    wait: Omit<Wait<T>, 'queue'>,
    begun?: (waiting: Waiting<T>) => void,
  ): Promise<T | null> {
    const waiting = this.connection.wake.wait<T>({ queue: this.qualifiedName, ...wait })
    this.#waits.add(waiting)
    begun?.(waiting)
    try {
      return await waiting.result
    } finally {
      this.#waits.delete(waiting)
    }
  }

  #endWaits(): void {
    for (const waiting of this.#waits) waiting.end()
  }

  protected peekTail(): number | undefined {
    return this.connection.peek((tx) => lastEventPos(tx, this.qualifiedName))
  }
}
