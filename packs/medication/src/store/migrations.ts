// The tables of the medication pack, step by step. A released step never changes.
import type { Kysely } from 'kysely'
import type { MigrationStep, SealedColumn } from 'orderly'

export const MIGRATIONS: readonly MigrationStep[] = [
  { name: '0001-medication', up: (db) => create(db, TABLES, INDEXES) },
  { name: '0002-unplanned', up: (db) => create(db, UNPLANNED, [['med_unplanned', ['order_id']]]) },
]

/** What is sealed, so that keys can be changed. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'med_meta', key: 'name', column: 'value' },
  { table: 'med_patients', key: 'patient_id', column: 'identity' },
  { table: 'med_patients', key: 'patient_id', column: 'preferences' },
  { table: 'med_orders', key: 'order_id', column: 'detail' },
  { table: 'med_doses', key: 'dose_id', column: 'note' },
  { table: 'med_fills', key: 'fill_id', column: 'detail' },
  { table: 'med_supply', key: 'order_id', column: 'detail' },
  { table: 'med_findings', key: 'finding_id', column: 'detail' },
  { table: 'med_findings', key: 'finding_id', column: 'acknowledgement' },
  { table: 'med_notifications', key: 'notification_id', column: 'detail' },
]

type Column = 'text' | 'text?' | 'int' | 'int?' | 'real' | 'real?'

/** Tables by their columns; the first is the key. */
type Tables = Readonly<Record<string, Readonly<Record<string, Column>>>>

const TABLES: Tables = {
  med_meta: { name: 'text', value: 'text' },
  med_patients: {
    patient_id: 'text',
    zone: 'text',
    active: 'int',
    identity: 'text',
    preferences: 'text?',
    updated_at: 'int',
  },
  med_orders: {
    order_id: 'text',
    patient_id: 'text',
    status: 'text',
    detail: 'text',
    stopped_at: 'int?',
    updated_at: 'int',
  },
  med_dosages: {
    dosage_id: 'text',
    order_id: 'text',
    patient_id: 'text',
    no: 'int',
    next_due_at: 'int?',
  },
  med_doses: {
    dose_id: 'text',
    patient_id: 'text',
    order_id: 'text',
    no: 'int',
    due_at: 'int',
    state: 'text',
    remind_at: 'int?',
    reminded_at: 'int?',
    taken_at: 'int?',
    escalated_at: 'int?',
    note: 'text?',
  },
  med_fills: {
    fill_id: 'text',
    patient_id: 'text',
    order_id: 'text?',
    filled_at: 'int',
    detail: 'text',
  },
  med_supply: {
    order_id: 'text',
    patient_id: 'text',
    detail: 'text?',
    counted_at: 'int?',
    counted: 'real?',
    alerted: 'text?',
    episode: 'int',
    checked_at: 'int?',
  },
  med_findings: {
    finding_id: 'text',
    patient_id: 'text',
    severity: 'text',
    rules_version: 'text',
    state: 'text',
    detail: 'text',
    found_at: 'int',
    gone_at: 'int?',
    acknowledgement: 'text?',
  },
  med_notifications: {
    notification_id: 'text',
    patient_id: 'text?',
    kind: 'text',
    urgent: 'int',
    state: 'text',
    detail: 'text?',
    created_at: 'int',
    due_at: 'int',
    attempts: 'int',
    sent_at: 'int?',
    channels: 'text',
  },
  med_issues: {
    issue_id: 'text',
    patient_id: 'text',
    code: 'text',
    severity: 'text',
    place: 'text',
    seen_at: 'int',
  },
  med_rollups: {
    rollup_id: 'text',
    time_range: 'text',
    day: 'text',
    metrics: 'text',
    data_points: 'int',
    reopened: 'int',
    computed_at: 'int',
  },
  med_points: { point_id: 'text', job: 'text', at: 'int', ms: 'real', ok: 'int' },
  med_hours: {
    hour_id: 'text',
    job: 'text',
    at: 'int',
    runs: 'int',
    failed: 'int',
    total_ms: 'real',
    most_ms: 'real',
  },
  med_log: { log_id: 'text', at: 'int', kind: 'text', job: 'text', what: 'text', facts: 'text' },
  med_backups: {
    backup_id: 'text',
    kind: 'text',
    at: 'int',
    since: 'int',
    bytes: 'int',
    key: 'text',
    validation: 'text',
  },
}

const UNPLANNED: Tables = {
  med_unplanned: {
    dosage_id: 'text',
    order_id: 'text',
    patient_id: 'text',
    no: 'int',
    why: 'text',
    seen_at: 'int',
  },
}

type Indexes = readonly (readonly [string, readonly string[]])[]

const INDEXES: Indexes = [
  ['med_orders', ['patient_id']],
  ['med_dosages', ['next_due_at', 'patient_id']],
  ['med_dosages', ['patient_id']],
  ['med_dosages', ['order_id']],
  ['med_doses', ['patient_id', 'due_at']],
  ['med_doses', ['order_id', 'due_at']],
  ['med_doses', ['state', 'due_at']],
  ['med_fills', ['patient_id']],
  ['med_supply', ['patient_id']],
  ['med_findings', ['patient_id', 'state']],
  ['med_notifications', ['state', 'due_at']],
  ['med_notifications', ['patient_id']],
  ['med_issues', ['patient_id']],
  ['med_points', ['at']],
  ['med_log', ['kind', 'at']],
]

async function create(db: Kysely<any>, tables: Tables, indexes: Indexes): Promise<void> {
  for (const [table, columns] of Object.entries(tables)) {
    let create = db.schema.createTable(table)
    for (const [n, [name, kind]] of Object.entries(columns).entries()) {
      const type = kind.startsWith('text') ? 'text' : kind.startsWith('int') ? 'bigint' : 'float8'
      create = create.addColumn(name, type, (column) =>
        n === 0 ? column.primaryKey().notNull() : kind.endsWith('?') ? column : column.notNull(),
      )
    }
    await create.execute()
  }
  for (const [table, columns] of indexes)
    await db.schema
      .createIndex(`${table}_${columns.join('_')}`)
      .on(table)
      .columns([...columns])
      .execute()
}
