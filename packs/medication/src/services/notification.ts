// The notification service the pack brings: in the application, by mail, and by what the application adds.
import type { PackRooms } from 'orderly'
import type { Delivery, Notice, NotificationService, SendBy } from './ports.ts'
import type { Channel } from './preferences.ts'

export interface NotificationWays {
  /** Web push, by a service of the application's. */
  readonly push?: SendBy
  /** Text messages, by a service of the application's. */
  readonly sms?: SendBy
  /** Users, roles or topics that are told of what administrators must know. */
  readonly admins?: string
}

type Send = (notice: Notice) => Promise<void>

const ADMINS = '#role/admin'

/** Texts are generic: what is sent or shown on a lock screen names neither patient nor medicine. */
export function ownNotifications(rooms: PackRooms, ways: NotificationWays): NotificationService {
  const { mailer, notifications } = rooms
  const sends: Partial<Record<Channel, Send>> = {
    'in-app': async ({ body, detail, id, kind, patientId, title, urgent }) => {
      await notifications.notify({
        to: patientId === undefined ? (ways.admins ?? ADMINS) : `patient:${patientId}`,
        key: `medication/${id}`,
        kind,
        title,
        body,
        priority: urgent ? 'urgent' : 'medium',
        detail,
        link: patientId === undefined ? '/medication' : `/medication/patient/${patientId}`,
      })
    },
    ...(ways.push ? { push: (notice: Notice) => ways.push!(outside(notice)) } : {}),
    ...(ways.sms ? { sms: (notice: Notice) => ways.sms!(outside(notice)) } : {}),
  }
  if (mailer)
    sends.email = async ({ body, id, title, to }) => {
      if (to.email === undefined)
        throw Object.assign(new Error('no address'), { code: 'NO_ADDRESS' })
      await mailer.send({ to: to.email, subject: title, text: body, messageId: `${id}@medication` })
    }
  return {
    async send(notice) {
      const channels: Partial<Record<Channel, string>> = {}
      let deferred = false
      for (const channel of notice.channels) {
        const send = sends[channel]
        if (!send || (channel === 'email' && notice.to.email === undefined)) {
          channels[channel] = 'no-way'
          continue
        }
        try {
          await send(notice)
          channels[channel] = 'sent'
        } catch (error) {
          channels[channel] = codeOf(error)
          deferred ||= mayPass(error)
        }
      }
      return {
        channels,
        deferred,
        sent: Object.values(channels).includes('sent'),
      } satisfies Delivery
    },
  }
}

/** Without the sealed detail, which is for who has signed in. */
function outside({ body, id, patientId, title, to, urgent }: Notice): Parameters<SendBy>[0] {
  return { body, id, patientId, title, to, urgent }
}

/** Codes only: a message may name a person. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'FAILED'
}

function mayPass(error: unknown): boolean {
  const { temporary } = error as { temporary?: unknown }
  return temporary !== false && codeOf(error) !== 'ORDERLY_INPUT_INVALID'
}
