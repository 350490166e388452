// Who outside may send us events: signed, within minutes, each taken in once.
import type { Selectable } from 'kysely'
import { dropLease, takeLease } from '../history/lease.ts'
import type { HistoryDatabase } from '../history/record.ts'
import type { Clock } from '../primitives/clock.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { EventSourceRow } from '../state/event-tables.ts'
import { secretPlace } from '../state/sealed-messages.ts'
import type { StateDatabase } from '../state/tables.ts'
import type { Vault } from '../vault/vault.ts'
import { newSecret, verifyWebhook, type MessageHeaders } from './signature.ts'

export interface EventSourceRequest {
  /** A word such as `lims`: part of the path that events come in by. */
  readonly name: string
  /** Which types of its events start which workflow; all others go to runs that wait for an event of that name. */
  readonly starts?: Readonly<Record<string, string>>
  readonly by?: string
  readonly tenant?: string
}

export interface EventSource {
  readonly tenant: string
  readonly name: string
  readonly starts: Readonly<Record<string, string>>
  readonly by: string
  readonly oldSecretUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** What became of an event that came in. */
export interface Received {
  /** False when it had come before: then nothing was done. */
  readonly accepted: boolean
  /** The run it started, or those that went on with it. */
  readonly runs: readonly string[]
}

/** What is done with an event that is genuine. Ids are the same when it comes again. */
export interface EventActions {
  start(workflow: string, input: unknown, id: string): Promise<string>
  deliver(name: string, payload: unknown, id: string): Promise<readonly string[]>
}

export interface EventSources {
  /** Makes a source, or changes what its events start. @returns the secret of a new one, which is shown this once */
  put(request: EventSourceRequest): Promise<{ source: EventSource; secret?: string }>
  list(tenant?: string): Promise<EventSource[]>
  get(name: string): Promise<EventSource | undefined>
  remove(name: string): Promise<void>
  rotateSecret(name: string, overlap?: Duration): Promise<{ secret: string; oldUntil: number }>
  /**
   * Takes in what a source sent. Resolves once it is on disk.
   *
   * @param rawBody the bytes as they came: `{ type, timestamp, data }`
   * @throws OrderlyError `ORDERLY_SIGNATURE_INVALID` also for a source that is not known, `ORDERLY_INPUT_INVALID`
   */
  receive(name: string, rawBody: string | Uint8Array, headers: MessageHeaders): Promise<Received>
}

export interface SourceParts {
  readonly history: HistoryDatabase
  readonly state: StateDatabase
  readonly clock: Clock
  readonly vault: Vault
  readonly actions: EventActions
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const TYPE = /^[A-Za-z0-9][\w.:-]{0,99}$/

const LONGEST_ID = 200
/** Longer than it takes. */
const WORKED_ON_MS = 30_000

export function openSources({ state, history, clock, vault, actions }: SourceParts): EventSources {
  const find = (name: string): Promise<Selectable<EventSourceRow> | undefined> =>
    state.query
      .selectFrom('orderly_event_sources')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst()
  const seal = (name: string, secret: string): Promise<string> =>
    vault.seal(secret, secretPlace('source', name), 'encrypted')
  const secretsOf = async (row: Selectable<EventSourceRow>): Promise<string[]> => {
    const place = secretPlace('source', row.name)
    const isOld = row.old_secret !== null && row.old_until !== null && row.old_until > clock.now()
    return [
      await vault.open(row.secret, place),
      ...(isOld ? [await vault.open(row.old_secret!, place)] : []),
    ]
  }
  const missing = (): OrderlyError =>
    new OrderlyError('ORDERLY_NOT_FOUND', 'there is no source of events of this name')

  return {
    async put({ name, starts = {}, by = '', tenant = 'default' }) {
      if (!NAME.test(name)) throw invalid('name must be a word such as lims')
      if (Object.keys(starts).length > 100 || !Object.keys(starts).every((type) => TYPE.test(type)))
        throw invalid('starts must name types of events and the workflows they start')
      const now = clock.now()
      const before = await find(name)
      if (before) {
        const changed = { starts: JSON.stringify(starts), updated_at: now }
        await state.query
          .updateTable('orderly_event_sources')
          .set(changed)
          .where('name', '=', name)
          .execute()
        return { source: shown({ ...before, ...changed }) }
      }
      const secret = newSecret()
      const row: EventSourceRow = {
        name,
        tenant,
        secret: await seal(name, secret),
        old_secret: null,
        old_until: null,
        starts: JSON.stringify(starts),
        who: by,
        created_at: now,
        updated_at: now,
      }
      await state.query.insertInto('orderly_event_sources').values(row).execute()
      return { source: shown(row), secret }
    },
    async list(tenant = 'default') {
      const rows = await state.query
        .selectFrom('orderly_event_sources')
        .selectAll()
        .where('tenant', '=', tenant)
        .orderBy('name')
        .execute()
      return rows.map(shown)
    },
    async get(name) {
      const row = await find(name)
      return row ? shown(row) : undefined
    },
    async remove(name) {
      const done = await state.query
        .deleteFrom('orderly_event_sources')
        .where('name', '=', name)
        .executeTakeFirst()
      if (done.numDeletedRows === 0n) throw missing()
    },
    async rotateSecret(name, overlap = '24h') {
      const row = await find(name)
      if (!row) throw missing()
      const secret = newSecret()
      const now = clock.now()
      const oldUntil = now + milliseconds(overlap, 'ORDERLY_INPUT_INVALID')
      await state.query
        .updateTable('orderly_event_sources')
        .set({
          secret: await seal(name, secret),
          old_secret: row.secret,
          old_until: oldUntil,
          updated_at: now,
        })
        .where('name', '=', name)
        .execute()
      return { secret, oldUntil }
    },
    async receive(name, rawBody, headers) {
      const row = NAME.test(name) ? await find(name) : undefined
      // Who does not know the secret does not learn which sources there are.
      const secrets = row ? await secretsOf(row) : [newSecret()]
      const { id, payload } = verifyWebhook(rawBody, headers, secrets, { now: clock.now() })
      const { type, data } = (payload ?? {}) as { type?: unknown; data?: unknown }
      if (typeof type !== 'string' || !TYPE.test(type))
        throw invalid('its body must be { "type": "…", "data": … }')
      const seen = await state.query
        .selectFrom('orderly_source_events')
        .select('id')
        .where('source', '=', name)
        .where('id', '=', id)
        .executeTakeFirst()
      if (seen) return { accepted: false, runs: [] }
      const workflow = (JSON.parse(row!.starts) as Record<string, string>)[type]
      const own = `${name}/${id}`
      if (own.length > LONGEST_ID) throw invalid(`its id is longer than ${LONGEST_ID} characters`)
      // The same event may be sent twice at once; whoever comes second is to ask again.
      const holder = newId(clock.now())
      const lease = `source/${own}`
      if (!(await takeLease(history, lease, holder, clock.now(), WORKED_ON_MS)))
        throw new OrderlyError(
          'ORDERLY_OVERLOADED',
          'this event is being taken in; send it again in a moment',
        )
      try {
        const runs =
          workflow === undefined
            ? await actions.deliver(type, data ?? null, own)
            : [await actions.start(workflow, data ?? null, own)]
        // Written last: what died before it is done again when the source sends it again, under the same ids.
        await state.query
          .insertInto('orderly_source_events')
          .values({ source: name, id, at: clock.now() })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        return { accepted: true, runs }
      } finally {
        await dropLease(history, lease, holder)
      }
    },
  }
}

function shown(row: Selectable<EventSourceRow>): EventSource {
  return {
    tenant: row.tenant,
    name: row.name,
    starts: JSON.parse(row.starts) as Record<string, string>,
    by: row.who,
    oldSecretUntil: row.old_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function invalid(message: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `the event or its source was refused: ${message}`,
  )
}
