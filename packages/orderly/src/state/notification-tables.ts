// The tables of notifications: what people are told, what each of them has read, and how they want to be told.
import type { MigrationStep } from '../database/migrate.ts'

export interface NotificationRow {
  /** Sorts by time. */
  id: string
  tenant: string
  /** A user's id, or `#topic`. */
  recipient: string
  /** What it is about: the same key for the same recipient is the same notification. */
  key: string
  kind: string
  priority: 'low' | 'medium' | 'high' | 'urgent'
  /** Title and body are shown on lists, in mails and on lock screens: they hold no PHI. */
  title: string
  body: string
  /** A path of the host's own, or an https URL. */
  link: string | null
  /** Sealed JSON: what only its recipient is to see. */
  detail: string | null
  created_at: number
  expires_at: number
  /** When it is to be mailed; null once it was, and where it is not to be. */
  mail_at: number | null
}

export interface NotificationReadRow {
  notification_id: string
  user_id: string
  at: number
}

export interface NotificationPreferenceRow {
  tenant: string
  user_id: string
  /** JSON: kinds that are muted, quiet hours, topics, whether and when to mail. */
  body: string
  /** Sealed: where mail goes. */
  address: string | null
  /** When the next digest is due. */
  digest_at: number | null
  /** Up to when the last digest has told. */
  digested_at: number
  updated_at: number
}

export interface NotificationTables {
  orderly_notifications: NotificationRow
  orderly_notification_reads: NotificationReadRow
  orderly_notification_preferences: NotificationPreferenceRow
}

export const NOTIFICATION_STEP: MigrationStep = {
  name: '0010-notifications',
  async up(db) {
    await db.schema
      .createTable('orderly_notifications')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('recipient', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('priority', 'text', (column) => column.notNull())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('link', 'text')
      .addColumn('detail', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('mail_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('orderly_notifications_once')
      .unique()
      .on('orderly_notifications')
      .columns(['tenant', 'recipient', 'key'])
      .execute()
    await db.schema
      .createIndex('orderly_notifications_of')
      .on('orderly_notifications')
      .columns(['tenant', 'recipient', 'id'])
      .execute()
    await db.schema
      .createIndex('orderly_notifications_new')
      .on('orderly_notifications')
      .column('created_at')
      .execute()
    await db.schema
      .createIndex('orderly_notifications_mail')
      .on('orderly_notifications')
      .column('mail_at')
      .execute()
    await db.schema
      .createTable('orderly_notification_reads')
      .addColumn('notification_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_notification_reads_key', ['notification_id', 'user_id'])
      .execute()
    await db.schema
      .createTable('orderly_notification_preferences')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('address', 'text')
      .addColumn('digest_at', 'bigint')
      .addColumn('digested_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_notification_preferences_key', ['tenant', 'user_id'])
      .execute()
  },
}
