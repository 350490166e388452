// The pages of what goes out and what comes in: mails, and news of a LIMS.
import type { PageBlock } from 'orderly'
import { isUnsure, shownMail } from '../mail/outbox.ts'
import type { LabRooms } from '../store/rooms.ts'
import { companyNames, ROWS, table } from './blocks.ts'
import { badgeOf, MAIL_WORDS, NEWS_WORDS, said } from './words.ts'

export async function outboxPage(rooms: LabRooms): Promise<PageBlock[]> {
  const now = rooms.clock.now()
  const mails = rooms.db.query
    .selectFrom('lab_mails')
    .leftJoin('lab_users', 'lab_users.user_id', 'lab_mails.user_id')
    .select([
      'mail_key',
      'kind',
      'lab_mails.company_id',
      'lab_users.name',
      'state',
      'reason',
      'holder',
      'at',
    ])
    .orderBy('at', 'desc')
    .limit(ROWS)
  const [unsure, newest, nameOf] = await Promise.all([
    mails.where(isUnsure(now)).execute(),
    mails.execute(),
    companyNames(rooms),
  ])
  const row = (mail: (typeof newest)[number]) => ({
    kind: said(mail.kind),
    company: nameOf(mail.company_id),
    to: mail.name,
    state: badgeOf(MAIL_WORDS, mail.state),
    reason: mail.reason,
    job: { text: 'job', job: mail.holder.split('/')[0]! },
    at: mail.at,
  })
  return [
    ...(unsure.length === 0
      ? []
      : [
          {
            block: 'note' as const,
            tone: 'warning' as const,
            text: 'Nobody knows whether these mails were sent: look whether they arrived, then run the command beside each with "send" or "leave" at its end.',
          },
          table(
            'To be looked at',
            [
              ['kind', 'Mail'],
              ['company', 'Company'],
              ['to', 'To'],
              ['at', 'At', 'time'],
              ['command', 'Command'],
            ],
            unsure.map((mail) => ({
              ...row(mail),
              command: `npx orderly lab mail ${mail.company_id} ${mail.mail_key}`,
            })),
            '',
          ),
        ]),
    table(
      'Mails',
      [
        ['kind', 'Mail'],
        ['company', 'Company'],
        ['to', 'To'],
        ['state', 'State', 'state'],
        ['at', 'At', 'time'],
        ['job', 'Sent by'],
        ['reason', 'Why'],
      ],
      newest.map((mail) => row(shownMail(mail, now))),
      'No mail yet.',
    ),
  ]
}

export async function inboxPage(rooms: LabRooms): Promise<PageBlock[]> {
  const [rows, nameOf] = await Promise.all([
    rooms.db.query
      .selectFrom('lab_lims_news')
      // Each LIMS counts its own jobs: two laboratories may have one of the same number.
      .leftJoin('lab_orders', (join) =>
        join
          .onRef('lab_orders.lims_job', '=', 'lab_lims_news.lims_job')
          .onRef('lab_orders.lab_id', '=', 'lab_lims_news.company_id'),
      )
      .select([
        'digest',
        'lab_lims_news.lims_job',
        'lab_lims_news.company_id',
        'state',
        'reason',
        'at',
        'order_id',
        'number',
      ])
      .orderBy('at', 'desc')
      .limit(ROWS)
      .execute(),
    companyNames(rooms),
  ])
  return [
    table(
      'News of the LIMS',
      [
        ['job', 'Job of the LIMS'],
        ['order', 'Order'],
        ['lab', 'Laboratory'],
        ['state', 'What became of it', 'state'],
        ['reason', 'Why'],
        ['at', 'At', 'time'],
      ],
      rows.map((row) => ({
        job: row.lims_job,
        order:
          row.number === null || row.order_id === null
            ? null
            : { text: row.number, page: 'order', params: { id: row.order_id } },
        lab: nameOf(row.company_id),
        state: badgeOf(NEWS_WORDS, row.state),
        reason: row.reason,
        at: row.at,
      })),
      'No news yet.',
    ),
  ]
}
