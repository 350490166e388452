// Mails notifications to those who want it: one by one, or once a day what they have not read.
import type { Logger } from '../job/logger.ts'
import { MailError } from '../mail/mail-error.ts'
import type { Mailer } from '../mail/mailer.ts'
import { preferencePlace } from '../state/sealed-messages.ts'
import type { NotificationPreferenceRow, NotificationRow } from '../state/notification-tables.ts'
import { preferencesOf, topicsOf } from './members.ts'
import { unreadBetween, type NotificationParts } from './notifications.ts'
import { nextTime } from './preferences.ts'

interface MailParts extends NotificationParts {
  readonly mailer: Mailer | undefined
  readonly log: Logger
}

const AT_ONCE = 100
const RETRY_MS = 60_000
/** What could not be mailed for so long is old news. */
const GIVE_UP_MS = 86_400_000
const MOST_IN_DIGEST = 50

/** Mails what is due. One process does it at a time. */
export async function mailNotifications(parts: MailParts, signal?: AbortSignal): Promise<void> {
  const { mailer } = parts
  if (!mailer) return
  await mailEach(parts, mailer, signal)
  await mailDigests(parts, mailer, signal)
}

async function mailEach(parts: MailParts, mailer: Mailer, signal?: AbortSignal): Promise<void> {
  const { state, clock } = parts
  const now = clock.now()
  const due = await state.query
    .selectFrom('orderly_notifications')
    .selectAll()
    .where('mail_at', '<=', now)
    .orderBy('mail_at')
    .limit(AT_ONCE)
    .execute()
  for (const row of due) {
    if (signal?.aborted) return
    const next = await mailOne(parts, mailer, row)
    await state.query
      .updateTable('orderly_notifications')
      .set({ mail_at: next })
      .where('id', '=', row.id)
      .execute()
  }
}

/** @returns when to try again, or null when it is done */
async function mailOne(
  parts: MailParts,
  mailer: Mailer,
  row: NotificationRow,
): Promise<number | null> {
  const { state, clock } = parts
  const preferences = await state.query
    .selectFrom('orderly_notification_preferences')
    .selectAll()
    .where('tenant', '=', row.tenant)
    .where('user_id', '=', row.recipient)
    .executeTakeFirst()
  const address = preferences && (await addressOf(parts, preferences))
  if (address === undefined) return null
  return send(parts, mailer, row.created_at, {
    to: address,
    subject: row.title,
    text: [row.body, row.link ?? ''].filter((line) => line !== '').join('\n\n') || row.title,
    messageId: `notification.${row.id}@${domainOf(mailer)}`,
    now: clock.now(),
  })
}

async function mailDigests(parts: MailParts, mailer: Mailer, signal?: AbortSignal): Promise<void> {
  const { state, clock } = parts
  const now = clock.now()
  const due = await state.query
    .selectFrom('orderly_notification_preferences')
    .selectAll()
    .where('digest_at', '<=', now)
    .limit(AT_ONCE)
    .execute()
  for (const row of due) {
    if (signal?.aborted) return
    const preferences = preferencesOf(row)
    const { digested_at: from, tenant, user_id: user } = row
    const reader = { user, tenant, topics: await topicsOf(parts.state, tenant, user) }
    const unread = await unreadBetween(parts, reader, [from, now], MOST_IN_DIGEST)
    const address = await addressOf(parts, row)
    const again =
      unread.length === 0 || address === undefined
        ? null
        : await send(parts, mailer, row.digest_at!, {
            to: address,
            subject:
              unread.length === 1 ? '1 new notification' : `${unread.length} new notifications`,
            text: unread
              .map(({ title, link }) => `- ${title}${link === null ? '' : ` ${link}`}`)
              .join('\n'),
            messageId: `digest.${row.user_id.replace(/[^\w.-]/g, '_')}.${row.digest_at}@${domainOf(mailer)}`,
            now,
          })
    const { digestAt, zone } = preferences
    const next = digestAt === null ? null : nextTime(digestAt, zone, now)
    const own = state.query
      .updateTable('orderly_notification_preferences')
      .where('tenant', '=', row.tenant)
      .where('user_id', '=', row.user_id)
    // What was told is told, even to somebody who has chosen another time meanwhile.
    if (again === null) await own.set({ digested_at: now }).execute()
    await own
      .set({ digest_at: again ?? next })
      .where('digest_at', '=', row.digest_at)
      .execute()
  }
}

interface Outgoing {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly messageId: string
  readonly now: number
}

/** @returns when to try again, or null when there is nothing more to try */
async function send(
  { log }: MailParts,
  mailer: Mailer,
  since: number,
  { now, ...message }: Outgoing,
): Promise<number | null> {
  try {
    await mailer.send(message)
    return null
  } catch (error) {
    const { code } = error as { code?: string }
    if (error instanceof MailError && error.temporary && now - since < GIVE_UP_MS)
      return now + RETRY_MS
    log.warn({ code }, 'a notification could not be mailed; it stays on its list')
    return null
  }
}

async function addressOf(
  { vault }: MailParts,
  { address, tenant, user_id }: NotificationPreferenceRow,
): Promise<string | undefined> {
  return address === null ? undefined : vault.open(address, preferencePlace(tenant, user_id))
}

function domainOf({ from }: Mailer): string {
  return /@([\w.-]+)>?$/.exec(from)?.[1] ?? 'orderly.invalid'
}
