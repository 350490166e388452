// Sends a mail once: what is about to be sent is on record before, and what was sent after.
import {
  ExternalError,
  MailError,
  OrderlyError,
  RefusedError,
  snooze,
  type JobContext,
} from 'orderly'
import type { LabRooms } from '../store/rooms.ts'
import type { MailRow, MailState } from '../store/tables.ts'
import { digest } from './digest.ts'
import { takeTurn } from './domain-rate.ts'
import { htmlOf, subjectOf, textOf, type Letter } from './letter.ts'
import type { MailKind } from './letters.ts'
import { addressDigest, isSuppressed } from './suppression.ts'

export interface Posting {
  /** What the mail is about: a second job for the same sends nothing. */
  readonly key: readonly string[]
  readonly kind: MailKind
  readonly companyId: string
  readonly userId: string | null
  readonly to: string
  readonly letter: Letter
}

type MailRooms = Pick<LabRooms, 'db' | 'clock' | 'mailer' | 'resendUnsure' | 'mailsPerDomain'>

export interface Posted {
  readonly state: 'sent' | 'already-sent' | 'suppressed'
  readonly messageId: string
}

const RETRY_BUSY = '3s'
/** No run of a mail lasts so long: whoever has had it for longer is dead. */
export const LONGEST_RUN_MS = 10 * 60_000

type Settle = (
  state: MailState,
  reason: string | null,
  also?: Pick<MailRow, 'deferred_at'>,
) => Promise<void>

/**
 * Sends a mail, unless one under its key was sent before.
 *
 * That the line which ends the mail is about to be sent is on record before it is, and the server's answer after. A worker
 * that dies before has sent nothing, and its mail is sent by the next run. One that dies in between leaves a mail nobody
 * knows the fate of: it is `unsure`, and is not sent again unless the pack is told to (`resendUnsure`), under the same
 * Message-ID.
 *
 * A refusal is of an address: with another one, such as a corrected one, the mail is tried again. So is one that was kept
 * back from an address that wants mail again.
 *
 * One that is not the turn of its domain yet is snoozed, at no attempt.
 *
 * @throws RefusedError when it is unsure, or the server refused it for good; `ORDERLY_MAIL_NOT_SET`; what the server says
 *   otherwise, when it may be tried again
 */
export async function postOnce(
  rooms: MailRooms,
  ctx: Pick<JobContext, 'jobId' | 'run'>,
  posting: Posting,
): Promise<Posted | ReturnType<typeof snooze>> {
  const { mailer, clock } = rooms
  if (!mailer)
    throw new OrderlyError(
      'ORDERLY_MAIL_NOT_SET',
      'no mail server is set; give ORDERLY_SMTP_URL and ORDERLY_MAIL_FROM',
    )
  const key = digest(JSON.stringify([posting.kind, ...posting.key]))
  const messageId = `<${key}@${domainOf(mailer.from)}>`
  const holder = `${ctx.jobId}/${ctx.run}`
  const claim = await claimMail(rooms, posting, { key, messageId, holder, now: clock.now() })
  if (claim !== 'claimed') return { state: claim, messageId }
  const settle: Settle = (state, reason, also) =>
    settleMail(rooms, { key, holder }, { state, reason, ...also })
  if (await isSuppressed(rooms, posting.to)) {
    await settle('suppressed', 'the recipient wants no mail, or an earlier one came back')
    return { state: 'suppressed', messageId }
  }
  const wait = await takeTurn(rooms, posting.to)
  if (wait > 0) {
    await settle('waiting', 'other mails to this domain go first')
    return snooze(`${wait}ms`, 'other mails to this domain go first')
  }
  const { letter } = posting
  try {
    await mailer.send(
      {
        to: posting.to,
        subject: subjectOf(letter),
        text: textOf(letter),
        html: htmlOf(letter),
        messageId,
        ...(letter.attachments?.length ? { attachments: letter.attachments } : {}),
        headers:
          letter.unsubscribe === undefined
            ? {}
            : {
                'List-Unsubscribe': `<${letter.unsubscribe}>`,
                'Auto-Submitted': 'auto-generated',
              },
      },
      { beforeEnd: () => markEnding(rooms, key, holder) },
    )
  } catch (error) {
    const later = await settleFailure(error, settle, rooms, key)
    if (later) return later
    throw error
  }
  await settle('sent', null)
  return { state: 'sent', messageId }
}

/**
 * Writes down why a mail was not sent.
 *
 * @returns when to try again, where the server asks for that
 * @throws RefusedError when that is not for another attempt to mend
 */
async function settleFailure(
  error: unknown,
  settle: Settle,
  rooms: MailRooms,
  key: string,
): Promise<ReturnType<typeof snooze> | undefined> {
  // Another run has it: what becomes of it is that run's to say.
  if (error instanceof LostError) return undefined
  if (!(error instanceof MailError)) {
    await settle('waiting', 'it could not be written')
    return undefined
  }
  if (error.mayHaveArrived && !rooms.resendUnsure) {
    await settle('unsure', UNSURE)
    throw new RefusedError(UNSURE, { cause: error })
  }
  if (error.temporary) return putOff(error, settle, rooms, key)
  await settle('refused', `the server refused it (${error.smtpCode ?? 'no answer'})`)
  throw new RefusedError('the mail server refuses this mail for good; correct the address', {
    cause: error,
  })
}

/** A greylisting server takes a mail after minutes or hours; what it has not taken in a day, it will not (RFC 5321, 4.5.4.1). */
const LONGEST_DEFERRED_MS = 24 * 3_600_000
const DEFERRED_MS = { least: 30_000, most: 3_600_000 }

