// Opens the way mail goes out, where there is one.
import { openMailer, type Mailer } from './mail/mailer.ts'
import type { Clock } from './primitives/clock.ts'
import { OrderlyError } from './primitives/errors.ts'
import type { Settings } from './settings.ts'

/** @throws OrderlyError `ORDERLY_SETTING_INVALID` */
export function openMail(settings: Settings, clock: Clock): Mailer | undefined {
  const { smtpUrl: url, mailFrom: from, allowPlaintext } = settings
  if (url === undefined) return undefined
  if (from === undefined) {
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      'ORDERLY_SMTP_URL is set and ORDERLY_MAIL_FROM is not; name who mail comes from, such as Clinic <jobs@clinic.example>',
    )
  }
  return openMailer({ url, from, clock, allowPlaintext })
}
