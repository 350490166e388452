// The outbox: which mails there are, and what a person says of one nobody knows the fate of.
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely'
import type { LabRooms } from '../store/rooms.ts'
import type { LabTables, MailRow } from '../store/tables.ts'
import { LONGEST_RUN_MS } from './send.ts'

/** A mail that a person has decided about: the job that goes on with it, where it is to be sent. */
export interface DecidedMail {
  readonly jobId: string
}

/** Nobody knows whether they were sent: those that say so, and those whose worker died at their end and came to nothing. */
export function isUnsure(now: number) {
  return (
    eb: ExpressionBuilder<LabTables, 'lab_mails'>,
  ): ExpressionWrapper<LabTables, 'lab_mails', SqlBool> =>
    eb.or([
      eb('lab_mails.state', '=', 'unsure'),
      eb.and([
        eb('lab_mails.state', '=', 'ending'),
        eb('lab_mails.at', '<=', now - LONGEST_RUN_MS),
      ]),
    ])
}

/**
 * What a person says of a mail nobody knows the fate of: `send` it, or `leave` it. One that was refused may be sent once more,
 * too: its reader has made room, or a server has changed its mind. One to be sent goes with its job once that is redriven, or
 * with the next job that asks for it where that one is gone.
 *
 * @returns undefined when the company has no such mail to decide about
 */
export async function decideMail(
  { db, clock }: LabRooms,
  companyId: string,
  key: string,
  what: 'send' | 'leave',
): Promise<DecidedMail | undefined> {
  const now = clock.now()
  const change =
    what === 'send'
      ? { state: 'waiting' as const, reason: 'a person looked, and it is sent again' }
      : {
          state: 'refused' as const,
          reason: 'a person looked, and it is left',
          address_digest: null,
        }
  const row = await db.query
    .updateTable('lab_mails')
    .set({ ...change, at: now, deferred_at: null })
    .where('company_id', '=', companyId)
    .where('mail_key', '=', key)
    .where((eb) =>
      what === 'send' ? eb.or([isUnsure(now)(eb), eb('state', '=', 'refused')]) : isUnsure(now)(eb),
    )
    .returning('holder')
    .executeTakeFirst()
  return row && { jobId: row.holder.split('/')[0]! }
}

/** Mails of a company, newest first; one whose worker died at its end is `unsure`. */
export async function listMails(
  { db, clock }: LabRooms,
  companyId: string,
  limit = 100,
  only?: 'unsure',
): Promise<MailRow[]> {
  const now = clock.now()
  const mails = db.query.selectFrom('lab_mails').selectAll().where('company_id', '=', companyId)
  const rows = await (only === 'unsure' ? mails.where(isUnsure(now)) : mails)
    .orderBy('at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => shownMail(row, now))
}

/** A mail as a person sees it. */
export function shownMail<Row extends Pick<MailRow, 'at' | 'state'>>(row: Row, now: number): Row {
  const isDead = row.state === 'ending' && row.at <= now - LONGEST_RUN_MS
  return isDead ? { ...row, state: 'unsure' } : row
}
