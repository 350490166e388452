// The tables of alerts: rules, where notices go, what is silenced, each episode, and what was measured.
import { sql, type Generated } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'

export interface AlertRuleRow {
  name: string
  /** JSON of what is watched, and when it is an alert. A rule of the house is here only where a person changed it. */
  body: string
  enabled: number
  who: string
  created_at: number
  updated_at: number
}

export interface AlertRouteRow {
  name: string
  kind: 'mail' | 'slack' | 'webhook' | 'in-app'
  /** JSON: addresses, topics, the id of a webhook. */
  body: string
  /** Sealed: a URL that is a secret in itself. */
  secret: string | null
  who: string
  updated_at: number
}

export interface AlertSilenceRow {
  id: string
  /** A rule's name, or with a `*` at the end those that begin so. */
  rule: string
  subject: string
  until: number
  reason: string
  who: string
  at: number
}

/** One time that a rule held for one thing, from its beginning to its end. */
export interface AlertEpisodeRow {
  id: string
  rule: string
  /** What it is about: a queue, a kind of job, a worker. */
  subject: string
  severity: 'warning' | 'critical'
  state: 'pending' | 'firing' | 'resolved'
  value: number
  worst: number
  /** Since when the condition holds. */
  since: number
  fired_at: number | null
  /** Since when it does not hold any more. */
  clear_since: number | null
  resolved_at: number | null
  /** When somebody was told; null while it is silenced. */
  noticed_at: number | null
  acknowledged_at: number | null
  acknowledged_by: string | null
  note: string | null
}

/** Something to tell about an episode, by one route. */
export interface AlertNoticeRow {
  episode: string
  kind: 'fired' | 'resolved' | 'test'
  route: string
  state: 'due' | 'sent' | 'dead'
  attempts: number
  due_at: number
  error: string | null
  at: number
}

/** What a measure was in one minute, at its most, for trying rules on the past. */
export interface AlertSampleRow {
  metric: string
  subject: string
  minute: number
  value: number
}

/** What has become of an episode. While it lasts rows are only ever added. */
export interface AlertLogRow {
  n: Generated<number>
  episode: string
  at: number
  type: 'measured' | 'ended' | 'noticed' | 'acknowledged'
  /** JSON. */
  detail: string
}

export interface AlertTables {
  orderly_alert_log: AlertLogRow
  orderly_alert_rules: AlertRuleRow
  orderly_alert_routes: AlertRouteRow
  orderly_alert_silences: AlertSilenceRow
  orderly_alert_episodes: AlertEpisodeRow
  orderly_alert_notices: AlertNoticeRow
  orderly_alert_samples: AlertSampleRow
}

export const ALERT_STEP: MigrationStep = {
  name: '0009-alerts',
  async up(db) {
    await db.schema
      .createTable('orderly_alert_rules')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('enabled', 'integer', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_alert_routes')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('secret', 'text')
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_alert_silences')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('rule', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('until', 'bigint', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_alert_episodes')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('rule', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('severity', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('value', 'double precision', (column) => column.notNull())
      .addColumn('worst', 'double precision', (column) => column.notNull())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .addColumn('fired_at', 'bigint')
      .addColumn('clear_since', 'bigint')
      .addColumn('resolved_at', 'bigint')
      .addColumn('noticed_at', 'bigint')
      .addColumn('acknowledged_at', 'bigint')
      .addColumn('acknowledged_by', 'text')
      .addColumn('note', 'text')
      .execute()
    await db.schema
      .createIndex('orderly_alert_episodes_by_state')
      .on('orderly_alert_episodes')
      .columns(['state', 'id'])
      .execute()
    await db.schema
      .createTable('orderly_alert_notices')
      .addColumn('episode', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('route', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_alert_notices_key', ['episode', 'kind', 'route'])
      .execute()
    await db.schema
      .createIndex('orderly_alert_notices_due')
      .on('orderly_alert_notices')
      .columns(['state', 'due_at'])
      .execute()
    await db.schema
      .createTable('orderly_alert_samples')
      .addColumn('metric', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('minute', 'bigint', (column) => column.notNull())
      .addColumn('value', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_alert_samples_key', ['metric', 'subject', 'minute'])
      .execute()
  },
}

/** What an episode from before the log is put into it with. */
const SEEDED = [
  'rule',
  'subject',
  'severity',
  'state',
  'value',
  'worst',
  'since',
  'fired_at',
  'clear_since',
  'resolved_at',
] as const

export const ALERT_LOG_STEP: MigrationStep = {
  name: '0022-alert-log',
  async up(db, dialect) {
    const log = db.schema.createTable('orderly_alert_log')
    await (
      dialect === 'sqlite'
        ? log.addColumn('n', 'integer', (column) => column.primaryKey().autoIncrement())
        : log.addColumn('n', 'bigserial', (column) => column.primaryKey())
    )
      .addColumn('episode', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_alert_log_by_episode')
      .on('orderly_alert_log')
      .columns(['episode', 'n'])
      .execute()
    const object = dialect === 'sqlite' ? 'json_object' : 'json_build_object'
    const seed = async (type: string, at: string, fields: string, where: string): Promise<void> => {
      const json = dialect === 'sqlite' ? `${object}(${fields})` : `${object}(${fields})::text`
      await sql`${sql.raw(`insert into orderly_alert_log (episode, at, type, detail)
        select id, ${at}, '${type}', ${json} from orderly_alert_episodes where ${where} order by id`)}`.execute(
        db,
      )
    }
    // Episodes from before there was a log begin it as they stand.
    const all = SEEDED.map((column) => `'${column}', ${column}`).join(', ')
    await seed('measured', 'since', all, '1 = 1')
    await seed('noticed', 'noticed_at', '', 'noticed_at is not null')
    const words = `'by', acknowledged_by, 'note', note`
    await seed('acknowledged', 'acknowledged_at', words, 'acknowledged_at is not null')
  },
}
