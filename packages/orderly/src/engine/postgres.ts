// Queues in a PostgreSQL database: many machines, one server for everything.
import { createPostgresBackend } from 'bullmq'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { serverOf } from '../primitives/store-url.ts'
import { againAfterDeadlock } from './again.ts'
import { decorateFactory } from './decorate.ts'
import { openPool, withRoomToListen } from './postgres-pool.ts'
import { verdictOfOurs, type Pulse, type QueueStore, type Verdict } from './store.ts'
import { addingTogether } from './together.ts'

/** BullMQ's backend with what it takes to work together with others on one server. */
const careful = decorateFactory(
  decorateFactory(createPostgresBackend, (inner) => againAfterDeadlock(inner)),
  (inner, queue) => addingTogether(inner, queue, (error) => verdict(error) === 'refused'),
)

/**
 * BullMQ's statement looks at a job before it takes its row: a worker that has the job by then would lose it to the next
 * one, and it would run twice at once. With the row in hand nobody comes in between.
 */
function promotingOnce(pool: ReturnType<typeof openPool>): typeof careful {
  return decorateFactory(careful, (_inner, queue) => ({
    async promote(id) {
      const { rows } = await pool.query<{ code: number }>(
        `with held as materialized (select id from job where queue = $1 and id = $2 for update)
         select promote($1, id) as code from held`,
        [queue, id],
      )
      const code = rows[0]?.code ?? GONE
      if (code >= 0) return
      throw new Error(
        code === GONE
          ? `Missing key for job ${id}. promote`
          : `Job ${id} is not in the delayed state. promote`,
      )
    },
  }))
}

/** BullMQ's number for a job that is not there. */
const GONE = -1

export interface PostgresRules {
  readonly clock: Clock
  readonly warn: (warning: string) => void
}

const SCHEMA = 'bullmq'
const ANSWER_WITHIN_MS = 5_000
const START_TRIES = 4
const START_PAUSE_MS = 250
/** BullMQ trusts each worker's clock here: one that is ahead takes jobs from workers that are alive. */
const LARGEST_SKEW_MS = 2_000

/** @throws OrderlyError `ORDERLY_SETTING_INVALID` */
export function postgresStore(url: string, { clock, warn }: PostgresRules): QueueStore {
  const { place } = serverOf(url, 'queueUrl (ORDERLY_QUEUE_URL)')
  const adding = openPool(url, SCHEMA, ANSWER_WITHIN_MS)
  const working = openPool(url, SCHEMA)
  let answers = false
  let skew = 0

  const measure = async (): Promise<number> => {
    const before = clock.elapsed()
    const { rows } = await adding.query<{ now: string }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now',
    )
    // The server looked at its clock somewhere between question and answer; the middle is wrong by half at most.
    return clock.now() - (clock.elapsed() - before) / 2 - Number(rows[0]!.now)
  }
  const migrate = async (): Promise<void> => {
    const backend = createPostgresBackend('orderly-migrate', {
      connection: { connectionString: url, schema: SCHEMA, migrate: true },
    })
    backend.on('error', () => undefined)
    try {
      await backend.waitUntilReady()
    } finally {
      await backend.close()
    }
  }

  return {
    kind: 'postgres',
    place,
    factory: withRoomToListen(promotingOnce(adding), working),
    queueConnection: adding,
    workerConnection: working,
    async prepare() {
      for (let tries = 1; ; tries++) {
        try {
          skew = await measure()
          break
        } catch (cause) {
          if (isRefusal(cause)) throw refused(place, cause)
          if (tries >= START_TRIES || !isAway(cause)) throw away(place, cause)
          await clock.sleep(START_PAUSE_MS)
        }
      }
      if (Math.abs(skew) > LARGEST_SKEW_MS) throw skewed(place, skew)
      // Before anything else touches it: a store without its tables makes errors without end.
      try {
        await migrate()
      } catch (cause) {
        if (isAway(cause)) throw away(place, cause)
        throw new OrderlyError(
          'ORDERLY_MIGRATION_FAILED',
          `the queue tables at ${place} cannot be made or brought up to date (${(cause as Error).message}); check the rights of the user there`,
          { cause },
        )
      }
      answers = true
    },
    claim: (marks) => claim(adding, marks),
    async dropEvents(queue, before) {
      await adding.query('delete from event where queue = $1 and created_at_ms < $2', [
        queue,
        before,
      ])
    },
    remote: {
      name: 'PostgreSQL',
      isReady: () => answers,
      async probe(): Promise<Pulse> {
        try {
          skew = await measure()
          answers = true
        } catch (cause) {
          answers = false
          throw cause
        }
        if (Math.abs(skew) > LARGEST_SKEW_MS) warn(skewed(place, skew).message)
        return { full: false, emptied: false }
      },
      mayClaim: () => Math.abs(skew) <= LARGEST_SKEW_MS,
      verdict,
      // Each call that was under way fails by itself.
      onDrop: () => () => undefined,
      reconnect: () => undefined,
    },
    async close() {
      await Promise.all([adding.end(), working.end()])
    },
  }
}

