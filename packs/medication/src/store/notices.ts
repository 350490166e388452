// Notifications as rows: written with what they are about, and delivered afterwards, however often that takes.
import type { MedicationServices, Notice, NotificationKind } from '../services/ports.ts'
import { codeOf } from '../services/notification.ts'
import { quietLeft, type Channel } from '../services/preferences.ts'
import { DAY_MS, minuteOfDay, MINUTE_MS, zoneOf } from '../schedule/zone.ts'
import { isStillToTell } from '../reminder/still-to-tell.ts'
import { openPatient } from './patients.ts'
import { QUARTER_MS } from './quarter.ts'
import type { Store } from './store.ts'
import type { NotificationRow, Tx } from './tables.ts'

export interface NewNotice {
  /** The same for the same event, so that it is told once. */
  readonly id: string
  readonly patientId: string | undefined
  readonly kind: NotificationKind
  readonly urgent: boolean
  readonly title: string
  readonly body: string
  readonly detail: unknown
  /** Whom to tell instead of the patient. */
  readonly email?: string | undefined
}

type Content = Pick<NewNotice, 'title' | 'body' | 'detail' | 'email'>

const INSERT = `insert into med_notifications
  (notification_id, patient_id, kind, urgent, state, detail, created_at, due_at, attempts, sent_at, channels)
  values (?, ?, ?, ?, 'pending', ?, ?, ?, 0, null, '{}') on conflict (notification_id) do nothing`

/** Seals notices ahead of the transaction that writes them. */
export async function sealNotices(
  { clock, vault }: Store,
  notices: readonly NewNotice[],
): Promise<(string | number | null)[][]> {
  const now = clock.now()
  return Promise.all(
    notices.map(async ({ body, detail, email, id, kind, patientId, title, urgent }) => {
      const content: Content = { title, body, detail, email }
      const sealed = await vault.seal(content, {
        table: 'med_notifications',
        column: 'detail',
        row: id,
      })
      return [id, patientId ?? null, kind, urgent ? 1 : 0, sealed, now, now]
    }),
  )
}

/** @returns how many were new */
export async function addNotices(
  tx: Tx,
  rows: readonly (string | number | null)[][],
): Promise<number> {
  const changed = await tx.many(INSERT, rows)
  return changed.filter((count) => count > 0).length
}

export interface Delivered {
  readonly delivered: number
  readonly failed: number
  readonly deferred: number
}

const AT_ONCE = 200
/** Told at the same time: a mail server answers after a while, and nobody waits for another's answer. */
const LANES = 8
/** What throws is given up then; what a server could not take now, when its time is over as well. */
const MOST_ATTEMPTS = 12
const TRIED_FOR_MS = DAY_MS
const CLAIM_MS = 5 * 60_000
const TURN_EVERY = 10

type State = 'sent' | 'failed' | 'pending' | 'quiet' | 'suppressed'

/**
 * Delivers what is due, what is urgent first. What a service cannot take now stays for the next time, by the ways that are
 * left.
 */
export async function deliverDue(
  store: Store,
  services: MedicationServices,
  signal: AbortSignal,
): Promise<Delivered> {
  const now = store.clock.now()
  const told = { sent: 0, failed: 0, pending: 0, quiet: 0, suppressed: 0 }
  for (const urgent of [1, 0])
    for (let after = ''; !signal.aborted;) {
      const rows = await store.db.query
        .selectFrom('med_notifications')
        .selectAll()
        .where('state', '=', 'pending')
        .where('due_at', '<=', now)
        .where('urgent', '=', urgent)
        .where('notification_id', '>', after)
        .orderBy('notification_id')
        .limit(AT_ONCE)
        .execute()
      await deliverSome(store, services, rows, signal, told)
      if (rows.length < AT_ONCE) break
      after = rows.at(-1)!.notification_id
    }
  return { delivered: told.sent, failed: told.failed, deferred: told.pending }
}

