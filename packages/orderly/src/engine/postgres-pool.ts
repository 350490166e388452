// Connections to PostgreSQL: how long one is waited for, and one more for each backend that keeps one to listen.
import type { BackendFactory, IQueueBackend } from 'bullmq'
import pg from 'pg'
import { decorate } from './decorate.ts'

const CONNECT_WITHIN_MS = 2_000
/** For a free connection while all are in use: a server with much to do is not one that is away. */
const FREE_WITHIN_MS = 10_000
const MOST_CONNECTIONS = 10

/** pg gives one time for both waits; a connection keeps the short one to itself. */
class QuickClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_WITHIN_MS })
  }
}

/**
 * @param schema that names without one mean
 * @param answerWithin milliseconds that a statement may take; as long as it likes unless told
 */
export function openPool(url: string, schema: string, answerWithin?: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${schema}`,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: FREE_WITHIN_MS,
    Client: QuickClient,
    keepAlive: true,
    application_name: 'orderly',
    ...(answerWithin === undefined ? {} : { query_timeout: answerWithin }),
  })
  // Each backend listens to the pool; there are many at once.
  pool.setMaxListeners(0)
  // A connection that breaks while nobody uses it must not end the process; its next user is told.
  pool.on('error', () => undefined)
  return pool
}

/**
 * Lets `pool` grow with the backends that wait for jobs or events: each keeps a connection for as long as it is open,
 * and ten of them would leave none for anything else.
 */
export function withRoomToListen(
  factory: BackendFactory<IQueueBackend, any>,
  pool: pg.Pool,
): BackendFactory<IQueueBackend, any> {
  return (name, opts, options) => {
    const backend = factory(name, opts, options)
    if (opts.connection !== pool || !(options?.withBlockingConnection || options?.blocking))
      return backend
    pool.options.max++
    let isOpen = true
    return decorate(backend, {
      close: (force) =>
        backend.close(force).finally(() => {
          if (isOpen) pool.options.max--
          isOpen = false
        }),
    })
  }
}
