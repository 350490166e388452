// Tells people things: rows first, then whoever watches; each recipient once for one key.
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { NotificationRow } from '../state/notification-tables.ts'
import { notificationPlace, preferencePlace } from '../state/sealed-messages.ts'
import type { StateDatabase, StateTransaction } from '../state/tables.ts'
import type { Vault } from '../vault/vault.ts'
import { mailsOfTopics } from './mail-copies.ts'
import { EVERYONE, preferencesOf } from './members.ts'
import { checkNotification, type Notification, type NotificationRequest } from './notification.ts'
import { checkFilter, checkReader } from './reader-checks.ts'
import {
  checkPreferences,
  refuseUnknownPreferences,
  DEFAULT_PREFERENCES,
  mailTimeOf,
  nextTime,
  type NotificationPreferences,
} from './preferences.ts'

/** Who reads: the user, and the topics that come to them by role. */
export interface NotificationReader {
  readonly user: string
  /** Beside `#everyone` and those of their preferences. */
  readonly topics?: readonly string[]
  readonly tenant?: string
}

export interface NotificationFilter {
  readonly unreadOnly?: boolean
  readonly kind?: string
  /** 50 unless told, 200 at most. */
  readonly limit?: number
  /** The id of the last one seen: those before it. */
  readonly before?: string
}

export interface Unread {
  readonly total: number
  /** Of these, how many are urgent. */
  readonly urgent: number
}

export interface Notified {
  /** In the order of the recipients. */
  readonly ids: readonly string[]
  /** How many of them are new; the others had been told before. */
  readonly created: number
}

export interface Notifications {
  /**
   * Tells people something. Once this resolves the rows are on disk.
   *
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_ID_LOOKS_LIKE_PHI`, `ORDERLY_PAYLOAD_TOO_LARGE`
   */
  notify(request: NotificationRequest): Promise<Notified>
  /** Newest first; what has expired or is muted is left out. */
  list(reader: NotificationReader, filter?: NotificationFilter): Promise<Notification[]>
  unread(reader: NotificationReader): Promise<Unread>
  /** @returns how many were unread before */
  markRead(reader: NotificationReader, ids: readonly string[] | 'all'): Promise<number>
  /**
   * What is sealed of one; undefined where there is nothing.
   *
   * @throws OrderlyError `ORDERLY_NOT_FOUND` for one that is not theirs
   */
  detail(reader: NotificationReader, id: string): Promise<unknown>
  preferences(reader: NotificationReader): Promise<NotificationPreferences>
  /** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
  setPreferences(
    reader: NotificationReader,
    change: Partial<NotificationPreferences>,
  ): Promise<NotificationPreferences>
  /** Calls `fn` with the recipients whose lists have changed through this process. @returns how to stop */
  onChange(fn: (recipients: readonly string[]) => void): () => void
}

export interface NotificationParts {
  readonly state: StateDatabase
  readonly clock: Clock
  readonly vault: Vault
}

const MOST_LISTED = 200
/** What a badge shows beyond is "many". */
const MOST_COUNTED = 1_000

