// What is asked of and answered by notifications. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  NotificationDetail,
  NotificationPreferences,
  Notifications,
  NotificationsRead,
} from '../schemas/notifications.ts'
export interface NotificationsApi {
  /** What one has been told, newest first. */
  'notifications.list': {
    request: {
      query?: {
        /** Only what is unread. */
        unread?: string
        kind?: string
        limit?: number
        /** The id of the last one seen. */
        before?: string
      }
    }
    response: Notifications
  }
  /** Mark notifications of one’s own as read. */
  'notifications.read': {
    request: {
      body: {
        ids: 'all' | string[]
      }
    }
    response: NotificationsRead
  }
  /** What is sealed of a notification of one’s own. */
  'notifications.detail': {
    request: {
      params: {
        id: string
      }
    }
    response: NotificationDetail
  }
  /** How one wants to be told. */
  'notifications.preferences': { request: {}; response: NotificationPreferences }
  /** Change how one wants to be told. */
  'notifications.setPreferences': {
    request: {
      body: {
        muted?: string[]
        topics?: string[]
        mail?: 'none' | 'urgent' | 'all'
        address?: string | null
        /** IANA time zone of the hours. */
        zone?: string
        /** HH:MM each day. */
        digestAt?: string | null
        quiet?: {
          from: string
          to: string
        } | null
      }
    }
    response: NotificationPreferences
  }
}