/** Of two installations that come at once one is first. */
async function claim(
  pool: ReturnType<typeof openPool>,
  marks: readonly string[],
): Promise<boolean> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(hashtext('orderly/installation'))")
    await client.query('create table if not exists orderly_installation (mark text primary key)')
    const { rows } = await client.query<{ mark: string }>('select mark from orderly_installation')
    const isOurs = rows.length === 0 || rows.some(({ mark }) => marks.includes(mark))
    if (isOurs)
      await client.query(
        'insert into orderly_installation (mark) select unnest($1::text[]) on conflict do nothing',
        [marks],
      )
    await client.query('commit')
    return isOurs
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

function away(place: string, cause: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_ENGINE_UNAVAILABLE',
    `the PostgreSQL at ${place} does not answer${saidBy(cause)}; check that it runs and that address and password are right`,
    { cause },
  )
}

/** A connection that was tried at several addresses fails with an error that says nothing itself. */
function saidBy(cause: unknown): string {
  const said = (cause as Error).message || codeOf(cause)
  return said === '' ? '' : ` (${said})`
}

/** The server answered, and will not let this program in as things are: user, password, name of the database. */
function isRefusal(cause: unknown): boolean {
  return /^(28|3D)/.test(codeOf(cause))
}

function refused(place: string, cause: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    `the PostgreSQL at ${place} refuses this program${saidBy(cause)}; correct user, password or name of the database in queueUrl (ORDERLY_QUEUE_URL)`,
    { cause },
  )
}

function skewed(place: string, skew: number): OrderlyError {
  return new OrderlyError(
    'ORDERLY_STORE_UNSAFE',
    `the clock of this machine is ${Math.round(Math.abs(skew))} ms ${skew > 0 ? 'ahead of' : 'behind'} that of ${place}, and ${LARGEST_SKEW_MS} ms is the most that is safe; let both follow one time server. No job is claimed until then`,
  )
}

/** Classes of SQLSTATE in which the server says that it can do nothing now: connection, resources, operator, system. */
const DECLINED = /^(53|57P0|58|25006$)/

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

function isAway(error: unknown): boolean {
  return verdict(error) !== 'refused'
}

export function verdict(error: unknown): Verdict {
  if (error instanceof OrderlyError) return verdictOfOurs(error, verdict)
  const code = codeOf(error)
  // An error of the server's own has rolled its statement back.
  if (DECLINED.test(code)) return 'declined'
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)) return 'unsent'
  const { message } = error as Error
  if (/timeout exceeded when trying to connect|connection timeout|^timeout expired$/i.test(message))
    return 'unsent'
  if (
    /^(ECONNRESET|EPIPE|ETIMEDOUT|08\w+)$/.test(code) ||
    /Connection terminated|Query read timeout|not queryable/i.test(message)
  )
    return 'unknown'
  return 'refused'
}
