// Operations on one's own notifications: the list, the badge, what is read, how one wants to be told.
import { z } from 'zod'
import { operation, EXAMPLE_IDS, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { readerOf } from '../notifications-socket.ts'

const notification = z
  .object({
    id: z.string(),
    to: z.string().describe('The user, or a topic that they are told of.'),
    kind: z.string(),
    priority: z.enum(['low', 'medium', 'high', 'urgent']),
    title: z.string(),
    body: z.string(),
    link: z.string().nullable(),
    hasDetail: z.boolean().describe('There is more to it, which is opened one by one.'),
    createdAt: time,
    expiresAt: time,
    readAt: time.nullable(),
  })
  .meta({ id: 'Notification' })

const unread = z
  .object({ total: z.number(), urgent: z.number().describe('Of these, how many are urgent.') })
  .meta({ id: 'UnreadNotifications' })

const hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)
const preferences = z
  .object({
    muted: z.array(z.string().max(64)).max(100),
    topics: z.array(z.string().max(128)).max(100),
    mail: z.enum(['none', 'urgent', 'all']),
    address: z.email().max(320).nullable(),
    zone: z.string().max(64).describe('IANA time zone of the hours.'),
    digestAt: hour.nullable().describe('HH:MM each day.'),
    quiet: z.object({ from: hour, to: hour }).nullable(),
  })
  .meta({ id: 'NotificationPreferences' })

const example = {
  id: EXAMPLE_IDS.notification,
  to: 'u_all',
  kind: 'order-shipped',
  priority: 'medium',
  title: 'An order is on its way',
  body: '',
  link: '/orders/17',
  hasDetail: false,
  createdAt: 1_767_225_600_000,
  expiresAt: 1_775_001_600_000,
  readAt: null,
} as const
const examplePreferences = {
  muted: ['backup'],
  topics: ['#lab'],
  mail: 'none',
  address: null,
  zone: 'America/New_York',
  digestAt: null,
  quiet: null,
} as const

export const notificationOperations: readonly ApiOperation[] = [
  operation({
    id: 'notifications.list',
    method: 'GET',
    path: '/api/v1/notifications',
    summary: 'What one has been told, newest first',
    permission: 'notifications:read',
    audit: 'none',
    phi: false,
    request: {
      query: z.object({
        unread: z.stringbool().default(false).describe('Only what is unread.'),
        kind: z.string().max(64).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: z.string().max(64).optional().describe('The id of the last one seen.'),
      }),
    },
    response: z.object({ data: z.array(notification), unread }).meta({ id: 'Notifications' }),
    examples: [
      {
        name: 'one, unread',
        request: { query: { unread: 'true' } },
        response: { data: [example], unread: { total: 1, urgent: 0 } },
      },
    ],
    async run({ rooms, actor }, { query }) {
      const reader = readerOf(actor)
      const { unread: unreadOnly, kind, limit, before } = query
      return {
        data: await rooms.notifications.list(reader, {
          unreadOnly,
          limit,
          ...(kind === undefined ? {} : { kind }),
          ...(before === undefined ? {} : { before }),
        }),
        unread: await rooms.notifications.unread(reader),
      }
    },
  }),
  operation({
    id: 'notifications.read',
    method: 'POST',
    path: '/api/v1/notifications/read',
    summary: 'Mark notifications of one’s own as read',
    permission: 'notifications:read',
    audit: 'none',
    phi: false,
    request: {
      body: z.object({ ids: z.union([z.literal('all'), z.array(z.string().max(64)).max(1_000)]) }),
    },
    response: z.object({ marked: z.number(), unread }).meta({ id: 'NotificationsRead' }),
    examples: [
      {
        name: 'all of them',
        request: { body: { ids: 'all' } },
        response: { marked: 1, unread: { total: 0, urgent: 0 } },
      },
    ],
    async run({ rooms, actor }, { body }) {
      const reader = readerOf(actor)
      const marked = await rooms.notifications.markRead(reader, body.ids)
      return { marked, unread: await rooms.notifications.unread(reader) }
    },
  }),
  operation({
    id: 'notifications.detail',
    method: 'GET',
    path: '/api/v1/notifications/:id/detail',
    summary: 'What is sealed of a notification of one’s own',
    permission: 'notifications:read',
    audit: 'read',
    phi: true,
    request: { params: idParams },
    response: z.object({ detail: z.unknown() }).meta({ id: 'NotificationDetail' }),
    examples: [
      {
        name: 'a detail',
        request: { params: { id: EXAMPLE_IDS.notification } },
        response: { detail: { orderId: 17 } },
      },
    ],
    run: async ({ rooms, actor }, { params }) => ({
      detail: (await rooms.notifications.detail(readerOf(actor), params.id)) ?? null,
    }),
  }),
  operation({
    id: 'notifications.preferences',
    method: 'GET',
    path: '/api/v1/notifications/preferences',
    summary: 'How one wants to be told',
    permission: 'notifications:read',
    audit: 'none',
    phi: false,
    request: {},
    response: preferences,
    examples: [{ name: 'preferences', request: {}, response: examplePreferences }],
    run: ({ rooms, actor }) => rooms.notifications.preferences(readerOf(actor)),
  }),
  operation({
    id: 'notifications.setPreferences',
    method: 'PATCH',
    path: '/api/v1/notifications/preferences',
    summary: 'Change how one wants to be told',
    permission: 'notifications:read',
    audit: 'none',
    phi: false,
    request: { body: preferences.partial() },
    response: preferences,
    examples: [
      {
        name: 'without the kind "backup"',
        request: { body: { muted: ['backup'] } },
        response: examplePreferences,
      },
    ],
    run: ({ rooms, actor }, { body }) =>
      rooms.notifications.setPreferences(
        readerOf(actor),
        Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
      ),
  }),
]