/** Waits as long as it has waited already, within bounds: the server says "later", and no attempt of the job is to blame. */
async function putOff(
  error: MailError,
  settle: Settle,
  { clock, db }: MailRooms,
  key: string,
): Promise<ReturnType<typeof snooze>> {
  const row = await db.query
    .selectFrom('lab_mails')
    .select('deferred_at')
    .where('mail_key', '=', key)
    .executeTakeFirst()
  const now = clock.now()
  const since = row?.deferred_at ?? now
  const said = `the server says later (${error.smtpCode ?? 'no answer'})`
  if (now - since >= LONGEST_DEFERRED_MS) {
    await settle('waiting', `${said} for a day`, { deferred_at: null })
    throw new RefusedError(
      'the mail server has put this mail off for a day; see to the server, then put the job back',
      { cause: error },
    )
  }
  await settle('waiting', said, { deferred_at: since })
  const wait = Math.min(Math.max(now - since, DEFERRED_MS.least), DEFERRED_MS.most)
  return snooze(`${wait}ms`, said)
}

const UNSURE =
  'nobody knows whether this mail was sent: the worker or the connection died while it was; look whether it arrived, then send it again or leave it'

interface Claim {
  readonly key: string
  readonly messageId: string
  readonly holder: string
  readonly now: number
}

/** Takes the mail for this run, so that no other sends it. */
async function claimMail(
  rooms: MailRooms,
  posting: Posting,
  { key, messageId, holder, now }: Claim,
): Promise<'claimed' | 'already-sent'> {
  const { db, resendUnsure } = rooms
  const address = addressDigest(posting.to)
  const row: MailRow = {
    mail_key: key,
    company_id: posting.companyId,
    kind: posting.kind,
    user_id: posting.userId,
    state: 'sending',
    holder,
    message_id: messageId,
    reason: null,
    at: now,
    deferred_at: null,
    address_digest: address,
  }
  const taken = await db.transaction(async ({ query }) => {
    const made = await query
      .insertInto('lab_mails')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .column('mail_key')
          .doUpdateSet(({ eb, ref }) => ({
            state: 'sending',
            holder,
            reason: null,
            at: now,
            address_digest: address,
            // What one server puts off says nothing of another.
            deferred_at: eb
              .case()
              .when('lab_mails.address_digest', '=', address)
              .then(ref('lab_mails.deferred_at'))
              .else(null)
              .end(),
          }))
          .where(({ and, eb, or }) =>
            or([
              eb('lab_mails.state', 'in', [
                'waiting',
                'suppressed',
                ...(resendUnsure ? (['unsure'] as const) : []),
              ]),
              and([
                eb('lab_mails.state', '=', 'refused'),
                eb('lab_mails.address_digest', '!=', address),
              ]),
            ]),
          ),
      )
      .returning('mail_key')
      .executeTakeFirst()
    if (made) return 'claimed' as const
    return query
      .selectFrom('lab_mails')
      .select(['state', 'holder', 'at'])
      .where('mail_key', '=', key)
      .executeTakeFirstOrThrow()
  })
  if (taken === 'claimed') return 'claimed'
  if (taken.state === 'sent') return 'already-sent'
  if (taken.state === 'sending' || taken.state === 'ending') {
    // Another job is at it; an earlier run of this one is not any more: it died in the middle.
    const isOwn = taken.holder.startsWith(`${holder.split('/')[0]!}/`)
    if (!isOwn && now - taken.at < LONGEST_RUN_MS)
      throw new ExternalError('another job is sending this mail', { retryAfter: RETRY_BUSY })
    const [state, reason] =
      taken.state === 'sending'
        ? (['waiting', 'its worker died before it was sent'] as const)
        : ([resendUnsure ? 'waiting' : 'unsure', UNSURE] as const)
    // Should that run be alive after all, what it has written since counts.
    await settleMail(rooms, { key, holder: taken.holder }, { state, reason }, taken.state)
    return claimMail(rooms, posting, { key, messageId, holder, now })
  }
  throw new RefusedError(
    taken.state === 'refused'
      ? 'this mail was refused at this address, or left by a person; correct the address, or say that it is to be sent'
      : UNSURE,
  )
}

/** A mail that another run has taken over. */
class LostError extends ExternalError {}

/**
 * Puts on record that the mail may be sent from now on.
 *
 * @throws LostError when another run has it: this one was thought dead, and must not end it
 */
async function markEnding({ db, clock }: MailRooms, key: string, holder: string): Promise<void> {
  const done = await db.query
    .updateTable('lab_mails')
    .set({ state: 'ending', at: clock.now() })
    .where('mail_key', '=', key)
    .where('holder', '=', holder)
    .where('state', '=', 'sending')
    .executeTakeFirst()
  if (done.numUpdatedRows === 0n)
    throw new LostError('another run of this job sends this mail', { retryAfter: RETRY_BUSY })
}

async function settleMail(
  { db, clock }: MailRooms,
  { key, holder }: { readonly key: string; readonly holder: string },
  change: Pick<MailRow, 'state' | 'reason'> & Partial<Pick<MailRow, 'deferred_at'>>,
  from?: MailState,
): Promise<void> {
  let query = db.query
    .updateTable('lab_mails')
    .set({ ...change, at: clock.now() })
    .where('mail_key', '=', key)
    .where('holder', '=', holder)
  if (from !== undefined) query = query.where('state', '=', from)
  await query.execute()
}

function domainOf(from: string): string {
  return /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost'
}