/** @param parts what it works with; asked for at each use, for packs have it before the instance is open */
export function openNotifications(parts: () => NotificationParts): Notifications {
  const listeners = new Set<(recipients: readonly string[]) => void>()
  const tell = (recipients: readonly string[]): void => {
    for (const listener of listeners) listener(recipients)
  }
  return {
    async notify(request) {
      const checked = checkNotification(request)
      const { state, clock, vault } = parts()
      const now = clock.now()
      const rows: NotificationRow[] = []
      for (const recipient of checked.recipients) {
        const id = newId(now)
        const preferences = recipient.startsWith('#')
          ? DEFAULT_PREFERENCES
          : (await readPreferences(parts(), { user: recipient, tenant: checked.tenant })).body
        rows.push({
          id,
          tenant: checked.tenant,
          recipient,
          key: checked.key,
          kind: checked.kind,
          priority: checked.priority,
          title: checked.title,
          body: checked.body,
          link: checked.link,
          detail:
            checked.detail === null
              ? null
              : await vault.seal(checked.detail, notificationPlace(id), 'encrypted'),
          created_at: now,
          expires_at: now + checked.lifetime,
          mail_at: mailTimeOf(preferences, checked, now),
        })
      }
      const mails = await mailsOfTopics(state, rows, now)
      const inserted =
        mails.size === 0
          ? await insert(state.query, rows)
          : await state.transaction(async ({ query }) => {
              const added = await insert(query, rows)
              const copies = added.flatMap(({ recipient }) => mails.get(recipient) ?? [])
              if (copies.length > 0) await insert(query, copies)
              return added
            })
      const fresh = new Set(inserted.map(({ id }) => id))
      tell(rows.filter(({ id }) => fresh.has(id)).map(({ recipient }) => recipient))
      if (fresh.size === rows.length) return { ids: rows.map(({ id }) => id), created: rows.length }
      const there = await state.query
        .selectFrom('orderly_notifications')
        .select(['id', 'recipient'])
        .where('tenant', '=', checked.tenant)
        .where('key', '=', checked.key)
        .where('recipient', 'in', [...checked.recipients])
        .execute()
      const byRecipient = new Map(there.map(({ id, recipient }) => [recipient, id]))
      return {
        ids: checked.recipients.map((recipient) => byRecipient.get(recipient)!),
        created: fresh.size,
      }
    },

    async list(reader, filter = {}) {
      checkFilter(filter)
      const limit = Math.min(Math.max(1, filter.limit ?? 50), MOST_LISTED)
      let query = (await visible(parts(), reader)).orderBy('n.id', 'desc').limit(limit)
      if (filter.unreadOnly) query = query.where('r.at', 'is', null)
      if (filter.kind !== undefined) query = query.where('n.kind', '=', filter.kind)
      if (filter.before !== undefined) query = query.where('n.id', '<', filter.before)
      const rows = await query
        .select(['n.id', 'n.recipient', 'n.kind', 'n.priority', 'n.title', 'n.body', 'n.link'])
        .select(['n.created_at', 'n.expires_at', 'r.at as read_at'])
        .select((select) => select('n.detail', 'is not', null).as('has_detail'))
        .execute()
      return rows.map((row) => ({
        id: row.id,
        to: row.recipient,
        kind: row.kind,
        priority: row.priority,
        title: row.title,
        body: row.body,
        link: row.link,
        hasDetail: Boolean(row.has_detail),
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        readAt: row.read_at,
      }))
    },

    async unread(reader) {
      const rows = await (
        await visible(parts(), reader)
      )
        .where('r.at', 'is', null)
        .select('n.priority')
        .limit(MOST_COUNTED)
        .execute()
      return {
        total: rows.length,
        urgent: rows.filter(({ priority }) => priority === 'urgent').length,
      }
    },

    async markRead(reader, ids) {
      const { state, clock } = parts()
      const at = clock.now()
      let query = (await visible(parts(), reader))
        .where('r.at', 'is', null)
        .select('n.id')
        .limit(MOST_COUNTED)
      if (ids !== 'all') {
        if (ids.length === 0) return 0
        query = query.where('n.id', 'in', ids.slice(0, MOST_COUNTED))
      }
      const rows = await query.execute()
      if (rows.length === 0) return 0
      const read = await state.query
        .insertInto('orderly_notification_reads')
        .values(rows.map(({ id }) => ({ notification_id: id, user_id: reader.user, at })))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      tell([reader.user])
      return Number(read.numInsertedOrUpdatedRows ?? 0n)
    },

    async detail(reader, id) {
      const row = await (
        await visible(parts(), reader)
      )
        .where('n.id', '=', id)
        .select('n.detail')
        .executeTakeFirst()
      if (!row)
        throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no notification of this id for you')
      if (row.detail === null) return undefined
      return JSON.parse(await parts().vault.open(row.detail, notificationPlace(id))) as unknown
    },

    async preferences(reader) {
      checkReader(reader)
      return opened(parts(), reader, await readPreferences(parts(), reader))
    },

    async setPreferences(reader, change) {
      checkReader(reader)
      refuseUnknownPreferences(change)
      const { state, clock, vault } = parts()
      const before = await opened(parts(), reader, await readPreferences(parts(), reader))
      const wanted = checkPreferences({ ...before, ...change })
      const now = clock.now()
      const { address, ...body } = wanted
      const row = {
        body: JSON.stringify(body),
        address:
          address === null
            ? null
            : await vault.seal(
                address,
                preferencePlace(tenantOf(reader), reader.user),
                'encrypted',
              ),
        digest_at: wanted.digestAt === null ? null : nextTime(wanted.digestAt, wanted.zone, now),
        updated_at: now,
      }
      await state.query
        .insertInto('orderly_notification_preferences')
        .values({ tenant: tenantOf(reader), user_id: reader.user, digested_at: now, ...row })
        .onConflict((conflict) => conflict.columns(['tenant', 'user_id']).doUpdateSet(row))
        .execute()
      tell([reader.user])
      return wanted
    },

    onChange(fn) {
      listeners.add(fn)
      return () => listeners.delete(fn)
    },
  }
}

