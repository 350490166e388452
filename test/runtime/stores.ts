// Opens instances on each of the queue stores, so that a claim about jobs is proved on all of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { startPostgres, startRedis } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import {
  createOrderly,
  type Orderly,
  type OrderlyOptions,
} from '../../packages/orderly/src/index.ts'

/** `record-postgres`: the queues are on SQLite, and all else on PostgreSQL. */
export type StoreName = 'sqlite' | 'redis' | 'postgres' | 'record-postgres'

export interface Line {
  readonly level: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly text: string
}

export interface Stores {
  readonly store: StoreName
  /** What the instances of the running test have logged. */
  readonly log: readonly Line[]
  /** Opens an instance; those of one test share their store and their database. */
  open(options: OrderlyOptions): Promise<Orderly>
  /** Opens one and starts its workers. */
  start(options: OrderlyOptions): Promise<Orderly>
  /** What another process needs to open one on the same stores. */
  place(): { readonly home: string; readonly queueUrl: string | undefined }
}

interface Server {
  readonly url: string
  stop(): Promise<void>
}

const SERVERS: Record<StoreName, () => Promise<Server | undefined>> = {
  sqlite: async () => undefined,
  async redis() {
    const server = await startRedis()
    return { url: `redis://127.0.0.1:${server.port}`, stop: () => server.stop() }
  },
  postgres: startPostgres,
  'record-postgres': startPostgres,
}

/** Runs `cases` on each store. */
export function onEachStore(
  title: string,
  cases: (stores: Stores) => void,
  names: readonly StoreName[] = ['sqlite', 'redis', 'postgres'],
): void {
  describe.each(names)(`${title} (%s)`, (store) => {
    let server: Server | undefined
    let home = ''
    let count = 0
    let instances: Orderly[] = []
    /** The database of the running test. */
    let record: Promise<string> | undefined
    const log: Line[] = []

    beforeAll(async () => {
      server = await SERVERS[store]()
    })
    afterAll(() => server?.stop())
    afterEach(async () => {
      await Promise.all(instances.map((orderly) => orderly.close()))
      instances = []
      log.length = 0
      if (home !== '') rmSync(home, { recursive: true, force: true })
      home = ''
      record = undefined
    })
    const place = (): { home: string; queueUrl: string | undefined } => {
      if (home === '') {
        home = mkdtempSync(join(tmpdir(), 'orderly-runtime-'))
        count++
      }
      if (!server || store === 'record-postgres') return { home, queueUrl: undefined }
      // Each test has a database of the server's to itself where there is such a thing.
      return { home, queueUrl: store === 'redis' ? `${server.url}/${count % 16}` : server.url }
    }
    const write =
      (level: string) =>
      (fields: Record<string, unknown>, text: string): void =>
        void log.push({ level, fields, text })
    const open = async (options: OrderlyOptions): Promise<Orderly> => {
      const { home: folder, queueUrl } = place()
      const orderly = await createOrderly({
        home: folder,
        ...(queueUrl === undefined ? {} : { queueUrl, allowVolatile: true }),
        ...(server && store === 'record-postgres'
          ? { databaseUrl: await (record ??= makeDatabase(server.url, count)) }
          : {}),
        log: {
          debug: write('debug'),
          info: write('info'),
          warn: write('warn'),
          error: write('error'),
        },
        ...options,
      })
      instances.push(orderly)
      return orderly
    }
    cases({
      store,
      log,
      open,
      place,
      async start(options) {
        const orderly = await open(options)
        await orderly.start()
        return orderly
      },
    })
  })
}

async function makeDatabase(url: string, count: number): Promise<string> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`create database record${count}`)
  await client.end()
  const made = new URL(url)
  made.pathname = `/record${count}`
  return made.href
}

/**
 * What is asked of the record, not of the queues, is proved on SQLite, and with EVERY_RECORD=1 on PostgreSQL too, where each
 * test takes seconds.
 */
export const RECORDS: readonly StoreName[] =
  process.env['EVERY_RECORD'] === '1' ? ['sqlite', 'record-postgres'] : ['sqlite']

let named = 0

/** A name that no other test of this file has used, for stores that tests share. */
export function freshName(what: string): string {
  named++
  return `${what}-${process.pid}-${named}`
}