async function deliverSome(
  store: Store,
  services: MedicationServices,
  rows: readonly NotificationRow[],
  signal: AbortSignal,
  told: Record<State, number>,
): Promise<void> {
  const waiting = rows.values()
  let turns = 0
  const lane = async (): Promise<void> => {
    for (const row of waiting) {
      if (signal.aborted) return
      if (!(await claim(store, row))) continue
      // SQLite answers at once: without a turn locks and timers would wait until all is delivered.
      if (++turns % TURN_EVERY === 0) await store.clock.turn()
      told[await attempt(store, services, row)]++
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** One that cannot be read or told must not keep the others from being told, and is not tried for ever. */
async function attempt(
  store: Store,
  { logging, notification }: MedicationServices,
  row: NotificationRow,
): Promise<State> {
  try {
    return await deliverOne(store, notification, row)
  } catch (error) {
    const code = codeOf(error)
    const isLost = code === 'ORDERLY_SEAL_BROKEN' || code === 'ORDERLY_SHREDDED'
    const attempts = row.attempts + 1
    // One that a service answered for once is no notice that throws: it has its time.
    const isOver =
      attempts >= MOST_ATTEMPTS && (row.channels === '{}' || !hasTime(row, store.clock.now()))
    const state = isLost || isOver ? 'failed' : 'pending'
    await store.db.query
      .updateTable('med_notifications')
      .set({ state, attempts, due_at: row.due_at })
      .where('notification_id', '=', row.notification_id)
      .execute()
    await logging.error('notifications', isLost ? 'NOTICE_UNREADABLE' : code, {
      id: row.notification_id,
    })
    return state
  }
}

function hasTime(row: NotificationRow, now: number): boolean {
  return now - row.created_at < TRIED_FOR_MS
}

/** A run that delivers at the same time passes over what this one has claimed. One that dies leaves it to a later run. */
async function claim({ clock, db }: Store, row: NotificationRow): Promise<boolean> {
  const done = await db.query
    .updateTable('med_notifications')
    .set({ due_at: clock.now() + CLAIM_MS })
    .where('notification_id', '=', row.notification_id)
    .where('state', '=', 'pending')
    .where('due_at', '=', row.due_at)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

async function deliverOne(
  store: Store,
  service: MedicationServices['notification'],
  row: NotificationRow,
): Promise<State> {
  const { clock, db, vault } = store
  const content = await vault.open<Content>(row.detail!, {
    table: 'med_notifications',
    column: 'detail',
    row: row.notification_id,
  })
  const before = JSON.parse(row.channels) as Partial<Record<Channel, string>>
  const { grace, notice, wait } = await noticeOf(store, row, content)
  if (
    row.kind === 'medication-reminder' &&
    grace !== undefined &&
    !(await isStillToTell(db.query, row, content.detail, grace, clock.now()))
  ) {
    const state = Object.values(before).includes('sent') ? 'sent' : 'suppressed'
    await db.query
      .updateTable('med_notifications')
      .set({ state, due_at: row.due_at })
      .where('notification_id', '=', row.notification_id)
      .execute()
    return 'suppressed'
  }
  if (wait > 0) {
    // What can wait until the patient is up again does; what is urgent is told at once.
    const dueAt = clock.now() + wait * MINUTE_MS
    await db.query
      .updateTable('med_notifications')
      .set({ due_at: dueAt })
      .where('notification_id', '=', row.notification_id)
      .execute()
    return 'quiet'
  }
  const open = notice.channels.filter((channel) => before[channel] !== 'sent')
  const result = await service.send({ ...notice, channels: open })
  const channels = { ...before, ...result.channels }
  const isSent = Object.values(channels).includes('sent')
  const attempts = row.attempts + 1
  const isTried = attempts < MOST_ATTEMPTS || hasTime(row, clock.now())
  const state = result.deferred && isTried ? 'pending' : isSent ? 'sent' : 'failed'
  await db.query
    .updateTable('med_notifications')
    .set({
      state,
      attempts,
      due_at: row.due_at,
      channels: JSON.stringify(channels),
      sent_at: isSent ? (row.sent_at ?? clock.now()) : null,
    })
    .where('notification_id', '=', row.notification_id)
    .execute()
  return state
}

/** What to tell, to whom, how many minutes it has to wait, and how many a reminder may be late. */
async function noticeOf(
  store: Store,
  row: NotificationRow,
  content: Content,
): Promise<{ readonly notice: Notice; readonly wait: number; readonly grace?: number }> {
  const base = {
    id: row.notification_id,
    kind: row.kind as NotificationKind,
    urgent: row.urgent === 1,
    title: content.title,
    body: content.body,
    detail: content.detail,
    patientId: row.patient_id ?? undefined,
  }
  if (content.email !== undefined)
    return { notice: { ...base, to: { email: content.email }, channels: ['email'] }, wait: 0 }
  const patient =
    row.patient_id === null
      ? undefined
      : await store.db.query
          .selectFrom('med_patients')
          .selectAll()
          .where('patient_id', '=', row.patient_id)
          .executeTakeFirst()
  if (!patient) return { notice: { ...base, to: {}, channels: ['in-app'] }, wait: 0 }
  const { identity, preferences } = await openPatient(store, patient)
  const isReminder = base.kind === 'medication-reminder'
  const minute = minuteOfDay(zoneOf(patient.zone), store.clock.now())
  const left = base.urgent ? 0 : quietLeft(preferences, minute)
  return {
    grace: preferences.grace,
    notice: {
      ...base,
      to: { email: identity.email, phone: identity.phone },
      channels: preferences.channels,
    },
    // Reminders were looked at when they were written: only one for a dose after the quiet hours, whose quarter began in
    // them, waits for their end.
    wait: isReminder && left * MINUTE_MS >= QUARTER_MS ? 0 : left,
  }
}
