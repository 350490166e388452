// Types of the API's notifications. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Notifications {
  data: Notification[]
  unread: UnreadNotifications
}
export interface Notification {
  id: string
  /** The user, or a topic that they are told of. */
  to: string
  kind: string
  priority: 'low' | 'medium' | 'high' | 'urgent'
  title: string
  body: string
  link: string | null
  /** There is more to it, which is opened one by one. */
  hasDetail: boolean
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Milliseconds since 1970 UTC. */
  expiresAt: number
  readAt: number | null
}
export interface UnreadNotifications {
  total: number
  /** Of these, how many are urgent. */
  urgent: number
}
export interface NotificationsRead {
  marked: number
  unread: UnreadNotifications
}
export interface NotificationDetail {
  detail: unknown
}
export interface NotificationPreferences {
  muted: string[]
  topics: string[]
  mail: 'none' | 'urgent' | 'all'
  address: string | null
  /** IANA time zone of the hours. */
  zone: string
  /** HH:MM each day. */
  digestAt: string | null
  quiet: {
    from: string
    to: string
  } | null
}
