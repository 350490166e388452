// The lab pack: orders of an optical laboratory, and everything that follows from them.
import { definePack, migrate, OrderlyError, type Pack, type PackRooms } from 'orderly'
import { openModel, type ModelOptions } from './ai/client.ts'
import { openUsage } from './ai/usage.ts'
import { isLinkable } from './mail/letter.ts'
import { aiHandlers } from './handlers/ai.ts'
import { emailHandlers } from './handlers/email.ts'
import { notificationHandlers } from './handlers/notification.ts'
import { omaHandlers } from './handlers/oma.ts'
import { pdfHandlers } from './handlers/pdf.ts'
import { scheduledHandlers } from './handlers/scheduled.ts'
import { AI_JOBS } from './jobs/ai.ts'
import { EMAIL_JOBS } from './jobs/email.ts'
import { NOTIFICATION_JOBS } from './jobs/notification.ts'
import { OMA_JOBS } from './jobs/oma.ts'
import { PDF_JOBS } from './jobs/pdf.ts'
import { QUEUES } from './jobs/queues.ts'
import { SCHEDULED_JOBS } from './jobs/scheduled.ts'
import { openDesk, type Desk } from './desk.ts'
import type { LimsPort } from './lims/port.ts'
import { openRenderer } from './pdf/renderer.ts'
import { labPages } from './pages/pages.ts'
import { LAB_SPANISH } from './pages/spanish.ts'
import { clearDocument, revealRecord } from './pages/reveal.ts'
import { MIGRATIONS } from './store/migrations.ts'
import type { LabRooms } from './store/rooms.ts'
import type { LabTables } from './store/tables.ts'

export interface LabOptions {
  /** Where the application is reached, for links in mails. `http://localhost:3000` unless told. */
  readonly baseUrl?: string
  /** IANA zone of the days of orders and figures. `UTC` unless told. */
  readonly zone?: string
  /** The laboratory information system, where there is one. */
  readonly lims?: LimsPort
  /** A language model; everything works without. */
  readonly model?: ModelOptions
  /**
   * Send a mail again, under the same Message-ID, when a worker died while it was sent and nobody knows whether it was.
   * Unless told, such a mail is left to a person: it is not sent twice.
   */
  readonly resendUnsure?: boolean
  /** Mails to one domain in a minute, 1 or more. As many as the queue lets through unless told. */
  readonly mailsPerDomain?: number
}

/** The pack, with the desk of the instance it was opened in. */
export interface LabPack extends Pack<PackRooms> {
  /**
   * What an application does beside jobs: take orders, move them, read documents. There once the instance is open.
   *
   * @throws OrderlyError `ORDERLY_CLOSED` before
   */
  desk(): Desk
}

const JOBS = {
  ...EMAIL_JOBS,
  ...PDF_JOBS,
  ...NOTIFICATION_JOBS,
  ...AI_JOBS,
  ...OMA_JOBS,
  ...SCHEDULED_JOBS,
}

/**
 * The pack for `createOrderly({ packs: [lab()] })`. It keeps its tables in the instance's database.
 *
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` for an address, a zone or a limit that is none
 */
export function lab(options: LabOptions = {}): LabPack {
  checkOptions(options)
  let desk: Desk | undefined
  const pack = definePack<PackRooms>({
    name: 'lab',
    jobs: Object.values(JOBS),
    queues: QUEUES,
    migrations: MIGRATIONS,
    words: { es: LAB_SPANISH },
    async open(given) {
      await migrate(given.database, 'lab', MIGRATIONS)
      await given.vault.keep([
        { table: 'lab_orders', column: 'sealed', key: 'order_id' },
        { table: 'lab_examinations', column: 'sealed', key: 'examination_id' },
        { table: 'lab_chat', column: 'sealed', key: 'message_id' },
      ])
      const db = given.database.withTables<LabTables>()
      const { clock, objects, log, vault, notifications, mailer } = given
      const rooms: LabRooms = {
        db,
        clock,
        objects,
        log,
        vault,
        notifications,
        mailer,
        render: openRenderer(clock),
        lims: options.lims,
        model: options.model && openModel(options.model, openUsage({ db, clock })),
        baseUrl: (options.baseUrl ?? LOCAL_URL).replace(/\/+$/, ''),
        resendUnsure: options.resendUnsure ?? false,
        mailsPerDomain: options.mailsPerDomain,
        zone: options.zone ?? 'UTC',
      }
      desk = openDesk(rooms)
      return {
        handlers: [
          ...emailHandlers(rooms),
          ...pdfHandlers(rooms),
          ...notificationHandlers(rooms),
          ...aiHandlers(rooms),
          ...omaHandlers(rooms),
          ...scheduledHandlers(rooms),
        ],
        pages: labPages(rooms),
        reveal: (record, field) => revealRecord(rooms, record, field),
        document: (id) => clearDocument(rooms, id),
      }
    },
  })
  return {
    ...pack,
    desk() {
      if (desk) return desk
      throw new OrderlyError('ORDERLY_CLOSED', 'open an instance with the lab pack first')
    },
  }
}

const LOCAL_URL = 'http://localhost:3000'

/** Aliases such as US/Central are zones too; an offset is none, for it has no summer time. */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0)
    return /^[a-z]/i.test(name)
  } catch {
    return false
  }
}

/** What is wrong shows at start, and not in the first mail or on the first order. */
function checkOptions({ baseUrl = LOCAL_URL, mailsPerDomain, zone = 'UTC' }: LabOptions): void {
  const invalid = (message: string): OrderlyError =>
    new OrderlyError('ORDERLY_SETTING_INVALID', message)
  if (!isLinkable(baseUrl))
    throw invalid(
      'baseUrl is not an https address such as https://lab.example; only localhost may be http, for mails carry links to it',
    )
  if (!isZone(zone)) throw invalid('zone is no IANA time zone; give one such as America/Chicago')
  if (mailsPerDomain !== undefined && !(mailsPerDomain >= 1 && Number.isFinite(mailsPerDomain)))
    throw invalid('mailsPerDomain is not a number from 1; leave it out for no limit')
}