/** The names under which something comes to a reader. */
export async function recipientsOf(
  parts: NotificationParts,
  reader: NotificationReader,
): Promise<string[]> {
  return everyNameOf(reader, (await readPreferences(parts, reader)).body)
}

function everyNameOf(reader: NotificationReader, { topics }: NotificationPreferences): string[] {
  return [reader.user, EVERYONE, ...(reader.topics ?? []), ...topics]
}

/** What has come to a reader in a time and is unread, by whatever name it came. */
export async function unreadBetween(
  parts: NotificationParts,
  reader: NotificationReader,
  [from, to]: readonly [number, number],
  limit: number,
): Promise<Pick<NotificationRow, 'title' | 'link'>[]> {
  return (await visible(parts, reader))
    .select(['n.title', 'n.link'])
    .where('n.created_at', '>=', from)
    .where('n.created_at', '<', to)
    .where('r.at', 'is', null)
    .orderBy('n.id')
    .limit(limit)
    .execute()
}

/** What a reader may see, with what they have read of it. */
async function visible(parts: NotificationParts, reader: NotificationReader) {
  checkReader(reader)
  const { state, clock } = parts
  const { body } = await readPreferences(parts, reader)
  const names = everyNameOf(reader, body)
  const query = state.query
    .selectFrom('orderly_notifications as n')
    .leftJoin('orderly_notification_reads as r', (join) =>
      join.onRef('r.notification_id', '=', 'n.id').on('r.user_id', '=', reader.user),
    )
    .where('n.tenant', '=', tenantOf(reader))
    .where('n.recipient', 'in', names)
    .where('n.expires_at', '>', clock.now())
    // Who is told by several names, such as two roles, sees the first of them.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('orderly_notifications as twin')
            .select('twin.id')
            .whereRef('twin.tenant', '=', 'n.tenant')
            .whereRef('twin.key', '=', 'n.key')
            .where('twin.recipient', 'in', names)
            .whereRef('twin.id', '<', 'n.id'),
        ),
      ),
    )
  return body.muted.length === 0 ? query : query.where('n.kind', 'not in', [...body.muted])
}

interface StoredPreferences {
  readonly body: NotificationPreferences
  readonly address: string | null
}

/** Everything but the address, which is opened where mail goes out. */
async function readPreferences(
  { state }: NotificationParts,
  reader: NotificationReader,
): Promise<StoredPreferences> {
  const row = await state.query
    .selectFrom('orderly_notification_preferences')
    .select(['body', 'address'])
    .where('tenant', '=', tenantOf(reader))
    .where('user_id', '=', reader.user)
    .executeTakeFirst()
  if (!row) return { body: DEFAULT_PREFERENCES, address: null }
  return { body: preferencesOf(row), address: row.address }
}

async function opened(
  { vault }: NotificationParts,
  reader: NotificationReader,
  { body, address }: StoredPreferences,
): Promise<NotificationPreferences> {
  if (address === null) return body
  const place = preferencePlace(tenantOf(reader), reader.user)
  return { ...body, address: await vault.open(address, place) }
}

function tenantOf({ tenant = 'default' }: NotificationReader): string {
  return tenant
}

/** @returns those that were new */
function insert(
  query: StateDatabase['query'] | StateTransaction['query'],
  rows: readonly NotificationRow[],
): Promise<{ id: string; recipient: string }[]> {
  return (query as StateDatabase['query'])
    .insertInto('orderly_notifications')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['tenant', 'recipient', 'key']).doNothing())
    .returning(['id', 'recipient'])
    .execute()
}

/** The latest of what has come for any of `recipients` since a time, oldest first. */
export async function readSince(
  { state }: NotificationParts,
  recipients: readonly string[],
  since: number,
): Promise<{ id: string; tenant: string; recipient: string }[]> {
  if (recipients.length === 0) return []
  return state.query
    .selectFrom('orderly_notifications')
    .select(['id', 'tenant', 'recipient'])
    .where('created_at', '>=', since)
    .where('recipient', 'in', [...recipients])
    .orderBy('id')
    .limit(MOST_COUNTED)
    .execute()
}
